"""Turns plots into marks: axes with ticks and modules, columns, curves, levels, and bars of shares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from archdsl.emit.figure.measure import shorten
from archdsl.emit.marks.font import text_width
from archdsl.emit.marks.model import CircleMark, GroupMark, Mark, PathMark, PathStep, RectMark, TextMark
from archdsl.emit.plots.depth import DepthModule
from archdsl.emit.plots.model import Column, Curve, DepthPlot, Level, Reading, SharePlot
from archdsl.emit.plots.scale import Scale, scale

HEAD, PRINT, SMALL = 9.0, 7.5, 7.0  # text sizes, in points
LINE = 10.0  # between base lines of print
LEFT, RIGHT = 46.0, 8.0  # room for the numbers at the ticks, and behind the last op
PLOT_HEIGHT, ROW = 84.0, 11.0
_GAP = 3.0  # between names under the axis
_NAME, _SHARE = 64.0, 22.0  # room for the name of a row, and for a percentage
_MANY_DOTS = 120
_ABOVE = 3.5  # from a line up to the base line of its words, which reach below that
_LEAST = 0.4  # a value that is not 0 is at least so high or wide
# The kinds of op whose cost matters, each with a colour of its own lightness, so that grey print tells them apart.
_KINDS = ("conv kxk", "conv 1x1", "depthwise", "linear", "matmul", "embedding", "norm")


def colour_of(kind: str) -> str:
    """The role whose colour a kind of op has; all that is not named here is of one colour."""
    return f"series.{_KINDS.index(kind) if kind in _KINDS else len(_KINDS)}"


@dataclass(frozen=True, slots=True)
class _Area:
    """Where values stand on the page: ops from left to right, numbers from the bottom up."""

    left: float
    top: float
    width: float
    ops: int
    scale: Scale

    @property
    def bottom(self) -> float:
        return self.top + PLOT_HEIGHT

    def x(self, op: int) -> float:
        return self.left + self.width * (op / self.ops if self.ops else 0)

    def y(self, value: int) -> float:
        return self.bottom - PLOT_HEIGHT * self.scale.at(value)


def depth_plot(plot: DepthPlot, id: str, top: float, width: float, *, named: bool) -> tuple[list[Mark], float]:
    """The marks of a plot whose upper edge is at `top`, and its height; `named` writes the modules under its axis."""
    below, marks = _heading(plot.title, plot.total, top, width)
    legend, below = _legend(plot, below, width)
    marks += legend
    for sentence in plot.words:
        for line in wrapped(sentence, width - LEFT - RIGHT, SMALL):
            marks.append(TextMark(LEFT, below + SMALL, line, SMALL, "soft"))
            below += LINE
    if not plot.has_axes:
        return [GroupMark(tuple(marks), id, "plot")], below - top + 4
    area = _Area(LEFT, below + 7, width - LEFT - RIGHT, plot.ops, scale(plot.largest, binary=plot.binary))
    marks += _axes(area, plot.modules)
    marks += (_column(area, column, f"{id}-{i}") for i, column in enumerate(plot.columns))
    for i, curve in enumerate(plot.curves):
        marks.append(GroupMark(tuple(_curve(area, curve)), f"{id}-curve{i}", "curve", curve.name))
    marks += (mark for level in plot.levels for mark in _level(area, level, plot.curves))
    marks += _names(area, plot) if named else ()
    return [GroupMark(tuple(marks), id, "plot")], area.bottom - top + (2 * LINE + 4 if named else 8)


def _heading(title: str, total: str, top: float, width: float) -> tuple[float, list[Mark]]:
    room = width - LEFT - RIGHT
    base, marks = top, list[Mark]()
    for line in wrapped(title, room, HEAD, True):
        base += HEAD if not marks else HEAD + 2
        marks.append(TextMark(LEFT, base, line, HEAD, bold=True))
    if total and text_width(title, HEAD, True) + text_width(total, PRINT) + LINE > room:
        base += LINE
        marks.append(TextMark(LEFT, base, fitted(total, room, PRINT), PRINT, "soft"))
    elif total:
        marks.append(TextMark(width - RIGHT, base, total, PRINT, "soft", anchor="end"))
    return base + 4, marks


def _legend(plot: DepthPlot, top: float, width: float) -> tuple[list[Mark], float]:
    """The colours of the kinds of op, or the looks of the curves, where there is more than one; and what is below."""
    kinds = dict.fromkeys(kind for column in plot.columns for kind, _ in column.parts)
    entries = [(kind, colour_of(kind)) for kind in sorted(kinds, key=_order)]
    curves = [(curve.name, f"series.{curve.colour}") for curve in plot.curves if not curve.dashed]
    entries += curves if len(curves) > 1 else []
    if not entries:
        return [], top
    marks: list[Mark] = []
    x, y = LEFT, top
    for name, colour in entries:
        needed = 20 + text_width(name, SMALL)
        if x + needed > width - RIGHT and x > LEFT:
            x, y = LEFT, y + LINE
        marks += [RectMark(x, y + 1.5, 7, 7, colour), TextMark(x + 10, y + SMALL + 0.5, name, SMALL, "soft")]
        x += needed
    return marks, y + LINE + 2


def _order(kind: str) -> tuple[int, str]:
    return (_KINDS.index(kind) if kind in _KINDS else len(_KINDS), kind)


def _axes(area: _Area, modules: Sequence[DepthModule]) -> Iterator[Mark]:
    right = area.left + area.width
    for tick in area.scale.ticks:
        y = area.y(tick)
        yield PathMark((("M", area.left, y), ("L", right, y)), "grid", line=0.5)
        yield TextMark(area.left - 4, y + SMALL * 0.36, area.scale.text(tick), SMALL, "soft", anchor="end")
    before = -_GAP
    for module in modules[1:]:
        if area.x(module.start) - before >= _GAP:
            before = area.x(module.start)
            yield PathMark((("M", before, area.top), ("L", before, area.bottom)), "grid", line=0.5)


def _column(area: _Area, column: Column, id: str) -> GroupMark:
    """A stack; between columns that are wide enough a hair stays free."""
    left, right = area.x(column.start), area.x(column.end)
    width = max(right - left - (0.4 if right - left > 2 else 0), _LEAST)
    marks, below = [], 0
    for kind, value in sorted(column.parts, key=lambda part: _order(part[0])):
        height = area.y(below) - area.y(below + value)
        below += value
        marks.append(RectMark(left, area.y(below), width, max(height, _LEAST), colour_of(kind)))
    return GroupMark(tuple(marks), id, "column", column.title)


def _curve(area: _Area, curve: Curve) -> Iterator[Mark]:
    """A line along all readings that follow each other, steps where they change, and dots there."""
    colour = f"series.{curve.colour}"
    for run in _runs(curve):
        steps: list[PathStep] = []
        for reading in run:
            y = area.y(reading.value)
            if not steps or steps[-1][-1] != y:
                steps.append(("L" if steps else "M", area.x(reading.start), y))
            steps.append(("L", area.x(reading.end), y))
        if curve.fill:
            first, last = area.x(run[0].start), area.x(run[-1].end)
            outline = (("M", first, area.bottom), *(("L", *step[1:]) for step in steps), ("L", last, area.bottom))
            yield PathMark(outline, None, "area")
            for reading in run:
                x, y = area.x(reading.start), area.y(reading.value)
                box = RectMark(x, y, area.x(reading.end) - x, area.bottom - y, "area")
                yield GroupMark((box,), "", "reading", reading.title)
        dashes = (3.0, 2.0) if curve.dashed else ()
        yield PathMark(tuple(steps), colour, line=0.9, dashes=dashes)
    changes = [
        b for a, b in pairwise((None, *curve.readings)) if b and (not a or a.value != b.value or a.bound != b.bound)
    ]
    radius = 1.3 if len(changes) <= _MANY_DOTS else 0.7
    for reading in changes if curve.dots else ():
        x, y = (area.x(reading.start) + area.x(reading.end)) / 2, area.y(reading.value)
        dot = CircleMark(x, y, radius, "sheet" if reading.bound else colour, colour, 0.6)
        yield GroupMark((dot,), "", "reading", reading.title)


def _runs(curve: Curve) -> Iterator[list[Reading]]:
    """Readings that follow each other without a gap."""
    run: list[Reading] = []
    for reading in curve.readings:
        if run and run[-1].end != reading.start:
            yield run
            run = []
        run.append(reading)
    if run:
        yield run


def _level(area: _Area, level: Level, curves: Sequence[Curve]) -> Iterator[Mark]:
    """A line with its words over it, at the end where no curve runs through them, if there is one."""
    y, right = area.y(level.value), area.left + area.width
    text = fitted(level.text, area.width, SMALL)
    wide = text_width(text, SMALL)
    yield PathMark((("M", area.left, y), ("L", right, y)), "ink", line=0.5, dashes=(1.0, 2.0))

    def crossed(low: float, high: float) -> int:
        tops = [(area.x(one.start), area.x(one.end), area.y(one.value)) for curve in curves for one in curve.readings]
        return sum(start < high and low < end and y - SMALL - _ABOVE < top < y for start, end, top in tops)

    if crossed(right - wide, right) <= crossed(area.left, area.left + wide):
        yield TextMark(right, y - _ABOVE, text, SMALL, "ink", anchor="end")
    else:
        yield TextMark(area.left + 2, y - _ABOVE, text, SMALL, "ink")


def _names(area: _Area, plot: DepthPlot) -> Iterator[Mark]:
    """The names of the modules under the axis, the widest first, as many as there is room for; and what the axis is."""
    taken: list[tuple[float, float]] = []
    base = area.bottom + LINE
    for module in sorted(plot.modules, key=lambda module: module.start - module.end):
        name = shorten(module.name, 24)
        middle, half = (area.x(module.start) + area.x(module.end)) / 2, text_width(name, SMALL) / 2 + _GAP / 2
        low = max(middle - half, area.left - LEFT)
        low = min(low, area.left + area.width - 2 * half + _GAP / 2)
        if name and all(low + 2 * half <= left or right <= low for left, right in taken):
            taken.append((low, low + 2 * half))
            yield TextMark(low + half, base, name, SMALL, "soft", anchor="middle")
    middle = area.left + area.width / 2
    axis = fitted(plot.axis, area.width, SMALL)
    yield TextMark(middle, base + LINE, axis, SMALL, "soft", anchor="middle")


def share_plot(plot: SharePlot, id: str, left: float, top: float, width: float) -> tuple[list[Mark], float]:
    """The marks of a table of bars, and its height: a row per kind or module, a column per number."""
    marks: list[Mark] = [TextMark(left, top + HEAD, plot.title, HEAD, bold=True)]
    each = (width - _NAME) / len(plot.heads)
    room = each - _SHARE - 4
    base = top + HEAD + LINE + 2
    for i, (head, whole) in enumerate(zip(plot.heads, plot.totals, strict=True)):
        marks.append(TextMark(left + _NAME + i * each, base, f"{head}, %", SMALL, "soft"))
        if not whole:
            marks.append(TextMark(left + _NAME + i * each, base + ROW, "none", SMALL, "soft"))
    for row in plot.rows:
        base += ROW
        colour = colour_of(row.name) if plot.kinds else "series.0"
        marks.append(TextMark(left, base, shorten(row.name, 18), SMALL))
        for i, (value, whole, head) in enumerate(zip(row.values, plot.totals, plot.heads, strict=True)):
            if not value:
                continue
            x, wide = left + _NAME + i * each, max(room * (value / whole), _LEAST)
            bar = RectMark(x, base - 6, wide, 7, colour)
            said = TextMark(x + wide + 3, base, percent(value, whole), SMALL, "soft")
            marks.append(GroupMark((bar, said), "", "share", f"{row.name}: {value:,} of {whole:,} {head}"))
    return [GroupMark(tuple(marks), id, "plot")], base + 4 - top


def percent(part: int, whole: int) -> str:
    """A share to a tenth of a percent; what is less and not 0 says so."""
    found = 100 * part / whole
    return f"{found:.1f}" if found >= 0.05 or not part else "<0.1"


def fitted(text: str, width: float, size: float, bold: bool = False) -> str:
    """A text without its middle where it is wider than so many points."""
    while text_width(text, size, bold) > width and len(text) > 3:
        text = shorten(text, len(text) * 9 // 10)
    return text


def wrapped(text: str, width: float, size: float, bold: bool = False) -> Iterable[str]:
    """The words of a sentence in lines that are no wider than so many points; a longer word is cut."""
    line = ""
    for word in text.split():
        word = fitted(word, width, size, bold)
        longer = f"{line} {word}" if line else word
        if line and text_width(longer, size, bold) > width:
            yield line
            longer = word
        line = longer
    if line:
        yield line
