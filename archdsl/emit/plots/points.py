"""Turns series of points into a scatter plot or a line plot, as the bytes of a picture."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from archdsl.emit.figure.measure import shorten
from archdsl.emit.marks.font import text_width
from archdsl.emit.marks.formats import written
from archdsl.emit.marks.model import CircleMark, Drawing, GroupMark, Leaf, Mark, PathMark, PathStep, TextMark
from archdsl.emit.plots import point_labels
from archdsl.emit.plots.axis import Axis as Axis
from archdsl.emit.plots.axis import AxisSpan, span

# Ten colours that the colour-blind can tell apart, and eleven markers: 110 series before a pair comes again.
_COLOURS = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#B8860B",
    "#56B4E9",
    "#332288",
    "#882255",
    "#333333",
    "#44AA99",
)
_PRINT, _TITLE = 8.0, 9.0  # text sizes, in points
_BORDER, _LINE, _GAP = 8.0, 11.0, 14.0
_RADIUS = 2.6
_FAR = 9  # points: a label farther from its point gets a line
_NAME = 48  # characters of a series' name
_DPI = 200


def _regular(corners: int, turn: float = 0.0, sharp: float = 1.0) -> tuple[tuple[float, float], ...]:
    """The corners of a regular polygon of radius 1, the first above the centre or turned; every second one nearer."""
    found = []
    for i in range(corners):
        angle, radius = 2 * math.pi * i / corners + turn, sharp if i % 2 else 1.0
        found.append((radius * math.sin(angle), -radius * math.cos(angle)))
    return tuple(found)


def _cross(turn: float) -> tuple[tuple[float, float], ...]:
    arm = (-0.35, -1.1), (0.35, -1.1), (0.35, -0.35)
    corners = [(x * c - y * s, x * s + y * c) for c, s in ((1, 0), (0, 1), (-1, 0), (0, -1)) for x, y in arm]
    cos, sin = math.cos(turn), math.sin(turn)
    return tuple((x * cos - y * sin, x * sin + y * cos) for x, y in corners)


# A circle, and polygons around the origin.
_MARKERS: tuple[tuple[tuple[float, float], ...], ...] = (
    (),
    _regular(4, math.pi / 4),
    _regular(3),
    _regular(4),
    _regular(3, math.pi),
    _cross(0.0),
    _cross(math.pi / 4),
    _regular(3, -math.pi / 2),
    _regular(3, math.pi / 2),
    _regular(6),
    _regular(10, 0.0, 0.5),
)


@dataclass(frozen=True)
class PlotPoint:
    """A place in units of the axes; `label` is written beside it where it fits, `hollow` draws an outline only."""

    x: float
    y: float
    label: str = ""
    hollow: bool = False


@dataclass(frozen=True)
class PlotSeries:
    """Points of one colour and marker, in the order in which `lines` joins them."""

    name: str
    points: tuple[PlotPoint, ...]


@dataclass(frozen=True, slots=True)
class _PlotFrame:
    """Where the axes stand on the page."""

    left: float
    top: float
    width: float
    height: float
    x: AxisSpan
    y: AxisSpan

    def spot(self, x: float, y: float) -> tuple[float, float]:
        return self.left + self.width * self.x.at(x), self.top + self.height * (1 - self.y.at(y))


def scatter(series: Sequence[PlotSeries], x: Axis, y: Axis, format: str, *, title: str = "") -> bytes:
    """Every point by itself, labels kept apart from each other, a legend beside the axes.

    Raises:
        ArchError: the format is unknown (unknown-format), or a png cannot be made.
    """
    return written(drawn(series, x, y, title, (756.0, 518.0), joined=False), format, dpi=_DPI)


def lines(series: Sequence[PlotSeries], x: Axis, y: Axis, format: str, *, title: str = "") -> bytes:
    """Each series joined in its order; a legend where there is more than one.

    Raises:
        ArchError: the format is unknown (unknown-format), or a png cannot be made.
    """
    return written(drawn(series, x, y, title, (460.0, 317.0), joined=True), format, dpi=_DPI)


def drawn(
    series: Sequence[PlotSeries], x: Axis, y: Axis, title: str, size: tuple[float, float], *, joined: bool
) -> Drawing:
    """The plot on a page that is at least so large; values that a logarithmic axis has no place for are left out."""
    kept = [
        PlotSeries(one.name, tuple(p for p in one.points if not (x.log and p.x <= 0) and not (y.log and p.y <= 0)))
        for one in series
    ]
    points = [point for one in kept for point in one.points]
    across, up = span(x, [p.x for p in points]), span(y, [p.y for p in points])
    left = _BORDER + max([text_width(text, _PRINT) for _, text in up.ticks], default=0.0) + 6
    top = _BORDER + (1.5 * _LINE if title else 0.0) + 1.5 * _LINE
    named = [one.name for one in kept] if len(kept) > 1 or not joined else []
    below = _BORDER + 3 * _LINE
    rows = max(1, int((size[1] - top - below) / _LINE))
    legend = list(_legend(named, rows))
    beside = sum(width for width, _ in legend)
    frame = _PlotFrame(left, top, size[0] - left - _BORDER - beside, size[1] - top - below, across, up)
    if frame.width < size[0] / 2:  # names leave little room: the page grows
        frame = _PlotFrame(left, top, size[0] / 2, frame.height, across, up)
    marks: list[Mark] = [TextMark(_BORDER, _BORDER + _TITLE, title, _TITLE, bold=True)] if title else []
    marks += _axes(frame, x, y)
    marks += (mark for number, one in enumerate(kept) for mark in _series(frame, one, number, joined))
    marks += _labels(frame, kept)
    start = frame.left + frame.width + _GAP
    for width, entries in legend:
        for row, (number, name) in enumerate(entries):
            marks += _entry(start, top + _LINE * (row + 0.7), number, name)
        start += width
    page = frame.left + frame.width + beside + _BORDER
    names = ", ".join(named[:20])
    return Drawing((Leaf(page, size[1], tuple(marks)),), title or y.title, f"{y.title} over {x.title}. {names}".strip())


def _legend(names: Sequence[str], rows: int) -> Iterator[tuple[float, list[tuple[int, str]]]]:
    """Columns of the legend: their width, numbers and names of the series."""
    for first in range(0, len(names), rows):
        part = [(i, shorten(name, _NAME)) for i, name in enumerate(names[first : first + rows], first)]
        yield _GAP + 10 + max(text_width(name, _PRINT) for _, name in part), part


def _entry(x: float, y: float, number: int, name: str) -> Iterator[Mark]:
    yield _marker(x, y - 2.8, number, False)
    yield TextMark(x + 8, y, name, _PRINT)


def _axes(frame: _PlotFrame, x: Axis, y: Axis) -> Iterator[Mark]:
    """Lines of a grid with numbers, the two axes, and what they are."""
    right, bottom = frame.left + frame.width, frame.top + frame.height
    taken = -math.inf
    for value, text in frame.x.ticks:
        at, wide = frame.left + frame.width * frame.x.at(value), text_width(text, _PRINT)
        yield PathMark((("M", at, frame.top), ("L", at, bottom)), "grid", line=0.5)
        if at - wide / 2 > taken + 3:
            taken = at + wide / 2
            yield TextMark(at, bottom + _LINE, text, _PRINT, "soft", anchor="middle")
    for value, text in frame.y.ticks:
        at = bottom - frame.height * frame.y.at(value)
        yield PathMark((("M", frame.left, at), ("L", right, at)), "grid", line=0.5)
        yield TextMark(frame.left - 5, at + 0.35 * _PRINT, text, _PRINT, "soft", anchor="end")
    for value in frame.x.minor:
        at = frame.left + frame.width * frame.x.at(value)
        yield PathMark((("M", at, bottom), ("L", at, bottom + 2)), "soft", line=0.5)
    for value in frame.y.minor:
        at = bottom - frame.height * frame.y.at(value)
        yield PathMark((("M", frame.left, at), ("L", frame.left - 2, at)), "soft", line=0.5)
    yield PathMark((("M", frame.left, frame.top), ("L", frame.left, bottom), ("L", right, bottom)), "soft", line=0.8)
    middle = frame.left + frame.width / 2
    yield TextMark(middle, bottom + 2.4 * _LINE, x.title, _PRINT, anchor="middle")
    yield TextMark(_BORDER, frame.top - 0.6 * _LINE, y.title, _PRINT)


def _series(frame: _PlotFrame, series: PlotSeries, number: int, joined: bool) -> Iterator[Mark]:
    """Its line, then its points, outlines below what is filled."""
    spots = [frame.spot(point.x, point.y) for point in series.points]
    if joined and len(spots) > 1:
        steps: tuple[PathStep, ...] = tuple(("L" if i else "M", *spot) for i, spot in enumerate(spots))
        yield PathMark(steps, _COLOURS[number % len(_COLOURS)], line=1.3)
    order = sorted(zip(series.points, spots, strict=True), key=lambda one: not one[0].hollow)
    for point, spot in order:
        said = ", ".join(filter(None, (point.label, series.name, f"{point.x:,g}; {point.y:,g}")))
        yield GroupMark((_marker(*spot, number, point.hollow),), "", "point", said)


def _marker(x: float, y: float, number: int, hollow: bool) -> Mark:
    """The marker of a series by its place in the list."""
    colour, corners = _COLOURS[number % len(_COLOURS)], _MARKERS[number % len(_MARKERS)]
    fill, stroke, line = ("sheet", colour, 0.9) if hollow else (colour, "sheet", 0.4)
    if not corners:
        return CircleMark(x, y, _RADIUS, fill, stroke, line)
    outline = [(x + _RADIUS * a, y + _RADIUS * b) for a, b in (*corners, corners[0], corners[1])]
    return PathMark(tuple(("L" if i else "M", *spot) for i, spot in enumerate(outline)), stroke, fill, line)


def _labels(frame: _PlotFrame, series: Iterable[PlotSeries]) -> Iterator[Mark]:
    """Each label where `point_labels` finds room; one that does not touch its point is tied to it by a line."""
    wanted = [(number, p) for number, one in enumerate(series) for p in one.points if p.label]
    spots = [frame.spot(point.x, point.y) for one in series for point in one.points]
    sizes = [(frame.spot(p.x, p.y), (text_width(p.label, _PRINT - 1), _PRINT)) for _, p in wanted]
    area = (frame.left, frame.top, frame.left + frame.width, frame.top + frame.height)
    for (number, point), place in zip(wanted, point_labels.place(sizes, spots, area, 1.0), strict=True):
        if place is None:
            continue
        left, top, right, bottom = place.box
        colour = _dark(_COLOURS[number % len(_COLOURS)])
        if place.distance > _FAR:
            x, y = place.point
            end = (min(max(x, left), right), min(max(y, top), bottom))
            yield PathMark((("M", x, y), ("L", *end)), colour, line=0.5)
        middle = (left + right) / 2
        yield TextMark(
            middle, (top + bottom) / 2 + 0.35 * (_PRINT - 1), point.label, _PRINT - 1, colour, anchor="middle"
        )


def _dark(colour: str) -> str:
    """A colour in which small print can be read on white."""
    return "#" + "".join(f"{int(int(colour[i : i + 2], 16) * 0.7):02x}" for i in (1, 3, 5))
