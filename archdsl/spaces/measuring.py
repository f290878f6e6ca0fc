"""Gives the numbers of designs: each is elaborated, in one session, and measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from archdsl.elaborate.open import OpenNetwork
from archdsl.explore.settings import measured
from archdsl.spaces.bounds import Quantity
from archdsl.spaces.costs import ByTables

if TYPE_CHECKING:
    from archdsl.spaces.space import Space


class Costs(Protocol):
    """What gives some numbers of designs of one space: `how`, in words, and about how many a second."""

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
        self._space = space

    def of(self, design: Mapping[str, str], metrics: Sequence[str]) -> tuple[Quantity, ...]:
        """The numbers of a design; see `Costs`."""
        return measured(self._space.network(design), metrics)


class Fastest:
    """Takes tables for what they have, and elaborates a design for other numbers."""

    def __init__(self, space: Space, network: OpenNetwork) -> None:
        self._slow = ByElaboration(space)
        self._fast = ByTables(network)
        self._ways: dict[tuple[str, ...], Costs] = {}

    def way(self, metrics: Sequence[str]) -> Costs:
        """What gives these numbers."""
        names = tuple(metrics)
        if names not in self._ways:
            self._ways[names] = self._fast if self._fast.has(names) else self._slow
        return self._ways[names]
