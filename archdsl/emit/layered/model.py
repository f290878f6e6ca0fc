"""Holds the input and the output of the layered layout: numbers only, in points, x to the right and y downwards."""

from __future__ import annotations

from dataclasses import dataclass

Spot = tuple[float, float]


@dataclass(frozen=True, slots=True)
class LayeredNode:
    """A rectangle to place. `ins` and `outs` are where links meet its upper and lower side, from its left corner.

    Without `ins` (`outs`) links meet the middle. With `loose` the order of `ins` says nothing: the layout gives each
    link that comes in one of the places such that fewest cross; else `LayeredLink.into` says which.
    """

    width: float
    height: float
    ins: tuple[float, ...] = ()
    outs: tuple[float, ...] = ()
    loose: bool = False


@dataclass(frozen=True, slots=True)
class LayeredLink:
    """From node `source` to node `target`; `out` and `into` index the places of `outs` and `ins`.

    Nodes are listed such that source < target. `label` is the width and height of a text that must stand beside the
    link near its start, (0, 0) for none. Links of one source and one `out` carry one tensor and may share their way.
    """

    source: int
    target: int
    out: int = 0
    into: int = 0
    label: Spot = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class LayeredPlan:
    """Where all stands: upper left corners of nodes, the polyline of each link, centres of labels (None: no label).

    A polyline starts at the lower side of its source and ends at the upper side of its target. It is vertical wherever
    it passes a row of nodes, and is bent only between rows; it meets no node but its own two, and no label but its own.
    """

    width: float
    height: float
    corners: tuple[Spot, ...]
    wires: tuple[tuple[Spot, ...], ...]
    labels: tuple[Spot | None, ...]
