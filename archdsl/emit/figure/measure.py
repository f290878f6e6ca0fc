"""Says how far apart lines of text stand, and shortens text; how wide it is, the shipped fonts say."""

from __future__ import annotations

import unicodedata
from hashlib import blake2s

from archdsl.emit.marks.font import text_width as text_width

_LINE = 1.25
_NAME = 60  # characters of a name


def line_height(size: float) -> float:
    """Distance between two base lines of text set at `size` points, in points."""
    return size * _LINE


def shorten(text: str, limit: int) -> str:
    """`text` on one line, its middle left out when it has more than `limit` characters."""
    flat = "".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in text)
    if len(flat) <= limit:
        return flat
    head = (limit - 1) // 2
    return f"{flat[:head]}…{flat[len(flat) - (limit - 1 - head) :]}"


def short_name(name: str) -> str:
    """A name on one line; in one of more than 60 characters a code stands for the middle: no other name reads alike."""
    flat = shorten(name, len(name))
    if len(flat) <= _NAME:
        return flat
    code = blake2s(flat.encode("utf-8", "surrogatepass"), digest_size=3).hexdigest()
    side = (_NAME - len(code) - 2) // 2
    return f"{flat[:side]}…{code}…{flat[-side:]}"
