"""Turns figures into a page: the skeleton on the left, the blocks beside it, about as wide as a page held sideways."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archdsl.emit.diagram.layout import Figure, Point, columns

GAP = 14.0  # between panels, in points
_ASPECT = 1.5  # width by height
_TRIES = 40
_TALLEST = 1.8  # how much higher than the highest panel a page may be, so that panels can stand on each other


@dataclass(frozen=True, slots=True)
class Page:
    """Figures with the upper left corners of their frames; the skeleton is the first."""

    figures: tuple[tuple[Figure, Point], ...]
    width: float
    height: float


def arrange(skeleton: Figure, blocks: Sequence[Figure]) -> Page:
    """The arrangement that would be printed largest on a page of the usual proportions."""
    heights = [figure.frame[1] for figure in (skeleton, *blocks)]
    least, most = min(*heights, 220.0), _TALLEST * max(heights)
    limits = [least + (most - least) * i / (_TRIES - 1) for i in range(_TRIES)]
    pages = [_arranged(skeleton, blocks, limit) for limit in limits]
    return min(pages, key=_badness)


def _badness(page: Page) -> tuple[float, float]:
    """Size of the page of fixed proportions that holds this one, a tenth more for each column that wires jump to."""
    jumps = sum(figure.jumps for figure, _ in page.figures)
    return round(max(page.width / _ASPECT, page.height) * (1 + 0.1 * jumps)), page.width * page.height


def _arranged(skeleton: Figure, blocks: Sequence[Figure], limit: float) -> Page:
    """The page whose columns are about `limit` points high; each panel goes to the first column with room for it."""
    first = _cut(skeleton, limit)
    placed: list[tuple[Figure, Point]] = [(first, (0.0, 0.0))]
    cut = [_cut(block, limit) for block in blocks]
    room = max([first.frame[1], limit, *(figure.frame[1] for figure in cut)])
    stacks: list[list[Figure]] = []
    for figure in cut:
        width, height = figure.frame
        for stack in stacks:
            used = sum(other.frame[1] + GAP for other in stack)
            if used + height <= room and width <= max(other.frame[0] for other in stack) * 1.25:
                stack.append(figure)
                break
        else:
            stacks.append([figure])
    x = first.frame[0] + GAP
    for stack in stacks:
        y = 0.0
        for figure in stack:
            placed.append((figure, (x, y)))
            y += figure.frame[1] + GAP
        x += max(figure.frame[0] for figure in stack) + GAP
    return Page(tuple(placed), x - GAP, max(y + figure.frame[1] for figure, (_, y) in placed))


def _cut(figure: Figure, limit: float) -> Figure:
    return columns(figure, limit - (figure.frame[1] - figure.height))
