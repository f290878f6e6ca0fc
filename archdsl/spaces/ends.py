"""Finds the designs with the least and the most of what is a sum over their parts, however many designs there are."""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import TYPE_CHECKING

from archdsl.choices.counting import TooEntangled
from archdsl.choices.extremes import ends
from archdsl.require import Requirement
from archdsl.spaces.costs import ByTables
from archdsl.spaces.designs import Design
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
            space.ends[metric] = _ends(space, costs, metric)
        designs = space.ends[metric]
        if designs is None:
            return None
        low, high = (SeenDesign(space.designs.rank(design), costs.of(design, metrics)) for design in designs)
        found[metric] = low, high
    return found


def _ends(space: Space, costs: ByTables, metric: str) -> tuple[Design, Design] | None:
    """The designs with the least and with the most of one number."""
    diagrams = space.asked.diagrams
    sound = [diagrams.negate(space.asked.fails)]
    summands = [diagrams.map(itemgetter(0), term) for term in costs.terms((metric,))]
    whole = [one for one in summands if one is not None]
    try:
        found = ends(space.asked, sound, whole)
    except TooEntangled:
        return None
    return None if found is None else (found[0].design(), found[1].design())


def impossible(space: Space, bounds: Iterable[Requirement]) -> dict[str, tuple[int | float, int | float]]:
    """The least and most, over all designs, of each number for which that shows that no design is within its bound."""
    found: dict[str, tuple[int | float, int | float]] = {}
    for bound in bounds:
        sure = proven(space, (bound.metric,))
        if sure is None:
            continue
        least_of, most_of = (end.numbers[0] for end in sure[bound.metric])
        assert least_of is not None and most_of is not None
        nearest = {"<": least_of, "<=": least_of, ">": most_of, ">=": most_of}.get(bound.symbol)
        if nearest is None:
            within_reach = bound.claim.low <= most_of and bound.claim.high >= least_of
        else:
            within_reach = bound.holds(nearest)
        if not within_reach:
            found[bound.metric] = least_of, most_of
    return found
