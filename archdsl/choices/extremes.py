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


class LeastDesign(NamedTuple):
    """The value of a sum, and what is picked for it."""

    value: int
    name: str  # of a decision that is taken, or ""
    text: str
    below: tuple[LeastDesign, ...]

    def design(self) -> dict[str, str]:
        """What is picked."""
        found, pending = {}, [self]
        while pending:
            one = pending.pop()
            if one.name:
                found[one.name] = one.text
            pending += one.below
        return found


def least(
    asked: Asked, conditions: Sequence[Diagram], summands: Sequence[Diagram], sign: int = 1
) -> LeastDesign | None:
    """The design for which `sign` times the sum of `summands` is least, of those for which the conditions hold.

    None where there is none.

    Raises:
        TooEntangled: it takes too much work.
    """
    return _Least(asked, conditions, summands, sign).solved()


class _Least(SpaceStates[LeastDesign]):
    def __init__(self, asked: Asked, conditions: Sequence[Diagram], summands: Sequence[Diagram], sign: int) -> None:
        super().__init__(asked, conditions, summands, MOST_WORK)
        self.sign = sign

    def together(self, parts: Sequence[LeastDesign]) -> LeastDesign:
        """Each part is as it is best for itself."""
        return LeastDesign(sum(part.value for part in parts), "", "", tuple(parts))

    def one_of(self, decision: Decision, ways: Sequence[tuple[str, LeastDesign]]) -> LeastDesign:
        """The best option; of equal ones the first."""
        text, after = min(ways, key=lambda way: way[1].value)
        return LeastDesign(after.value, decision.name, text, (after,))

    def of_summand(self, value: int) -> LeastDesign:
        """What it adds."""
        return LeastDesign(self.sign * value, "", "", ())
