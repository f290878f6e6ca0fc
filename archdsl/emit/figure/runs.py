"""Turns units that repeat in a row into runs, which a figure draws once with `× n`."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace

from archdsl.emit.figure.pieces import Unit
from archdsl.emit.figure.usage import key_of
from archdsl.ir.graph import INPUT, Ref

MOST = 80  # runs in one panel; the middle of a longer list is left out
_PERIODS = (2, 3, 4)
_BRANCHES = 3  # equal branches side by side that are drawn as one, at least

Streak = list[int]  # indices of units, in order
Look = Callable[[Unit], Hashable]  # what units must share to look alike in the figure


@dataclass(frozen=True, slots=True)
class FoldedRun:
    """What one box of a figure stands for: `times` times the runs of `period`, or `hidden` boxes left out.

    `beside` counts the equal branches drawn as one; `members` are all units that the box stands for.
    """

    period: tuple[Streak, ...]
    times: int = 1
    members: tuple[int, ...] = ()
    hidden: int = 0
    beside: int = 1


def fold(units: Sequence[Unit], outputs: Sequence[Ref], look: Look) -> list[FoldedRun]:
    """The boxes of a figure.

    1. Equal branches between one source and one merge become one branch (ResNeXt).
    2. Like units in a row become one box, then rows that take turns.
    3. What is still too much is left out in the middle.
    """
    consumers = _consumers(units, outputs)
    twins = _twins(units, consumers, look)
    hidden = {twin for others in twins.values() for twin in others}
    visible = [i for i in range(len(units)) if i not in hidden]
    consumers = [[j for j in users if j not in hidden] for users in consumers]
    runs = _adjacent(units, _repeats(units, visible, consumers, look), consumers)
    folded = [_with_twins(part, twins) for part in _periods(units, runs, consumers, look)]
    if len(folded) <= MOST:
        return folded
    head, tail = MOST // 2, MOST - MOST // 2 - 1
    middle = folded[head : len(folded) - tail]
    members = tuple(i for part in middle for i in part.members)
    gap = FoldedRun((), 1, members, hidden=sum(part.times * len(part.period) for part in middle))
    return [*folded[:head], gap, *folded[len(folded) - tail :]]


def _consumers(units: Sequence[Unit], outputs: Sequence[Ref]) -> list[list[int]]:
    """Per unit the units that use it; a use as output of the body counts as unit number len(units)."""
    found: list[list[int]] = [[] for _ in units]
    for i, unit in enumerate(units):
        for ref in unit.operands:
            if ref.node != INPUT:
                found[ref.node].append(i)
    for ref in outputs:
        if ref.node != INPUT:
            found[ref.node].append(len(units))
    return found


def _twins(units: Sequence[Unit], consumers: list[list[int]], look: Look) -> dict[int, list[int]]:
    """For each unit of a branch that stands for others, the units in the same place of those."""
    twins: dict[int, list[int]] = {}
    for i, unit in enumerate(units):
        if len(unit.operands) < _BRANCHES:
            continue
        branches = [_branch(units, consumers, i, ref) for ref in unit.operands]
        looks = [
            (*(look(units[u]) for u in branch), units[branch[-1]].operands) if branch else None for branch in branches
        ]
        for key, group in itertools.groupby(range(len(branches)), key=looks.__getitem__):
            first, *others = list(group)
            if key is not None and len(others) + 1 >= _BRANCHES:
                for place, member in enumerate(branches[first]):
                    twins[member] = [branches[other][place] for other in others]
    return twins


def _branch(units: Sequence[Unit], consumers: list[list[int]], merge: int, ref: Ref) -> list[int]:
    """The units that lead to an operand of a merge and to nothing else, backwards."""
    branch: list[int] = []
    after = merge
    while ref.node != INPUT and consumers[ref.node] == [after] and len(units[ref.node].types) == 1:
        branch.append(ref.node)
        after = ref.node
        if len(units[after].operands) != 1:
            break
        ref = units[after].operands[0]
    return branch


def _with_twins(part: FoldedRun, twins: dict[int, list[int]]) -> FoldedRun:
    others = tuple(twin for member in part.members for twin in twins.get(member, ()))
    beside = 1 + len(twins.get(part.members[0], ()))
    return part if not others else replace(part, members=(*others, *part.members), beside=beside)


def _repeats(units: Sequence[Unit], visible: Sequence[int], consumers: list[list[int]], look: Look) -> list[Streak]:
    """Runs of units that look alike, each fed by the one before; those of equal arguments or equal result."""
    runs: list[Streak] = []
    run_of: dict[int, Streak] = {}
    for i in visible:
        unit = units[i]
        before = unit.operands[0].node if unit.operands else INPUT
        run = run_of.get(before)
        if run is not None and run[-1] == before and _extends(units, run, i, consumers, look):
            run.append(i)
        else:
            run = [i]
            runs.append(run)
        run_of[i] = run
    return sorted(runs, key=lambda run: run[0])


def _extends(units: Sequence[Unit], run: Streak, i: int, consumers: list[list[int]], look: Look) -> bool:
    """Whether unit `i`, fed by the last of `run`, belongs to it: it looks the same and nothing is tapped in between.

    A cell that takes the two states before it may be tapped at its last two members. What comes from outside is what
    the first of the run took, too: so a decoder's layers share the encoder's result, but products by turns do not.
    """
    last, new = units[run[-1]], units[i]
    if look(last) != look(new) or len(new.types) != 1:
        return False
    a, b = last.call, new.call
    if a is not None and b is not None and a.arguments != b.arguments and last.types != new.types:
        return False
    lag = 2 if len(new.operands) > 1 else 1
    settled = run[-lag] if len(run) >= lag else None
    if settled is not None and not set(consumers[settled]) <= {*run, i}:
        return False
    return all(ref.node in run[-lag:] or ref in units[run[0]].operands for ref in new.operands)


def _adjacent(units: Sequence[Unit], runs: list[Streak], consumers: list[list[int]]) -> list[Streak]:
    """Joins runs of one block in a chain at one spatial size, if each member has arguments of its own (Inception)."""
    joined: list[Streak] = []
    used: set[Hashable] = set()  # arguments in the last run joined; empty when nothing may be added to it
    for run in runs:
        calls = [call for call in (units[i].call for i in run) if call is not None]
        fresh: set[Hashable] = {call.arguments for call in calls}
        if len(fresh) < len(run) or len(units[run[0]].operands) != 1:
            fresh = set()
        elif used and not used & fresh:
            last = joined[-1][-1]
            before = units[last].call
            assert before is not None
            follows = units[run[0]].operands == (Ref(last),) and consumers[last] == [run[0]]
            if follows and key_of(before) == key_of(calls[0]) and _plane(units[last]) == _plane(units[run[-1]]):
                joined[-1] = [*joined[-1], *run]
                used |= fresh
                continue
        joined.append(run)
        used = fresh
    return joined


def _plane(unit: Unit) -> tuple[int, ...]:
    return unit.types[0].shape[1:]


def _periods(units: Sequence[Unit], runs: list[Streak], consumers: list[list[int]], look: Look) -> list[FoldedRun]:
    """Runs that take turns in a chain, `a b a b`, become one box; the others one box each."""
    looks = [(len(run), look(units[run[0]]), units[run[-1]].types) for run in runs]
    chained = [
        i > 0
        and all(ref.node == runs[i - 1][-1] for ref in units[run[0]].operands)
        and set(consumers[runs[i - 1][-1]]) == {run[0]}
        for i, run in enumerate(runs)
    ]
    folded: list[FoldedRun] = []
    i = 0
    while i < len(runs):
        length, times = 1, 1
        for period in _PERIODS:
            count = 1
            end = i + period
            while (
                end + period <= len(runs)
                and looks[end : end + period] == looks[i : i + period]
                and all(chained[end : end + period])
            ):
                count, end = count + 1, end + period
            if count > 1 and all(chained[i + 1 : i + period]) and count * period > times * length:
                length, times = period, count
        members = tuple(m for run in runs[i : i + length * times] for m in run)
        folded.append(FoldedRun(tuple(runs[i : i + length]), times, members))
        i += length * times
    return folded
