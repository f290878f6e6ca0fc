"""Turns units that repeat into folds: runs, runs that take turns, and equal branches side by side."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from archdsl.emit.figure.pieces import Unit
from archdsl.emit.figure.scene import Fold
from archdsl.emit.figure.series import Series
from archdsl.ir.graph import INPUT, Graph, Ref
from archdsl.ops.base import Kind

_PERIODS = (2, 3, 4)
_BRANCHES = 3  # equal branches side by side that are drawn as one, at least
_GROWING = 3  # units in a row whose results grow by equal steps that are drawn as one, at least
CHANGES = 2  # arguments that change along a run, at most, numbers where they are two; none where results grow

Feed = tuple[int, int]  # steps back and output; 0 steps: the same for all
LookOf = Callable[[Unit], Hashable]  # what units must share to look alike in the figure
# What may differ between the units of a run: each fact changes once along it, `a, then b`, or by equal steps.
FactsOf = Callable[[Unit], tuple[Hashable, ...]]


class FoldedPart(NamedTuple):
    """What one box stands for: `members` are indices of units; the rest as `archdsl.emit.figure.scene.Box` has it."""

    members: tuple[int, ...]
    fold: Fold = Fold.ONE
    period: int = 1
    feeds: tuple[Feed, ...] = ()
    step: int = 0  # channels by which each result of a run is more than the one before
    length: int = 0  # of branches side by side that begin with this part: how many boxes they have


def folded(
    units: Sequence[Unit], outputs: Sequence[Ref], look: LookOf, facts: FactsOf, known: Sequence[FoldedPart] = ()
) -> list[FoldedPart]:
    """The boxes of a body, those that are `known` among them, in an order in which each comes after all that it takes.

    1. Equal branches between one source and one merge become one branch (ResNeXt).
    2. Units in a row become one box where they look alike and give tensors of one type, or each as many channels more
       than the one before (DenseNet). Then rows that take turns become one.
    """
    return _Folder(units, consumers_of(units, outputs), look, facts, known).parts()


def consumers_of(units: Sequence[Unit], outputs: Sequence[Ref]) -> list[list[tuple[int, int]]]:
    """Per unit who uses it, and which output; a use as output of the body counts as unit number len(units)."""
    found: list[list[tuple[int, int]]] = [[] for _ in units]
    users = [(i, ref) for i, unit in enumerate(units) for ref in unit.operands]
    for user, ref in [*users, *((len(units), ref) for ref in outputs)]:
        if ref.node != INPUT:
            found[ref.node].append((user, ref.output))
    return found


@dataclass(slots=True)
class _Folder:
    units: Sequence[Unit]
    consumers: list[list[tuple[int, int]]]
    look: LookOf
    facts: FactsOf
    own: Sequence[FoldedPart]
    looks: dict[int, tuple[Hashable, Hashable]] = field(default_factory=dict)
    known: dict[int, tuple[Hashable, ...]] = field(default_factory=dict)  # facts

    def parts(self) -> list[FoldedPart]:
        taken = {member for part in self.own for member in part.members}
        beside = [part for part in self._beside() if taken.isdisjoint(part.members)]
        taken.update(member for part in beside for member in part.members)
        runs = self._runs([i for i in range(len(self.units)) if i not in taken])
        return sorted([*self.own, *beside, *self._turns(runs)], key=lambda part: part.members[0])

    def _look(self, i: int) -> tuple[Hashable, Hashable]:
        """How unit `i` looks, and its types."""
        if i not in self.looks:
            self.looks[i] = self.look(self.units[i]), self.units[i].types
        return self.looks[i]

    def _facts(self, members: Sequence[int]) -> list[Hashable]:
        for i in members:
            if i not in self.known:
                self.known[i] = self.facts(self.units[i])
        return [fact for i in members for fact in self.known[i]]

    def _users(self, i: int) -> list[int]:
        return [user for user, _ in self.consumers[i]]

    # --- equal branches

    def _beside(self) -> list[FoldedPart]:
        """Folds of equal branches that lead from one place to neighbouring operands of one unit."""
        found = []
        for i, unit in enumerate(self.units):
            target = unit.main.target
            alike = not isinstance(target, Graph) and (target.commutes or target.kind is Kind.CONCAT)
            if not alike or len(unit.operands) < _BRANCHES:  # operands that have names are drawn apart
                continue
            branches = [self._branch(i, ref) for ref in unit.operands]
            keys = [self._branch_key(branch) for branch in branches]
            for key, group in itertools.groupby(range(len(branches)), key=keys.__getitem__):
                equal = [branches[place] for place in group]
                if key is not None and len(equal) >= _BRANCHES:
                    boxes = list(zip(*equal, strict=True))  # the last one of each branch first
                    found += [FoldedPart(members, Fold.BESIDE) for members in boxes[:-1]]
                    found.append(FoldedPart(boxes[-1], Fold.BESIDE, length=len(boxes)))
        return found

    def _branch(self, merge: int, ref: Ref) -> list[int]:
        """The units that lead to an operand of a merge and to nothing else, the last one first."""
        branch: list[int] = []
        after = merge
        while ref.node != INPUT and self._users(ref.node) == [after] and len(self.units[ref.node].types) == 1:
            branch.append(ref.node)
            after = ref.node
            if len(self.units[after].operands) != 1:
                break
            ref = self.units[after].operands[0]
        return branch

    def _branch_key(self, branch: list[int]) -> Hashable:
        if not branch:
            return None
        calls = tuple(id(self.units[i].call) for i in branch)
        return calls, tuple(self._look(i) for i in branch), self.units[branch[-1]].operands

    # --- runs

    def _runs(self, free: Sequence[int]) -> list[FoldedPart]:
        """Units as runs that are as long as they can be, each unit in one."""
        runs: list[_Run] = []
        run_of: dict[int, _Run] = {}  # by the last member
        for i in free:
            before = [run_of[ref.node] for ref in self.units[i].operands if ref.node in run_of]
            run = next((run for run in before if self._extends(run, i)), None)
            if run is None:
                run = _Run([i])
                runs.append(run)
            run_of.pop(run.members[-1], None)
            if run.members[-1] != i:
                run.members.append(i)
            run_of[i] = run
        made = []
        for run in runs:
            if run.step and len(run.members) < _GROWING:
                made += [FoldedPart((member,)) for member in run.members]
            else:
                made.append(FoldedPart(tuple(run.members), *self._feeds(run), run.step))
        return made

    def _extends(self, run: _Run, i: int) -> bool:
        """Whether unit `i` looks like those of a run, takes what they take, and nothing else takes from before it."""
        if self._look(run.members[-1])[0] != self._look(i)[0]:
            return False
        step = self._step(run.members[-1], i)
        if step is None or (len(run.members) > 1 and step != run.step):
            return False
        options = self._options(run, i)
        if not all(options) or not any(lag == 1 for feeds in options for lag, _ in feeds):
            return False
        longest = max(lag for feeds in options for lag, _ in feeds)
        inside = {*run.members[-3:], i}
        if any(not inside.issuperset(self._users(m)) for m in run.members[: len(run.members) - longest + 1][-2:]):
            return False
        told = run.told or [Series(fact) for fact in self._facts(run.members)]
        more = extended(told, self._facts([i]), 0 if step else CHANGES)
        if more is None:
            return False
        run.options, run.told, run.step = options, more, step
        return True

    def _step(self, before: int, i: int) -> int | None:
        """By how many channels the result of unit `i` is more than that of the unit before; None if more differs."""
        old, new = self.units[before].types, self.units[i].types
        if old == new:
            return 0
        if self.units[i].call is None or len(new) != 1 or old[0].shape[1:] != new[0].shape[1:] or new[0].rank == 0:
            return None
        step = new[0].shape[0] - old[0].shape[0]
        return step if step > 0 and old[0].dtype == new[0].dtype else None

    def _options(self, run: _Run, i: int) -> list[list[Feed]]:
        """Per operand of unit `i` the feeds by which it goes on as the units of the run did."""
        k, first, operands = len(run.members), self.units[run.members[0]].operands, self.units[i].operands
        if len(first) != len(operands):
            return [[]]
        if k > 1:
            return [
                [(lag, o) for lag, o in feeds if ref == (Ref(run.members[k - lag], o) if lag else first[j])]
                for j, (ref, feeds) in enumerate(zip(operands, run.options, strict=True))
            ]
        starts = {ref.output: first[j] for j, ref in reversed(list(enumerate(operands))) if ref.node == run.members[0]}
        return [
            [(1, ref.output)]
            if ref.node == run.members[0]
            else [(0, 0)] * (ref == first[j]) + [(2, o) for o, start in starts.items() if ref == start]
            for j, ref in enumerate(operands)
        ]

    def _feeds(self, run: _Run) -> tuple[Fold, int, tuple[Feed, ...]]:
        """How a run hangs together: the shortest feeds, but the last unit but one may be used only by those of 2."""
        if len(run.members) == 1:
            return Fold.ONE, 1, ()
        tapped = not set(self._users(run.members[-2])) <= {run.members[-1]}
        return Fold.RUN, 1, tuple(max(feeds) if tapped else feeds[0] for feeds in run.options)

    # --- turns

    def _turns(self, parts: list[FoldedPart]) -> list[FoldedPart]:
        """Parts that take turns in a chain, `a b a b`, as one; the others as they are."""
        if len(parts) < 2 * _PERIODS[0]:
            return parts
        keys = [(part.fold, tuple(self._look(m) for m in part.members)) for part in parts]
        chained = [i > 0 and self._chained(parts[i - 1], part) for i, part in enumerate(parts)]
        found: list[FoldedPart] = []
        i = 0
        while i < len(parts):
            period, times = max(
                ((period, self._times(keys, parts, chained, i, period)) for period in _PERIODS),
                key=lambda p: p[0] * p[1],
            )
            if times > 1:
                members = [m for part in parts[i : i + period * times] for m in part.members]
                found.append(FoldedPart(tuple(members), Fold.TURNS, len(members) // times))
                i += period * times
            else:
                found.append(parts[i])
                i += 1
        return found

    def _chained(self, before: FoldedPart, part: FoldedPart) -> bool:
        """Whether a part takes one tensor, that of the part before it, which nothing else takes."""
        first, last = self.units[part.members[0]], before.members[-1]
        single = all(len(self.units[m].operands) == 1 == len(self.units[m].types) for m in (last, part.members[0]))
        return single and first.operands == (Ref(last),) and self._users(last) == [part.members[0]]

    def _times(
        self, keys: Sequence[Hashable], parts: Sequence[FoldedPart], chained: Sequence[bool], i: int, period: int
    ) -> int:
        """How often `period` parts repeat from number `i` on, 0 where they do not."""
        end = i + period
        if end >= len(keys) or keys[end] != keys[i] or not all(chained[i + 1 : end]):
            return 0
        told: list[Series] | None = None
        while keys[end : end + period] == keys[i : i + period]:
            told = told or [Series(fact) for part in parts[i:end] for fact in self._facts(part.members)]
            more = [fact for part in parts[end : end + period] for fact in self._facts(part.members)]
            told = extended(told, more, CHANGES)
            if told is None or not all(chained[end : end + period]):
                break
            end += period
        return (end - i) // period


def _is_number(fact: Hashable) -> bool:
    return isinstance(fact, str) and fact.replace(".", "").isdigit()


def may_be_number(fact: Hashable) -> bool:
    """Whether a text is a number, or says of one what it may be: `72|96|144`, `72…192`."""
    return isinstance(fact, str) and _is_number(fact.replace("|", "").replace("…", ""))


def extended(
    told: Sequence[Series], facts: Sequence[Hashable], most: int, number: Callable[[Hashable], bool] = _is_number
) -> list[Series] | None:
    """What is told of each fact, with that of one more unit; None if it takes too many words."""
    found = [known.extended(fact) for known, fact in zip(told, facts, strict=True)]
    made = [known for known in found if known is not None]
    changed = [known for known in made if known.changes and isinstance(known.last, str)]
    if len(made) < len(found) or len(changed) > most:
        return None
    numbers = all(known.step is not None or (known.changes == 1 and number(known.last)) for known in changed)
    return made if numbers or len(changed) < 2 else None


@dataclass(slots=True)
class _Run:
    members: list[int]
    told: list[Series] = field(default_factory=list)  # how each fact goes on along the run
    options: list[list[Feed]] = field(default_factory=list)
    step: int = 0  # channels by which each result is more than the one before
