"""Holds plots as data: numbers along depth and shares, before anything has a place on the page."""

from __future__ import annotations

from dataclasses import dataclass

from archdsl.emit.plots.depth import DepthModule


@dataclass(frozen=True, slots=True)
class Column:
    """What ops `start` to `end` cost: a stack of (kind, value), drawn from the bottom; `title` is shown on hover."""

    start: int
    end: int
    parts: tuple[tuple[str, int], ...]
    title: str


@dataclass(frozen=True, slots=True)
class Reading:
    """One value of a curve, held from op `start` to `end`; `bound` says that the true value may be less."""

    start: int
    end: int
    value: int
    title: str = ""
    bound: bool = False


@dataclass(frozen=True, slots=True)
class Curve:
    """Values along depth, with gaps where there is none.

    `dots` marks where they change, `fill` paints what lies below, `colour` is the number of a series of the palette.
    """

    name: str
    readings: tuple[Reading, ...]
    colour: int = 0
    dashed: bool = False
    dots: bool = False
    fill: bool = False


@dataclass(frozen=True, slots=True)
class Level:
    """A value that a horizontal line marks, with words above it."""

    value: int
    text: str


@dataclass(frozen=True, slots=True)
class DepthPlot:
    """Numbers along the ops of a network, of which there are `ops`, in `modules`.

    `added` counts those among them that no spec writes: what takes a scan's sequence apart, and joins its results.

    `title` says what and in which unit, `total` what it comes to; `words` say what the marks cannot, such as why there
    is no number. `binary` values are bytes.
    """

    title: str
    total: str
    ops: int
    modules: tuple[DepthModule, ...]
    columns: tuple[Column, ...] = ()
    curves: tuple[Curve, ...] = ()
    levels: tuple[Level, ...] = ()
    words: tuple[str, ...] = ()
    binary: bool = False
    added: int = 0

    @property
    def axis(self) -> str:
        """What the plot goes along."""
        added = f", {self.added:,} of them around scans" if self.added else ""
        return f"{self.ops:,} {'op' if self.ops == 1 else 'ops'} in the order as written{added}"

    @property
    def has_axes(self) -> bool:
        """Whether there is anything to draw; else the words say why not."""
        return bool(self.columns) or any(curve.readings for curve in self.curves)

    @property
    def largest(self) -> int:
        """The largest value that is drawn."""
        tops = [sum(value for _, value in column.parts) for column in self.columns]
        tops += [reading.value for curve in self.curves for reading in curve.readings]
        return max([*tops, *(level.value for level in self.levels)], default=0)


@dataclass(frozen=True, slots=True)
class Share:
    """A row of a plot of shares: a name, and its part of each of the plot's totals."""

    name: str
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SharePlot:
    """How totals divide: rows that add up to `totals`, one per head; `kinds` gives each row the colour of its kind."""

    title: str
    heads: tuple[str, ...]
    totals: tuple[int, ...]
    rows: tuple[Share, ...]
    kinds: bool = False


Plot = DepthPlot | SharePlot
