"""Turns a graph into the order of its ops that needs the fewest bytes for activations, or a bound where that is hard.

The model is the ideal one of `peak_memory`, on the graph with all calls written out. The problem is NP-complete, so:

1. The ops are cut into segments at ops that are before or after every other op; segments are ordered alone.
2. A segment is searched over down-sets, the sets of ops that can have been run, least peak first. The first complete
   set is optimal. An op that leaves no more bytes than before and does not exceed the peak so far is run at once.
3. When more work than allowed has been done, the least peak among the open ones is a lower bound on the optimum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from archdsl.analysis.antichain import segments
from archdsl.analysis.expand import Application, Expanded, expand, is_small
from archdsl.analysis.not_defined import NotDefined
from archdsl.analysis.storages import made_bytes, tensor_bytes
from archdsl.ir.graph import Graph

MOST_WORK = 1_000_000  # moves tried times ops ready, per segment: seconds
MOST_OPS = 20_000


@dataclass(frozen=True, slots=True)
class Problem:
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
class Minimum:
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


@dataclass(frozen=True, slots=True)
class Step:
    """One op of a schedule: bytes in use while it runs, operands and results included, and after it."""

    application: Application
    during_bytes: int
    after_bytes: int


def minimal_peak(graph: Graph, most_work: int = MOST_WORK) -> Minimum:
    """The fewest bytes over all orders of the ops of `graph`; op i of `order` is the i-th with calls written out.

    Raises:
        NotDefined: the graph has more than MOST_OPS op applications.
    """
    return minimum(problem_of(_expanded(graph)), most_work)


def schedule(graph: Graph, order: Sequence[int] | None = None) -> tuple[Step, ...]:
    """The ops of `graph` in `order` (as written if None), with the bytes that are in use.

    Raises:
        NotDefined: the graph has more than MOST_OPS op applications.
    """
    flat = _expanded(graph)
    problem = problem_of(flat)
    order = range(len(flat.applications)) if order is None else order
    return tuple(Step(flat.applications[i], *levels) for i, levels in zip(order, run(problem, order), strict=True))


def problem_of(flat: Expanded) -> Problem:
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
    return Problem(sizes, flat.before(), reads, makes, start, kept)


def run(problem: Problem, order: Sequence[int]) -> list[tuple[int, int]]:
    """Bytes in use during and after each op of `order`."""
    left = [len(readers) for readers in _readers(problem)]
    live = sum(problem.bytes[s] for s in problem.start)
    levels: list[tuple[int, int]] = []
    for i in order:
        live += sum([problem.bytes[s] for s in problem.makes[i]])
        during = live
        for s in problem.reads[i]:
            left[s] -= 1
        live -= sum(
            [problem.bytes[s] for s in (*problem.reads[i], *problem.makes[i]) if not left[s] and s not in problem.kept]
        )
        levels.append((during, live))
    return levels


def minimum(problem: Problem, most_work: int = MOST_WORK) -> Minimum:
    """The order that needs the fewest bytes; ops stay as written where nothing is gained.

    `most_work` limits the search of each segment.
    """
    written = run(problem, range(len(problem.before)))
    before = [sum(problem.bytes[s] for s in problem.start), *[after for _, after in written]]
    parts = list(zip(problem.reads, problem.makes, strict=True))
    breadth = max([sum([problem.bytes[s] for s in {*r, *m}]) for r, m in parts], default=0)
    runs = segments(problem.before)
    peaks = {run: max(during for during, _ in written[run[0] : run[1] + 1]) for run in runs}
    lower = max([before[0], breadth] + [peaks[first, last] for first, last in runs if first == last])
    used = lower
    orders: dict[tuple[int, int], list[int]] = {}
    readers = _readers(problem)
    for first, last in sorted(runs, key=lambda run: -peaks[run]):
        if peaks[first, last] <= lower:
            break  # no other segment decides
        peak, order = _Segment(problem, readers, first, last).search(before[first], lower, most_work)
        lower = max(lower, peak)
        used = max(used, peak if order else peaks[first, last])
        orders[first, last] = order
    in_order = [i for first, last in runs for i in orders.get((first, last)) or range(first, last + 1)]
    return Minimum(used, lower, breadth, tuple(in_order))


def _readers(problem: Problem) -> list[list[int]]:
    """For every storage the ops that read it."""
    readers: list[list[int]] = [[] for _ in problem.bytes]
    for i, given in enumerate(problem.reads):
        for s in given:
            readers[s].append(i)
    return readers


def _expanded(graph: Graph) -> Expanded:
    if not is_small(graph, MOST_OPS):
        raise NotDefined(f"not defined: {graph.name} has more than {MOST_OPS:,} op applications to be ordered")
    return expand(graph)


class _Segment:
    """The ops `first` to `last`, which run after all before and before all others; a set of them is a number's bits."""

    def __init__(self, problem: Problem, readers: list[list[int]], first: int, last: int) -> None:
        count = last + 1 - first
        self.first = first
        self.everything = (1 << count) - 1
        self.after: list[list[int]] = [[] for _ in range(count)]
        self.needs = [0] * count
        self.made: list[int] = []  # bytes that each op makes
        self.frees: list[list[tuple[int, int]]] = []  # (bytes, the ops here that must have run) that each op may free
        for i in range(first, last + 1):
            for j in problem.before[i]:
                if j >= first:
                    self.after[j - first].append(i - first)
                    self.needs[i - first] |= 1 << (j - first)
            self.made.append(sum([problem.bytes[s] for s in problem.makes[i]]))
            self.frees.append(
                [
                    (problem.bytes[s], sum([1 << (reader - first) for reader in readers[s] if reader >= first]))
                    for s in (*problem.reads[i], *problem.makes[i])
                    if s not in problem.kept and all(reader <= last for reader in readers[s])
                ]
            )

    def search(self, live: int, floor: int, most_work: int) -> tuple[int, list[int]]:
        """The least peak, or `floor` if that is more, and an order that has it; a lower bound and [] if not found.

        `live` bytes are in use before.
        """
        ready = tuple([i for i, needs in enumerate(self.needs) if not needs])
        # (peak so far, ops left, set, bytes in use after it, ops that can run); of equal peaks the largest set first.
        heap = [(max(live, floor), len(self.needs), 0, live, ready)]
        came: dict[int, tuple[int, int, int]] = {}  # set -> the least peak known, the set before, the op between
        settled: set[int] = set()
        work = 0
        while True:
            peak, left, done, live, ready = heappop(heap)
            if done in settled:
                continue
            if done == self.everything:
                return peak, self._order(came)
            settled.add(done)
            moves = self._moves(peak, done, live, ready)
            work += len(moves) * (1 + len(ready))  # each move makes a list of what is ready after it
            if work > most_work:
                return peak, []
            for i, during, after in moves:
                new, least = done | 1 << i, max(peak, during)
                if new not in came or least < came[new][0]:
                    came[new] = least, done, i
                    heappush(heap, (least, left - 1, new, after, self._ready(ready, i, new)))

    def _moves(self, peak: int, done: int, live: int, ready: tuple[int, ...]) -> list[tuple[int, int, int]]:
        """(op, bytes during it, bytes after it) for the ops worth trying next."""
        moves = []
        for i in ready:
            during = live + self.made[i]
            left = ~(done | 1 << i)
            after = during - sum([size for size, readers in self.frees[i] if not readers & left])
            if during <= peak and after <= live:
                return [(i, during, after)]
            moves.append((i, during, after))
        return moves

    def _ready(self, ready: tuple[int, ...], ran: int, done: int) -> tuple[int, ...]:
        new = [i for i in self.after[ran] if not self.needs[i] & ~done]
        return (*[i for i in ready if i != ran], *new)

    def _order(self, came: dict[int, tuple[int, int, int]]) -> list[int]:
        order: list[int] = []
        done = self.everything
        while done:
            _, done, op = came[done]
            order.append(op + self.first)
        return order[::-1]
