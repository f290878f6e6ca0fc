"""Packs rectangles onto pages of a width, each as far up and then left as those before it let it.

The upper rims of the free room form a skyline, as in Jylänki, "A Thousand Ways to Pack the Bin" (2010), section 4. With
rectangles of 4 x 2 and 2 x 1 on a page 6 wide, the skyline is (0, 2), (4, 1): a third one of 2 x 1 stands at (4, 1).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

Dimensions = tuple[float, float]
_Placed = tuple[float, float, float, float]  # upper left corner, width, height
_WIDER, _HIGHER, _NEAR = 2.2, 1.25, 40.0  # by which factors, and points, frames grow to fill a page, at most
_Steps = Sequence[tuple[float, float]]  # of a skyline: left, y


@dataclass(frozen=True, slots=True)
class Slot:
    """Where a rectangle stands: its page, and its upper left corner there."""

    page: int
    x: float
    y: float


def pack(
    sizes: Sequence[Dimensions], width: float, height: float, gap: float, continued: Collection[int] = ()
) -> list[Slot]:
    """A place for each rectangle, in the given order, `gap` apart; one that is too large stands on a page alone.

    One whose number is `continued` goes on where the one before it ends: on its page below it or to its right, or on a
    later page.
    """
    pages: list[list[tuple[float, float]]] = []
    found: list[Slot] = []
    for i, size in enumerate(sizes):
        before = found[-1] if i in continued else None
        for number in range(before.page if before else 0, len(pages) + 1):
            if number == len(pages):
                pages.append([(0.0, 0.0)])
            after = None
            if before is not None and before.page == number:
                after = before.x + sizes[i - 1][0], before.y + sizes[i - 1][1]
            spot = _spot(pages[number], size, width, height, gap, after)
            if spot is not None or (number == len(pages) - 1 and pages[number] == [(0.0, 0.0)]):
                x, y = spot or (0.0, 0.0)
                pages[number] = _risen(pages[number], x, size[0] + gap, y + size[1] + gap)
                found.append(Slot(number, x, y))
                break
    return found


def _spot(
    skyline: _Steps, size: Dimensions, width: float, height: float, gap: float, after: Dimensions | None
) -> Dimensions | None:
    """The highest place, of these the leftmost, to the right of or below the corner `after`; None if there is none."""
    best: Dimensions | None = None
    for i, (x, _) in enumerate(skyline):
        if x + size[0] > width + 0.01:
            break
        y = 0.0
        for j in range(i, len(skyline)):
            if skyline[j][0] >= x + size[0] + gap - 0.01:
                break
            y = max(y, skyline[j][1])
        if after is not None and x < after[0] and y < after[1]:
            continue
        if y + size[1] <= height + 0.01 and (best is None or y < best[1] - 0.01):
            best = x, y
    return best


def _risen(skyline: _Steps, x: float, width: float, y: float) -> list[tuple[float, float]]:
    """The skyline with its part from `x` on, so wide, at height `y`."""
    after = 0.0
    made: list[tuple[float, float]] = []
    for left, level in skyline:
        if left < x:
            made.append((left, level))
        if left <= x + width:
            after = level
    later = [step for step in skyline if step[0] > x + width]
    made.append((x, y))
    return [*made, (x + width, after), *later]


def grown(rectangles: Sequence[_Placed], width: float, height: float, gap: float) -> list[Dimensions]:
    """Sizes of rectangles on one page that grow to the right, then down, up to the next one; none where that is far."""
    made = list(rectangles)
    for i, (x, y, w, h) in enumerate(made):
        beside = [a - gap for a, b, _, d in made if a >= x + w - 0.01 and b < y + h + gap and b + d + gap > y]
        made[i] = (x, y, _between(w, min([width, *beside]) - x, _WIDER), h)
    for i, (x, y, w, h) in enumerate(made):
        below = [b - gap for a, b, c, _ in made if b >= y + h - 0.01 and a < x + w + gap and a + c + gap > x]
        most = min([height, *below]) - y
        beside = [b + d - y for _, b, _, d in rectangles if b == y and b + d - y <= most]  # whose feet it may end at
        made[i] = (x, y, w, max(_between(h, goal, _HIGHER) for goal in (most, *beside)))
    return [(w, h) for _, _, w, h in made]


def _between(least: float, most: float, factor: float) -> float:
    """`most`, but `least` where that is much more: a frame that is far larger than what is in it looks half empty."""
    return max(least, most if most <= least * factor + _NEAR else least)
