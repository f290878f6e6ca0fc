"""Reads a written SVG back: which boxes stand where, and which of them the strokes of each edge join.

A way begins at its box and ends in an arrow at another, at the border of an open box, or at the bar of what is unused.
On its way it may end at a tag and go on at the tag of the same text. Where edges carry one tensor, the later ones begin
on the way of the first.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple
from xml.etree import ElementTree

from archdsl.emit.figure.scene import Edge, Outline, Sketch
from archdsl.emit.layered.model import Spot
from archdsl.emit.marks.model import PathMark

BoxRoom = tuple[float, float, float, float]  # left, top, right, bottom

_NEAR = 1.5  # how far the end of a way may lie from what it meets, in points
_CORNER = 3.0  # how far from a polyline a way may lie that was drawn with its corners rounded
_TEXT = (9.0, 16.0, 9.0)  # room beside, above and below the base line of the text of what has no outline
_STEP = re.compile(r"([MLCZ])([^MLCZ]*)")
_SHIFT = re.compile(r"translate\(0 ([-\d.]+)\)")
_PART = re.compile(r"\.part-\d+$")


@dataclass(frozen=True, slots=True)
class DrawnWay:
    """A stroke as a polyline, and whether an arrow ends it."""

    points: tuple[Spot, ...]
    arrow: bool


@dataclass(slots=True)
class DrawnFigure:
    """What an SVG of a figure shows, by the ids of boxes and edges; tags by the id of their panel."""

    boxes: dict[str, BoxRoom | None] = field(default_factory=dict)
    ways: dict[str, list[DrawnWay]] = field(default_factory=dict)
    tags: dict[str, list[tuple[Spot, str]]] = field(default_factory=dict)

    def differences(self, sketch: Sketch, name: str, panel: str) -> Iterator[str]:
        """Where the edges of a sketch, whose boxes have ids that begin with `name`, do not join their boxes."""
        tensors: dict[tuple[int, int, int], list[int]] = {}
        for number, edge in enumerate(sketch.edges):
            tensors.setdefault(edge.tensor, []).append(number)
        for numbers in tensors.values():
            ways = {number: self.ways.get(f"{name}.edge-{number + 1}", []) for number in numbers}
            begun = self._begun(sketch, sketch.edges[numbers[0]], name, panel, list(ways.values()))
            for number in numbers:
                edge = sketch.edges[number]
                if not ways[number]:
                    yield f"{name}.edge-{number + 1} is not drawn"
                elif not any(way in begun and self._arrives(sketch, edge, name, way) for way in ways[number]):
                    source, target = f"{name}.box-{edge.source + 1}", f"{name}.box-{edge.target + 1}"
                    yield f"{name}.edge-{number + 1} does not lead from {source} to {target}"
        for number, box in enumerate(sketch.boxes, 1):
            if f"{name}.box-{number}" not in self.boxes and not (box.port is not None and ".box-" in name):
                yield f"{name}.box-{number} is not drawn"
            if box.inside is not None:
                yield from self.differences(box.inside, f"{name}.box-{number}", panel)

    def _begun(
        self, sketch: Sketch, edge: Edge, name: str, panel: str, ways: Sequence[Sequence[DrawnWay]]
    ) -> list[DrawnWay]:
        """The ways of one tensor's edges that come from its box, on their own or behind others."""
        area = self._area(sketch, edge.source, name)
        ends = self._border(sketch, edge.source, name, edge.output, outputs=True)
        rest = [way for edge in ways for way in edge]
        begun: list[DrawnWay] = []
        letters: set[str] = set()
        while True:
            more = [
                way
                for way in rest
                if (_meets(way.points[0], area) and _is_among(way.points[0], ends))
                or letters.intersection(self._tags_at(panel, way.points[0]))
                or any(_lies_on(way.points[0], other.points) for other in begun)
            ]
            if not more:
                return begun
            begun += more
            rest = [way for way in rest if way not in more]
            letters.update(text for way in more for text in self._tags_at(panel, way.points[-1]))

    def _arrives(self, sketch: Sketch, edge: Edge, name: str, way: DrawnWay) -> bool:
        box = sketch.boxes[edge.target]
        open = box.inside is not None or f"{name}.box-{edge.target + 1}" not in self.boxes
        if way.arrow == (open or box.shape is Outline.END):
            return False
        if not _meets(way.points[-1], self._area(sketch, edge.target, name)):
            return False
        return _is_among(way.points[-1], self._border(sketch, edge.target, name, edge.operands[0], outputs=False))

    def _border(self, sketch: Sketch, number: int, name: str, port: int, outputs: bool) -> list[Spot] | None:
        """Where ways inside an open box begin from its input `port`, or end at its output; None where none do."""
        inside = sketch.boxes[number].inside
        if inside is None:
            return None
        inner = f"{name}.box-{number + 1}"
        found: list[Spot] = []
        for index, edge in enumerate(inside.edges, 1):
            box = inside.boxes[edge.target if outputs else edge.source]
            if box.port == port:
                found += [way.points[-1 if outputs else 0] for way in self.ways.get(f"{inner}.edge-{index}", ())]
        return found or None

    def _area(self, sketch: Sketch, number: int, name: str) -> BoxRoom | None:
        """Where a box stands; an input or output of a body that is drawn in a box is the border of that."""
        return self.boxes.get(f"{name}.box-{number + 1}", self.boxes.get(name))

    def _tags_at(self, panel: str, point: Spot) -> list[str]:
        return [text for spot, text in self.tags.get(panel, ()) if math.dist(spot, point) <= 6.0 + _NEAR]


def read_figure(svg: bytes) -> DrawnFigure:
    """The boxes, edges and tags of a figure."""
    figure = DrawnFigure()
    root = ElementTree.fromstring(svg)
    edges = (group for group in root.iter() if group.get("data-kind") == "edge")
    lines = [float(path.get("stroke-width", 0)) for edge in edges for path in edge if path.tag.endswith("path")]
    scale = max(lines, default=0.0) / PathMark(()).line or 1.0
    for child in root:
        shift = _SHIFT.match(child.get("transform", ""))
        _group(figure, child, _Sheet(float(shift[1]) if shift else 0.0, scale), "")
    return figure


class _Sheet(NamedTuple):
    """How far a page stands below the first one, and how many times as large as it was laid out its figure is drawn."""

    shift: float
    scale: float

    def spot(self, x: float, y: float) -> Spot:
        """A place as it was laid out."""
        return x / self.scale, (y + self.shift) / self.scale


def _group(figure: DrawnFigure, group: ElementTree.Element, sheet: _Sheet, panel: str) -> None:
    circle: Spot | None = None
    for child in group:
        tag = child.tag.rpartition("}")[2]
        if tag == "g":
            name, kind = _PART.sub("", child.get("id", "")), child.get("data-kind")
            if kind == "edge":
                figure.ways.setdefault(name, []).extend(_ways(child, sheet))
            elif kind == "panel":
                _group(figure, child, sheet, name)
            elif ".box-" in name:
                figure.boxes[name] = _area_of(child, sheet)
                _group(figure, child, sheet, "")  # no tags stand inside of boxes
            else:
                _group(figure, child, sheet, panel)
        elif tag == "circle":
            circle = sheet.spot(float(child.get("cx", 0)), float(child.get("cy", 0)))
        elif tag == "text" and circle is not None and panel:
            figure.tags.setdefault(panel, []).append((circle, child.text or ""))
            circle = None


def _ways(group: ElementTree.Element, sheet: _Sheet) -> Iterator[DrawnWay]:
    """The stroke of a group; what nobody would see is none."""
    paths = [child for child in group if child.tag.endswith("path")]
    if not paths or paths[0].get("stroke", "none") == "none" or not float(paths[0].get("stroke-width", 0)):
        return
    points = _points(paths[0], sheet)
    if len(paths) > 1:
        points = (*points, _points(paths[1], sheet)[0])  # the tip of the arrow
    if len(points) > 1 and sum(math.dist(a, b) for a, b in pairwise(points)) > _NEAR:
        yield DrawnWay(points, len(paths) > 1)


def _points(path: ElementTree.Element, sheet: _Sheet) -> tuple[Spot, ...]:
    """The ends of a path's steps."""
    found = []
    for _, numbers in _STEP.findall(path.get("d", "")):
        values = [float(number) for number in numbers.split()]
        if values:
            found.append(sheet.spot(values[-2], values[-1]))
    return tuple(found)


def _area_of(group: ElementTree.Element, sheet: _Sheet) -> BoxRoom | None:
    """The room that the outline of a box takes, or its text where it has none; None if it shows nothing."""
    areas: list[BoxRoom] = []
    texts: list[BoxRoom] = []
    for child in group:
        tag, value = child.tag.rpartition("}")[2], {key: child.get(key, "0") for key in ("x", "y", "cx", "cy", "r")}
        if tag == "rect":
            x, y = float(value["x"]), float(value["y"])
            areas.append((x, y, x + float(child.get("width", 0)), y + float(child.get("height", 0))))
        elif tag == "circle":
            x, y, r = float(value["cx"]), float(value["cy"]), float(value["r"])
            areas.append((x - r, y - r, x + r, y + r))
        elif tag == "text":
            x, y, half = float(value["x"]), float(value["y"]), float(child.get("textLength", 0)) / 2
            across, above, below = (sheet.scale * room for room in _TEXT)
            texts.append((x - half - across, y - above, x + half + across, y + below))
    found = areas[:2] if areas else texts
    if not found:
        return None
    left, top, right, bottom = (list(side) for side in zip(*found, strict=True))
    return *sheet.spot(min(left), min(top)), *sheet.spot(max(right), max(bottom))


def _is_among(point: Spot, ends: Sequence[Spot] | None) -> bool:
    """Whether a point is one of these, where any are known."""
    return ends is None or any(math.dist(point, end) <= _NEAR for end in ends)


def _meets(point: Spot, area: BoxRoom | None) -> bool:
    """Whether a point lies at a box; what shows nothing may stand anywhere."""
    if area is None:
        return True
    left, top, right, bottom = area
    return left - _NEAR <= point[0] <= right + _NEAR and top - _NEAR <= point[1] <= bottom + _NEAR


def _lies_on(point: Spot, line: Sequence[Spot]) -> bool:
    return any(_distance(point, a, b) <= _CORNER for a, b in pairwise(line))


def _distance(point: Spot, a: Spot, b: Spot) -> float:
    """From a point to a straight piece."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    share = max(0.0, min(1.0, ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / length)) if length else 0.0
    return math.dist(point, (a[0] + share * dx, a[1] + share * dy))
