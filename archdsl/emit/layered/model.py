"""Holds the input and the output of the layered layout: numbers only, in points, x to the right and y downwards."""

from __future__ import annotations

from dataclasses import dataclass

Spot = tuple[float, float]


@dataclass(frozen=True, slots=True)
class LayeredNode:
    """A rectangle to place. `ins` and `outs` are where links meet its upper and lower side, from its left corner.

    Without `ins` (`outs`) a single tensor meets the middle, and of several each where it comes straightest, in the
    order of `LayeredLink.into` (`out`). With `loose` the order of what comes in says nothing: the layout gives links
    their places such that fewest cross.

    A bar is a `stretch` node: `width` is its least width, and the layout makes it as wide as its links ask for; its
    `ins` and `outs` say nothing. A `sides` node, such as a circle, is loose, and links may meet its left and right.
    """

    width: float
    height: float
    ins: tuple[float, ...] = ()
    outs: tuple[float, ...] = ()
    loose: bool = False
    stretch: bool = False
    sides: bool = False


@dataclass(frozen=True, slots=True)
class LayeredLink:
    """From node `source` to node `target`; `out` and `into` index the places of `outs` and `ins`.

    Nodes are listed such that source < target. `label` is the width and height of a text that must stand beside the
    link near its start, (0, 0) for none; `head` that of a text beside its arrow head. Links of one source and one
    `out` carry one tensor and share their way; the labels of these stand in one place.
    """

    source: int
    target: int
    out: int = 0
    into: int = 0
    label: Spot = (0.0, 0.0)
    head: Spot = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class LayeredGaps:
    """Least distances in points: between nodes of a row, of rows, of wires, from a text to its wire; arrow heads."""

    node: float = 14.0
    row: float = 16.0
    wire: float = 8.0
    text: float = 3.0
    arrow: float = 12.0


@dataclass(frozen=True, slots=True)
class LayeredPlan:
    """Where all stands: upper left corners and widths of nodes, the polyline of each link, centres of its texts.

    A polyline starts at the lower side of its source and ends at the upper side of its target (at the left or right
    side of a `sides` node where that is shorter). It is vertical wherever it passes a row of nodes, and is bent only
    between rows; it meets no node but its own two, and no text but its own. `labels` and `heads` hold None where the
    link has no such text. Nodes are as wide as they came; only those that stretch are wider, and those without places
    where the texts of what they take need it.
    """

    width: float
    height: float
    corners: tuple[Spot, ...]
    widths: tuple[float, ...]
    wires: tuple[tuple[Spot, ...], ...]
    labels: tuple[Spot | None, ...]
    heads: tuple[Spot | None, ...]
