"""Turns a panel into frames of a size that has room: title, figure, table of instances, words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from archdsl.emit.figure.cuts import Part, columns, parts
from archdsl.emit.figure.paint import Painter
from archdsl.emit.figure.patch import Patch, beside, paragraph, stacked, tables, text
from archdsl.emit.figure.placed import Flow, PlacedSketch, Placer
from archdsl.emit.figure.scene import MAIN, TITLE, Panel
from archdsl.emit.figure.skyline import Dimensions
from archdsl.emit.marks.model import GroupMark, Mark, RectMark

MARGIN = 9.0  # between a frame and what is in it, in points
_HEAD = 5.0  # below a title, in points
_TEXT = 150.0  # width that words may take at least, in points
_BREAKS = (None, 96.0, 64.0, 44.0)  # widths beyond which lines of text in boxes are broken, in points
_SHORT = 420.0  # figures of blocks up to this height, in points, stay in one column
_HIGHER = 1.3  # by how much columns are made higher until they have room beside each other


@dataclass(frozen=True, slots=True)
class PanelFrame:
    """Panel `number`, or a part of it, ready to be put on a page: its least size, and what paints it in any larger."""

    number: int
    width: float
    height: float
    paint: Callable[[float, float, Dimensions], Iterable[Mark]]
    jumps: int = 0  # from column to column


@dataclass(slots=True)
class Framer:
    """Makes the frames of one panel; remembers how its figure was laid out and cut."""

    panel: Panel
    number: int
    painter: Painter
    flows: tuple[Flow, ...]
    notes: Mapping[tuple[int, ...], str] = field(default_factory=dict)
    laid: dict[Any, PlacedSketch] = field(default_factory=dict)
    made: dict[Any, list[PanelFrame]] = field(default_factory=dict)

    def frames(self, width: float, limit: float, most: float) -> list[PanelFrame]:
        """The panel in frames that are at most so wide where it can be, about `limit` high and at most `most`."""
        inside = width - 2 * MARGIN
        head = 2 * MARGIN + self._head(inside).height + _HEAD
        most -= head
        limit = limit - head if self.number == 1 else min(most, max(limit - head, _SHORT))
        placed = self._chosen(inside, most)
        high = placed.size[1]
        key = id(placed), round(inside), round(min(limit, high)), round(min(most, high))
        if key not in self.made:
            self.made[key] = [
                self._frame(group, inside, i, last)
                for i, (group, last) in enumerate(_groups(placed, inside, limit, most))
            ]
        return self.made[key]

    def place(self, flow: Flow, most: float | None) -> PlacedSketch:
        """The panel's figure, laid out once per direction and width of text."""
        key = flow, most
        if key not in self.laid:
            self.laid[key] = Placer(flow, most, self.notes).place(self.panel.sketch)
        return self.laid[key]

    def _chosen(self, width: float, height: float) -> PlacedSketch:
        """The first way to lay the figure out that fits; else one to the right, to be cut; else the narrowest."""
        found = []
        for most in _BREAKS:
            for flow in self.flows:
                placed = self.place(flow, most)
                if placed.size[0] <= width and (flow is not Flow.RIGHT or placed.size[1] <= height):
                    return placed
                found.append(placed)
        cut = [placed for placed in found if placed.flow is Flow.RIGHT and placed.size[1] <= height]
        return min(cut or found, key=lambda placed: placed.size[0])

    def _head(self, most: float) -> Patch:
        title = self.panel.title
        first = text(" ".join(filter(None, (title.name, title.variant))), TITLE, "ink", True)
        rest: list[Patch] = []
        if title.uses:
            uses = text(title.uses, MAIN, "soft", base=TITLE)
            if first.width + TITLE / 2 + uses.width <= max(most, _TEXT):
                first = beside([first, uses], TITLE / 2)
            else:
                rest = paragraph([title.uses], max(most, _TEXT), MAIN)
        return stacked([first, *rest, *paragraph(title.remarks, max(most, _TEXT))])

    def _frame(self, placed: PlacedSketch, width: float, part: int, last: bool) -> PanelFrame:
        """A frame around a part of the figure; what is said about the panel stands with the last part."""
        head = self._head(width) if part == 0 else text(f"{self.panel.title.name}, continued", TITLE, "ink", True)
        path = f"panel-{self.number}"
        figure = Patch(*placed.size, lambda x, y: self.painter.sketch(placed, (x, y), path))
        said = self._said(max(figure.width, head.width, _TEXT), width) if last else None
        content = figure if said is None else _with_words(figure, said, width)
        name = f"{path}.part-{part + 1}" if part else path

        def paint(x: float, y: float, size: Dimensions) -> Iterable[Mark]:
            marks: list[Mark] = [RectMark(x, y, *size, "frame.fill", "frame", 0.6, 3.0)]
            marks += head.paint(x + MARGIN, y + MARGIN)
            marks += content.paint(x + (size[0] - content.width) / 2, y + MARGIN + head.height + _HEAD)
            yield GroupMark(tuple(marks), name, "panel")

        inner = max(head.width, content.width)
        return PanelFrame(
            self.number, inner + 2 * MARGIN, content.height + head.height + _HEAD + 2 * MARGIN, paint, placed.jumps
        )

    def _said(self, most: float, width: float) -> Patch | None:
        """Table and words."""
        patches: list[Patch] = []
        if self.panel.table is not None and self.panel.table.rows:
            patches.append(tables(self.panel.table, width))
        patches += paragraph(self.panel.words, max(most, _TEXT))
        return stacked(patches, 1.0) if patches else None


def _with_words(figure: Patch, said: Patch, width: float) -> Patch:
    """A figure with what is said about it: beside it where that takes less room, else below."""
    across = figure.width + 2 * MARGIN + said.width
    below = max(figure.width, said.width) * (figure.height + MARGIN + said.height)
    if across <= width and across * max(figure.height, said.height) < below:
        return beside([figure, said], 2 * MARGIN)
    wide = max(figure.width, said.width)

    def paint(x: float, y: float) -> Iterable[Mark]:
        yield from figure.paint(x + (wide - figure.width) / 2, y)
        yield from said.paint(x, y + figure.height + MARGIN)

    return Patch(wide, figure.height + MARGIN + said.height, paint)


def _groups(placed: PlacedSketch, width: float, limit: float, most: float) -> Iterator[tuple[PlacedSketch, bool]]:
    """The figure in columns beside each other; in several groups of them, if one has no room; the last marked."""
    across, along = (most, width) if placed.flow is Flow.RIGHT else (width, most)
    wanted = min(limit, along) if placed.flow is not Flow.RIGHT else along
    if placed.height <= wanted:
        yield placed, True
        return
    while True:
        cut = parts(placed, wanted, along)
        whole = columns(cut, _letters(), {})
        if whole.width <= across or wanted >= along:
            break
        wanted = min(wanted * _HIGHER, along)
    if whole.width <= across:
        yield whole, True
        return
    letters, known = _letters(), dict[tuple[int, int], str]()
    groups = _filled(cut, across)
    for group in groups:
        yield columns(group, letters, known), group is groups[-1]


def _filled(cut: Sequence[Part], across: float) -> list[list[Part]]:
    """Parts in groups, each with as many as have room beside each other."""
    groups: list[list[Part]] = []
    for part in cut:
        if groups and columns([*groups[-1], part], _letters(), {}).width <= across:
            groups[-1].append(part)
        else:
            groups.append([part])
    return groups


def _letters() -> Iterator[str]:
    """A, B, …, Z, A1, B1, …."""
    for round in count():
        for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ":
            yield letter + (str(round) if round else "")
