"""Cuts a sketch in place into parts that are not too high, and sets parts beside each other as columns.

A cut runs between two rows of boxes. A tensor whose way it crosses goes on in the next part. Where it is the only one
and both parts stand side by side, its wire is drawn through the gutter between them; else it ends at a tag, a letter,
and starts again at the tag of the same letter, as in a flow chart that goes over several pages.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, count, pairwise

from archdsl.emit.figure.placed import PlacedSketch, Stroke, Tag, Words, text_size, turned
from archdsl.emit.figure.scene import Style
from archdsl.emit.layered.model import Spot

GUTTER = 30.0  # between two columns, in points
_TURN = 12.0  # of a wire below a column's last row and above its first one, in points
TAG = 6.0  # radius of a tag, in points
_STUB = 12.0  # length of the wire at a tag, in points
ENDS = 2 * (2 * TAG + _STUB)  # height that tags take above and below a part at most, in points
_APART = 2 * TAG + 2.0  # between the centres of two tags, in points
_LEAST = 3  # boxes of a part, inputs and outputs not counted; what fewer cost, in columns
_SMALL = 50.0
_FINE = 40  # places per part, of those where it may end, that are looked at
_FAR = 2.5  # how much higher than it should be a part is made at most, where it can be cut


# What leaves a box: the box, the result, how many units of a run stand behind the one that gives it.
LeavingTensor = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of a sketch in place, as they stand in it: from `top`, where a cut runs, to `bottom`.

    `ins` and `outs` are the tensors that come from the part before and go on to the next, each by its edges and where
    it crosses the cut.
    """

    placed: PlacedSketch
    numbers: tuple[int, ...]
    top: float
    bottom: float
    ins: tuple[Crossing, ...]
    outs: tuple[Crossing, ...]
    strokes: tuple[Stroke, ...]
    labels: Mapping[int, Words]
    heads: Mapping[int, Words]

    @property
    def width(self) -> float:
        """Width with tags at both ends, in points."""
        lefts, rights = _extent(self, [crossing.x for ends in (self.ins, self.outs) for crossing in ends])
        return rights - lefts


@dataclass(frozen=True, slots=True)
class Crossing:
    """A tensor's way across a cut at `x`: what it is, the numbers of its edges."""

    tensor: LeavingTensor
    x: float
    edges: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Band:
    numbers: tuple[int, ...]
    top: float
    bottom: float


class Cutter:
    """Cuts one sketch in place; finds once where it can be cut, what crosses the cut there, and what lies between."""

    def __init__(self, placed: PlacedSketch) -> None:
        self.placed = placed
        self._rows = _rows(placed)
        boxes = placed.sketch.boxes
        drawn = (sum(boxes[number].style is not Style.PORT for number in row.numbers) for row in self._rows)
        self._counts = list(accumulate(drawn, initial=0))  # boxes above each row
        heights = [row.bottom for row in self._rows[:-1]]
        self._crossings = _crossings(placed, heights)
        self._strokes: list[list[int]] = [[] for _ in self._rows]  # numbers of those that touch a row or what is above
        for number, stroke in enumerate(placed.strokes):
            first, last = bisect_right(heights, stroke.points[0][1]), bisect_left(heights, stroke.points[-1][1])
            for row in range(first, last + 1):
                self._strokes[row].append(number)
        self._words = [
            sorted((spot[1], edge) for edge, (_, spot) in given.items()) for given in (placed.labels, placed.heads)
        ]
        self._known: dict[tuple[float, float], list[Part]] = {}
        self._parts: dict[tuple[int, int], Part] = {}
        self._columns: dict[int, PlacedSketch] = {}

    def parts(self, limit: float, most: float) -> list[Part]:
        """The sketch cut into parts about `limit` points high where one wire crosses, at most `most` anywhere."""
        if (limit, most) not in self._known:
            starts = self._starts(limit, most)
            self._known[limit, most] = [self._once(a, b) for a, b in pairwise([*starts, len(self._rows)])]
        return self._known[limit, most]

    def side_by_side(self, cut: list[Part]) -> PlacedSketch:
        """All parts as columns, once for each list that `parts` gave."""
        if id(cut) not in self._columns:
            self._columns[id(cut)] = columns(cut, tag_letters(), {})
        return self._columns[id(cut)]

    def _once(self, a: int, b: int) -> Part:
        if (a, b) not in self._parts:
            self._parts[a, b] = self._part(a, b)
        return self._parts[a, b]

    def _part(self, a: int, b: int) -> Part:
        """Rows a to b, b not among them."""
        rows = self._rows
        top = rows[a - 1].bottom if a else 0.0
        bottom = rows[b - 1].bottom if b < len(rows) else self.placed.height
        touching = sorted({number for row in range(a, b) for number in self._strokes[row]})
        strokes = (_within(self.placed.strokes[number], top, bottom) for number in touching)
        labels, heads = (
            {edge: given[edge] for _, edge in known[bisect_left(known, (top, -1)) : bisect_left(known, (bottom, -1))]}
            for known, given in zip(self._words, (self.placed.labels, self.placed.heads), strict=True)
        )
        return Part(
            self.placed,
            tuple(number for row in rows[a:b] for number in row.numbers),
            top,
            bottom,
            self._crossings[a - 1] if a else (),
            self._crossings[b - 1] if b < len(rows) else (),
            tuple(stroke for stroke in strokes if stroke.points),
            labels,
            heads,
        )

    def _starts(self, limit: float, most: float) -> list[int]:
        """Numbers of the rows that begin a part: few parts, of about equal height, with few wires between them."""
        places = self._thinned(self._places(most), limit / _FINE)
        best = [0.0] + [math.inf] * (len(places) - 1)
        start = [0] * len(places)
        for end in range(1, len(places)):
            for begin in range(end - 1, -1, -1):
                a, b = places[begin], places[end]
                height = self._rows[b - 1].bottom - (self._rows[a - 1].bottom if a else 0.0)
                if begin < end - 1 and (height > most or (height > _FAR * limit and best[end] < math.inf)):
                    break
                full = height / limit
                worth = best[begin] + (1.0 if a else 0.0) + (0.1 * full**2 if full <= 1.0 else full**4)
                worth += _SMALL if self._counts[b] - self._counts[a] < _LEAST else 0.0
                if worth < best[end]:
                    best[end], start[end] = worth, begin
        found, end = list[int](), len(places) - 1
        while end:
            end = start[end]
            found.append(places[end])
        return found[::-1]

    def _thinned(self, places: Sequence[int], apart: float) -> list[int]:
        """The places that are at least so far apart, and the last one."""
        kept = [0]
        for place in places[1:-1]:
            if self._rows[place - 1].bottom - (self._rows[kept[-1] - 1].bottom if kept[-1] else 0.0) >= apart:
                kept.append(place)
        return [*kept, places[-1]]

    def _places(self, most: float) -> list[int]:
        """Numbers of the rows before which a cut may run: where one wire crosses, and where it must, the fewest."""
        rows, crossings = self._rows, self._crossings
        free = [0, *(i + 1 for i, crossing in enumerate(crossings) if len(crossing) < 2), len(rows)]
        found = [0]
        for place in free[1:]:
            while rows[place - 1].bottom - (rows[found[-1] - 1].bottom if found[-1] else 0.0) > most:
                a = found[-1]
                top = rows[a - 1].bottom if a else 0.0
                near = [i for i in range(a + 1, place) if rows[i - 1].bottom - top <= most] or [a + 1]
                far = [i for i in near if rows[i - 1].bottom - top >= most / 2] or near[-1:]
                if far[0] >= place:
                    break
                found.append(min(far, key=lambda i: (len(crossings[i - 1]), -i)))
            found.append(place)
        return found


def _rows(placed: PlacedSketch) -> list[_Band]:
    """The rows of boxes: what overlaps in height is one row."""
    rows: list[_Band] = []
    for number, (_, y) in sorted(placed.corners.items(), key=lambda item: (item[1][1], item[0])):
        bottom = y + placed.sizes[number][1]
        if rows and y < rows[-1].bottom:
            rows[-1] = _Band((*rows[-1].numbers, number), rows[-1].top, max(rows[-1].bottom, bottom))
        else:
            rows.append(_Band((number,), y, bottom))
    return rows


def _crossings(placed: PlacedSketch, heights: Sequence[float]) -> list[tuple[Crossing, ...]]:
    """The tensors that cross each height, right below a row where all wires are vertical, from left to right."""
    found: list[dict[tuple[float, LeavingTensor], list[int]]] = [{} for _ in heights]
    for stroke in placed.strokes:
        edge = placed.sketch.edges[stroke.edge]
        for a, b in pairwise(stroke.points):
            for cut in range(bisect_left(heights, a[1]), bisect_left(heights, b[1])):
                key = round(a[0], 2), (edge.source, edge.output, edge.back)
                found[cut].setdefault(key, []).append(stroke.edge)
    return [
        tuple(Crossing(tensor, x, tuple(edges)) for (x, tensor), edges in sorted(crossing.items()))
        for crossing in found
    ]


def columns(cut: Sequence[Part], letters: Iterator[str], known: dict[LeavingTensor, str]) -> PlacedSketch:
    """Parts that follow each other set side by side, as one sketch in place.

    `known` holds the letters of tags by tensor, for parts that stand in another frame.
    """
    made = _SideBySide(cut[0].placed)
    for i, part in enumerate(cut):
        before = i > 0 and len(part.ins) == 1
        after = i + 1 < len(cut) and len(part.outs) == 1
        made.add(part, before, after, letters, known)
    return made.finished(len(cut) - 1)


def tag_letters() -> Iterator[str]:
    """A, B, …, Z, A1, B1, …."""
    for turn in count():
        for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
            yield letter + (str(turn) if turn else "")


class _SideBySide:
    """Puts parts side by side."""

    def __init__(self, placed: PlacedSketch) -> None:
        self.placed = placed
        self.corners: dict[int, Spot] = {}
        self.strokes: list[Stroke] = []
        self.labels: dict[int, Words] = {}
        self.heads: dict[int, Words] = {}
        self.tags: list[Tag] = []
        self.left = 0.0
        self.height = 0.0
        self.foot: Spot | None = None  # where the wire to the next column leaves the last one
        self.waiting: tuple[int, ...] = ()

    def add(
        self, part: Part, before: bool, after: bool, letters: Iterator[str], known: dict[LeavingTensor, str]
    ) -> None:
        placed = self.placed
        head = _TURN if before else 2 * TAG + _STUB if part.ins else 0.0
        spread_in = [] if before else _apart([crossing.x for crossing in part.ins])
        spread_out = [] if after else _apart([crossing.x for crossing in part.outs])
        lefts, rights = _extent(part, spread_in + spread_out)
        by = (self.left - lefts, head - part.top)
        for number in part.numbers:
            self.corners[number] = _moved(placed.corners[number], by)
        self.labels |= {edge: (lines, _moved(spot, by)) for edge, (lines, spot) in part.labels.items()}
        self.heads |= {edge: (lines, _moved(spot, by)) for edge, (lines, spot) in part.heads.items()}
        if self.foot is not None and before:
            self._through_gutter(self.foot, part.ins[0].x + by[0], self.left - GUTTER / 2)
        self.strokes += [Stroke(s.edge, tuple([_moved(p, by) for p in s.points]), s.arrives) for s in part.strokes]
        if not before:
            self._tagged(part.ins, spread_in, by, head, -1.0, letters, known)
        bottom = head + part.bottom - part.top
        self.foot = None
        if part.outs and after:
            self.foot, self.waiting = (part.outs[0].x + by[0], bottom), part.outs[0].edges
        elif part.outs:
            self._tagged(part.outs, spread_out, by, bottom, 1.0, letters, known)
        tail = 0.0 if not part.outs else _TURN if after else 2 * TAG + _STUB
        self.height = max(self.height, bottom + tail)
        self.left += rights - lefts + GUTTER

    def _through_gutter(self, foot: Spot, x: float, lane: float) -> None:
        """The wire from the foot of the last column to the head of this one, where it goes on at `x`."""
        low = foot[1] + _TURN * 0.6
        points = (foot, (foot[0], low), (lane, low), (lane, _TURN * 0.4), (x, _TURN * 0.4), (x, _TURN))
        self.strokes += [Stroke(edge, points, False) for edge in self.waiting]

    def _tagged(
        self,
        crossings: Sequence[Crossing],
        spread: Sequence[float],
        by: Spot,
        y: float,
        side: float,
        letters: Iterator[str],
        known: dict[LeavingTensor, str],
    ) -> None:
        """Ends at tags what crosses a cut; `side` is 1 below a part and -1 above it."""
        for crossing, x in zip(crossings, spread, strict=True):
            if crossing.tensor not in known:
                known[crossing.tensor] = next(letters)
            end, start = (x + by[0], y + side * _STUB), (crossing.x + by[0], y)
            points = (start, end) if side > 0 else (end, start)
            self.strokes += [Stroke(edge, points, False) for edge in crossing.edges]
            self.tags.append(Tag(known[crossing.tensor], (end[0], end[1] + side * TAG)))

    def finished(self, jumps: int) -> PlacedSketch:
        """All that was added."""
        return replace(
            self.placed,
            corners=self.corners,
            strokes=tuple(self.strokes),
            labels=self.labels,
            heads=self.heads,
            tags=tuple(self.tags),
            jumps=jumps + len(self.tags) // 2,
            width=self.left - GUTTER,
            height=self.height,
        )


def _moved(spot: Spot, by: Spot) -> Spot:
    return spot[0] + by[0], spot[1] + by[1]


def _within(stroke: Stroke, top: float, bottom: float) -> Stroke:
    """The part of a stroke between two cuts; without points if nothing of it lies there."""
    points = stroke.points  # downwards
    if top < points[0][1] and points[-1][1] <= bottom:
        return stroke
    inside = [p for p in points if top < p[1] <= bottom]
    last = points[-1][1] > bottom
    if points[0][1] <= top:
        inside.insert(0, (_x_at(points, top), top))
    if last:
        inside.append((_x_at(points, bottom), bottom))
    return Stroke(stroke.edge, tuple(dict.fromkeys(inside)), stroke.arrives and not last)


def _x_at(points: Sequence[Spot], y: float) -> float:
    """Where a stroke crosses a cut."""
    return next(a[0] for a, b in pairwise(points) if a[1] <= y < b[1])


def _extent(part: Part, tags: Sequence[float]) -> tuple[float, float]:
    """The leftmost and rightmost x of a part with tags at some places."""
    placed = part.placed
    xs = [x for number in part.numbers for x in _span(placed, number)]
    xs += [p[0] for stroke in part.strokes for p in stroke.points]
    for lines, (x, _) in (*part.labels.values(), *part.heads.values()):
        half = turned(text_size(lines), placed.flow)[0] / 2
        xs += [x - half, x + half]
    xs += [x + side for x in tags for side in (-TAG, TAG)]
    return min(xs, default=0.0), max(xs, default=0.0)


def _span(placed: PlacedSketch, number: int) -> Spot:
    x = placed.corners[number][0]
    return x, x + placed.sizes[number][0]


def _apart(xs: Sequence[float]) -> list[float]:
    """Positions in the same order, near `xs`, far enough apart for tags."""
    made: list[float] = []
    for x in xs:
        made.append(max(x, made[-1] + _APART) if made else x)
    back = (made[-1] - xs[-1]) / 2 if made else 0.0
    return [x - back for x in made]
