"""Gives the numbers of designs: from tables where there are some, else each is made a graph and measured."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
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


class ByBoth:
    """Takes the tables for those numbers that they `have`, and measures only the others."""

    how = ByGraphs.how
    a_second = ByGraphs.a_second

    def __init__(self, fast: ByTables, slow: ByGraphs, have: Collection[str]) -> None:
        self._fast = fast
        self._slow = slow
        self._have = have

    def of(self, design: Mapping[str, str], metrics: Sequence[str]) -> tuple[Quantity, ...]:
        """The numbers of a design; see `Costs`."""
        found: dict[str, Quantity] = {}
        known = [metric for metric in metrics if metric in self._have]
        others = [metric for metric in metrics if metric not in self._have]
        for costs, names in ((self._fast, known), (self._slow, others)):
            found |= zip(names, costs.of(design, names), strict=True)
        return tuple([found[metric] for metric in metrics])


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
            have = tuple([name for name in names if self._fast.has((name,))])
            have = have if self._fast.has(have) else ()
            if have == names:
                self._ways[names] = self._fast
            else:
                self._ways[names] = ByBoth(self._fast, self._slow, have) if have else self._slow
        return self._ways[names]
