"""Finds the designs with the least and the most of what is a sum over their parts, however many designs there are."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

from archdsl.choices.counting import TooEntangled
from archdsl.choices.extremes import least
from archdsl.spaces.costs import ByTables
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
    diagrams = space.asked.diagrams
    sound = [diagrams.negate(space.asked.fails)]
    found: FoundEnds = {}
    try:
        for metric in metrics:
            summands = [diagrams.map(itemgetter(0), term) for term in costs.terms((metric,))]
            whole = [one for one in summands if one is not None]
            ends = []
            for sign in (1, -1):
                best = least(space.asked, sound, whole, sign)
                if best is None:
                    return None
                design = best.design()
                ends.append(SeenDesign(space.designs.rank(design), costs.of(design, metrics)))
            found[metric] = (ends[0], ends[1])
    except TooEntangled:
        return None
    return found
