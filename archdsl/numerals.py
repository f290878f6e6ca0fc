"""Turns what a person gives for a number, text or one of another library, into the exact number, within bounds."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from operator import index
from typing import Any

from archdsl.diagnostics.display import quoted

LONGEST = 100  # characters of a number
LARGEST_EXPONENT = 300
BEYOND = 10**LARGEST_EXPONENT  # numbers stay below, so that floats hold them

_EXPONENT = re.compile(r"[eE]([+-]?[0-9]+)\s*[kKMGT%]?\s*$")


def is_out_of_range(text: str) -> bool:
    """Whether a number has more digits or a larger exponent than is read: texts, floats and time have their ends."""
    exponent = _EXPONENT.search(text) if len(text) <= LONGEST else None
    return len(text) > LONGEST or (exponent is not None and abs(int(exponent[1])) > LARGEST_EXPONENT)


def exact(text: str) -> Fraction:
    """The number that `text` says exactly: `0.05`, `1_000`, `1e-3`, `1/3`.

    Raises:
        ValueError: it says none, or one out of range; the message ends with what to write.
    """
    try:
        value = BEYOND if is_out_of_range(text) else Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise ValueError(f"{quoted(text)} is no number: write for example 0.25") from None
    if not -BEYOND < value < BEYOND:
        limits = f"below 1e{LARGEST_EXPONENT}, in at most {LONGEST} characters"
        raise ValueError(f"{quoted(text)} is out of range: write a number {limits}")
    return Fraction(value)


def as_int(value: Any) -> Any:
    """A whole number of another library, such as `numpy.int64`, as an int; anything else as it is."""
    if isinstance(value, int) or not hasattr(type(value), "__index__"):
        return value
    try:
        return index(value)
    except TypeError:  # a truth value, or many numbers
        return value


def decimal_text(value: Fraction) -> str:
    """A number as the language writes one: with a point, since it tells 1 from 1.0; if long, an exponent."""
    text = format((Decimal(value.numerator) / Decimal(value.denominator)).normalize(), "f")
    if len(text) > LONGEST:
        return repr(float(value))
    return text if "." in text else text + ".0"
