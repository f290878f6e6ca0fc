"""Turns whole numbers of any size into places along an axis, round ticks, and the short words of a figure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

_LETTERS = ("", "k", "M", "G", "T", "P", "E")
_BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
_LONG = 10_000  # counts from here on have a unit
_TICKS = 5  # at most, the one at 0 left out


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from 0 to `top`, the last of the ticks; `binary` numbers are bytes."""

    top: int
    ticks: tuple[int, ...]
    binary: bool
    unit: tuple[int, str]  # in which the ticks are told, and its name

    def at(self, value: int) -> float:
        """The place of a value: 0 for 0, 1 for the top."""
        return value / self.top

    def text(self, tick: int) -> str:
        """What stands at a tick: `0.5 G`, all ticks in one unit; counts below ten thousand in full."""
        if self.top < _LONG and not self.binary:
            return f"{tick:,}"
        return _plain(tick, *self.unit) if tick else "0"


def scale(largest: int, *, binary: bool = False) -> Scale:
    """The axis for numbers up to `largest`: ticks at multiples of 1, 2 or 5 times a power of ten of its unit."""
    unit, _ = _unit(largest, binary) if binary else (1, "")
    step = next(step for step in _steps(unit) if _TICKS * step >= largest)
    last = max(1, -(-largest // step))
    top = last * step
    return Scale(top, tuple(step * i for i in range(last + 1)), binary, _unit(largest if binary else top, binary))


def _steps(unit: int) -> Iterator[int]:
    if unit > 1:
        yield from (unit // 4, unit // 2)
    for power in count():
        yield from (unit * factor * 10**power for factor in (1, 2, 5))


def _unit(value: int, binary: bool) -> tuple[int, str]:
    """The largest unit that is no larger than a value; beyond all of them a power of ten."""
    base, names = (1024, _BINARY) if binary else (1000, _LETTERS)
    power = max(i for i in range(len(names)) if i == 0 or value >= base**i)
    if power < len(names) - 1 or value < 1000 * base**power:
        return base**power, names[power]
    digits = int((value.bit_length() - 1) * 0.30102999566)  # at most the power of ten that fits
    digits += value >= 10 ** (digits + 1)
    return 10**digits, f"e{digits}{' B' if binary else ''}"


def _plain(value: int, unit: int, name: str) -> str:
    gap = "" if not name or name[0] == "e" else " "
    return f"{value / unit:,.10g}{gap}{name}"


def short(value: int, *, binary: bool = False) -> str:
    """A number to three digits: `17`, `25.6 M`, `1.00 M` for 999,999; bytes as `9.57 MiB`."""
    unit, name = _unit(value, binary)
    if not binary and unit > 1 and 2 * value >= 1999 * unit:  # what rounds to a thousand is one of the next unit
        unit, name = _unit(1000 * unit, binary)
    if unit == 1:
        return f"{value:,}{' ' + name if name else ''}"
    digits = value / unit
    shown = f"{digits:.2f}" if digits < 9.995 else f"{digits:.1f}" if digits < 99.95 else f"{digits:.0f}"
    return f"{shown}{'' if name[0] == 'e' else ' '}{name}"
