"""Sets parts of a sketch in place beside each other as columns.

Where one tensor goes on from a part to the next, both beside each other, its wire is drawn through the gutter between
them; else it ends at a tag, a letter, and starts again at the tag of the same letter, as in a flow chart that goes over
several pages. What columns take is measured first, since many ways to cut a sketch are tried and few are drawn.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import NamedTuple

from archdsl.emit.figure.placed import Flow, PlacedSketch, Stroke, Tag, Words, turned
from archdsl.emit.figure.scene import Sketch
from archdsl.emit.layered.model import Spot

GUTTER = 30.0  # between two columns, in points
_TURN = 12.0  # of a wire below a column's last row and above its first one, in points
TAG = 6.0  # radius of a tag, in points
_STUB = 12.0  # length of the wire at a tag, in points
END = 2 * TAG + _STUB  # height that tags take above or below a part, in points
_LONE = 2  # boxes of a part of which fewer stand alone beside the others
_WORD = re.compile(r"\w+")
_APART = 2 * TAG + 2.0  # between the centres of two tags, in points

# What leaves a box: the box, the result, how many units of a run stand behind the one that gives it.
LeavingTensor = tuple[int, int, int]


class Crossing(NamedTuple):
    """A tensor's way across a cut at `x`."""

    x: float
    tensor: LeavingTensor


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of a sketch in place, as they stand in it: from `top`, where a cut runs, to `bottom`.

    `ins` and `outs` are the tensors that come from the part before and go on to the next, from left to right; all that
    is drawn is between `left` and `right`. So many `boxes` are in it, inputs, outputs and sums not counted.
    """

    numbers: tuple[int, ...]
    top: float
    bottom: float
    ins: tuple[Crossing, ...]
    outs: tuple[Crossing, ...]
    left: float
    right: float
    boxes: int

    @property
    def width(self) -> float:
        """Width with tags at both ends, in points."""
        left, right = self.reach([crossing.x for crossing in (*self.ins, *self.outs)])
        return right - left

    @property
    def is_lone(self) -> bool:
        """Whether next to nothing stands in it."""
        return self.boxes < _LONE

    def reach(self, tags: Sequence[float]) -> Spot:
        """The leftmost and rightmost x, with tags at some places."""
        return min([self.left, *(x - TAG for x in tags)]), max([self.right, *(x + TAG for x in tags)])


@dataclass(frozen=True, slots=True)
class SideBySide:
    """A sketch in place, or parts of it side by side: what they take, and what draws them, once that is wanted.

    `jumps` are ways of the eye from the foot of a column to the head of the next, `lone` columns of one box at most.
    """

    flow: Flow
    width: float
    height: float
    jumps: int
    lone: int
    draw: Callable[[], PlacedSketch]

    @property
    def size(self) -> Spot:
        """Width and height on the page."""
        return turned((self.width, self.height), self.flow)


def columns(
    placed: PlacedSketch, cut: Sequence[Part], letters: Iterator[str], known: dict[LeavingTensor, str]
) -> SideBySide:
    """Parts that follow each other set side by side.

    `known` holds the letters of tags by tensor, for parts that stand in another frame.
    """
    made: list[_MovedPart] = []
    left = height = 0.0
    tags = 0
    for i, part in enumerate(cut):
        before = i > 0 and len(part.ins) == 1
        after = i + 1 < len(cut) and len(part.outs) == 1
        ins = [] if before else _apart([crossing.x for crossing in part.ins])
        outs = [] if after else _apart([crossing.x for crossing in part.outs])
        for crossing in (*(() if before else part.ins), *(() if after else part.outs)):
            if crossing.tensor not in known:
                known[crossing.tensor] = next(letters)
        low, high = part.reach(ins + outs)
        head = _TURN if before else END if part.ins else 0.0
        tail = _TURN if after else END if part.outs else 0.0
        by = left - low, head - part.top
        made.append(_MovedPart(part, by, left, head, ins, outs, before, after))
        height = max(height, head + part.bottom - part.top + tail)
        left += high - low + GUTTER
        tags += len(ins) + len(outs)
    width, jumps = left - GUTTER, len(cut) - 1 + tags // 2
    lone = sum(part.is_lone for part in cut)
    drawer = _PartsDrawer(placed, known)
    return SideBySide(placed.flow, width, height, jumps, lone, lambda: drawer.drawn(made, width, height))


def tag_letters(found: Sketch) -> Iterator[str]:
    """A, B, …, Z, A1, B1, …, but what a sketch has as a word: the name of an input, a block, an argument."""
    taken = _words_of(found)
    for turn in count():
        for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
            if (tag := letter + (str(turn) if turn else "")) not in taken:
                yield tag


def _words_of(found: Sketch) -> set[str]:
    """The words that stand in a sketch, and the names that what is beside it may say."""
    boxes = [box for _, box in found.all_boxes()]
    edges = [edge for one in (found, *filter(None, (box.inside for box in boxes))) for edge in one.edges]
    names = found.graph.name, *found.graph.input_names, *dict(found.graph.arguments)
    texts = (*(box.said for box in boxes), *(edge.name for edge in edges), *names)
    return {word for text in texts for word in _WORD.findall(text)}


@dataclass(frozen=True, slots=True)
class _MovedPart:
    """A part, by how much it is moved, where it then begins, and where its tags stand; none where its wire comes
    through the gutter `before` it, or goes on in that `after` it."""

    part: Part
    by: Spot
    left: float
    head: float
    ins: Sequence[float]
    outs: Sequence[float]
    before: bool
    after: bool

    @property
    def foot(self) -> float:
        """Where its last row ends."""
        return self.head + self.part.bottom - self.part.top


class _PartsDrawer:
    """Draws parts side by side; `letters` are those of tags."""

    def __init__(self, placed: PlacedSketch, letters: Mapping[LeavingTensor, str]) -> None:
        self.placed = placed
        self.letters = letters
        self.strokes: list[Stroke] = []
        self.tags: list[Tag] = []

    def drawn(self, made: Sequence[_MovedPart], width: float, height: float) -> PlacedSketch:
        """All columns as one sketch in place."""
        placed = self.placed
        for i, (column, strokes) in enumerate(zip(made, self._touching(made), strict=True)):
            self._column(column, strokes, made[i - 1])
        return replace(
            placed,
            corners={n: _moved(placed.corners[n], column.by) for column in made for n in column.part.numbers},
            strokes=tuple(self.strokes),
            labels=_moved_words(placed.labels, made),
            heads=_moved_words(placed.heads, made),
            tags=tuple(self.tags),
            width=width,
            height=height,
        )

    def _touching(self, made: Sequence[_MovedPart]) -> list[list[Stroke]]:
        """The strokes that touch each column."""
        found: list[list[Stroke]] = [[] for _ in made]
        bottoms = [column.part.bottom for column in made]
        for stroke in self.placed.strokes:
            if stroke.points[-1][1] > made[0].part.top:
                first, last = (bisect_left(bottoms, y) for _, y in (stroke.points[0], stroke.points[-1]))
                for strokes in found[first : last + 1]:
                    strokes.append(stroke)
        return found

    def _column(self, column: _MovedPart, strokes: Sequence[Stroke], last: _MovedPart) -> None:
        """Draws the wires and tags of a column, and the wire from the `last` one, where it comes through the gutter."""
        part = column.part
        inside: list[Stroke] = []
        ins: dict[Crossing, list[int]] = {}
        outs: dict[Crossing, list[int]] = {}
        for whole in strokes:
            stroke = _within(whole, part.top, part.bottom)
            edge = self.placed.sketch.edges[stroke.edge]
            tensor = edge.tensor
            if whole.points[0][1] <= part.top:
                ins.setdefault(Crossing(round(stroke.points[0][0], 2), tensor), []).append(stroke.edge)
            if whole.points[-1][1] > part.bottom:
                outs.setdefault(Crossing(round(stroke.points[-1][0], 2), tensor), []).append(stroke.edge)
            if whole.points[0][1] < part.bottom:
                inside.append(stroke._replace(points=tuple([_moved(spot, column.by) for spot in stroke.points])))
        if column.before:
            ((x, _),), ((goal, _),) = last.part.outs, part.ins
            x, goal, lane = x + last.by[0], goal + column.by[0], column.left - GUTTER / 2
            low, high = last.foot + _TURN * 0.6, _TURN * 0.4
            points = (x, last.foot), (x, low), (lane, low), (lane, high), (goal, high), (goal, _TURN)
            self.strokes += [Stroke(edge, points, False) for edge in ins[part.ins[0]]]
        self.strokes += inside
        self._tagged(part.ins, column.ins, ins, column.by[0], column.head, -1.0)
        self._tagged(part.outs, column.outs, outs, column.by[0], column.foot, 1.0)

    def _tagged(
        self,
        crossings: Sequence[Crossing],
        spread: Sequence[float],
        edges: Mapping[Crossing, Sequence[int]],
        by: float,
        y: float,
        side: float,
    ) -> None:
        """Ends at tags what crosses a cut; `side` is 1 below a part and -1 above it."""
        for crossing, x in zip(crossings, spread, strict=False):
            end, start = (x + by, y + side * _STUB), (crossing.x + by, y)
            points = (start, end) if side > 0 else (end, start)
            self.strokes += [Stroke(edge, points, False) for edge in edges[crossing]]
            self.tags.append(Tag(self.letters[crossing.tensor], (end[0], end[1] + side * TAG)))


def _moved(spot: Spot, by: Spot) -> Spot:
    return spot[0] + by[0], spot[1] + by[1]


def _moved_words(given: Mapping[int, Words], made: Sequence[_MovedPart]) -> dict[int, Words]:
    """The words that stand in columns, moved with them, column by column."""
    known = sorted((spot[1], edge) for edge, (_, spot) in given.items())
    found = {}
    for column in made:
        part = column.part
        for _, edge in known[bisect_left(known, (part.top, -1)) : bisect_left(known, (part.bottom, -1))]:
            found[edge] = given[edge][0], _moved(given[edge][1], column.by)
    return found


def _within(stroke: Stroke, top: float, bottom: float) -> Stroke:
    """The part of a stroke between two cuts that it touches."""
    points = stroke.points  # downwards
    first, last = (bisect_right(points, y, key=lambda point: point[1]) for y in (top, bottom))
    inside = points[first:last]
    if first > 0:
        inside = (points[first - 1][0], top), *inside
    if last < len(points):
        inside = *inside, (points[last - 1][0], bottom)
    if inside == points:
        return stroke
    return Stroke(stroke.edge, tuple(dict.fromkeys(inside)), stroke.arrives and last == len(points))


def _apart(xs: Sequence[float]) -> list[float]:
    """Positions in the same order, near `xs`, far enough apart for tags."""
    made: list[float] = []
    for x in xs:
        made.append(max(x, made[-1] + _APART) if made else x)
    back = (made[-1] - xs[-1]) / 2 if made else 0.0
    return [x - back for x in made]
