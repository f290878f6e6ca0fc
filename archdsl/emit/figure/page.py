"""Arranges framed panels on pages: the skeleton first, the blocks in the room beside and below it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from archdsl.emit.figure.frames import MARGIN, SHORT, Framer, PanelFrame
from archdsl.emit.figure.look import Paper
from archdsl.emit.figure.scene import SMALL
from archdsl.emit.figure.skyline import Slot, grown, pack
from archdsl.emit.marks.model import Mark

GAP = 8.0  # between frames, in points
_ASPECT = 1.4  # width by height of a page that nobody gave a width
COMFORTABLE = 0.875  # scale at which print is as large as papers like it
_ENDLESS = 1e6  # points: no page is so large
_LARGER = 6  # halvings of the range in which the scale lies of what has room for print larger than comfortable
_ROUNDING = 1.0001
_WIDTHS = (1.0, 1.2, 1.5, 2.0)  # that are tried for what has no room
_NARROW = 0.75  # share of the page's width that less wide figures do not keep
_LADDER = 36.0  # points between narrower pages that are tried
_SMALLER = 3  # times that a figure without room is laid out for smaller print
_STEPS = 4  # scales tried between that and the least
_LIMITS = (0.25, 0.35, 0.5, 0.7, 1.0)  # heights of columns that are tried, of the height of the page
_LOOSE = (0.8, 1.0, 1.2, 1.45, 1.75, 2.1)  # areas of pages that are tried, of that of all frames
_COLUMNS = (1, 2, 3, 4, 6, 8, 12, 20, 40, 80)  # that the tallest panel is cut into, on a page without a width
_HIGH = 1.6  # how much higher than asked for a figure must be to be cut where several wires cross
_LEAST_COLUMN = 450.0  # height of these, in points
_EMPTY = 1.0  # how much larger a page may be to be full, all of an empty one
_JUMP = 0.04  # how much larger a page may be for each jump from one column to the next that it saves
_LONE = 0.3  # how much larger for each column with next to nothing


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Frames in their slots on pages of a width, in points that are printed `scale` times as large."""

    frames: tuple[PanelFrame, ...]
    slots: tuple[Slot, ...]
    width: float
    scale: float = 1.0
    most: float = math.inf  # height of a page

    @property
    def excess(self) -> float:
        """How many times too large the largest frame is for a page; 1 if all have room."""
        widest, highest = max(f.width for f in self.frames), max(f.height for f in self.frames)
        excess = max(widest / self.width, highest / self.most)
        return excess if excess > _ROUNDING else 1.0

    def height(self, page: int) -> float:
        """Height of a page's frames together."""
        return max(s.y + f.height for f, s in zip(self.frames, self.slots, strict=True) if s.page == page)

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return 1 + max(slot.page for slot in self.slots)

    @property
    def cost(self) -> tuple[int, int, int, int]:
        """Pages, columns that hold next to nothing, frames, and jumps from column to column."""
        return self.pages, self.lone, len(self.frames), sum(frame.jumps for frame in self.frames)

    @property
    def lone(self) -> int:
        """How many columns hold one box or none."""
        return sum(frame.lone for frame in self.frames)

    @property
    def total(self) -> float:
        """Height of all pages together."""
        return sum(map(self.height, range(self.pages)))

    @property
    def trimmed(self) -> Arrangement:
        """The same on pages no wider than what stands on them."""
        return replace(self, width=max(s.x + f.width for f, s in zip(self.frames, self.slots, strict=True)))

    @property
    def empty(self) -> float:
        """Share of the pages that no frame would cover, if none grew."""
        return 1.0 - sum(frame.width * frame.height for frame in self.frames) / (self.width * self.total)

    @property
    def effort(self) -> float:
        """How much harder its jumps from column to column make it to read, at least 1."""
        return 1.0 + _JUMP * sum(frame.jumps for frame in self.frames) + _LONE * self.lone

    def marks(self, page: int, top: float) -> Iterable[Mark]:
        """Paints the frames of a page, grown into the free room beside and below them."""
        here = [(f, s) for f, s in zip(self.frames, self.slots, strict=True) if s.page == page]
        sizes = grown([(s.x, s.y, f.width, f.height) for f, s in here], self.width, self.height(page), GAP)
        for (frame, slot), size in zip(here, sizes, strict=True):
            yield from frame.paint(slot.x, slot.y + top, size)


Around = Callable[[float], float]


def arranged(framers: Sequence[Framer], paper: Paper | None, around: Around) -> Arrangement:
    """The best arrangement found; `around` gives the height of what stands above and below the frames, by the scale.

    Where a frame has no room at the least size of print, all is printed smaller. A page that frames fill only in part
    is as narrow as they are. Of a width in inches less may be used: what is better on a narrower page is arranged as
    there, so that more width is never worse. A4 has no such neighbours, and takes one search.
    """
    if paper is None:
        return _free(framers).trimmed
    found = _legible(framers, paper, around)
    if not paper.whole:
        found = _as_narrower(found, framers, paper, around)
    found = _enlarged(found, framers, paper, around)
    narrow = found.trimmed.width < _NARROW * found.width
    return found.trimmed if narrow else found


def _as_narrower(found: Arrangement, framers: Sequence[Framer], paper: Paper, around: Around) -> Arrangement:
    """The best of what was found and what is arranged on pages down to half as wide."""
    steps, largest = math.ceil(paper.width / _LADDER) - 1, max(COMFORTABLE, paper.least / SMALL)
    for step in range(steps, steps // 2, -1):
        if found.cost[:2] == (1, 0) and found.scale >= largest:
            break
        other = _legible(framers, replace(paper, width=step * _LADDER), around)
        if _cost(other, paper) < _cost(found, paper):
            found = replace(other, width=(paper.width - 2 * paper.margin) / other.scale)
    return found


def _cost(found: Arrangement, paper: Paper) -> tuple[float, int, int, float]:
    """What is better is less: print that can be read, few pages, no column with next to nothing, large print."""
    return max(0.0, paper.least / SMALL - found.scale), *found.cost[:2], -found.scale


def _legible(framers: Sequence[Framer], paper: Paper, around: Around) -> Arrangement:
    """The arrangement in the largest print that takes no more pages, nor has more lone boxes, than in the least."""
    least = paper.least / SMALL
    most = max(COMFORTABLE, least)
    largest = _fitted(framers, paper, around, most)
    if largest.excess == 1.0 and largest.cost[:2] == (1, 0):
        return largest
    best = _fitted(framers, paper, around, least)
    for _ in range(_SMALLER):
        if best.excess == 1.0:
            break
        best = _fitted(framers, paper, around, best.scale / best.excess)
    if best.excess > 1.0 or best.scale < least:
        return replace(best, width=best.width * best.excess, scale=best.scale / best.excess)
    if largest.excess == 1.0 and largest.cost[:2] <= best.cost[:2]:
        return largest
    low, high = 0, _STEPS  # the one is as large as can be, as far as is known, the other too large
    while high - low > 1:
        step = (low + high) // 2
        found = _fitted(framers, paper, around, least + (most - least) * step / _STEPS)
        if found.excess == 1.0 and found.cost[:2] <= best.cost[:2]:
            best, low = found, step
        else:
            high = step
    return best


def _enlarged(found: Arrangement, framers: Sequence[Framer], paper: Paper, around: Around) -> Arrangement:
    """The same printed as large as the paper likes, while that takes no more pages, frames, or ways of the eye."""
    least, most = found.scale, paper.most / SMALL
    if found.excess > 1.0 or least < COMFORTABLE or most <= least:
        return found
    best = found
    for _ in range(_LARGER):
        middle = (least + most) / 2
        tried = _fitted(framers, paper, around, middle)
        if tried.excess == 1.0 and all(a <= b for a, b in zip(tried.cost, found.cost, strict=True)):
            best, least = tried, middle
        else:
            most = middle
    return best


def width_needed(framers: Sequence[Framer], paper: Paper, around: Around, found: Arrangement) -> Paper | None:
    """A page that holds at its least size of print what was `found` to have no room; None if none is near."""
    least = paper.least / SMALL
    for wider in _WIDTHS:
        on = paper.wider(math.ceil((found.width * least * wider + 2 * paper.margin) / 7.2) * 7.2)
        if _fitted(framers, on, around, on.least / SMALL).excess == 1.0:
            return on
    return None


def _fitted(framers: Sequence[Framer], paper: Paper, around: Around, scale: float) -> Arrangement:
    """The best arrangement found on pages of a paper, printed `scale` times as large."""
    width, height = (paper.width - 2 * paper.margin) / scale, (paper.height - 2 * paper.margin) / scale
    height -= around(scale)
    found: dict[tuple[int, ...], Arrangement] = {}  # by its frames: many limits give the same ones
    where = (False, True) if any(framer.tabled for framer in framers) else (False,)
    for limit in dict.fromkeys(max(limit * height, SHORT + 2 * MARGIN) for limit in _LIMITS):
        for below in where:
            frames = _frames(framers, width, limit, height, below)
            key = tuple(map(id, frames))
            if key not in found:
                found[key] = _packed(frames, width, height, scale)
    return min(found.values(), key=_worth)


def _worth(found: Arrangement) -> tuple[float, ...]:
    """What is better is less: nothing too wide, few pages, no column with next to nothing, little height."""
    return found.excess, *found.cost[:2], found.total * found.effort


def _frames(
    framers: Sequence[Framer], width: float, limit: float, height: float, below: bool, tagged: bool = False
) -> list[PanelFrame]:
    return [frame for framer in framers for frame in framer.frames(width, limit, height, below, tagged)]


def _packed(frames: Sequence[PanelFrame], width: float, height: float, scale: float = 1.0) -> Arrangement:
    continued = {i for i in range(1, len(frames)) if frames[i].number == frames[i - 1].number}
    slots = pack([(frame.width, frame.height) for frame in frames], width, height, GAP, continued)
    return Arrangement(tuple(frames), tuple(slots), width, scale, height)


def _free(framers: Sequence[Framer]) -> Arrangement:
    """Without a page's width: that which would be printed largest on a page of the usual proportions."""
    whole = [framer.frames(_ENDLESS, _ENDLESS, _ENDLESS, True)[0] for framer in framers]
    least, tallest = max(frame.width for frame in whole), max(frame.height for frame in whole)
    found: dict[tuple[float, ...], Arrangement] = {}  # by their width and frames: many limits give the same ones
    highest = 0.0
    for columns in _COLUMNS:
        limit = max(tallest / columns * 1.1, _LEAST_COLUMN)
        for below, tagged in ((False, False), (True, False), (True, True)):
            if tagged and highest < _HIGH * limit:
                continue
            frames = _frames(framers, _ENDLESS, limit, _ENDLESS, below, tagged)
            highest = max(frame.height for frame in frames)
            area = sum((frame.width + GAP) * (frame.height + GAP) for frame in frames)
            for loose in _LOOSE:
                width = max(math.sqrt(area * _ASPECT * loose), least)
                frames = _frames(framers, width, limit, _ENDLESS, below, tagged)
                if (key := (width, *map(id, frames))) not in found:
                    found[key] = _packed(frames, width, _ENDLESS)
        if limit == _LEAST_COLUMN:
            break

    def worth(one: Arrangement) -> float:
        return max(one.trimmed.width / _ASPECT, one.total) * one.effort * (1.0 + _EMPTY * one.empty)

    return min(found.values(), key=worth)
