"""Turns figures into a page: the skeleton on the left, the blocks beside it, about as wide as a page held sideways."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from archdsl.emit.diagram.layout import Figure, Position, columns

GAP = 14.0  # between panels, in points
_ASPECT = 1.5  # width by height
_TRIES = 40
_JUMP = 0.2  # how much smaller a reader takes for a figure in one column
_OVER = 1.2  # how much a panel may exceed the room that others have made
_STRETCH = 0.6  # a panel of at least this part of its column is framed as wide as the column
_TALLEST = 1.8  # how much higher than the highest panel a page may be, so that panels can stand on each other


@dataclass(frozen=True, slots=True)
class Page:
    """Figures with the upper left corners of their frames; the skeleton is the first."""

    figures: tuple[tuple[Figure, Position], ...]
    width: float
    height: float


def arrange(skeleton: Figure, blocks: Sequence[Figure]) -> Page:
    """The arrangement that would be printed largest on a page of the usual proportions."""
    heights = [figure.frame[1] for figure in (skeleton, *blocks)]
    least, most = min(*heights, 220.0), _TALLEST * max(heights)
    limits = [least + (most - least) * i / (_TRIES - 1) for i in range(_TRIES)]
    return min((page for limit in limits for page in _arranged(skeleton, blocks, limit)), key=_badness)


def _badness(page: Page) -> tuple[float, float]:
    """Size of the page of fixed proportions that holds this one, more by _JUMP for each column that a wire jumps to."""
    jumps = sum(figure.jumps for figure, _ in page.figures)
    return round(max(page.width / _ASPECT, page.height) * (1 + _JUMP * jumps)), page.width * page.height


@dataclass(slots=True)
class _PanelRows:
    """Panels in rows on top of each other, within a width and a height."""

    width: float
    height: float
    rows: list[list[Figure]]

    def add(self, figure: Figure) -> bool:
        """Takes a figure if there is room: beside others of at least its height, or in a row of its own."""
        width, height = figure.frame
        for row in self.rows:
            used = sum(other.frame[0] + GAP for other in row)
            if used + width <= self.width and height <= _height(row) * _OVER:
                row.append(figure)
                return True
        used = sum(_height(row) + GAP for row in self.rows)
        if used + height > self.height or width > self.width * _OVER:
            return False
        self.rows.append([figure])
        self.width = max(self.width, width)
        return True


def _height(row: Sequence[Figure]) -> float:
    return max(figure.frame[1] for figure in row)


def _arranged(skeleton: Figure, blocks: Sequence[Figure], limit: float) -> Iterator[Page]:
    """Pages whose columns are about `limit` points high: with the blocks in order of use, and the wide ones first."""
    first = _cut(skeleton, limit)
    cut = [_cut(block, limit) for block in blocks]
    yield _stacked(first, cut, limit)
    yield _stacked(first, sorted(cut, key=lambda figure: -figure.frame[0]), limit)


def _stacked(first: Figure, blocks: Sequence[Figure], limit: float) -> Page:
    """The page on which each block stands in the first stack with room for it."""
    room = max([first.frame[1], limit, *(figure.frame[1] for figure in blocks)])
    stacks: list[_PanelRows] = []
    for figure in blocks:
        if not any(stack.add(figure) for stack in stacks):
            stacks.append(_PanelRows(figure.frame[0], room, [[figure]]))
    placed: list[tuple[Figure, Position]] = [(first, (0.0, 0.0))]
    left = first.frame[0] + GAP
    for stack in stacks:
        y = 0.0
        for row in stack.rows:
            x = left
            for figure in row:
                alone = len(row) == 1 and figure.frame[0] > stack.width * _STRETCH
                placed.append((replace(figure, least=stack.width) if alone else figure, (x, y)))
                x += figure.frame[0] + GAP
            y += _height(row) + GAP
        left += stack.width + GAP
    return Page(tuple(placed), left - GAP, max(y + figure.frame[1] for figure, (_, y) in placed))


def _cut(figure: Figure, limit: float) -> Figure:
    return columns(figure, limit - (figure.frame[1] - figure.height))
