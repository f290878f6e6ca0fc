"""Turns ops with what they make and free into an order of least peak, or a lower bound, by search over down-sets.

A chain of ops of which only the first shares operands with others is first cut into runs that some best order leaves
whole: stopping inside a run never saves memory (Liu's hills and valleys). Runs are then ordered best first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heappop, heappush


@dataclass(frozen=True, slots=True)
class Task:
    """One op: the ops right before it, the bytes that it makes, and the storages that it may free.

    A storage is (bytes, the ops that read it): it is freed when all of these have run. Storages that nothing reads are
    freed at once, those that must stay are not listed.
    """

    before: Sequence[int]
    made: int
    frees: Sequence[tuple[int, Sequence[int]]]

    @property
    def freed_at_least(self) -> int:
        """Bytes of storages that no other op reads."""
        return sum([size for size, readers in self.frees if len(readers) < 2])

    @property
    def freed_at_most(self) -> int:
        """Bytes of all storages that it may free."""
        return sum([size for size, _ in self.frees])


@dataclass(slots=True)
class Stretch:
    """Ops run one after the other: `rise` and `net` say how far the bytes in use rise above what they are after the
    first op, and where they end, for the ops after it. All but the first free the same in every order."""

    ops: list[int]
    first: Task
    rise: int = 0
    net: int = 0

    def absorbs(self, next: Stretch) -> bool:
        """Whether some best order runs `next`, which follows this run alone, right after it.

        1. `next` leaves no more than it finds and does not exceed this run's peak: nothing is gained by waiting.
        2. This run leaves no less than it finds and does not exceed the peak of `next`: it can wait for `next`.
        """
        if next.first.freed_at_least != next.first.freed_at_most:
            return False
        peak, net = next.above_start()
        if net <= 0 and peak <= max(self.first.freed_at_least, self.rise) - self.net:
            return True
        most = self.first.freed_at_most
        return self.first.made - most + self.net >= 0 and max(most, self.rise) - self.net <= peak

    def absorb(self, next: Stretch) -> None:
        """Append the ops of `next`."""
        peak, net = next.above_start()
        self.ops += next.ops
        self.rise = max(self.rise, self.net + peak)
        self.net += net

    def above_start(self) -> tuple[int, int]:
        """How far the bytes in use rise and where they end, for a run whose first op frees the same in every order."""
        after = self.first.made - self.first.freed_at_least
        return max(self.first.made, after + self.rise), after + self.net


def stretches_of(ops: Sequence[Task]) -> list[Stretch]:
    """The ops in runs, each op in one; a run comes after all runs that it needs."""
    uses = [0] * len(ops)
    for op in ops:
        for j in op.before:
            uses[j] += 1
    chains: list[list[Stretch]] = []
    chain_of: list[int] = []
    for i, op in enumerate(ops):
        if len(op.before) == 1 and uses[op.before[0]] == 1:
            chain_of.append(chain_of[op.before[0]])
        else:
            chain_of.append(len(chains))
            chains.append([])
        chain = chains[chain_of[i]]
        chain.append(Stretch([i], op))
        while len(chain) > 1 and chain[-2].absorbs(chain[-1]):
            last = chain.pop()
            chain[-1].absorb(last)
    return sorted([run for chain in chains for run in chain], key=lambda run: run.ops[0])


class OrderSearch:
    """Finds the order of least peak of some ops; a set of runs is the number with their bits."""

    def __init__(self, ops: Sequence[Task]) -> None:
        self.runs = stretches_of(ops)
        place = {op: i for i, run in enumerate(self.runs) for op in run.ops}
        self.needs: list[int] = []
        self.after: list[list[int]] = [[] for _ in self.runs]
        self.frees: list[list[tuple[int, int]]] = []
        for i, run in enumerate(self.runs):
            earlier = {place[j] for j in run.first.before}
            self.needs.append(sum([1 << j for j in earlier]))
            for j in earlier:
                self.after[j].append(i)
            self.frees.append(
                [
                    (size, sum([1 << j for j in {place[reader] for reader in readers}]))
                    for size, readers in run.first.frees
                ]
            )

    def best(self, live: int, floor: int, most_work: int) -> tuple[int, list[int]]:
        """The least peak, or `floor` if that is more, and an order that has it.

        `live` bytes are in use before. When more work than `most_work` has been done (the work of a set is the number
        of moves from it times the runs that are ready), a lower bound of the least peak and [].
        """
        everything = (1 << len(self.runs)) - 1
        ready = tuple([i for i, needs in enumerate(self.needs) if not needs])
        # (peak so far, runs left, set, bytes in use after it, runs that can follow); largest sets first among equals
        heap = [(max(live, floor), len(self.runs), 0, live, ready)]
        came: dict[int, tuple[int, int, int]] = {}  # set -> the least peak known, the set before, the run between
        settled: set[int] = set()
        work = 0
        while True:
            peak, left, done, live, ready = heappop(heap)
            if done in settled:
                continue
            if done == everything:
                return peak, self._order(came, done)
            settled.add(done)
            moves = self._moves(peak, done, live, ready)
            work += len(moves) * (1 + len(ready))
            if work > most_work:
                return peak, []
            for i, during, after in moves:
                new, least = done | 1 << i, max(peak, during)
                if new not in came or least < came[new][0]:
                    came[new] = least, done, i
                    heappush(heap, (least, left - 1, new, after, self._ready(ready, i, new)))

    def greedy(self, live: int, most_work: int) -> list[int]:
        """An order that takes what rises least, and of that what leaves least; [] if that is too much work."""
        everything = (1 << len(self.runs)) - 1
        ready = tuple([i for i, needs in enumerate(self.needs) if not needs])
        done = peak = work = 0
        order: list[int] = []
        while done != everything:
            work += len(ready)
            if work > most_work:
                return []
            moves = [(max(peak, during), after, i) for i, during, after in self._moves(peak, done, live, ready)]
            peak, live, best = min(moves)
            done |= 1 << best
            ready = self._ready(ready, best, done)
            order += self.runs[best].ops
        return order

    def _moves(self, peak: int, done: int, live: int, ready: tuple[int, ...]) -> list[tuple[int, int, int]]:
        """(run, most bytes during it, bytes after it) for the runs worth trying next.

        A run that neither exceeds the peak so far nor leaves more than it finds is the only one: no order is better.
        """
        moves = []
        for i in ready:
            run = self.runs[i]
            left = ~(done | 1 << i)
            during = live + run.first.made
            after = during - sum([size for size, readers in self.frees[i] if not readers & left])
            during, after = max(during, after + run.rise), after + run.net
            if during <= peak and after <= live:
                return [(i, during, after)]
            moves.append((i, during, after))
        return moves

    def _ready(self, ready: tuple[int, ...], ran: int, done: int) -> tuple[int, ...]:
        new = [i for i in self.after[ran] if not self.needs[i] & ~done]
        return (*[i for i in ready if i != ran], *new)

    def _order(self, came: dict[int, tuple[int, int, int]], done: int) -> list[int]:
        order: list[Stretch] = []
        while done:
            _, done, run = came[done]
            order.append(self.runs[run])
        return [op for run in reversed(order) for op in run.ops]
