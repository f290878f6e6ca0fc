"""Keeps each value of the page's JSON once, in tables, and hands out indices."""

from __future__ import annotations

from collections.abc import Hashable
from pathlib import Path
from typing import Any

from archdsl.analysis.cost import Cost
from archdsl.emit.marks.font import text_width
from archdsl.source import Span

_EXACT = 1 << 53  # beyond, JavaScript's numbers are not exact


class Numbered:
    """Values in the order in which they were first asked for."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._number: dict[Hashable, int] = {}

    def __call__(self, value: Any) -> int:
        """The number of `value`, a new one if it is new."""
        found = self._number.setdefault(value, len(self.values))
        if found == len(self.values):
            self.values.append(value)
        return found


class Tables:
    """All tables of one page; what they hold, `archdsl.emit.view.data` says."""

    def __init__(self) -> None:
        self.text = Numbered()
        self.looks, self.types, self.ops, self.pieces = Numbered(), Numbered(), Numbered(), Numbered()
        self.marks = Numbered()
        self.labels, self.costs, self.spans, self.fields = Numbered(), Numbered(), Numbered(), Numbered()
        self._files = Numbered()

    def label(self, text: str, size: float) -> int:
        """A text beside a wire, with its width and height at `size` points; none for ""."""
        extent = (round(text_width(text, size) + 1, 1), round(1.25 * size, 1)) if text else (0, 0)
        return self.labels((self.text(text), *extent))

    def cost(self, cost: Cost) -> int:
        """What something costs, as shown: parameters, multiply-accumulates, activations, memory access."""
        return self.costs(cost_row(cost))

    def span(self, span: Span | None) -> int:
        """A place in the text: file, first line and column, last line and column; -1 for none."""
        if span is None:
            return -1
        first, last = span.source.line_column(span.start), span.source.line_column(max(span.start, span.end - 1))
        return self.spans((self._files((Path(span.source.name).name, span.source.text)), *first, *last))

    def pairs(self, pairs: list[tuple[str, str]]) -> tuple[int, ...]:
        """Names and values by turns."""
        return tuple(self.text(word) for pair in pairs for word in pair)

    @property
    def files(self) -> list[tuple[str, str]]:
        """Name and text of each file that spans name."""
        return self._files.values


def cost_row(cost: Cost) -> tuple[int | str, ...]:
    """Parameters, multiply-accumulates, activations and memory access; as text where JavaScript would round."""
    row = cost.params, cost.macs, cost.activations, cost.memory_access
    return tuple(value if value < _EXACT else f"{value:,}" for value in row)
