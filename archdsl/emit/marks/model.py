"""Holds what is drawn as marks with places, in points, x to the right and y downwards; it knows no networks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

Point = tuple[float, float]
# A colour is the name of a role ("ink", "conv.fill"), which a palette gives its value, or "#rrggbb".
Colour = str
# A step of a path: ("M", x, y), ("L", x, y) or ("C", x1, y1, x2, y2, x, y), as in SVG.
PathStep = tuple[str | float, ...]


class TextMark(NamedTuple):
    """One line of text; (x, y) is where its base line starts, has its middle or ends, as `anchor` says."""

    x: float
    y: float
    text: str
    size: float
    colour: Colour = "ink"
    bold: bool = False
    anchor: Literal["start", "middle", "end"] = "start"


class RectMark(NamedTuple):
    """A rectangle by its upper left corner; `dashes` are lengths of dash and gap, none for a solid border."""

    x: float
    y: float
    width: float
    height: float
    fill: Colour | None = None
    stroke: Colour | None = None
    line: float = 0.8
    radius: float = 0.0
    dashes: tuple[float, ...] = ()


class CircleMark(NamedTuple):
    """A circle by its centre."""

    x: float
    y: float
    radius: float
    fill: Colour | None = None
    stroke: Colour | None = None
    line: float = 0.8


class PathMark(NamedTuple):
    """A line or outline; `arrow` sets a filled head whose tip is the last point."""

    steps: tuple[PathStep, ...]
    stroke: Colour | None = "wire"
    fill: Colour | None = None
    line: float = 0.8
    arrow: bool = False
    dashes: tuple[float, ...] = ()


class GroupMark(NamedTuple):
    """Marks that belong together; `id` is unique in the drawing, `kind` a word for styling, `title` shown on hover."""

    marks: tuple[Mark, ...]
    id: str = ""
    kind: str = ""
    title: str = ""


Mark = TextMark | RectMark | CircleMark | PathMark | GroupMark


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page of a drawing: its size in points, and its marks, painted in order."""

    width: float
    height: float
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Pages with a title (one line) and a description (a sentence), for those who cannot see them.

    `prefix` goes before every id in a file, so that pictures can stand in one HTML page: give each one of its own.
    """

    leaves: tuple[Leaf, ...]
    title: str
    description: str = ""
    prefix: str = ""
