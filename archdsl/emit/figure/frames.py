"""Turns a panel into frames of a size that has room: title, figure, table of instances, words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from archdsl.emit.figure.cuts import Cutter
from archdsl.emit.figure.measure import line_height
from archdsl.emit.figure.paint import Painter
from archdsl.emit.figure.patch import MeasuredTable, Patch, beside, measured, paragraph, stacked, tables, text
from archdsl.emit.figure.placed import Flow, PlacedSketch, Placer
from archdsl.emit.figure.scene import MAIN, SMALL, TITLE, Panel
from archdsl.emit.figure.side_by_side import GUTTER, LeavingTensor, Part, SideBySide, columns, tag_letters
from archdsl.emit.figure.skyline import Dimensions
from archdsl.emit.marks.model import GroupMark, Mark, RectMark

MARGIN = 9.0  # between a frame and what is in it, in points
_HEAD = 5.0  # below a title, in points
_TEXT, _LINE = 150.0, 420.0  # width that words may take at least, and take at most, in points
_SPLITS, _ROWS = 3, 6  # parts of a table beside each other at most, and rows of each at least
_BREAKS = (None, 96.0, 64.0, 44.0)  # widths beyond which lines of text in boxes are broken, in points
SHORT = 450.0  # figures up to this height, in points, stay in one column where they have room
_FAR = 2.5  # how much too wide a figure may be to try it with broken text
_LARGE = 150  # edges of a figure of which fewer ways to lay it out are tried
_NEVER = 2.0  # how much too wide a figure is that broken text cannot help
_LESS = 0.75  # of the width of the rows of a large figure: what broken text must bring it to
_HIGHER = 1.3  # by how much columns are made higher until they have room beside each other


@dataclass(frozen=True, slots=True)
class PanelFrame:
    """Panel `number`, or a part of it, ready to be put on a page: its least size, and what paints it in any larger."""

    number: int
    width: float
    height: float
    paint: Callable[[float, float, Dimensions], Iterable[Mark]]
    jumps: int = 0  # from column to column
    lone: int = 0  # columns of one box or none


@dataclass(slots=True)
class Framer:
    """Makes the frames of one panel; remembers how its figure was laid out and cut."""

    panel: Panel
    number: int
    painter: Painter
    flows: tuple[Flow, ...]
    notes: Mapping[tuple[int, ...], str] = field(default_factory=dict)
    laid: dict[Any, PlacedSketch] = field(default_factory=dict)
    least: dict[Any, float] = field(default_factory=dict)
    cutters: dict[int, Cutter] = field(default_factory=dict)
    made: dict[Any, list[PanelFrame]] = field(default_factory=dict)
    heads: dict[float, Patch] = field(default_factory=dict)
    columns: dict[float, list[Patch]] = field(default_factory=dict)
    table: MeasuredTable | None = field(init=False)

    def __post_init__(self) -> None:
        table = self.panel.table
        self.table = measured(table) if table is not None and table.rows else None

    def frames(
        self, width: float, limit: float, most: float, below: bool = False, tagged: bool = False
    ) -> list[PanelFrame]:
        """The panel in frames that are at most so wide where it can be, about `limit` high and at most `most`.

        With `below` the table stands below the figure, else where it takes least room. With `tagged` the figure is cut
        to `limit` also where several wires cross, which then end at tags.
        """
        inside = width - 2 * MARGIN
        most -= 2 * MARGIN + self._head(inside).height + _HEAD
        if self.panel.words:
            return self._remembered(("told", round(inside), round(most)), lambda: self._framed([], inside, most, below))
        limit = max(limit - 2 * MARGIN, SHORT)
        placed = self._chosen(inside, most)
        high = placed.size[1] + self._said_height
        about = 0 if placed.flow is Flow.RIGHT else round(min(limit, most, high))
        key = id(placed), round(inside), about, round(min(most, high)), below, tagged
        cutter, limit = self._cutter(placed), min(limit, most)
        return self._remembered(
            key, lambda: self._framed(list(_groups(cutter, inside, limit, most, tagged)), inside, most, below)
        )

    def hopeless(self, width: float, height: float) -> bool:
        """Whether one layout of a large figure, and what rows need in others, show that it is far too large."""
        if len(self.panel.sketch.edges) <= _LARGE or self.panel.words:
            return False
        first = self.place(self.flows[0], None)
        wider = first.width / self._least(first.flow, None)
        rooms = ((flow, height if flow is Flow.RIGHT else width) for flow in self.flows)
        return all(wider * self._least(flow, None) > _NEVER * room for flow, room in rooms)

    @property
    def tabled(self) -> bool:
        """Whether a table stands beside the figure, or below it."""
        return self.table is not None

    def _remembered(self, key: Any, make: Callable[[], list[PanelFrame]]) -> list[PanelFrame]:
        if key not in self.made:
            self.made[key] = make()
        return self.made[key]

    @property
    def _said_height(self) -> float:
        """More than the height of what is said about the panel, in points."""
        return 40.0 + 3 * line_height(SMALL) * (len(self.panel.table.rows) if self.panel.table else 0)

    def _cutter(self, placed: PlacedSketch) -> Cutter:
        if id(placed) not in self.cutters:
            self.cutters[id(placed)] = Cutter(placed)
        return self.cutters[id(placed)]

    def place(self, flow: Flow, most: float | None) -> PlacedSketch:
        """The panel's figure, laid out once per direction and width of text."""
        key = flow, most
        if key not in self.laid:
            self.laid[key] = Placer(flow, most, self.notes).place(self.panel.sketch)
        return self.laid[key]

    def _chosen(self, width: float, height: float) -> PlacedSketch:
        """The first way to lay the figure out that fits; else what exceeds the page least across its direction."""
        found: dict[Flow, PlacedSketch] = {}
        for most in _BREAKS if len(self.panel.sketch.edges) <= _LARGE else (None, _BREAKS[-1]):
            for flow in self.flows:
                # Broken text makes a figure half as wide at best.
                if flow in found and min(placed.size[0] for placed in found.values()) > _FAR * width:
                    continue
                if not self._narrows(flow, most):
                    continue
                placed = self.place(flow, most)
                if placed.size[0] <= width and (flow is not Flow.RIGHT or placed.size[1] <= height):
                    return placed
                found[flow] = placed
        return min(found.values(), key=lambda placed: placed.width / (height if placed.flow is Flow.RIGHT else width))

    def _narrows(self, flow: Flow, most: float | None) -> bool:
        """Whether broken text makes a large figure so much narrower that it is laid out again: wires stay."""
        if most is None or (flow, most) in self.laid or len(self.panel.sketch.edges) <= _LARGE:
            return True
        return self._least(flow, most) < _LESS * self._least(flow, None)

    def _least(self, flow: Flow, most: float | None) -> float:
        if (flow, most) not in self.least:
            self.least[flow, most] = Placer(flow, most, self.notes).least_width(self.panel.sketch)
        return self.least[flow, most]

    def _head(self, most: float) -> Patch:
        if most not in self.heads:
            self.heads[most] = self._titled(most)
        return self.heads[most]

    def _titled(self, most: float) -> Patch:
        title = self.panel.title
        name = " ".join(filter(None, (title.name, title.variant)))
        *above, first = paragraph([name], max(most, _TEXT), TITLE, "ink", True)
        rest: list[Patch] = []
        if title.uses:
            uses = text(title.uses, MAIN, "soft", base=TITLE)
            if first.width + TITLE / 2 + uses.width <= max(most, _TEXT):
                first = beside([first, uses], TITLE / 2)
            else:
                rest = paragraph([title.uses], max(most, _TEXT), MAIN)
        return stacked([*above, first, *rest, *paragraph(title.remarks, max(most, _TEXT))])

    def _framed(self, groups: Sequence[SideBySide], width: float, most: float, below: bool) -> list[PanelFrame]:
        """Frames around the groups of columns of the figure; the table and the words stand with the last one, if
        there is room, else in frames of their own."""
        figures = [self._figure(group) for group in groups]
        if self.table is not None:
            whole = (
                [_with_table(figures[-1], self._columns(self.table, width), (width, most), below)] if figures else []
            )
            if whole and whole[0].height <= most:
                figures[-1:] = whole
            else:
                figures += _paged(self.table, width, most)
        figures += _lines_paged(paragraph(self.panel.words, max(_TEXT, min(width, _LINE))), most)
        eye = [(group.jumps, group.lone) for group in groups] + [(0, 0)] * len(figures)
        return [self._frame(figure, width, i, *eye[i]) for i, figure in enumerate(figures)]

    def _columns(self, table: MeasuredTable, width: float) -> list[Patch]:
        """The table at a width, in one column, two, and more."""
        if width not in self.columns:
            most = max(1, min(_SPLITS, len(table.table.rows) // _ROWS))
            splits = [table.split(number) for number in range(1, most + 1)]
            self.columns[width] = [beside([tables(part, width) for part in parts], 2 * MARGIN) for parts in splits]
        return self.columns[width]

    def _figure(self, group: SideBySide) -> Patch:
        return Patch(*group.size, lambda x, y: self.painter.sketch(group.draw(), (x, y), f"panel-{self.number}"))

    def _frame(self, content: Patch, width: float, part: int, jumps: int, lone: int) -> PanelFrame:
        """A frame around a part of the panel."""
        again = f"{self.panel.title.name} {self.panel.title.variant}".strip() + ", continued"
        head = self._head(width) if part == 0 else stacked(paragraph([again], max(width, _TEXT), TITLE, "ink", True))
        name = f"panel-{self.number}" + (f".part-{part + 1}" if part else "")

        def paint(x: float, y: float, size: Dimensions) -> Iterable[Mark]:
            marks: list[Mark] = [RectMark(x, y, *size, "frame.fill", "frame", 0.6, 3.0)]
            marks += head.paint(x + MARGIN, y + MARGIN)
            marks += content.paint(x + (size[0] - content.width) / 2, y + MARGIN + head.height + _HEAD)
            yield GroupMark(tuple(marks), name, "panel")

        inner = max(head.width, content.width)
        height = content.height + head.height + _HEAD + 2 * MARGIN
        return PanelFrame(self.number, inner + 2 * MARGIN, height, paint, jumps, lone)


def _with_table(figure: Patch, columns: Sequence[Patch], room: Dimensions, below: bool) -> Patch:
    """A figure with its table: beside it (but not with `below`) or below, in one column or several, in least room."""
    found = []
    for said in columns:
        found += [_centred(figure, said)] + ([] if below else [beside([figure, said], 2 * MARGIN)])
    narrow = [patch for patch in found if patch.width <= room[0]] or found[:1]
    fitting = [patch for patch in narrow if patch.height <= room[1]] or narrow
    return min(fitting, key=lambda patch: patch.width * patch.height)


def _centred(figure: Patch, said: Patch) -> Patch:
    """A figure in the middle above what is said about it."""
    wide = max(figure.width, said.width)

    def paint(x: float, y: float) -> Iterable[Mark]:
        yield from figure.paint(x + (wide - figure.width) / 2, y)
        yield from said.paint(x + (wide - said.width) / 2, y + figure.height + MARGIN)

    return Patch(wide, figure.height + MARGIN + said.height, paint)


def _paged(table: MeasuredTable, width: float, most: float) -> list[Patch]:
    """A table in as many parts as have to be, each of at most the height of a page."""
    for number in range(1, len(table.table.rows) + 1):
        made = [tables(part, width) for part in table.split(number)]
        if max(patch.height for patch in made) <= most:
            break
    rows: list[list[Patch]] = []
    for patch in made:
        if rows and sum(other.width + 2 * MARGIN for other in rows[-1]) + patch.width <= width:
            rows[-1].append(patch)
        else:
            rows.append([patch])
    return [beside(row, 2 * MARGIN) for row in rows]


def _lines_paged(lines: Sequence[Patch], most: float) -> list[Patch]:
    """Lines of text in as many pieces as have to be."""
    count = max(1, int(most / line_height(SMALL)))
    return [stacked(lines[i : i + count]) for i in range(0, len(lines), count)]


def _groups(cutter: Cutter, width: float, limit: float, most: float, tagged: bool) -> Iterator[SideBySide]:
    """The figure in columns beside each other; in several groups of them, if one has no room."""
    placed = cutter.placed
    across, along = (most, width) if placed.flow is Flow.RIGHT else (width, most)
    wanted = min(limit, along) if placed.flow is not Flow.RIGHT else along
    if placed.height <= wanted:
        yield SideBySide(placed.flow, placed.width, placed.height, 0, 0, lambda: placed)
        return
    while True:
        cut = cutter.parts(wanted, wanted if tagged else along)
        whole = cutter.side_by_side(cut)
        if whole.width <= across or wanted >= along:
            break
        wanted = min(wanted * _HIGHER, along)
    if whole.width <= across:
        yield whole
        return
    letters, known = tag_letters(placed.sketch), dict[LeavingTensor, str]()
    for group in _filled(cut, across):
        yield columns(placed, group, letters, known)


def _filled(cut: Sequence[Part], across: float) -> list[list[Part]]:
    """Parts in groups, each with as many as have room beside each other."""
    groups: list[list[Part]] = []
    used = 0.0
    for part in cut:
        width = part.width + GUTTER
        if groups and used + width - GUTTER <= across:
            groups[-1].append(part)
            used += width
        else:
            groups.append([part])
            used = width
    return groups
