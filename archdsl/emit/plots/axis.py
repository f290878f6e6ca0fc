"""Turns a range of numbers, linear or logarithmic, into places along an axis and the texts at its ticks."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field

_MARGIN = 0.05  # of the range, free at either end
_FEW = 3  # powers of ten that are enough on an axis
_TICKS = 7  # at most, where a step of 1, 2 or 5 gives them


@dataclass(frozen=True)
class Axis:
    """`title` names the quantity and its unit; `ticks`, where given, are the only ones: (place, text)."""

    title: str
    log: bool = False
    ticks: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True, slots=True)
class AxisSpan:
    """The numbers along an axis from its beginning to its end; of a logarithmic one their logarithms to base 10."""

    low: float
    high: float
    log: bool
    ticks: tuple[tuple[float, str], ...] = field(default=())

    def at(self, value: float) -> float:
        """The place of a value: 0 at the beginning, 1 at the end."""
        return ((math.log10(value) if self.log else value) - self.low) / (self.high - self.low)

    @property
    def minor(self) -> list[float]:
        """Values between the powers of ten of a logarithmic axis."""
        if not self.log or self.high - self.low > 12:
            return []
        values = [lead * 10.0**power for power in _powers(self.low, self.high) for lead in range(2, 10)]
        return [value for value in values if 0 <= self.at(value) <= 1]


def span(axis: Axis, values: Sequence[float]) -> AxisSpan:
    """The span of an axis that has room for all values; above 0 on a logarithmic one."""
    found = [math.log10(value) if axis.log else value for value in values]
    low, high = min(found, default=0.0), max(found, default=1.0)
    room = _MARGIN * ((high - low) or abs(high) or 1.0)
    made = AxisSpan(low - room, high + room, axis.log)
    texts = axis.ticks or tuple((value, f"{value:,g}") for value in _ticks(made))
    return AxisSpan(made.low, made.high, made.log, texts)


def _ticks(span: AxisSpan) -> list[float]:
    """Round values inside: powers of ten and as many between them as a short axis needs; or steps of 1, 2 or 5."""
    if span.log:
        every = max(1, math.ceil((span.high - span.low) / _TICKS))
        powers = [p for p in _powers(span.low, span.high) if p % every == 0 and p < sys.float_info.max_10_exp]
        values: list[float] = []
        for leads in ((1,), (1, 2, 5), range(1, 10)):
            values = [value for power in powers for lead in leads if 0 <= span.at(value := lead * 10.0**power) <= 1]
            if len(values) >= _FEW:
                break
        return values
    least = (span.high - span.low) / _TICKS
    unit = 10.0 ** math.floor(math.log10(least))
    step = next(factor * unit for factor in (1, 2, 5, 10) if factor * unit >= least)
    return [number * step for number in range(math.ceil(span.low / step), math.floor(span.high / step) + 1)]


def _powers(low: float, high: float) -> range:
    return range(math.floor(low), math.floor(high) + 1)
