"""Turns text of any file into terminal cells: no control characters, tabs expanded, wide characters counted as two."""

from __future__ import annotations

import unicodedata
from reprlib import Repr
from typing import Any

TAB = 4
LONGEST = 600


def cell(character: str) -> str:
    """What stands for `character` on a terminal: itself when printable, else an escape such as `\\x1b`."""
    if character.isprintable():
        return character
    if character == "\t":
        return " " * TAB
    point = ord(character)
    if point < 0x100:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"


def width(shown: str) -> int:
    """Columns that `shown` takes on a terminal."""
    if shown.isascii():
        return len(shown)
    return sum(_columns(character) for character in shown)


def _columns(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def safe(text: str) -> str:
    """One line of `text` that is harmless on a terminal; the middle of a very long one is left out."""
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]} … {text[-LONGEST // 2 :]}"
    if text.isprintable():
        return text
    return "".join(map(cell, text))


def harmless(text: str) -> str:
    """`text` with its line breaks, and with nothing else that moves a cursor or hides what it says."""
    return "\n".join(line if line.isprintable() else "".join(map(cell, line)) for line in text.split("\n"))


class Cells:
    """The part of a line that fits into `columns`, chosen to show the characters `first` to `last` of it.

    `shown` is the text to print, `grid` the same with one character per column; `column(i)` is where character i of the
    line begins.
    """

    def __init__(self, line: str, columns: int, first: int, last: int) -> None:
        start, end = _window(line, columns, first, last)
        if start == 0 and line[:1] == "\ufeff":
            line = " " + line[1:]
        pieces = [cell(character) for character in line[start:end]]
        left = "…" if start else ""
        self._start = start
        self._columns = [width(left)]
        for piece in pieces:
            self._columns.append(self._columns[-1] + width(piece))
        self.grid = left + "".join(piece if piece.isascii() else piece * width(piece) for piece in pieces)
        self.shown = left + "".join(pieces) + ("…" if end < len(line) else "")

    def column(self, index: int) -> int:
        """The column, from 0, at which character `index` begins; characters outside the part count as its edges."""
        inside = min(max(index - self._start, 0), len(self._columns) - 1)
        return self._columns[inside]


def _window(line: str, columns: int, first: int, last: int) -> tuple[int, int]:
    """Which characters of `line` to show in `columns` so that `first` is seen and, if it fits, `last` too."""
    if len(line) <= columns and width("".join(map(cell, line))) <= columns:
        return 0, len(line)
    room = columns - 2  # for the two marks of omission
    start = end = min(first, len(line))
    used = 0
    while end < min(last, len(line)) and used + _cost(line[end]) <= room:
        used += _cost(line[end])
        end += 1
    context = (room - used) // 3
    while start > 0 and _cost(line[start - 1]) <= context:
        start -= 1
        context -= _cost(line[start])
        used += _cost(line[start])
    while end < len(line) and used + _cost(line[end]) <= room:
        used += _cost(line[end])
        end += 1
    while start > 0 and used + _cost(line[start - 1]) <= room:
        start -= 1
        used += _cost(line[start])
    return start, end


def _cost(character: str) -> int:
    return width(cell(character))


def quoted(text: str) -> str:
    """`text` in a sentence: its beginning where it is long."""
    return repr(text if len(text) <= 40 else text[:37] + "...")


def brief(value: Any) -> str:
    """A value in a sentence, whole or by its type: it may be huge, or hold itself."""
    short = Repr()
    short.maxstring = short.maxother = 60
    try:
        text = short.repr(value)
    except ValueError:  # an int of thousands of digits
        text = ""
    kind = type(value).__name__
    return text if text and len(text) <= 40 else f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
