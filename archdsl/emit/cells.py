"""Turns names and counts into the cells of a text table: cut to a width, or rounded to five digits."""

from __future__ import annotations

from fractions import Fraction


def cut(text: str, width: int) -> str:
    """`text`, its end left out where it is longer than `width`."""
    return text if len(text) <= width else text[: width - 1] + "…"


def number_text(number: int | float | Fraction | None) -> str:
    """A number in full; "-" where it is not defined."""
    return "-" if number is None else f"{number:,}" if isinstance(number, int) else f"{float(number):.4g}"


def short(number: int | float | Fraction | None) -> str:
    """A number to five digits: 25,557,032 as 25.557M."""
    for suffix, size in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if isinstance(number, int) and number >= size:
            return f"{number / size:.5g}{suffix}"
    return number_text(number)
