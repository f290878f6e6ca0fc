"""Turns the values written in a spec into the values that ops store, or says in the reader's words what is needed."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from archdsl.ops.base import ArgumentType, Op, parameters

LIMIT = 2**31
"""No size, stride or count may be larger: torch indexes with 32 bits in places, and nothing real comes near."""

# How a field reads: a number or text as written, a tuple with one entry per axis once the op is resolved.
Size = Any


def shown(value: object) -> str:
    """`value` as the language writes it: `true`, `"text"`, `(1, 2)`."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value if len(value) <= 40 else value[:37] + "..."}"'
    if isinstance(value, tuple):
        inside = ", ".join(shown(v) for v in value[:8]) + (", ..." if len(value) > 8 else "")
        return f"({inside},)" if len(value) == 1 else f"({inside})"
    if isinstance(value, int) and abs(value) > 10**18:
        return "a number of more than 18 digits"
    return str(value) if isinstance(value, int | float) else f"a {type(value).__name__}"


def signature(op: type[Op]) -> str:
    """`conv(out, kernel = 1, …)`; a name alone for an op without arguments."""
    declared = parameters(op)
    inside = ", ".join(p.name if p.required else f"{p.name} = {shown(p.default)}" for p in declared)
    return f"{op.name}({inside})" if declared else op.name


def refuse(needed: str, value: object) -> ValueError:
    """The error that says what is needed and what came."""
    return ValueError(f"needs {needed}, got {shown(value)}")


def whole(value: Any, least: int | None, needed: str) -> int:
    """`value` if it is an int of at least `least`; a bool is not an int.

    Raises:
        ValueError: it is not, or it is beyond 2**31.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise refuse(needed, value)
    if least is not None and value < least:
        raise refuse(needed, value)
    if abs(value) > LIMIT:
        raise ValueError(f"needs an int of at most 2**31, got {shown(value)}")
    return value


def real(value: Any, needed: str) -> float:
    """`value` as a finite float; ints are taken, bools are not.

    Raises:
        ValueError: it is neither, or infinite.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refuse(needed, value)
    if isinstance(value, int) and abs(value) > 2**63:
        raise ValueError(f"needs a number below 2**63, got {shown(value)}")
    if not math.isfinite(value):
        raise ValueError("needs a finite number")
    return float(value)


def integers(value: Any, least: int | None, needed: str, lengths: range) -> tuple[int, ...]:
    """`value` if it is a tuple of ints with an allowed length.

    Raises:
        ValueError: it is not.
    """
    if not isinstance(value, tuple) or len(value) not in lengths:
        raise refuse(needed, value)
    return tuple(whole(v, least, needed) for v in value)


def choice(*words: str) -> ArgumentType:
    """One of the given texts."""
    needed = "one of " + ", ".join(f'"{w}"' for w in words)

    def accepts(value: Any) -> str:
        if not isinstance(value, str) or value not in words:
            raise refuse(needed, value)
        return value

    return ArgumentType(needed.removeprefix("one of "), accepts)


def or_word(word: str, other: ArgumentType) -> ArgumentType:
    """What `other` takes, or the text `word` (the default that depends on the other arguments)."""

    def accepts(value: Any) -> Any:
        if isinstance(value, str):
            if value != word:
                raise refuse(f'{other.name} or "{word}"', value)
            return value
        return other.accepts(value)

    return ArgumentType(f'{other.name} or "{word}"', accepts)


def per_axis(least: int, noun: str) -> ArgumentType:
    """An int for all axes, or one int per axis."""
    needed = f"{noun} or one per axis, as in (3, 3)"

    def accepts(value: Any) -> int | tuple[int, ...]:
        if isinstance(value, tuple):
            return integers(value, least, needed, range(1, 4))
        return whole(value, least, needed)

    return ArgumentType("int or (h, w)", accepts)


def _type(name: str, accepts: Callable[[Any], Any]) -> ArgumentType:
    return ArgumentType(name, accepts)


def _bool(value: Any) -> bool:
    if not isinstance(value, bool):
        raise refuse("true or false", value)
    return value


def _number(value: Any) -> int | float:
    real(value, "a number")
    kept: int | float = value
    return kept


def _probability(value: Any) -> float:
    p = real(value, "a probability from 0 to 1")
    if not 0 <= p <= 1:
        raise refuse("a probability from 0 to 1", value)
    return p


def _bound(value: Any) -> float:
    return value if isinstance(value, float) and math.isinf(value) else real(value, "a number")


def _positive_real(value: Any) -> float:
    number = real(value, "a number above 0")
    if number <= 0:
        raise refuse("a number above 0", value)
    return number


PADDING_MODES = ("auto", "half", "valid", "same")


def _padding(value: Any) -> str | int | tuple[int, ...]:
    if isinstance(value, str):
        if value not in PADDING_MODES:
            raise refuse('"half", "valid", "same", an int or (h, w)', value)
        return value
    padding: int | tuple[int, ...] = NON_NEGATIVE_SIZE.accepts(value)
    return padding


def _sections(value: Any) -> int | tuple[int, ...]:
    needed = "a positive count or a list of positive sizes"
    if isinstance(value, tuple):
        return integers(value, 1, needed, range(1, 10_001))
    count = whole(value, 1, needed)
    if count > 10_000:
        raise ValueError(f"needs at most 10000 parts, got {shown(value)}")
    return count


def _scale(value: Any) -> Any:
    needed = "a number above 0 and at most 1024, or one per axis"
    if isinstance(value, tuple):
        if not 1 <= len(value) <= 3 or any(isinstance(v, tuple) for v in value):
            raise refuse(needed, value)
        return tuple(_scale(v) for v in value)
    if not 0 < real(value, needed) <= 1024:
        raise refuse(needed, value)
    return value


def _amounts(value: Any) -> Any:
    needed = "an int, (h, w), ((top, bottom), (left, right)), or (before, after) of one axis, none negative"
    if not isinstance(value, tuple):
        return whole(value, 0, needed)
    if not 1 <= len(value) <= 3:
        raise refuse(needed, value)
    if all(isinstance(v, tuple) for v in value):
        return tuple(integers(v, 0, needed, range(2, 3)) for v in value)
    return integers(value, 0, needed, range(1, 4))


def _reshape(value: Any) -> tuple[int, ...]:
    needed = "a list of positive sizes, one of which may be -1"
    shape = integers(value, -1, needed, range(1, 9))
    if 0 in shape or shape.count(-1) > 1:
        raise refuse(needed, value)
    return shape


INT = _type("int", lambda v: whole(v, None, "an int"))
COUNT = _type("positive int", lambda v: whole(v, 1, "a positive int" if isinstance(v, int) else "an int"))
FLOAT = _type("number", lambda v: real(v, "a number"))
BOUND = _type("number or inf", _bound)
POSITIVE = _type("number above 0", _positive_real)
PROBABILITY = _type("number from 0 to 1", _probability)
NUMBER = _type("int or float", _number)
BOOL = _type("bool", _bool)
SIZE = per_axis(1, "a positive int")
NON_NEGATIVE_SIZE = per_axis(0, "an int that is not negative")
PADDING = _type('int, (h, w), "half", "valid" or "same"', _padding)
SCALE = _type("number or (h, w)", _scale)
SHAPE = _type("list of sizes", lambda v: integers(v, 1, "a list of positive sizes", range(1, 9)))
RESHAPE = _type("list of sizes, one may be -1", _reshape)
INTS = _type("list of ints", lambda v: integers(v, None, "a list of ints", range(1, 9)))
SECTIONS = _type("int or list of sizes", _sections)
AMOUNTS = _type("int, (h, w), ((top, bottom), (left, right)) or (before, after)", _amounts)
