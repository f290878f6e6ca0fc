"""Turns names and numbers into the cells of text tables, and cells into a table that fits a width."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from archdsl.diagnostics.display import safe, width

_LEAST = 8  # columns of text are cut no shorter


def cut(text: str, columns: int) -> str:
    """`text`, its end left out where it takes more than `columns` columns on a terminal."""
    if width(text) <= columns:
        return text
    while text and width(text) >= columns:
        text = text[:-1]
    return text + "…"


def cut_left(text: str, columns: int) -> str:
    """`text`, its beginning left out where it takes more: of a place, "…net.arch:20", the line is what counts."""
    return cut(text[::-1], columns)[::-1]


def table(rows: Sequence[Sequence[str]], columns: int, *, texts: int, modules: bool = False) -> str:
    """Rows, the first of which is the head, as a table of at most `columns` columns where numbers leave room for that.

    The first `texts` cells of a row are text, to the left, the others numbers, to the right. Where not all fits, the
    gaps shrink from two blanks to one, and then the widest texts are cut. A table of `modules` takes all columns, and
    their names, its first cells, lose their beginning rather than their end.
    """
    shown = [[safe(cell) for cell in row] for row in rows]
    wide = [max(map(width, column)) for column in zip(*shown, strict=True)]
    gap = 2 if sum(wide) + 2 * (len(wide) - 1) <= columns else 1
    spare = columns - sum(wide) - gap * (len(wide) - 1)
    while spare < 0 and max(wide[:texts]) > _LEAST:
        wide[wide.index(max(wide[:texts]))] -= 1
        spare += 1
    while modules and spare > 0:
        wide[wide.index(min(wide[:2]))] += 1
        spare -= 1
    lines = []
    for row in shown:
        if modules:
            row[0] = cut_left(row[0], wide[0])
        cells = [_padded(cell, size, i < texts) for i, (cell, size) in enumerate(zip(row, wide, strict=True))]
        lines.append((" " * gap).join(cells).rstrip())
    rule = "─" * (sum(wide) + gap * (len(wide) - 1))
    return "\n".join([lines[0], rule, *lines[1:]]) + "\n"


def _padded(text: str, columns: int, left: bool) -> str:
    text = cut(text, columns)
    blanks = " " * (columns - width(text))
    return text + blanks if left else blanks + text


def number_text(number: int | float | Fraction | None) -> str:
    """A number in full, or in powers of ten when it is longer than a line; "-" where it is not defined."""
    if number is None:
        return "-"
    if not isinstance(number, int):
        return f"{float(number):.4g}"
    if abs(number) < 10**40:
        return f"{number:,}"
    digits = str(abs(number)) if abs(number) < 10**4000 else ""
    size = f"{digits[0]}.{digits[1:4]}e+{len(digits) - 1}" if digits else f"2^{abs(number).bit_length() - 1}"
    return f"{'' if digits else 'about '}{'-' if number < 0 else ''}{size}"


def share_text(part: int | Fraction, whole: int) -> str:
    """A share in percent; one that is less than two digits tell, and not 0, says so; "-" of nothing."""
    if not whole:
        return "-"
    found = float(100 * part / whole)
    return f"{found:.2f}" if found >= 0.005 or not part else "<0.01"


def short(number: int | float | Fraction | None) -> str:
    """A number to five digits: 25,557,032 as 25.557M."""
    for suffix, size in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if isinstance(number, int) and number >= size:
            return f"{number / size:.5g}{suffix}"
    return number_text(number)
