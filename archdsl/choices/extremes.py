"""Finds the designs of a space with the least and the most of a number that is a sum, exactly, without looking at each.

It is found as designs are counted (`archdsl.choices.counting`): of parts that have nothing to do with each other the
least of each, of a decision that of its best option. So a space of 10^40 designs takes no longer than its states.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from archdsl.choices.asked import Asked
from archdsl.choices.counting import SpaceStates
from archdsl.choices.nodes import Decision, Diagram

MOST_WORK = 1_000_000  # open decisions of all states together: about a second


class EndDesign(NamedTuple):
    """The value of a sum, and what is picked for it."""

    value: int
    name: str  # of a decision that is taken, or ""
    text: str
    below: tuple[EndDesign, ...]

    def design(self) -> dict[str, str]:
        """What is picked."""
        found, pending = {}, [self]
        while pending:
            one = pending.pop()
            if one.name:
                found[one.name] = one.text
            pending += one.below
        return found


_LeastAndMost = tuple[EndDesign, EndDesign]


def ends(asked: Asked, conditions: Sequence[Diagram], summands: Sequence[Diagram]) -> _LeastAndMost | None:
    """The designs for which the sum of `summands` is least and most, of those for which the conditions hold.

    None where there is none.

    Raises:
        TooEntangled: it takes too much work.
    """
    return _SumEnds(asked, conditions, summands, MOST_WORK).solved()


class _SumEnds(SpaceStates[_LeastAndMost]):
    def together(self, parts: Sequence[_LeastAndMost]) -> _LeastAndMost:
        """Each part is as it is best for itself."""
        low, high = (tuple([part[end] for part in parts]) for end in (0, 1))
        return (
            EndDesign(sum([part.value for part in low]), "", "", low),
            EndDesign(sum([part.value for part in high]), "", "", high),
        )

    def one_of(self, decision: Decision, ways: Sequence[tuple[str, _LeastAndMost]]) -> _LeastAndMost:
        """The best option; of equal ones the first."""
        text, (low, _) = min(ways, key=lambda way: way[1][0].value)
        other, (_, high) = max(ways, key=lambda way: way[1][1].value)
        name = decision.name
        return EndDesign(low.value, name, text, (low,)), EndDesign(high.value, name, other, (high,))

    def of_summand(self, value: int) -> _LeastAndMost:
        """What it adds."""
        found = EndDesign(value, "", "", ())
        return found, found
