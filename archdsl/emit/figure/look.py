"""Turns what a person asks of a figure into numbers: the page that it must fit, and what is drawn how."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from archdsl.diagnostics.display import brief, quoted
from archdsl.takes import NAME, NAMES, SWITCH, TEXT, WHOLE

COLORS = ("kind", "macs", "params", "memory")
THEMES = ("light", "dark", "print")

_POINTS = {"in": 72.0, "cm": 72.0 / 2.54, "mm": 72.0 / 25.4, "pt": 1.0}
_WIDTH = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,6})?)(in|cm|mm|pt)")
_LEAST_WIDTH = 36.0  # half an inch: nothing can be read on less


@dataclass(frozen=True, slots=True)
class Paper:
    """What a figure must fit: `width` and `height` of a page at most, `margin` inside it, `least` size of print.

    All in points. With `whole` a page is that high whatever is on it, which stands in its middle, on a slide in height,
    too. `most` is the largest size of the smallest print. `unit` is what widths are said in.
    """

    width: float
    height: float
    least: float = 6.0
    margin: float = 1.0
    whole: bool = False
    most: float = 7.0
    unit: str = "in"

    def wider(self, width: float) -> Paper:
        """What `--width` means by a width in points, where a page like this one is too narrow."""
        return Paper(width, _COLUMN_HEIGHT) if self.whole else replace(self, width=width)

    def said(self, width: float) -> str:
        """A width in points, in tenths of the unit and no less: `8.9in`."""
        return f"{math.ceil(width / _POINTS[self.unit] * 10 - 0.01) / 10:g}{self.unit}"


PAPERS = {
    "a4": Paper(595.28, 841.89, 7.0, 40.0, True),
    "slide": Paper(960.0, 540.0, 8.0, 24.0, True, most=20.0),
}
MOST_DEPTH = 100
LEAST_DPI, MOST_DPI = 10, 2400
_COLUMN_HEIGHT = 8.2 * 72.0  # of a figure in a paper: of a column of text, 8.9 inches and more, less a caption


@dataclass(frozen=True, slots=True)
class Look:
    """How a figure is drawn, in the words of `archdsl draw`; docs/pictures.md shows what each does."""

    paper: Paper | None = None  # None: natural size, on a page of usual proportions
    blocks: tuple[str, ...] = ()  # drawn alone
    inline: tuple[str, ...] = ()
    depth: int = 0
    cells: bool = False
    color: str = "kind"
    theme: str = "light"
    left_to_right: bool = False
    dpi: int = 144
    bare: bool = False  # without name, caption and legend


# The options, and what each may be.
OPTIONS = {
    "width": NAME,
    "block": NAMES,
    "inline": NAMES,
    "depth": WHOLE,
    "cells": SWITCH,
    "color": TEXT,
    "theme": TEXT,
    "left_to_right": SWITCH,
    "dpi": WHOLE,
    "bare": SWITCH,
}


def look(
    *,
    width: str | None = None,
    block: str | Sequence[str] = (),
    inline: str | Sequence[str] = (),
    depth: int = 0,
    cells: bool = False,
    color: str = "kind",
    theme: str = "light",
    left_to_right: bool = False,
    dpi: int = 144,
    bare: bool = False,
) -> Look:
    """The Look that these words ask for; `width` is what `paper` reads.

    Raises:
        ValueError: a word is none of those that there are, or a number is out of range.
    """
    for name, value, known in (("color", color, COLORS), ("theme", theme, THEMES)):
        if value not in known:
            raise ValueError(f"{brief(value)} is no {name}: there are {', '.join(known)}")
    if not 0 <= depth <= MOST_DEPTH:
        raise ValueError(f"depth must be from 0 to {MOST_DEPTH}, not {brief(depth)}")
    if not LEAST_DPI <= dpi <= MOST_DPI:
        raise ValueError(f"dpi must be from {LEAST_DPI} to {MOST_DPI}, not {brief(dpi)}")
    blocks, opened = ((names,) if isinstance(names, str) else tuple(names) for names in (block, inline))
    on = None if width is None else paper(width)
    return Look(on, blocks, opened, depth, cells, color, theme, left_to_right, dpi, bare)


def paper(text: str) -> Paper:
    """The paper that `--width` names: `a4`, `slide`, or a width such as `5.5in`, `14cm`, `140mm`, `397pt`.

    Raises:
        ValueError: it names none, or one on which nothing could be read.
    """
    word = text.strip().lower()
    if word in PAPERS:
        return PAPERS[word]
    found = _WIDTH.fullmatch(word)
    if found is None:
        raise ValueError(f"{quoted(text)} is no width: write 5.5in, 14cm, 140mm or 397pt, or {' or '.join(PAPERS)}")
    width = float(found[1]) * _POINTS[found[2]]
    if width < _LEAST_WIDTH:
        raise ValueError(f"{quoted(text)} is too narrow to draw on: half an inch is the least")
    return Paper(width, _COLUMN_HEIGHT, unit=found[2])
