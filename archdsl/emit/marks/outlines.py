"""Works out what all writers draw alike: heads of arrows, how pages stand below each other, how numbers are written."""

from __future__ import annotations

import math
from collections.abc import Iterator

from archdsl.emit.marks.model import Drawing, Leaf, PathMark, PathStep, Point

GAP = 24.0  # between two pages in one picture, in points
_LENGTH, _PER_LINE, _HALF_WIDTH = 3.0, 3.0, 0.36  # of a head: points, times the line's width, share of the length
_NOTCH = 0.9  # share of the head that the line leaves free, so that no gap shows


def head_length(line: float) -> float:
    """Length of the head at the end of a line of a width, in points; it is 0.72 times as wide as long."""
    return _LENGTH + _PER_LINE * line


def arrow(mark: PathMark) -> tuple[tuple[PathStep, ...], tuple[Point, Point, Point]]:
    """The steps of the line, which ends inside the head, and the corners of the head, its tip first."""
    tip, before = _tip(mark.steps)
    far = math.dist(tip, before) or 1.0
    dx, dy = (tip[0] - before[0]) / far, (tip[1] - before[1]) / far
    length = head_length(mark.line)
    half = length * _HALF_WIDTH
    base = (tip[0] - dx * length, tip[1] - dy * length)
    back = min(_NOTCH * length, far)
    last = (*mark.steps[-1][:-2], tip[0] - dx * back, tip[1] - dy * back)
    corners = (tip, (base[0] - dy * half, base[1] + dx * half), (base[0] + dy * half, base[1] - dx * half))
    return (*mark.steps[:-1], last), corners


def _tip(steps: tuple[PathStep, ...]) -> tuple[Point, Point]:
    """The last point of a path, and the one before it that lies elsewhere (below it if there is none)."""
    backwards = ((float(step[i]), float(step[i + 1])) for step in reversed(steps) for i in range(len(step) - 2, 0, -2))
    tip = next(backwards)
    return tip, next((point for point in backwards if point != tip), (tip[0], tip[1] - 1))


def stacked(drawing: Drawing) -> tuple[float, float]:
    """Width and height of all pages below each other, with gaps."""
    leaves = drawing.leaves
    height = sum(leaf.height for leaf in leaves) + GAP * (len(leaves) - 1)
    return max((leaf.width for leaf in leaves), default=1.0), max(height, 1.0)


def offsets(drawing: Drawing) -> Iterator[tuple[float, Leaf]]:
    """Each page with the height at which it begins when all stand below each other."""
    y = 0.0
    for leaf in drawing.leaves:
        yield y, leaf
        y += leaf.height + GAP


def number(value: float) -> str:
    """A number with at most two decimals."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
