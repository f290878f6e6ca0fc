"""Finds where a sketch in place can be cut into parts that are not too high, and what crosses the cuts.

A cut runs between two rows of boxes. A tensor whose way it crosses goes on in the next part.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from archdsl.emit.figure.placed import PlacedSketch, text_size, turned
from archdsl.emit.figure.scene import Box, Outline
from archdsl.emit.figure.side_by_side import END, Crossing, LeavingTensor, Part, SideBySide, columns, tag_letters

_LEAST = 3  # boxes of a part, those inside of others counted, ports and sums not; what fewer cost, in columns
_SMALL = 50.0
_WIRES = 3  # that cross a cut at most, unless it must run there
_FINE = 40  # places per part, of those where it may end, that are looked at
_FAR = 2.5  # how much higher than it should be a part is made at most, where it can be cut


@dataclass(frozen=True, slots=True)
class _Band:
    numbers: tuple[int, ...]
    top: float
    bottom: float


class Cutter:
    """Cuts one sketch in place; finds once where it can be cut, and what crosses the cut there."""

    def __init__(self, placed: PlacedSketch) -> None:
        self.placed = placed
        self._rows = _rows(placed)
        boxes = placed.sketch.boxes
        drawn = (sum(_drawn(boxes[number]) for number in row.numbers) for row in self._rows)
        self._counts = list(accumulate(drawn, initial=0))  # boxes above each row
        feet = [0.0, *(row.bottom for row in self._rows)]
        self._tops = [0.0, *(foot - END for foot in feet[1:])]  # of parts by their first row, with the tags above it
        self._feet = [*(foot + END for foot in feet[:-1]), feet[-1]]  # by the row behind their last one
        self._heights = [row.bottom for row in self._rows[:-1]]
        self._left = [math.inf] * len(self._rows)
        self._right = [-math.inf] * len(self._rows)
        self._reach_boxes()
        self._crossings: list[set[Crossing]] = [set() for _ in self._heights]
        self._reach_strokes()
        self._known: dict[tuple[float, float], list[Part]] = {}
        self._parts: dict[tuple[int, int], Part] = {}
        self._columns: dict[int, SideBySide] = {}

    def _reach(self, row: int, low: float, high: float) -> None:
        self._left[row] = min(self._left[row], low)
        self._right[row] = max(self._right[row], high)

    def _reach_boxes(self) -> None:
        """How far to the left and right the boxes and the words of each row reach."""
        placed = self.placed
        for row, band in enumerate(self._rows):
            for number in band.numbers:
                x = placed.corners[number][0]
                self._reach(row, x, x + placed.sizes[number][0])
        for lines, (x, y) in (*placed.labels.values(), *placed.heads.values()):
            half = turned(text_size(lines), placed.flow)[0] / 2
            self._reach(bisect_right(self._heights, y), x - half, x + half)

    def _reach_strokes(self) -> None:
        """How far strokes reach, and what crosses each cut, right below a row where all wires are vertical."""
        edges = self.placed.sketch.edges
        lanes: dict[tuple[float, LeavingTensor, int], int] = {}  # strokes of one tensor share most of their way
        for stroke in self.placed.strokes:
            edge = edges[stroke.edge]
            tensor = edge.tensor
            before, x = len(self._rows), 0.0
            for after, y in stroke.points:
                row = bisect_left(self._heights, y)
                if before < row:
                    lanes[x, tensor, before] = max(row, lanes.get((x, tensor, before), 0))
                if not self._left[row] <= after <= self._right[row]:
                    self._reach(row, after, after)
                before, x = row, after
        for (x, tensor, first), last in lanes.items():
            crossing = Crossing(round(x, 2), tensor)
            for cut in range(first, last):
                self._crossings[cut].add(crossing)
            for row in range(first, last + 1):
                if not self._left[row] <= x <= self._right[row]:
                    self._reach(row, x, x)

    def parts(self, limit: float, most: float) -> list[Part]:
        """The sketch cut into parts about `limit` points high where one wire crosses, at most `most` with its ends."""
        if (limit, most) not in self._known:
            self._known[limit, most] = min(self._tried(limit, most), key=_lone)
        return self._known[limit, most]

    def _tried(self, limit: float, most: float) -> Iterator[list[Part]]:
        """Cuts where one wire crosses; while these leave parts of next to nothing, where two do, and three."""
        known: list[int] = []
        for wires in range(1, _WIRES + 1):
            places = self._thinned(self._places(most, wires), limit / _FINE)
            if places == known:
                continue
            known = places
            cut = [self._once(a, b) for a, b in pairwise([*self._starts(limit, most, places), len(self._rows)])]
            yield cut
            if not _lone(cut):
                break

    def side_by_side(self, cut: list[Part]) -> SideBySide:
        """All parts as columns, once for each list that `parts` gave."""
        if id(cut) not in self._columns:
            self._columns[id(cut)] = columns(self.placed, cut, tag_letters(self.placed.sketch), {})
        return self._columns[id(cut)]

    def _once(self, a: int, b: int) -> Part:
        if (a, b) not in self._parts:
            self._parts[a, b] = self._part(a, b)
        return self._parts[a, b]

    def _part(self, a: int, b: int) -> Part:
        """Rows a to b, b not among them."""
        rows = self._rows
        return Part(
            tuple(number for row in rows[a:b] for number in row.numbers),
            rows[a - 1].bottom if a else 0.0,
            rows[b - 1].bottom if b < len(rows) else self.placed.height,
            tuple(sorted(self._crossings[a - 1])) if a else (),
            tuple(sorted(self._crossings[b - 1])) if b < len(rows) else (),
            min(self._left[a:b]),
            max(self._right[a:b]),
            self._counts[b] - self._counts[a],
        )

    def _height(self, a: int, b: int) -> float:
        """How high rows a to b are, b not among them, with the tags that may stand where they are cut."""
        return self._feet[b] - self._tops[a]

    def _starts(self, limit: float, most: float, places: Sequence[int]) -> list[int]:
        """Numbers of the rows that begin a part: few parts, of about equal height, with few wires between them."""
        tops, feet = self._tops, self._feet
        best = [0.0] + [math.inf] * (len(places) - 1)
        start = [0] * len(places)
        for end in range(1, len(places)):
            for begin in range(end - 1, -1, -1):
                a, b = places[begin], places[end]
                height = feet[b] - tops[a]
                if begin < end - 1 and (height > most or (height > _FAR * limit and best[end] < math.inf)):
                    break
                full = height / limit
                worth = best[begin] + (1.0 if a else 0.0) + (0.1 * full**2 if full <= 1.0 else full**4)
                worth += _SMALL * max(0, _LEAST - (self._counts[b] - self._counts[a]))
                worth += max(0, len(self._crossings[a - 1]) - 1) if a else 0
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

    def _places(self, most: float, wires: int) -> list[int]:
        """Numbers of the rows before which a cut may run: where so few wires cross, and where it must, the fewest."""
        rows, crossings = self._rows, self._crossings
        free = [0, *(i + 1 for i, crossing in enumerate(crossings) if len(crossing) <= wires), len(rows)]
        found = [0]
        for place in free[1:]:
            while self._height(found[-1], place) > most:
                a = found[-1]
                near = [i for i in range(a + 1, place) if self._height(a, i) <= most] or [a + 1]
                far = [i for i in near if self._height(a, i) >= most / 2] or near[-1:]
                if far[0] >= place:
                    break
                found.append(min(far, key=lambda i: (len(crossings[i - 1]), -i)))
            found.append(place)
        return found


def _lone(cut: Sequence[Part]) -> int:
    """How many parts hold one box or none."""
    return sum(part.is_lone for part in cut)


def _drawn(box: Box) -> int:
    """How many boxes one is, with those inside of it; an input or output is none, nor what joins tensors by a sign."""
    inside = () if box.inside is None else box.inside.boxes
    return (box.shape in (Outline.BOX, Outline.BAR)) + sum(map(_drawn, inside))


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
