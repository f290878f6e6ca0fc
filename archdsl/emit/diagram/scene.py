"""Holds a picture as data: panels of boxes and edges, before anything has a place on the page."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from archdsl.analysis.cost import Cost
from archdsl.emit.diagram.measure import line_height, text_width
from archdsl.ir.graph import SiteKey
from archdsl.source import Span

TITLE, MAIN, SMALL = 12.0, 10.0, 8.0  # text sizes, in points
_PADDING_X, _PADDING_Y = 7.0, 4.5  # between text and the border of its box, in points
_SYMBOL = 17.0  # diameter of ⊕, in points
_BAR, _BRANCH = 16.0, 44.0  # height of a concat bar and its width per branch, in points


class Style(StrEnum):
    """What a box stands for; decides its colour."""

    CONVOLUTION = "convolution"
    LINEAR = "linear"
    POOL = "pool"
    NORM = "norm, activation"
    MERGE = "merge, split"
    OTHER = "other"
    BLOCK = "block"
    PORT = "port"  # an input or output of the panel
    GAP = "gap"  # stands for boxes left out


class Outline(StrEnum):
    """The outline of a box."""

    BOX = "box"
    CIRCLE = "circle"
    BAR = "bar"
    TEXT = "text"  # no outline


@dataclass(frozen=True, slots=True)
class TextLine:
    """One line of text at `size` points."""

    text: str
    size: float = MAIN
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Origin:
    """What a box stands for, in the body that its panel shows.

    `definition` is the file and name of the block that is called, None where the box is about ops. `sites`, `paths` and
    `spans` list the members: their places in the body, the dotted module paths from it ("" for what is no module), and
    where the text applies them. `cost` is that of all together, applied once each, weights once per set.
    """

    definition: tuple[str, str] | None
    sites: tuple[SiteKey, ...]
    paths: tuple[str, ...]
    spans: tuple[Span, ...]
    cost: Cost


@dataclass(frozen=True, slots=True)
class Box:
    """A node of the picture; `ports` is the number of branches that meet a bar, 0 when they may meet anywhere.

    `deep` draws a second sheet behind the box: it stands for several in a row. `origin` is None for inputs and outputs.
    """

    lines: tuple[TextLine, ...]
    style: Style
    shape: Outline = Outline.BOX
    dashed: bool = False
    ports: int = 0
    deep: bool = False
    origin: Origin | None = None

    @property
    def size(self) -> tuple[float, float]:
        """Width and height that hold the text, in points."""
        width = max((text_width(line.text, line.size, line.bold) for line in self.lines), default=0.0)
        if self.shape is Outline.CIRCLE:
            return max(_SYMBOL, width + 6), _SYMBOL
        if self.shape is Outline.BAR:
            return max(width + 2 * _PADDING_X, _BRANCH * max(2, self.ports)), _BAR
        height = sum(line_height(line.size) for line in self.lines)
        pad = 1.0 if self.shape is Outline.TEXT else 0.0
        return width + 2 * _PADDING_X, height + 2 * _PADDING_Y * (1 - pad / 2)


@dataclass(frozen=True, slots=True)
class Edge:
    """From box `source` to box `target` (indices into the panel's boxes), labelled with a shape where it changes.

    `out` and `into` count the branches of a bar from the left; None: anywhere.
    """

    source: int
    target: int
    label: str = ""
    dashed: bool = False
    out: int | None = None
    into: int | None = None


@dataclass(frozen=True, slots=True)
class Title:
    """What stands over a figure: a name, how often the thing is used, and remarks in small print."""

    name: str
    uses: str = ""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Panel:
    """One figure: boxes in an order in which every edge goes forward."""

    title: Title
    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
