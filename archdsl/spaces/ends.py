"""Finds the designs with the least and the most of what is a sum over their parts, however many designs there are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from archdsl.option_costs import ByTables, ends_of
from archdsl.require import Requirement
from archdsl.spaces.looking import SeenDesign

if TYPE_CHECKING:
    from archdsl.spaces.space import Space

FoundEnds = dict[str, tuple[SeenDesign, SeenDesign]]


def proven(space: Space, metrics: tuple[str, ...]) -> FoundEnds | None:
    """Of each number the designs with the least and the most of it, of all that elaborate; None where that is not known
    without looking at each: a number is no sum, or too many decisions hang together.
    """
    costs = space.costs.way(metrics)
    if not isinstance(costs, ByTables):
        return None
    found: FoundEnds = {}
    for metric in metrics:
        if metric not in space.ends:
            found_ends = ends_of(space.asked, costs, metric)
            space.ends[metric] = found_ends and (found_ends[0].design(), found_ends[1].design())
        designs = space.ends[metric]
        if designs is None:
            return None
        low, high = (SeenDesign(space.designs.rank(design), costs.of(design, metrics)) for design in designs)
        found[metric] = low, high
    return found


def impossible(space: Space, bounds: Iterable[Requirement]) -> dict[str, tuple[int | float, int | float]]:
    """The least and most, over all designs, of each number for which that shows that no design is within its bound."""
    found: dict[str, tuple[int | float, int | float]] = {}
    for bound in bounds:
        sure = proven(space, (bound.metric,))
        if sure is None:
            continue
        least_of, most_of = (end.numbers[0] for end in sure[bound.metric])
        assert least_of is not None and most_of is not None
        if not bound.holds_between(least_of, most_of):
            found[bound.metric] = least_of, most_of
    return found
