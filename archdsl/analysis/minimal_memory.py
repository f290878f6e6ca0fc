"""Turns a graph into the order of its ops that needs the fewest bytes for activations, or a bound where that is hard.

The model is the ideal one of `peak_memory`, on the graph with all calls written out. The problem is NP-complete: ops
are cut into segments at ops that are before or after every other op, each segment is searched (`memory_search`), and
when that takes too much work what is known by then is a lower bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archdsl.analysis.antichain import segments
from archdsl.analysis.expand import Expanded, expand, is_small
from archdsl.analysis.memory_search import OrderSearch, Task
from archdsl.analysis.not_defined import NotDefined
from archdsl.analysis.storages import made_bytes, tensor_bytes
from archdsl.ir.graph import Graph

MOST_WORK = 2_000_000  # of the search of each segment; seconds
MOST_OPS = 20_000


@dataclass(frozen=True, slots=True)
class TaskGraph:
    """Ops in a possible order, and the storages that they read and make; each storage is made by one op or at hand.

    `before` gives for every op the ops that must have run, `reads` and `makes` its storages. A storage is freed when
    the last op that reads it has run, if it is not `kept`; `start` lists the storages that are there before any op.
    """

    bytes: Sequence[int]
    before: Sequence[Sequence[int]]
    reads: Sequence[Sequence[int]]
    makes: Sequence[Sequence[int]]
    start: Sequence[int] = ()
    kept: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class LeastPeak:
    """The fewest bytes over all orders, or bounds of it.

    `lower_bytes` is no more than the minimum, `bytes` is what `order` needs; `exact` says that both are the minimum.
    `breadth_bytes` is the simplest lower bound: the most that one op reads and makes.
    """

    bytes: int
    lower_bytes: int
    breadth_bytes: int
    order: tuple[int, ...]

    @property
    def exact(self) -> bool:
        """Whether `order` is optimal."""
        return self.bytes == self.lower_bytes


def minimal_peak(graph: Graph, most_work: int = MOST_WORK) -> LeastPeak:
    """The fewest bytes over all orders of the ops of `graph`; op i of `order` is the i-th with calls written out.

    Raises:
        NotDefined: the graph has more than MOST_OPS op applications.
    """
    return minimum(task_graph(flat_graph(graph)), most_work)


def task_graph(flat: Expanded) -> TaskGraph:
    """The storages of a flat graph: a view is in the storage of its operand."""
    sizes = [tensor_bytes(x) for x in flat.inputs]
    storage = {i: i for i in range(len(sizes))}  # of a tensor
    reads: list[tuple[int, ...]] = []
    makes: list[tuple[int, ...]] = []
    for a in flat.applications:
        reads.append(tuple(dict.fromkeys(storage[tensor] for tensor in a.operands)))
        made = made_bytes(a.op, a.inputs, a.outputs)
        if made is None:
            storage |= dict.fromkeys(a.results, storage[a.operands[0]])
            makes.append(())
            continue
        numbers = tuple(range(len(sizes), len(sizes) + len(made)))
        storage |= dict(zip(a.results, numbers, strict=True))
        sizes += made
        makes.append(numbers)
    kept = frozenset(storage[tensor] for tensor in flat.outputs)
    read = {s for given in reads for s in given}
    start = tuple([i for i in range(len(flat.inputs)) if i in read or i in kept])
    return TaskGraph(sizes, flat.before(), reads, makes, start, kept)


def levels_of(tasks: TaskGraph, order: Sequence[int]) -> list[tuple[int, int]]:
    """Bytes in use during and after each op of `order`."""
    left = [len(readers) for readers in readers_of(tasks)]
    live = sum(tasks.bytes[s] for s in tasks.start)
    levels: list[tuple[int, int]] = []
    for i in order:
        live += sum([tasks.bytes[s] for s in tasks.makes[i]])
        during = live
        for s in tasks.reads[i]:
            left[s] -= 1
        live -= sum([tasks.bytes[s] for s in (*tasks.reads[i], *tasks.makes[i]) if not left[s] and s not in tasks.kept])
        levels.append((during, live))
    return levels


def minimum(tasks: TaskGraph, most_work: int = MOST_WORK) -> LeastPeak:
    """The order that needs the fewest bytes; ops stay as written where nothing is gained.

    `most_work` limits the search of each segment.
    """
    written = levels_of(tasks, range(len(tasks.before)))
    before = [sum(tasks.bytes[s] for s in tasks.start), *[after for _, after in written]]
    parts = list(zip(tasks.reads, tasks.makes, strict=True))
    breadth = max([sum([tasks.bytes[s] for s in {*r, *m}]) for r, m in parts], default=0)
    ranges = segments(tasks.before)
    peaks = {(a, b): max(during for during, _ in written[a : b + 1]) for a, b in ranges}
    lower = max([before[0], breadth] + [peaks[first, last] for first, last in ranges if first == last])
    used = lower
    orders: dict[tuple[int, int], Sequence[int]] = {}
    readers = readers_of(tasks)
    for first, last in sorted(ranges, key=lambda ends: -peaks[ends]):
        if peaks[first, last] <= lower:
            break  # no other segment decides
        search = OrderSearch(_segment(tasks, readers, first, last))
        peak, order = search.best(before[first], lower, most_work)
        lower = max(lower, peak)
        if not order:
            order = search.greedy(before[first], most_work)
            levels = levels_of(tasks, [*range(first), *[first + i for i in order]])[first:]
            peak = max([during for during, _ in levels], default=peaks[first, last])
            if peak >= peaks[first, last]:
                order, peak = [], peaks[first, last]
        used = max(used, peak)
        orders[first, last] = [first + i for i in order]
    in_order = [i for first, last in ranges for i in orders.get((first, last)) or range(first, last + 1)]
    return LeastPeak(used, lower, breadth, tuple(in_order))


def readers_of(tasks: TaskGraph) -> list[list[int]]:
    """For every storage the ops that read it."""
    readers: list[list[int]] = [[] for _ in tasks.bytes]
    for i, given in enumerate(tasks.reads):
        for s in given:
            readers[s].append(i)
    return readers


def flat_graph(graph: Graph) -> Expanded:
    """All ops of `graph`, calls written out.

    Raises:
        NotDefined: they are more than MOST_OPS.
    """
    if not is_small(graph, MOST_OPS):
        raise NotDefined(f"not defined: more than {MOST_OPS:,} op applications to be ordered")
    return expand(graph)


def _segment(tasks: TaskGraph, readers: list[list[int]], first: int, last: int) -> list[Task]:
    """The ops `first` to `last`, numbered from 0; all others run before or after them."""

    def dies(storage: int) -> bool:
        return storage not in tasks.kept and all(reader <= last for reader in readers[storage])

    return [
        Task(
            before=[j - first for j in tasks.before[i] if j >= first],
            made=sum([tasks.bytes[s] for s in tasks.makes[i]]),
            frees=[
                (tasks.bytes[s], [reader - first for reader in readers[s] if reader >= first])
                for s in (*tasks.reads[i], *tasks.makes[i])
                if dies(s) and (s not in tasks.makes[i] or not readers[s])
            ],
        )
        for i in range(first, last + 1)
    ]
