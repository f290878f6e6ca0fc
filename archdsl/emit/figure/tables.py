"""Turns what differs between the instances of a panel into a table with as few rows as say it exactly."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from archdsl.emit.figure.scene import Table
from archdsl.emit.figure.where import where

USES = "×"
_LEAST = 4  # rows that make a progression, at least
_NUMBER = re.compile(r"\d+")
_SIZES = re.compile(r"(0|[1-9]\d*)( × (0|[1-9]\d*))*")

CellTexts = tuple[str, ...]


class TableRow(NamedTuple):
    """Cells for one body: how often it is used, how many modules that are, and some of their paths."""

    cells: CellTexts
    uses: int
    modules: int
    paths: tuple[str, ...]


def table(head: Sequence[str], rows: Sequence[TableRow], places: str) -> Table | None:
    """Rows of cells with uses and module paths, equal ones as one, long progressions as one; None if all are equal.

    `places` is what the column of paths is called.
    """
    merged: dict[CellTexts, TableRow] = {}
    for row in rows:
        known = merged.get(row.cells, TableRow(row.cells, 0, 0, ()))
        sums = known.uses + row.uses, known.modules + row.modules
        merged[row.cells] = TableRow(row.cells, *sums, (*known.paths, *row.paths))
    if len(merged) < 2:
        return None
    listed = list(merged.values())
    made: list[CellTexts] = []
    at = 0
    while at < len(listed):
        count = _progression(listed, at)
        group = listed[at : at + count]
        shown = [_cell([row.cells[column] for row in group]) for column in range(len(head))]
        there = where(group[0].paths, group[0].modules) if count == 1 else ""
        made.append((*shown, f"{sum(row.uses for row in group):,}", there))
        at += count
    columns = [*range(len(head))]
    columns += [len(head)] if any(row.uses > 1 for row in listed) or len(made) < len(listed) else []
    columns += [len(head) + 1] if any(row[-1] for row in made) else []
    names = (*head, USES, places)
    return Table(tuple(names[c] for c in columns), tuple(tuple(row[c] for c in columns) for row in made))


def _progression(rows: Sequence[TableRow], begin: int) -> int:
    """How many rows from `begin` on are said as one: equal uses, and each number equal or in equal steps."""
    if begin + _LEAST > len(rows):
        return 1
    steps = _steps(rows[begin].cells, rows[begin + 1].cells)
    if steps is None:
        return 1
    end = begin + 1
    while end < len(rows) and rows[end].uses == rows[begin].uses:
        if _steps(rows[end - 1].cells, rows[end].cells) != steps:
            break
        end += 1
    return end - begin if end - begin >= _LEAST else 1


def _steps(before: CellTexts, after: CellTexts) -> tuple[int, ...] | None:
    """By how much each number of the cells grows; None where anything but whole numbers and sizes differs."""
    steps: list[int] = []
    for a, b in zip(before, after, strict=True):
        if a != b and not (_SIZES.fullmatch(a) and _SIZES.fullmatch(b) and a.count(" ") == b.count(" ")):
            return None
        steps += (
            [int(n) - int(m) for m, n in zip(_NUMBER.findall(a), _NUMBER.findall(b), strict=True)] if a != b else [0]
        )
    return tuple(steps)


def _cell(values: Sequence[str]) -> str:
    """A cell for several rows: `(64 to 224 by 32) × 56 × 56`."""
    first, last = values[0], values[-1]
    if first == last and len(set(values)) == 1:
        return first
    ends = iter(_NUMBER.findall(last))
    second = iter(_NUMBER.findall(values[1]))

    def range_text(found: re.Match[str]) -> str:
        begin, end, then = int(found[0]), int(next(ends)), int(next(second))
        alone = found[0] == first
        told = f"{begin} to {end} by {then - begin}".replace("by -", "by −")
        return found[0] if begin == end else told if alone else f"({told})"

    return _NUMBER.sub(range_text, first)
