"""Gives the boxes and edges of a sketch their places, in the direction in which it is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import accumulate
from typing import NamedTuple

from archdsl.emit.figure.measure import line_height, short_name, text_width
from archdsl.emit.figure.scene import BAR, SMALL, Box, Outline, Sketch, Style, TextLine, room_for
from archdsl.emit.figure.unused import with_ends
from archdsl.emit.layered.grid import Grid
from archdsl.emit.layered.layered import layered
from archdsl.emit.layered.model import LayeredGaps, LayeredLink, LayeredNode, LayeredPlan, Spot

_BREAK = re.compile("(?<![×=]) (?![×=])")  # where a line of text may end: not inside 64 × 56 × 56, nor stride = 2
_INSET = 7.0  # between the border of a box and a body drawn inside, in points
_PORT = 16.0  # between two inputs of such a body, in points
_BESIDE = 9.0  # from a wire over the name beside it to the next wire, less the name, in points
SHEET = 2.5  # how far the second sheet of a box stands behind it, in points
_SHORT = 64.0  # text broken to at most so many points is short; shapes on edges are broken with it
_SLOT = 12.0  # between two edges that meet a box beside each other, in points, at least
# What joins several tensors: it is as wide as they are apart.
_STRETCHED = frozenset({Style.MERGE, Style.ATTENTION})


Words = tuple[tuple[str, ...], Spot]  # lines of small text, and their centre


class Flow(StrEnum):
    """Where the edges of a sketch lead."""

    DOWN = "down"
    RIGHT = "right"
    UP = "up"


class Stroke(NamedTuple):
    """A part of the way of edge number `edge`, and whether it ends at the edge's target."""

    edge: int
    points: tuple[Spot, ...]
    arrives: bool = True


class Tag(NamedTuple):
    """Stands where a stroke ends that goes on at the tag of the same text."""

    text: str
    spot: Spot


@dataclass(frozen=True, slots=True)
class PlacedSketch:
    """Boxes and edges of a sketch in place, or of a part of it; as if its edges led downwards, whatever `flow` says.

    `texts` and `sizes` are those of all boxes of the sketch, `corners` the upper left ones of those that stand here, by
    number; `labels` are shapes on edges and `heads` names of operands at their ends, by the edge's number, with their
    centres. `nested` are the bodies drawn inside of boxes, each with its upper left corner in the box.
    """

    sketch: Sketch
    flow: Flow
    texts: tuple[tuple[TextLine, ...], ...]
    sizes: tuple[Spot, ...]
    corners: Mapping[int, Spot]
    strokes: tuple[Stroke, ...]
    labels: Mapping[int, Words]
    heads: Mapping[int, Words]
    width: float
    height: float
    nested: Mapping[int, Nested] = field(default_factory=dict)
    tags: tuple[Tag, ...] = ()

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


@dataclass(frozen=True, slots=True)
class Nested:
    """A body drawn in the box that calls it: what is inside, without inputs and outputs, and where on the page.

    `ins` and `outs` are where its inputs and outputs meet the box, in the downward drawing, from its left corner.
    """

    placed: PlacedSketch
    corner: Spot
    size: Spot
    title: Spot
    ins: tuple[float, ...]
    outs: tuple[float, ...]


def _named(sketch: Sketch) -> set[int]:
    """The boxes of which each arrow says by a name of its own which operand it is."""
    names: dict[int, list[str]] = {}
    for edge in sketch.edges:
        names.setdefault(edge.target, []).append(edge.name)
    return {box for box, found in names.items() if len(found) > 1 and all(found) and len(set(found)) == len(found)}


def turned(size: Spot, flow: Flow) -> Spot:
    """A size on the page as that of the downward drawing, or the other way round."""
    return (size[1], size[0]) if flow is Flow.RIGHT else size


@dataclass(frozen=True, slots=True)
class Placer:
    """Places sketches so that edges lead where `flow` says; lines of text are broken where they exceed `most` points.

    `notes` are small words that stand in boxes below their text, by the path of the box: its number in the sketch, of a
    nested one behind that of the box around it.
    """

    flow: Flow
    most: float | None = None
    notes: Mapping[tuple[int, ...], str] = field(default_factory=dict)

    def place(self, sketch: Sketch, path: tuple[int, ...] = ()) -> PlacedSketch:
        """A sketch in place, with ends for what is unused in it."""
        sketch = with_ends(sketch)
        texts, nested = self._contents(sketch, path)
        nodes = self._nodes(sketch, texts, nested)
        plan = layered(nodes, self._links(sketch))
        return self._placed(sketch, texts, nested, nodes, plan, {i: i for i in range(len(nodes))})

    def least_width(self, sketch: Sketch) -> float:
        """What `place` makes at least as wide, in a small part of its time."""
        sketch = with_ends(sketch)
        nodes = self._nodes(sketch, *self._contents(sketch, ()))
        return Grid(nodes, self._links(sketch), LayeredGaps()).least_width()

    def _nodes(
        self, sketch: Sketch, texts: Sequence[tuple[TextLine, ...]], nested: Mapping[int, Nested]
    ) -> list[LayeredNode]:
        outs, named = _outs(sketch), _named(sketch)
        return [self._node(box, texts[i], nested.get(i), outs[i], i in named) for i, box in enumerate(sketch.boxes)]

    def _contents(self, sketch: Sketch, path: tuple[int, ...]) -> tuple[list[tuple[TextLine, ...]], dict[int, Nested]]:
        """The text of each box, and what is drawn inside of some."""
        texts = [self._text(box, (*path, i)) for i, box in enumerate(sketch.boxes)]
        nested = {
            i: self._nested(box.inside, texts[i], (*path, i))
            for i, box in enumerate(sketch.boxes)
            if box.inside is not None
        }
        return texts, nested

    def _text(self, box: Box, path: tuple[int, ...]) -> tuple[TextLine, ...]:
        lines = box.lines
        if box.shape not in (Outline.CIRCLE, Outline.BAR):
            if self.most is not None and box.inside is None:
                lines = tuple(line._replace(text=text) for line in lines for text in wrapped(line, self.most))
            if path in self.notes:
                lines = (*lines, *[TextLine(line, SMALL) for line in self.notes[path].split("\n")])
        return lines

    def _node(self, box: Box, text: tuple[TextLine, ...], nested: Nested | None, outs: int, named: bool) -> LayeredNode:
        """A box as the layout knows it: bars grow as their edges ask, a circle may be met from the side.

        Operands that are all `named` may come in any order, so that a figure is not crossed for the sake of it.
        """
        if nested is not None:
            return LayeredNode(*turned(nested.size, self.flow), nested.ins, nested.outs)
        if box.shape is Outline.BAR:
            words = room_for(text, box.shape)
            across, along = (words[1], words[0]) if self.flow is Flow.RIGHT else (words[0], BAR)
            return LayeredNode(across, along, stretch=True)
        if box.shape is Outline.CIRCLE:
            return LayeredNode(*box.size, sides=True)
        width, height = turned(room_for(text, box.shape), self.flow)
        width = max(width, max(box.ins, outs) * _SLOT)
        if not box.deep:
            # Met in order, where edges are straight; what merges several spans them, as a bar does.
            return LayeredNode(width, height, loose=named, stretch=box.style in _STRETCHED and box.ins > 1)
        ins, leave = slots(width, box.ins) or (width / 2,), slots(width, outs) or (width / 2,)
        return LayeredNode(width + SHEET, height + SHEET, ins, leave, loose=named)

    def _placed(
        self,
        sketch: Sketch,
        texts: Sequence[tuple[TextLine, ...]],
        nested: Mapping[int, Nested],
        nodes: Sequence[LayeredNode],
        plan: LayeredPlan,
        node_of: Mapping[int, int],
    ) -> PlacedSketch:
        """What the layout gave; `node_of` are the nodes that stand for boxes, by the number of the box."""
        sizes = [(0.0, 0.0)] * len(sketch.boxes)
        for box, node in node_of.items():
            sizes[box] = (plan.widths[node], nodes[node].height)
        plain = {*nested, *(i for i, box in enumerate(sketch.boxes) if box.shape is Outline.END)}
        arrives = [edge.target in node_of and edge.target not in plain for edge in sketch.edges]
        return PlacedSketch(
            sketch,
            self.flow,
            tuple(texts),
            tuple(sizes),
            {box: plan.corners[node] for box, node in node_of.items()},
            tuple(Stroke(i, wire, arrives[i]) for i, wire in enumerate(plan.wires)),
            {i: (self.label(sketch.edges[i].label), at) for i, at in enumerate(plan.labels) if at is not None},
            {i: ((sketch.edges[i].name,), at) for i, at in enumerate(plan.heads) if at is not None},
            plan.width,
            plan.height,
            nested,
        )

    def _nested(self, sketch: Sketch, title: tuple[TextLine, ...], path: tuple[int, ...]) -> Nested:
        """A body inside of a box, its inputs and outputs at the borders of the box."""
        texts, nested = self._contents(sketch, path)
        taken = {edge.target for edge in sketch.edges}
        ports = [i for i, box in enumerate(sketch.boxes) if box.port is not None]
        # In order of their numbers, by which the wires outside meet the border, and not of their first use.
        ports.sort(key=lambda i: sketch.boxes[i].port or 0)
        inputs, outputs = [i for i in ports if i not in taken], [i for i in ports if i in taken]
        node_of = {box: 1 + i for i, box in enumerate(i for i in range(len(sketch.boxes)) if i not in set(ports))}
        names = [short_name(name) for name in sketch.graph.input_names] if len(inputs) > 1 else []
        across = self.flow is not Flow.RIGHT  # the names of operands then stand beside their wires
        nodes = [
            _rail(
                [text_width(name, SMALL) + _BESIDE if across else 0.0 for name in names] or [0.0] * len(inputs), False
            )
        ]
        counts = _outs(sketch)
        named = _named(sketch)
        nodes += [self._node(sketch.boxes[i], texts[i], nested.get(i), counts[i], i in named) for i in node_of]
        nodes.append(_rail([0.0] * len(outputs), outputs=True))
        links = []
        for edge, link in zip(sketch.edges, self._links(sketch), strict=True):
            source, target = node_of.get(edge.source, 0), node_of.get(edge.target, len(nodes) - 1)
            out = link.out if edge.source in node_of else inputs.index(edge.source)
            into = link.into if edge.target in node_of else outputs.index(edge.target)
            links.append(replace(link, source=source, target=target, out=out, into=into))
        plan = layered(nodes, links)
        placed = self._placed(sketch, texts, nested, nodes, plan, node_of)
        ins = tuple(plan.corners[0][0] + x for x in nodes[0].outs)
        outs = tuple(plan.corners[-1][0] + x for x in nodes[-1].ins)
        return _framed(placed, title, ins, outs)

    def _links(self, sketch: Sketch) -> list[LayeredLink]:
        """The edges as the layout knows them."""
        tensors = _tensors(sketch)
        links = []
        for edge in sketch.edges:
            found = tensors[edge.source]
            out = edge.out if all(back == 0 for _, back in found) else found.index((edge.output, edge.back))
            label = turned(text_size(self.label(edge.label)), self.flow)
            head = turned(text_size((edge.name,) if edge.name else ()), self.flow)
            links.append(LayeredLink(edge.source, edge.target, out, edge.into, label, head))
        return links

    def label(self, text: str) -> tuple[str, ...]:
        """The shape beside an edge, in two lines where text is broken into short ones."""
        if not text or self.most is None or self.most > _SHORT:
            return (text,) if text else ()
        channels, times, plane = text.partition(" × ")
        return (channels + times.rstrip(), plane) if plane else (text,)


def _rail(texts: Sequence[float], outputs: bool) -> LayeredNode:
    """What keeps the inputs or outputs of a nested body in a row at its border, with room for texts right of wires."""
    lefts = [0.0, *accumulate(max(_PORT, text) for text in texts)]
    spots = tuple([left + _PORT / 2 for left in lefts[:-1]])
    return LayeredNode(max(1.0, lefts[-1]), 0.0, spots if outputs else (), () if outputs else spots)


def _framed(
    placed: PlacedSketch, title: tuple[TextLine, ...], ins: tuple[float, ...], outs: tuple[float, ...]
) -> Nested:
    """A nested body with a border around it and its title beside the wires that come in, or go out, at the top."""
    width, height = placed.size
    words = max((text_width(line.text, line.size, line.bold) for line in title), default=0.0)
    head = sum(line_height(line.size) for line in title) + _INSET
    upper = {Flow.DOWN: ins, Flow.UP: outs, Flow.RIGHT: ()}[placed.flow]
    left, at = _INSET, _INSET
    if not upper or min(upper) + _INSET < words + 2 * _INSET:
        if upper and width - max(upper) >= words + _INSET:
            at = _INSET + max(upper) + _INSET
        elif upper:
            left = words + 2 * _INSET - min(upper)
    size = (max(width + left + _INSET, words + 2 * _INSET if not upper else 0.0), height + head + _INSET)
    before, after = {
        Flow.DOWN: (head, _INSET),
        Flow.UP: (_INSET, head),
        Flow.RIGHT: (_INSET, size[0] - left - width),
    }[placed.flow]
    along = head if placed.flow is Flow.RIGHT else left
    edges = placed.sketch.edges
    strokes = []
    for stroke in placed.strokes:
        points = list(stroke.points)
        if edges[stroke.edge].source not in placed.corners:
            points[0] = (points[0][0], -before)
        if edges[stroke.edge].target not in placed.corners:
            points[-1] = (points[-1][0], placed.height + after)
        strokes.append(stroke._replace(points=tuple(points)))
    return Nested(
        replace(placed, strokes=tuple(strokes)),
        (left, head),
        size,
        (at, _INSET / 2),
        tuple(along + x for x in ins),
        tuple(along + x for x in outs),
    )


def _outs(sketch: Sketch) -> list[int]:
    """In how many places edges leave each box: one for each result, and each earlier one of a run."""
    return [
        0 if len(found) < 2 and box.outs < 2 else max(len(found), box.outs)
        for box, found in zip(sketch.boxes, _tensors(sketch), strict=True)
    ]


def _tensors(sketch: Sketch) -> list[list[tuple[int, int]]]:
    """Per box what leaves it, as (result, how many units of a run before the last), in order."""
    found: list[set[tuple[int, int]]] = [set() for _ in sketch.boxes]
    for edge in sketch.edges:
        found[edge.source].add((edge.output, edge.back))
    return [sorted(tensors) for tensors in found]


def text_size(lines: tuple[str, ...]) -> Spot:
    """Width and height of words beside an edge, on the page."""
    return max((text_width(line, SMALL) for line in lines), default=0.0), len(lines) * line_height(SMALL)


def slots(length: float, count: int) -> tuple[float, ...]:
    """Where so many edges meet a side of this length; none where one edge meets its middle."""
    return tuple((i + 0.5) * length / count for i in range(count)) if count > 1 else ()


def wrapped(line: TextLine, most: float) -> list[str]:
    """A line of text as lines of at most `most` points, as far as its words allow."""
    return wrap(line.text, lambda text: text_width(text, line.size, line.bold) <= most)


def wrap(text: str, fits: Callable[[str], bool], anywhere: bool = False) -> list[str]:
    """`text` broken between words into lines that fit, as far as its words allow; with `anywhere` inside them too."""
    if fits(text):
        return [text]
    lines: list[str] = []
    for word in _BREAK.split(text):
        if lines and fits(f"{lines[-1]} {word}"):
            lines[-1] += f" {word}"
        else:
            lines += _pieces(word, fits) if anywhere else [word]
    return [stripped for line in lines if (stripped := line.strip(" ·;"))]


def _pieces(word: str, fits: Callable[[str], bool]) -> list[str]:
    """A word cut into pieces that fit, of one character at least."""
    made = [""]
    for character in word:
        if made[-1] and not fits(made[-1] + character):
            made.append("")
        made[-1] += character
    return made
