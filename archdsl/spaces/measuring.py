"""Gives the numbers of designs: each is elaborated, in one session, and measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from archdsl.explore.settings import measured
from archdsl.spaces.bounds import Quantity

if TYPE_CHECKING:
    from archdsl.spaces.space import Space


class Costs(Protocol):
    """What gives the numbers of designs of one space: `how`, in words, and about how many a second."""

    how: str
    a_second: int

    def of(self, design: Mapping[str, str], metrics: Sequence[str]) -> tuple[Quantity, ...]:
        """The numbers of a design; None where it has no such number.

        Raises:
            ArchError: it does not elaborate.
            KeyError: there is no number of such a name.
        """


class ByElaboration:
    """Elaborates each design, bodies that are known already left out."""

    how = "elaborated one by one"
    a_second = 200

    def __init__(self, space: Space) -> None:
        self.space = space

    def of(self, design: Mapping[str, str], metrics: Sequence[str]) -> tuple[Quantity, ...]:
        """The numbers of a design; see `Costs`."""
        return measured(self.space.network(design), metrics)
