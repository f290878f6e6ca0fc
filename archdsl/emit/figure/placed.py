"""Gives the boxes and edges of a sketch their places, in the direction in which it is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from archdsl.emit.figure.measure import line_height, text_width
from archdsl.emit.figure.scene import SMALL, Box, Edge, Outline, Sketch, TextLine
from archdsl.emit.layered.layered import layered
from archdsl.emit.layered.model import LayeredLink, LayeredNode, Spot

_BREAK = re.compile("(?<!×) (?!×)")  # where a line of text may end: not inside 64 × 56 × 56
_SLOT = 12.0  # between two edges that meet a box beside each other, in points, at least


class Flow(StrEnum):
    """Where the edges of a sketch lead."""

    DOWN = "down"
    RIGHT = "right"
    UP = "up"


@dataclass(frozen=True, slots=True)
class Stroke:
    """A part of the way of edge number `edge`, and whether it ends at the edge's target."""

    edge: int
    points: tuple[Spot, ...]
    arrives: bool = True


@dataclass(frozen=True, slots=True)
class Tag:
    """Stands where a stroke ends that goes on at the tag of the same text."""

    text: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class PlacedSketch:
    """Boxes and edges of a sketch in place, or of a part of it; as if its edges led downwards, whatever `flow` says.

    `sizes` are those of all boxes of the sketch, `corners` the upper left ones of those that stand here, by number;
    `labels` and `heads` the centres of shapes on edges and of operands' names at their ends, by the edge's number.
    """

    sketch: Sketch
    flow: Flow
    boxes: tuple[Box, ...]
    sizes: tuple[Spot, ...]
    corners: Mapping[int, Spot]
    strokes: tuple[Stroke, ...]
    labels: Mapping[int, Spot]
    heads: Mapping[int, Spot]
    width: float
    height: float
    tags: tuple[Tag, ...] = ()
    jumps: int = 0  # ways of the eye from the foot of a column to the head of the next

    @property
    def size(self) -> Spot:
        """Width and height on the page."""
        return turned((self.width, self.height), self.flow)

    def on_page(self, spot: Spot) -> Spot:
        """Where a place of the downward drawing stands on the page."""
        if self.flow is Flow.RIGHT:
            return spot[1], spot[0]
        return (spot[0], self.height - spot[1]) if self.flow is Flow.UP else spot

    def rectangle(self, number: int) -> tuple[float, float, float, float]:
        """Upper left corner, width and height of box `number` on the page."""
        x, y = self.on_page(self.corners[number])
        width, height = turned(self.sizes[number], self.flow)
        return x, y - height if self.flow is Flow.UP else y, width, height


def turned(size: Spot, flow: Flow) -> Spot:
    """A size on the page as that of the downward drawing, or the other way round."""
    return (size[1], size[0]) if flow is Flow.RIGHT else size


def place(sketch: Sketch, flow: Flow, most: float | None = None) -> PlacedSketch:
    """`sketch` laid out so that its edges lead where `flow` says; lines of text are broken where they exceed `most`."""
    boxes = [box if most is None else broken(box, most) for box in sketch.boxes]
    plan = layered([_node(box, flow) for box in boxes], [_link(edge, flow) for edge in sketch.edges])
    sizes = [turned(box.size, flow) for box in boxes]
    return PlacedSketch(
        sketch,
        flow,
        tuple(boxes),
        tuple((width, height) for width, (_, height) in zip(plan.widths, sizes, strict=True)),
        dict(enumerate(plan.corners)),
        tuple(Stroke(i, wire) for i, wire in enumerate(plan.wires)),
        {i: spot for i, spot in enumerate(plan.labels) if spot is not None},
        {i: spot for i, spot in enumerate(plan.heads) if spot is not None},
        plan.width,
        plan.height,
    )


def _node(box: Box, flow: Flow) -> LayeredNode:
    """A box as the layout knows it: bars grow as their edges ask, a circle may be met from the side."""
    width, height = turned(box.size, flow)
    if box.shape is Outline.BAR:
        return LayeredNode(width, height, stretch=True)
    if box.shape is Outline.CIRCLE:
        return LayeredNode(width, height, sides=True)
    width = max(width, max(box.ins, box.outs) * _SLOT)
    return LayeredNode(width, height, slots(width, box.ins), slots(width, box.outs))


def _link(edge: Edge, flow: Flow) -> LayeredLink:
    head = turned(text_size(edge.name), flow) if edge.name else (0.0, 0.0)
    return LayeredLink(edge.source, edge.target, edge.out, edge.into, label_size(edge, flow), head)


def label_size(edge: Edge, flow: Flow) -> Spot:
    """Width and height of the shape beside an edge, in the downward drawing; (0, 0) for none."""
    return turned(text_size(edge.label), flow) if edge.label else (0.0, 0.0)


def text_size(text: str) -> Spot:
    """Width and height of a word beside an edge, on the page."""
    return text_width(text, SMALL), line_height(SMALL)


def slots(length: float, count: int) -> tuple[float, ...]:
    """Where so many edges meet a side of this length; none where one edge meets its middle."""
    return tuple((i + 0.5) * length / count for i in range(count)) if count > 1 else ()


def broken(box: Box, most: float) -> Box:
    """`box` with each line of text that is wider than `most` points broken between words."""
    if box.shape in (Outline.CIRCLE, Outline.BAR):
        return box
    lines = tuple(replace(line, text=text) for line in box.lines for text in wrapped(line, most))
    return box if lines == box.lines else replace(box, shown=lines)


def wrapped(line: TextLine, most: float) -> list[str]:
    """A line of text as lines of at most `most` points, as far as its words allow."""
    return wrap(line.text, lambda text: text_width(text, line.size, line.bold) <= most)


def wrap(text: str, fits: Callable[[str], bool]) -> list[str]:
    """`text` broken between words into lines that fit, as far as its words allow."""
    if fits(text):
        return [text]
    lines: list[str] = []
    for word in _BREAK.split(text):
        if lines and fits(f"{lines[-1]} {word}"):
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return [stripped for line in lines if (stripped := line.strip(" ·"))]
