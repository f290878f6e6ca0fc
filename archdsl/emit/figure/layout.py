"""Turns a panel into places: Graphviz ranks its boxes, and a tall figure is cut into columns."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from archdsl.emit.diagram import dot, engine
from archdsl.emit.diagram.measure import line_height, text_width
from archdsl.emit.diagram.scene import MAIN, SMALL, TITLE, Box, Edge, Outline, Panel

LABEL = 7.5  # size of the shapes on edges, in points
_RANKS, _NODES = 13.0, 15.0  # space between rows and between boxes in a row, in points
_BALANCE = 16  # steps in which columns are made equally high
_GUTTER = 34.0  # between two columns of one panel, in points
_MARGIN, _HEAD = 11.0, 6.0  # between a panel's frame and its figure, and below its title, in points

Position = tuple[float, float]  # x to the right, y downwards, in points


@dataclass(frozen=True, slots=True)
class PlacedBox:
    """A box with its centre."""

    box: Box
    center: Position

    @property
    def top(self) -> float:
        """y of the upper border."""
        return self.center[1] - self.box.size[1] / 2

    @property
    def bottom(self) -> float:
        """y of the lower border."""
        return self.center[1] + self.box.size[1] / 2


@dataclass(frozen=True, slots=True)
class PlacedEdge:
    """An edge as a spline: first point, then three per cubic segment; the tip of its arrow; where its label stands."""

    edge: Edge
    spline: tuple[Position, ...]
    tip: Position
    label_at: Position | None


@dataclass(frozen=True, slots=True)
class Figure:
    """A panel's boxes and edges in place, the origin at the upper left."""

    panel: Panel
    boxes: tuple[PlacedBox, ...]
    edges: tuple[PlacedEdge, ...]
    width: float
    height: float
    jumps: int = 0  # wires from one column to the next
    least: float = 0.0  # width of the frame at least, in points

    @property
    def frame(self) -> tuple[float, float]:
        """Width and height with title, remarks and margin."""
        title = self.panel.title
        first = text_width(title.name, TITLE, True) + TITLE / 2 + text_width(title.uses, MAIN)
        texts = [first, *(text_width(remark, SMALL) for remark in title.remarks)]
        return max(
            self.width + 2 * _MARGIN, max(texts) + 2 * _MARGIN, self.least
        ), self.height + self.head + 2 * _MARGIN

    @property
    def head(self) -> float:
        """Height of title and remarks."""
        return line_height(TITLE) + line_height(SMALL) * len(self.panel.title.remarks) + _HEAD

    @property
    def origin(self) -> Position:
        """Where the figure starts inside the frame; it stands in the middle."""
        return (self.frame[0] - self.width) / 2, _MARGIN + self.head


def place(panels: Sequence[Panel]) -> list[Figure]:
    """Each panel laid out top-down in one column."""
    answers = engine.run([(_dot_text(panel), "dot", "json") for panel in panels])
    return [_read(panel, answer) for panel, answer in zip(panels, answers, strict=True)]


def _read(panel: Panel, answer: bytes) -> Figure:
    """The figure as Graphviz laid it out, in its JSON."""
    laid = json.loads(answer)
    height = float(laid["bb"].split(",")[3])

    def point(text: str) -> Position:
        x, y = text.split(",")[-2:]
        return float(x), height - float(y)

    centers = {item["name"]: point(item["pos"]) for item in laid.get("objects", ())}
    boxes = tuple(PlacedBox(box, centers[f"b{i}"]) for i, box in enumerate(panel.boxes))
    edges: list[PlacedEdge] = []
    for item in sorted(laid.get("edges", ()), key=lambda item: int(item["id"])):
        end, *spline = item["pos"].split()
        label_at = point(item["lp"]) if "lp" in item else None
        edges.append(PlacedEdge(panel.edges[int(item["id"])], tuple(map(point, spline)), point(end), label_at))
    return _fitted(panel, boxes, edges)


def _dot_text(panel: Panel) -> str:
    lines = [
        "digraph {",
        f"graph [ranksep={dot.inches(_RANKS)}, nodesep={dot.inches(_NODES)}, splines=true]",
        'node [shape=box, fixedsize=true, label=""]',
        "edge [arrowsize=0.5]",
    ]
    for i, box in enumerate(panel.boxes):
        width, height = box.size
        values = {"width": dot.inches(width), "height": dot.inches(height)}
        if box.shape is Outline.CIRCLE:
            values["shape"] = "ellipse"
        if box.ports:
            values |= {"shape": "record", "label": '"' + "|".join(f"<p{k}>" for k in range(box.ports)) + '"'}
        lines.append(f"b{i} {dot.attributes(values)}")
    for i, edge in enumerate(panel.edges):
        # Slack goes to the edges into merges, so that branches start side by side.
        merge = panel.boxes[edge.target].shape in (Outline.BAR, Outline.CIRCLE)
        values = {"id": str(i), "weight": "1" if merge else "4"}
        if edge.label:
            width, height = text_width(edge.label, LABEL) + 4, line_height(LABEL) + 1
            size = f'WIDTH="{width:.0f}" HEIGHT="{height:.0f}"'
            values["label"] = f'<<TABLE BORDER="0" FIXEDSIZE="TRUE" {size}><TR><TD></TD></TR></TABLE>>'
        if edge.out is not None:
            values["tailport"] = f'"p{edge.out}:s"'
        if edge.into is not None:
            values["headport"] = f'"p{edge.into}:n"'
        lines.append(f"b{edge.source} -> b{edge.target} {dot.attributes(values)}")
    return "\n".join([*lines, "}"])


def columns(figure: Figure, limit: float) -> Figure:
    """The figure cut into columns of about `limit` points where a single wire passes from one part to the next."""
    if figure.height <= limit:
        return figure
    starts = _column_starts(figure, limit)
    if len(starts) == 1:
        return figure
    shifts, column_of = _shifts(figure, starts)
    boxes = [replace(b, center=_moved(b.center, shifts[column_of[i]])) for i, b in enumerate(figure.boxes)]
    edges = []
    for placed in figure.edges:
        source, target = column_of[placed.edge.source], column_of[placed.edge.target]
        if source != target:
            left = min(_span(b)[0] for i, b in enumerate(boxes) if column_of[i] == target)
            edges.append(_wire(placed.edge, boxes, left))
            continue
        by = shifts[source]
        label_at = None if placed.label_at is None else _moved(placed.label_at, by)
        spline = tuple(_moved(p, by) for p in placed.spline)
        edges.append(PlacedEdge(placed.edge, spline, _moved(placed.tip, by), label_at))
    return replace(_fitted(figure.panel, boxes, edges), jumps=len(starts) - 1)


def _column_starts(figure: Figure, limit: float) -> list[int]:
    """Numbers of the boxes that begin a column; with as many columns as `limit` asks for, of about equal height."""
    cuts = _cuts(figure)
    starts = _filled(figure, cuts, limit)
    for step in range(1, _BALANCE):
        lower = _filled(figure, cuts, limit * (1 - step / (2 * _BALANCE)))
        if len(lower) > len(starts):
            break
        starts = lower
    return starts


def _filled(figure: Figure, cuts: Sequence[int], limit: float) -> list[int]:
    """Starts of columns that are filled up to `limit` one after the other."""
    starts = [0]
    top, bottom = math.inf, -math.inf
    for cut, end in pairwise([0, *cuts, len(figure.boxes)]):
        part_top = min(b.top for b in figure.boxes[cut:end])
        part_bottom = max(b.bottom for b in figure.boxes[cut:end])
        if cut != starts[-1] and max(bottom, part_bottom) - min(top, part_top) > limit:
            starts.append(cut)
            top, bottom = math.inf, -math.inf
        top, bottom = min(top, part_top), max(bottom, part_bottom)
    return starts


def _cuts(figure: Figure) -> list[int]:
    """Numbers of boxes that may begin a column: one edge comes in from before, to it, the only one of its source."""
    edges = figure.panel.edges
    leaving = Counter(edge.source for edge in edges)
    alone = {edge.target for edge in edges if leaving[edge.source] == 1}
    opened = Counter(edge.source + 1 for edge in edges)
    closed = Counter(edge.target + 1 for edge in edges)
    cuts, crossing = [], 0
    for i, placed in enumerate(figure.boxes):
        crossing += opened[i] - closed[i]
        if i > 1 and crossing == 1 and i in alone and placed.box.shape is not Outline.TEXT:
            cuts.append(i)
    return cuts


def _span(placed: PlacedBox) -> tuple[float, float]:
    half = placed.box.size[0] / 2
    return placed.center[0] - half, placed.center[0] + half


def _shifts(figure: Figure, starts: list[int]) -> tuple[list[Position], list[int]]:
    """How far each column moves, and the column of each box."""
    ends = [*starts[1:], len(figure.boxes)]
    column_of = [column for column, (a, b) in enumerate(zip(starts, ends, strict=True)) for _ in range(a, b)]
    shifts, x = [], 0.0
    for column, (a, b) in enumerate(zip(starts, ends, strict=True)):
        inside = [p for p in figure.edges if column_of[p.edge.source] == column == column_of[p.edge.target]]
        lefts = [_span(box)[0] for box in figure.boxes[a:b]] + [point[0] for p in inside for point in p.spline]
        rights = [_span(box)[1] for box in figure.boxes[a:b]] + [point[0] for p in inside for point in p.spline]
        for p in inside:
            if p.label_at is not None:
                half = text_width(p.edge.label, LABEL) / 2
                lefts.append(p.label_at[0] - half)
                rights.append(p.label_at[0] + half)
        top = min(box.top for box in figure.boxes[a:b]) - (0.0 if column == 0 else _RANKS)
        shifts.append((x - min(lefts), -top))
        x += max(rights) - min(lefts) + _GUTTER
    return shifts, column_of


def _moved(point: Position, by: Position) -> Position:
    return point[0] + by[0], point[1] + by[1]


def _wire(edge: Edge, boxes: Sequence[PlacedBox], left: float) -> PlacedEdge:
    """The edge from the foot of one column to the head of the next, through the gutter left of `left`."""
    source, target = boxes[edge.source], boxes[edge.target]
    lane, below, above = left - _GUTTER / 2, source.bottom + _RANKS * 0.7, target.top - _RANKS * 1.6
    tip = (target.center[0], target.top)
    corners = [
        (source.center[0], source.bottom),
        (source.center[0], below),
        (lane, below),
        (lane, above),
        (target.center[0], above),
        (tip[0], tip[1] - 5),
    ]
    spline = [corners[0]]
    for (x, y), (u, v) in pairwise(corners):
        spline += [(x + (u - x) / 3, y + (v - y) / 3), (u - (u - x) / 3, v - (v - y) / 3), (u, v)]
    half = text_width(edge.label, LABEL) / 2
    label_at = (source.center[0] + half + 6, below + line_height(LABEL) * 0.7) if edge.label else None
    return PlacedEdge(edge, tuple(spline), tip, label_at)


def _fitted(panel: Panel, boxes: Sequence[PlacedBox], edges: Sequence[PlacedEdge]) -> Figure:
    """The figure moved so that everything in it, labels included, starts at (0, 0)."""
    lefts = [_span(b)[0] for b in boxes] + [p[0] for e in edges for p in e.spline]
    rights = [_span(b)[1] for b in boxes] + [p[0] for e in edges for p in e.spline]
    tops = [b.top for b in boxes] + [p[1] for e in edges for p in e.spline]
    bottoms = [b.bottom for b in boxes] + [p[1] for e in edges for p in e.spline]
    for e in edges:
        if e.label_at is not None:
            half = text_width(e.edge.label, LABEL) / 2
            lefts.append(e.label_at[0] - half)
            rights.append(e.label_at[0] + half)
            bottoms.append(e.label_at[1] + line_height(LABEL) / 2)
    by = (-min(lefts), -min(tops))
    return Figure(
        panel,
        tuple(replace(b, center=_moved(b.center, by)) for b in boxes),
        tuple(
            PlacedEdge(
                e.edge,
                tuple(_moved(p, by) for p in e.spline),
                _moved(e.tip, by),
                None if e.label_at is None else _moved(e.label_at, by),
            )
            for e in edges
        ),
        max(rights) - min(lefts),
        max(bottoms) - min(tops),
    )
