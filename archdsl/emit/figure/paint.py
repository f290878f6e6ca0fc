"""Turns a sketch in place into marks: boxes with their text, wires with rounded corners, the words beside them.

Every box and every edge is a group with an id by its path, as in `panel-2.box-3` or `panel-2.edge-5`, both counted from
one. A cut edge has several strokes, the later ones with `.part-2`, `.part-3` behind the id.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from archdsl.emit.figure.fills import Fill
from archdsl.emit.figure.measure import line_height
from archdsl.emit.figure.patch import base_line
from archdsl.emit.figure.placed import SHEET, Flow, PlacedSketch, Stroke
from archdsl.emit.figure.scene import MAIN, SMALL, Box, Outline, Style, TextLine
from archdsl.emit.figure.side_by_side import TAG
from archdsl.emit.figure.trunks import branches
from archdsl.emit.layered.model import Spot
from archdsl.emit.marks.model import CircleMark, Colour, GroupMark, Mark, PathMark, PathStep, RectMark, TextMark

_BADGE = 4.5  # radius of a sign's disk, in points
_BAR, _THICK = 5.0, 1.6  # half the length of the bar at the end of a wire, and its width, in points
DASHES = (3.0, 2.0)  # of what is chosen
_ROUND = 4.0  # radius of the corners of wires, in points
_KAPPA = 0.5523  # of a quarter circle drawn as a cubic


@dataclass(slots=True)
class Painter:
    """Paints the sketch of one panel, whole or in parts; `fill` colours boxes, `hover` is shown over them.

    `badges` are signs at the corners of boxes, by their paths.
    """

    fill: Fill
    hover: Callable[[Box], str]
    badges: Mapping[tuple[int, ...], str] = field(default_factory=dict)
    parts: Counter[str] = field(default_factory=Counter)  # how often an id was used

    def sketch(self, placed: PlacedSketch, corner: Spot, name: str, path: tuple[int, ...] = ()) -> Iterator[Mark]:
        """The marks of a sketch whose upper left corner stands at `corner`; `name` is the id of what it is in."""

        def at(spot: Spot) -> Spot:
            x, y = placed.on_page(spot)
            return corner[0] + x, corner[1] + y

        said = [box.said for box in placed.sketch.boxes]
        for stroke, points in zip(placed.strokes, branches(placed, 2 * _ROUND), strict=True):
            edge = placed.sketch.edges[stroke.edge]
            title = f"{said[edge.source]} → {said[edge.target]}" + (f", {edge.name}" if edge.name else "")
            way = [at(spot) for spot in points]
            yield self._wire(stroke, way, f"{name}.edge-{stroke.edge + 1}", title, edge.chosen)
        for number in sorted(placed.corners):
            x, y, width, height = placed.rectangle(number)
            place = corner[0] + x, corner[1] + y, width, height
            yield self._box(placed, number, place, f"{name}.box-{number + 1}", (*path, number))
        for lines, spot in (*placed.labels.values(), *placed.heads.values()):
            yield from _words(lines, at(spot))
        for tag in placed.tags:
            x, y = at(tag.spot)
            yield CircleMark(x, y, TAG, "frame.fill", "wire")
            yield from _words((tag.text,), (x, y), "ink")

    def _wire(self, stroke: Stroke, points: Sequence[Spot], name: str, title: str, chosen: bool) -> Mark:
        mark = PathMark(rounded(points), "wire", None, arrow=stroke.arrives, dashes=DASHES if chosen else ())
        return GroupMark((mark,), self._once(name), "edge", title)

    def _box(
        self,
        placed: PlacedSketch,
        number: int,
        place: tuple[float, float, float, float],
        name: str,
        path: tuple[int, ...],
    ) -> Mark:
        box, text = placed.sketch.boxes[number], placed.texts[number]
        x, y, width, height = place
        if box.deep:
            width, height = width - SHEET, height - SHEET
        centre = (x + width / 2, y + height / 2)
        fill, border, ink = self.fill(path, box)
        marks: list[Mark] = []
        if box.shape is Outline.CIRCLE:
            marks.append(CircleMark(*centre, height / 2, fill, border))
        elif box.shape is Outline.END:
            marks.append(_bar(placed.flow, x, y, width, height))
        elif box.shape is not Outline.TEXT:
            radius = 4.0 if box.style in (Style.BLOCK, Style.CHOICE) else 1.5
            dashes = DASHES if box.style is Style.CHOICE else ()
            if box.deep:
                marks.append(RectMark(x + SHEET, y + SHEET, width, height, fill, border, radius=radius))
            marks.append(RectMark(x, y, width, height, fill, border, radius=radius, dashes=dashes))
        nested = placed.nested.get(number)
        if nested is not None:
            marks += _lines(text, (x + nested.title[0], y + nested.title[1]), ink, "start")
            inside = (x + nested.corner[0], y + nested.corner[1])
            marks += self.sketch(nested.placed, inside, name, path)
        elif box.shape is Outline.CIRCLE and text[0].text in ("+", "×", "−"):
            marks += _sign(text[0].text, centre, height * 0.27, ink)
        else:
            top = centre[1] - sum(line_height(line.size) for line in text) / 2
            marks += _lines(text, (centre[0], top), ink, "middle")
        if path in self.badges:
            marks += badge(self.badges[path], (x, y), border)
        return GroupMark(tuple(marks), self._once(name), str(box.shape), self.hover(box))

    def _once(self, name: str) -> str:
        self.parts[name] += 1
        return name if self.parts[name] == 1 else f"{name}.part-{self.parts[name]}"


def _words(lines: Sequence[str], centre: Spot, ink: Colour = "soft") -> Iterator[Mark]:
    """Small text around a centre."""
    y = centre[1] - line_height(SMALL) * (len(lines) - 1) / 2
    for line in lines:
        yield TextMark(centre[0], base_line(y, SMALL), line, SMALL, ink, anchor="middle")
        y += line_height(SMALL)


def _bar(flow: Flow, x: float, y: float, width: float, height: float) -> Mark:
    """Where a wire ends that leads into a rectangle: a line across it."""
    if flow is Flow.RIGHT:
        middle = y + height / 2
        return PathMark((("M", x, middle - _BAR), ("L", x, middle + _BAR)), "wire", None, _THICK)
    middle, level = x + width / 2, y + height if flow is Flow.UP else y
    return PathMark((("M", middle - _BAR, level), ("L", middle + _BAR, level)), "wire", None, _THICK)


def _lines(text: Sequence[TextLine], place: Spot, ink: Colour, anchor: Literal["start", "middle"]) -> Iterator[Mark]:
    """Lines of text below each other, whose upper left corner or upper middle stands at a place."""
    x, y = place
    for line in text:
        middle = y + line_height(line.size) / 2
        colour = "soft" if ink == "ink" and line.size < MAIN else ink
        yield TextMark(x, base_line(middle, line.size), line.text, line.size, colour, line.bold, anchor)
        y += line_height(line.size)


def _sign(sign: str, centre: Spot, half: float, ink: Colour) -> Iterator[Mark]:
    """A sign in a circle, drawn from lines: those of fonts stand askew in it."""
    x, y = centre
    if sign == "×":
        half *= math.sqrt(0.5)
        ways = [((-half, -half), (half, half)), ((-half, half), (half, -half))]
    else:
        ways = [((-half, 0.0), (half, 0.0))] + ([((0.0, -half), (0.0, half))] if sign == "+" else [])
    for (a, b), (c, d) in ways:
        yield PathMark((("M", x + a, y + b), ("L", x + c, y + d)), ink, None, 1.1)


def badge(sign: str, centre: Spot, colour: Colour) -> Iterator[Mark]:
    """A sign, "+", "−" or "~", on a disk."""
    x, y = centre
    yield CircleMark(x, y, _BADGE, colour)
    if sign == "~":
        a, b = _BADGE * 0.6, _BADGE * 0.75
        wave: tuple[PathStep, ...] = (("M", x - a, y + 0.6), ("C", x - a / 3, y - b, x + a / 3, y + b, x + a, y - 0.6))
        yield PathMark(wave, "sheet", None, 1.2)
    else:
        yield from _sign(sign, centre, _BADGE * 0.6, "sheet")


def rounded(points: Sequence[Spot]) -> tuple[PathStep, ...]:
    """A polyline with its corners rounded, as a path."""
    steps: list[PathStep] = [("M", *points[0])]
    for before, (x, y), after in zip(points, points[1:], points[2:], strict=False):
        a, b = math.dist(before, (x, y)), math.dist((x, y), after)
        radius = min(_ROUND, a / 2, b / 2)
        if radius < 0.1:
            steps.append(("L", x, y))
            continue
        ux, uy, vx, vy = (before[0] - x) / a, (before[1] - y) / a, (after[0] - x) / b, (after[1] - y) / b
        near = radius * (1 - _KAPPA)
        steps.append(("L", x + ux * radius, y + uy * radius))
        steps.append(
            (
                "C",
                x + ux * near,
                y + uy * near,
                x + vx * near,
                y + vy * near,
                x + vx * radius,
                y + vy * radius,
            )
        )
    return (*steps, ("L", *points[-1]))
