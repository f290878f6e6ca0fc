"""Finds what is drawn as one box where something is chosen: the options of a decision, or a run of so many units.

x -> a -> one of        the options a and b, and x as it is, all of x: one box that lists them
x -> b ---^
x --------^

x -> a -> a -> a        one of the last two: one box, a × 2 or 3
          `----`-> one of
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archdsl.emit.figure.pieces import Unit
from archdsl.emit.figure.runs import CHANGES, FactsOf, FoldedPart, LookOf, consumers_of, extended, may_be_number
from archdsl.emit.figure.scene import Fold
from archdsl.emit.figure.series import Series
from archdsl.ir.chosen import Choosing, OneOf
from archdsl.ir.graph import INPUT, Ref


def chosen_parts(units: Sequence[Unit], outputs: Sequence[Ref], look: LookOf, facts: FactsOf) -> list[FoldedPart]:
    """The boxes of a body that stand for what is chosen and the units it is chosen from; no unit is in two of them."""
    found: list[FoldedPart] = []
    finder = _Finder(units, consumers_of(units, outputs), look, facts)
    taken: set[int] = set()
    for number, unit in enumerate(units):
        if isinstance(unit.main.target, OneOf):
            part = finder.counted(number) or finder.options(number)
            if part is not None and taken.isdisjoint(part.members):
                found.append(part)
                taken.update(part.members)
    return found


@dataclass(slots=True)
class _Finder:
    units: Sequence[Unit]
    consumers: list[list[tuple[int, int]]]
    look: LookOf
    facts: FactsOf

    def options(self, chooser: int) -> FoldedPart | None:
        """The units that one takes, and nothing else does, where all take the same tensors; None where they do not."""
        operands = self.units[chooser].operands
        branches = [ref.node for ref in operands if self._is_option(ref, chooser)]
        taken = {self.units[branch].operands for branch in branches}
        others = [ref for ref in operands if ref.node not in branches]
        if len(taken) != 1 or len(set(operands)) < len(operands) or len(operands) < 2:
            return None
        (source,) = taken
        if not source or any((ref,) != source for ref in others):
            return None
        feeds = [(len(branches) - branches.index(ref.node) if ref.node in branches else 0, 0) for ref in operands]
        return FoldedPart((*branches, chooser), Fold.CHOICE, len(branches) + 1, tuple(feeds))

    def _is_option(self, ref: Ref, chooser: int) -> bool:
        if ref.node == INPUT or len(self.units[ref.node].types) > 1:
            return False
        own = not isinstance(self.units[ref.node].main.target, Choosing)
        return own and self.consumers[ref.node] == [(chooser, 0)]

    def counted(self, chooser: int) -> FoldedPart | None:
        """Units in a row of which the first ones are taken, so many as is picked; None where they are no such row."""
        wanted = set(self.units[chooser].operands)
        last = max(wanted)
        if last.node == INPUT or not self._is_option(last, chooser):
            return None
        row, seen = [last.node], {last}
        while len(self.units[row[-1]].operands) == 1:
            (before,) = self.units[row[-1]].operands
            seen |= {before} & wanted
            users = {row[-1], chooser} if before in wanted else {row[-1]}
            if before.node == INPUT or not self._alike(before.node, row[-1]):
                break
            if {user for user, _ in self.consumers[before.node]} != users:
                break
            row.append(before.node)
        row.reverse()
        told: list[Series] | None = [Series(fact) for fact in self.facts(self.units[row[0]])]
        for unit in row[1:]:
            told = None if told is None else extended(told, self.facts(self.units[unit]), CHANGES, may_be_number)
        if seen != wanted or len(row) < 2 or told is None:
            return None
        feeds = [(len(row) - row.index(ref.node) if ref.node in row else 0, 0) for ref in self.units[chooser].operands]
        return FoldedPart((*row, chooser), Fold.COUNTED, 1, tuple(feeds))

    def _alike(self, one: int, other: int) -> bool:
        first, second = self.units[one], self.units[other]
        single = len(first.operands) == 1 == len(first.types)
        return single and first.types == second.types and self.look(first) == self.look(second)
