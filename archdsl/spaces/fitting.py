"""Draws designs at random until one is within bounds, and says how many were drawn where none is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.require import Requirement
from archdsl.spaces.bounds import within
from archdsl.spaces.designs import Design
from archdsl.spaces.ends import impossible

if TYPE_CHECKING:
    from archdsl.spaces.space import Space

_SECONDS = 5  # that designs are drawn for, about
_SOON = 1000  # drawn before it is asked whether any fits


def draws(space: Space, bounds: Sequence[Requirement], metrics: Sequence[str]) -> int:
    """How many designs are drawn to find some within bounds, where nobody says how many; 0 where none can be."""
    return 0 if impossible(space, bounds) else _SECONDS * space.costs.way(metrics).a_second


def fitting(space: Space, bounds: Sequence[Requirement], draw: Callable[[], Design]) -> Design:
    """The first that `draw` gives which is within bounds.

    Raises:
        ArchError: none was found, in as many as take some seconds.
    """
    if not bounds:
        return draw()
    metrics = tuple(dict.fromkeys(bound.metric for bound in bounds))
    way, drawn, most = space.costs.way(metrics), 0, _SOON
    while drawn < most:
        design = draw()
        if within(bounds, dict(zip(metrics, way.of(design, metrics), strict=True))):
            return design
        drawn += 1
        if drawn == _SOON:
            most = draws(space, bounds, metrics)
    said = " and ".join(bound.text for bound in bounds)
    found = f"none found in {drawn:,} drawn" if most else "proven, by the sums of what options cost"
    message = f"no design of {space.name} has {said} ({found})"
    raise ArchError([Diagnostic("nothing-fits", message, None, help="ask for less: Space.survey tells what there is")])
