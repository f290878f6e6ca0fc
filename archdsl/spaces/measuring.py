"""Gives the numbers of designs: from tables where there are some, else each is made a graph and measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from archdsl.elaborate.open import OpenNetwork
from archdsl.explore.settings import measured
from archdsl.option_costs import ByTables
from archdsl.spaces.bounds import Quantity
from archdsl.spaces.projection import Projection


class Costs(Protocol):
    """What gives some numbers of designs of one space: `how`, in words, and about how many a second."""

    how: str
    a_second: int

    def of(self, design: Mapping[str, str], metrics: Sequence[str]) -> tuple[Quantity, ...]:
        """The numbers of a design; None where it has no such number.

        Raises:
            KeyError: there is no number of such a name.
        """


class ByGraphs:
    """Makes the graph of each design out of that of all alternatives, and measures it."""

    how = "measured one by one"
    a_second = 500

    def __init__(self, projection: Projection) -> None:
        self._projection = projection

    def of(self, design: Mapping[str, str], metrics: Sequence[str]) -> tuple[Quantity, ...]:
        """The numbers of a design; see `Costs`."""
        return measured(self._projection.graph(design), metrics)


class Fastest:
    """Takes tables for what they have, and graphs of designs for other numbers."""

    def __init__(self, network: OpenNetwork, projection: Projection) -> None:
        self._slow = ByGraphs(projection)
        self._fast = ByTables(network)
        self._ways: dict[tuple[str, ...], Costs] = {}

    def way(self, metrics: Sequence[str]) -> Costs:
        """What gives these numbers."""
        names = tuple(metrics)
        if names not in self._ways:
            self._ways[names] = self._fast if self._fast.has(names) else self._slow
        return self._ways[names]
