"""Holds a rectangle of a figure that can be painted anywhere: lines of text, a table, columns and rows of these."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from archdsl.emit.figure.measure import line_height, text_width
from archdsl.emit.figure.placed import wrap
from archdsl.emit.figure.scene import SMALL, Table
from archdsl.emit.marks.model import Colour, Mark, PathMark, TextMark

_BASE = 0.35  # how far below the middle of a line of text its base line is, in sizes
_NARROW = 56.0  # what a column whose text is broken has at least, in points
_COLUMN = 10.0  # between two columns of a table, in points
_RULE, _HEAVY = 0.4, 0.8  # lines of a table: below its head, above and below all


class Patch(NamedTuple):
    """Something with a size, and what paints it with its upper left corner at a place."""

    width: float
    height: float
    paint: Callable[[float, float], Iterable[Mark]]


def base_line(middle: float, size: float) -> float:
    """Where the base line of a line of text is whose middle is at height `middle`."""
    return middle + _BASE * size


def text(line: str, size: float = SMALL, colour: Colour = "ink", bold: bool = False, base: float = 0.0) -> Patch:
    """One line of text; with `base` on the base line and with the height of one of that size."""
    base = base or size
    height = line_height(base)

    def paint(x: float, y: float) -> Iterable[Mark]:
        yield TextMark(x, base_line(y + height / 2, base), line, size, colour, bold)

    return Patch(text_width(line, size, bold), height, paint)


def paragraph(
    lines: Iterable[str], most: float, size: float = SMALL, colour: Colour = "soft", bold: bool = False
) -> list[Patch]:
    """Lines of text broken where they are wider than `most` points."""

    def fits(words: str) -> bool:
        return text_width(words, size, bold) <= most

    return [text(part, size, colour, bold) for line in lines for part in wrap(line, fits, True)]


def stacked(patches: Sequence[Patch], gap: float = 0.0) -> Patch:
    """Patches below each other, with their left sides aligned."""

    def paint(x: float, y: float) -> Iterable[Mark]:
        for patch in patches:
            yield from patch.paint(x, y)
            y += patch.height + gap

    height = sum(patch.height + gap for patch in patches) - gap
    return Patch(max((patch.width for patch in patches), default=0.0), max(height, 0.0), paint)


def beside(patches: Sequence[Patch], gap: float) -> Patch:
    """Patches beside each other, with their upper sides aligned."""

    def paint(x: float, y: float) -> Iterable[Mark]:
        for patch in patches:
            yield from patch.paint(x, y)
            x += patch.width + gap

    width = sum(patch.width + gap for patch in patches) - gap
    return Patch(max(width, 0.0), max((patch.height for patch in patches), default=0.0), paint)


@dataclass(frozen=True, slots=True)
class MeasuredTable:
    """A table, and how wide each cell of its head and of its rows is, in points."""

    table: Table
    widths: tuple[tuple[float, ...], ...]

    def split(self, parts: int) -> list[MeasuredTable]:
        """The table as so many of about equally many rows."""
        head, rows = self.table.head, self.table.rows
        count = math.ceil(len(rows) / parts)
        return [
            MeasuredTable(Table(head, rows[i : i + count]), (self.widths[0], *self.widths[1 + i : 1 + i + count]))
            for i in range(0, len(rows), count)
        ]


def measured(table: Table) -> MeasuredTable:
    """The table with the widths of its cells."""
    head = tuple([text_width(cell, SMALL, bold=True) for cell in table.head])
    return MeasuredTable(table, (head, *[tuple([text_width(cell, SMALL) for cell in row]) for row in table.rows]))


def tables(table: MeasuredTable, most: float) -> Patch:
    """A table; one that is wider than `most` points is broken into groups of columns, each with the first column."""
    widths, broken = _widths(table, most)
    groups: list[list[int]] = []
    for i in range(len(widths)):
        wanted = sum(widths[k] + _COLUMN for k in (groups[-1] if groups else [])) + widths[i]
        if groups and (wanted <= most or len(groups[-1]) == 1):
            groups[-1].append(i)
        else:
            groups.append([0, i] if i else [0])
    return stacked([_table(table.table, group, widths, broken) for group in groups], 6.0)


def _widths(table: MeasuredTable, most: float) -> tuple[list[float], int | None]:
    """Widths of the columns; where they are too wide together, the widest, whose number is given, is narrower."""
    widths = [max(column) for column in zip(*table.widths, strict=True)]
    over = sum(widths) + _COLUMN * (len(widths) - 1) - most
    if over <= 0:
        return widths, None
    widest = max(range(len(widths)), key=widths.__getitem__)
    rows = (table.table.head, *table.table.rows)
    words = max(text_width(word, SMALL) for row in rows for word in row[widest].split(" "))
    if over > widths[widest] - max(words, _NARROW):
        return widths, None
    widths[widest] -= over
    return widths, widest


def _table(table: Table, columns: Sequence[int], widths: Sequence[float], broken: int | None) -> Patch:
    """Some columns of a table, the text of one `broken`: ruled above, below its head and below, as papers set them."""
    rows = (table.head, *table.rows)
    height, pad = line_height(SMALL), 2.0
    width = sum(widths[i] + _COLUMN for i in columns) - _COLUMN
    cells: dict[tuple[int, int], list[str]] = {}
    if broken is not None and broken in columns:
        cells = {(number, broken): _cell(row[broken], widths[broken]) for number, row in enumerate(rows)}
    lines = [1] * len(rows)
    for (number, _), parts in cells.items():
        lines[number] = len(parts)

    def paint(x: float, y: float) -> Iterable[Mark]:
        right = [all(_is_number(row[i]) for row in table.rows if row[i]) for i in columns]
        yield _line(x, y, width, _HEAVY)
        y += pad
        for number, row in enumerate(rows):
            left = x
            for i, flush in zip(columns, right, strict=True):
                for k, words in enumerate(cells.get((number, i), (row[i],))):
                    base = base_line(y + height * (k + 0.5), SMALL)
                    anchor, at = ("end", left + widths[i]) if flush else ("start", left)
                    yield TextMark(at, base, words, SMALL, "soft" if number == 0 else "ink", number == 0, anchor)  # type: ignore[arg-type]
                left += widths[i] + _COLUMN
            y += height * lines[number]
            if number == 0:
                yield _line(x, y + pad, width, _RULE)
                y += 2 * pad
        yield _line(x, y + pad, width, _HEAVY)

    return Patch(width, sum(lines) * height + 4 * pad, paint)


def _cell(words: str, width: float) -> list[str]:
    return wrap(words, lambda part: text_width(part, SMALL) <= width + 0.01) or [""]


def _is_number(cell: str) -> bool:
    return cell.replace(",", "").replace(".", "").replace("−", "").replace("×", "").strip().isdigit()


def _line(x: float, y: float, width: float, line: float) -> Mark:
    return PathMark((("M", x, y), ("L", x + width, y)), "soft", None, line)
