"""Turns a graph into the most memory that its activations take at one time, run in the order in which it is written.

Two models, both at batch 1 with float32 and int64 (`storages.ELEMENT_BYTES`), weights and the workspace of ops left
out, no op in place, concat a copy, batch norm not folded; views (flatten, split, dropout) share the operand's storage:

* eager: a tensor lives until the last op or call of its body that reads it has returned, and the operands of a call,
  the network's inputs included, live until it returns. PyTorch does so, but that local variables and the containers
  of an emitted file can hold tensors longer: its true peak is this one or more.
* ideal: a tensor, an input too, lives until the last op that reads it. The fewest bytes over all orders are defined on
  this model; see `minimal_memory`.
"""

from __future__ import annotations

from typing import NamedTuple

from archdsl.analysis.aliases import Aliasing, aliasing_of
from archdsl.analysis.expand import without_scans
from archdsl.analysis.storages import Storages, storages, tensor_bytes
from archdsl.ir.graph import Graph
from archdsl.ir.per_body import per_body_and, per_mould_through


class _Use(NamedTuple):
    """How a body is called in the ideal model: which inputs are one storage, their bytes, which of them die inside
    it, and which outputs are wanted."""

    aliasing: Aliasing
    bytes: tuple[int, ...]
    dies: tuple[bool, ...]
    wanted: tuple[bool, ...]


class _MemoryPlan(NamedTuple):
    """A body run in order: most bytes at one time but for its calls, and of each (number in `callees`, how it is
    called) the most bytes beside it."""

    most: int
    calls: tuple[tuple[int, _Use | None, int], ...]


def peak_eager_bytes(graph: Graph) -> int:
    """Most bytes at one time in the eager model, the inputs' among them; scans are written out.

    Raises:
        NotDefined: a scan has too many steps.
    """
    graph = without_scans(graph)
    return sum([tensor_bytes(x) for x in graph.inputs]) + _peak(graph, None)


def peak_ideal_bytes(graph: Graph) -> int:
    """Most bytes at one time in the ideal model, in the order as written; an input that nothing reads is not counted.

    A body is run once per way of being called (`_Use`), of which there are few; scans are written out.

    Raises:
        NotDefined: a scan has too many steps.
    """
    graph = without_scans(graph)
    found = storages(graph)
    count = len(graph.inputs)
    used = [found.reads[i] or i in found.outputs for i in range(count)]
    sizes = tuple([tensor_bytes(x) * u for x, u in zip(graph.inputs, used, strict=True)])
    return _peak(graph, _Use(tuple(range(count)), sizes, (True,) * count, (True,) * len(graph.outputs)))


def _called(body: Graph, use: _Use | None) -> list[tuple[Graph, _Use | None]]:
    """The bodies that `body` calls, and how."""
    callees = body.callees
    return [(callees[number][0], use) for number, use, _ in _plan(body, use).calls]


@per_body_and(_called)
def _peak(body: Graph, use: _Use | None) -> int:
    """Most bytes at one time; in the eager model (`use` is None) above the operands."""
    most, calls = _plan(body, use)
    callees = body.callees
    return max([most, *[outside + _peak(callees[number][0], use) for number, use, outside in calls]])


@per_mould_through(lambda callee, use: storages.number(callee))
def _plan(body: Graph, use: _Use | None) -> _MemoryPlan:
    return _Timeline(body, use).plan()


class _Timeline:
    """One body run in order; `use` is None in the eager model, where inputs belong to the caller and count nothing."""

    def __init__(self, body: Graph, use: _Use | None) -> None:
        self.body = body
        self.use = use
        self.storages: Storages = storages(body)
        self.aliasing = tuple(range(len(body.inputs))) if use is None else use.aliasing
        self.kept = self._kept()
        self.last = self._last_reads()

    def same(self, storage: int) -> int:
        """The storage's number, one for inputs that are equal."""
        return self.aliasing[storage] if storage < len(self.aliasing) else storage

    def _kept(self) -> set[int]:
        """What is still there at the end: wanted outputs, and inputs that the caller needs."""
        outputs = self.storages.outputs
        if self.use is None:
            return {self.same(s) for s in outputs} | set(self.aliasing)
        wanted = {self.same(s) for s, is_wanted in zip(outputs, self.use.wanted, strict=True) if is_wanted}
        return wanted | {s for s, dies in zip(self.aliasing, self.use.dies, strict=True) if not dies}

    def _last_reads(self) -> dict[int, int]:
        """Storage -> the last node that reads it."""
        last: dict[int, int] = {}
        for index, node in enumerate(self.body.nodes):
            given = self.storages.operands[index]
            if isinstance(node.target, Graph) and self.use is not None:
                reads = storages(node.target).reads
                given = tuple([s for s, is_read in zip(given, reads, strict=True) if is_read])
            last.update((self.same(s), index) for s in given)
        return last

    def plan(self) -> _MemoryPlan:
        """The body run in order."""
        bytes_of = dict(self.storages.made_bytes)
        if self.use is not None:
            bytes_of |= dict(zip(self.aliasing, self.use.bytes, strict=True))
        alive = {s for s in self.aliasing if s in self.kept or s in self.last} if self.use is not None else set()
        live = sum(bytes_of[s] for s in alive)
        most = live
        calls: dict[tuple[int, _Use | None], int] = {}
        number = {index: number for number, (_, at) in enumerate(self.body.callees) for index in at}
        for index, node in enumerate(self.body.nodes):
            given = {self.same(s) for s in self.storages.operands[index]}
            made = self.storages.made[index]
            if not isinstance(node.target, Graph):
                most = max(most, live + sum([bytes_of[s] for s in made]))
            else:
                outside, use = live, None
                if self.use is not None:
                    outside -= sum([bytes_of[s] for s in given & alive])
                    use = self._use_of(index, bytes_of, alive)
                call = number[index], use
                calls[call] = max(calls.get(call, 0), outside)
            for s in made:
                if s in self.kept or s in self.last:
                    alive.add(s)
                    live += bytes_of[s]
            for s in given & alive:
                if self.last.get(s, -1) <= index and s not in self.kept:
                    alive.remove(s)
                    live -= bytes_of[s]
        return _MemoryPlan(most, tuple([(*call, outside) for call, outside in calls.items()]))

    def _use_of(self, index: int, bytes_of: dict[int, int], alive: set[int]) -> _Use:
        given = [self.same(s) for s in self.storages.operands[index]]
        return _Use(
            aliasing_of(given),
            tuple([bytes_of[s] if s in alive else 0 for s in given]),
            tuple([s in alive and not self._needed_after(s, index) for s in given]),
            tuple([self._needed_after(self.same(s), index) for s in self.storages.results[index]]),
        )

    def _needed_after(self, storage: int, index: int) -> bool:
        return storage in self.kept or self.last.get(storage, -1) > index


METRICS = {"peak_eager_bytes": peak_eager_bytes, "peak_ideal_bytes": peak_ideal_bytes}
