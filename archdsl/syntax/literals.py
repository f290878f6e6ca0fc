"""Turns the text of number and string literals into their tree nodes."""

from __future__ import annotations

import re

from archdsl.numerals import is_out_of_range
from archdsl.syntax.fault import Fault
from archdsl.syntax.tree import Name, Number, Text

_NUMBER = re.compile(r"([0-9_]+)(?:\.([0-9_]+))?(?:[eE]([+-]?[0-9]+))?([kMGT%]?)")
_SUFFIXES = {"": 0, "k": 3, "M": 6, "G": 9, "T": 12, "%": -2}
LARGEST = 2**63
_PIECE = re.compile(r"\\(.)|\{([A-Za-z_][A-Za-z0-9_]*)\}|(\{)|[^\\{]+")
_ESCAPES = {"n": "\n", "t": "\t", "\\": "\\", '"': '"', "'": "'", "{": "{", "}": "}"}


def number(text: str, start: int) -> Number:
    """The literal `text` at `start`: an int, or a float if it has a point, an exponent or `%`; see tree.Number.

    Raises Fault bad-number for stray underscores and numbers that are out of range; not for ints from LARGEST on, which
    say how many in an attribute and are too large elsewhere.
    """
    end = start + len(text)
    if len(text) < 19 and text.isdecimal():  # nearly every one
        return Number(start, end, int(text), text)
    match = _NUMBER.fullmatch(text)
    if match is None or "__" in text or re.search(r"_(?![0-9])", text):
        raise Fault("bad-number", f"`{text}` is not a number", start, end, "an underscore stands between two digits")
    whole, fraction, exponent, suffix = match.groups()
    fraction = fraction or ""
    if is_out_of_range(text):
        raise too_large(start, end)
    digits = int(whole.replace("_", "") + fraction.replace("_", ""))
    power = int(exponent or 0) + _SUFFIXES[suffix] - len(fraction.replace("_", ""))
    value: int | float
    if suffix in ("", "%") and (fraction or exponent or suffix):
        value = float(f"{digits}e{power}")
    elif power >= 0:
        value = digits * 10**power
    else:
        exact, rest = divmod(digits, 10**-power)
        value = float(f"{digits}e{power}") if rest else exact
    if value == float("inf"):
        raise too_large(start, end)
    return Number(start, end, value, text)


def too_large(start: int, end: int) -> Fault:
    """What is wrong with a number that no spec computes with."""
    return Fault("bad-number", "this number is too large", start, end, "integers stay below 2 to the power of 63")


def string(text: str, start: int) -> Text:
    """The literal `text` (with its quotes) at `start`, cut into plain text and names to interpolate.

    Raises Fault bad-escape and bad-interpolation.
    """
    parts: list[str | Name] = []
    plain = ""
    for piece in _PIECE.finditer(text, 1, len(text) - 1):
        at = start + piece.start()
        escaped, name, brace = piece.groups()
        if escaped is not None:
            if escaped not in _ESCAPES:
                help = "escapes are \\n \\t \\\\ \\\" \\' \\{ \\}; write \\\\ for a backslash"
                raise Fault("bad-escape", f"`\\{escaped}` is not an escape", at, at + 2, help)
            plain += _ESCAPES[escaped]
        elif name is not None:
            if plain:
                parts.append(plain)
            parts.append(Name(at + 1, at + 1 + len(name), name))
            plain = ""
        elif brace is not None:
            raise _bad_interpolation(text, start, piece.start())
        else:
            plain += piece.group()
    if plain or not parts:
        parts.append(plain)
    return Text(start, start + len(text), parts)


def _bad_interpolation(text: str, start: int, brace: int) -> Fault:
    close = text.find("}", brace)
    end = start + (close + 1 if close >= 0 else brace + 1)
    help = 'interpolate one name, "layer{i}"; compute anything else before, and write \\{ for a brace'
    return Fault("bad-interpolation", "braces in a string hold one name", start + brace, end, help)
