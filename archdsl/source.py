"""Turns the text of one .arch file into positions a person can read: lines, columns and spans."""

from __future__ import annotations

import bisect
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple


@dataclass(frozen=True, eq=False)
class Source:
    """One file's text. Offsets count characters of `text`; lines and columns count from 1."""

    name: str
    text: str
    _starts: list[int] = field(default_factory=list, repr=False)

    def _line_starts(self) -> list[int]:
        if not self._starts:  # another thread may be at it too: it sees none or all of them
            self._starts[:] = list(accumulate([len(line) + 1 for line in self.text.split("\n")], initial=0))[:-1]
        return self._starts

    def __repr__(self) -> str:  # without the text, which may be megabytes
        return f"Source({self.name!r})"

    def line_column(self, offset: int) -> tuple[int, int]:
        """Line and column (both from 1) of the character at `offset`."""
        starts = self._line_starts()
        line = bisect.bisect_right(starts, offset)
        return line, offset - starts[line - 1] + 1

    def line_text(self, line: int) -> str:
        """The text of line `line` (from 1) without its newline; empty past the end."""
        starts = self._line_starts()
        if not 1 <= line <= len(starts):
            return ""
        end = starts[line] - 1 if line < len(starts) else len(self.text)
        return self.text[starts[line - 1] : end].rstrip("\r")


class Span(NamedTuple):
    """Characters `start` up to (not including) `end` of a source."""

    source: Source
    start: int
    end: int

    @property
    def line(self) -> int:
        """Line of the first character, from 1."""
        return self.source.line_column(self.start)[0]

    @property
    def column(self) -> int:
        """Column of the first character, from 1."""
        return self.source.line_column(self.start)[1]

    @property
    def text(self) -> str:
        """The characters themselves."""
        return self.source.text[self.start : self.end]

    def __repr__(self) -> str:
        return f"Span({self.source.name!r}, {self.line}:{self.column})"

    def __str__(self) -> str:
        line, column = self.source.line_column(self.start)
        return f"{self.source.name}:{line}:{column}"
