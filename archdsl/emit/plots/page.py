"""Turns a network into plots of its numbers: cost, receptive field and memory along depth, and shares of cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from math import inf

from archdsl.analysis.cost import params_and_macs
from archdsl.diagnostics.model import ArchError, Diagnostic, Diagnostics
from archdsl.diagnostics.unknown import UnknownName
from archdsl.emit.figure.look import Look, Paper
from archdsl.emit.figure.measure import shorten
from archdsl.emit.figure.room import tell_pages
from archdsl.emit.figure.sheets import moved
from archdsl.emit.marks.formats import written
from archdsl.emit.marks.model import Drawing, Leaf, Mark, TextMark
from archdsl.emit.plots import cost, field, memory, share
from archdsl.emit.plots.model import DepthPlot, Plot, SharePlot
from archdsl.emit.plots.paint import LEFT, SMALL, depth_plot, share_plot
from archdsl.emit.plots.scale import short
from archdsl.ir.graph import Graph

# What can be plotted, in the order in which it stands on the page.
SUBJECTS: dict[str, Callable[[Graph], list[Plot]]] = {
    "cost": cost.plots,
    "field": field.plots,
    "memory": memory.plots,
    "share": share.plots,
}
# What stands across a page: its marks from a height downwards, and its own height.
PlotBand = Callable[[float], tuple[list[Mark], float]]

_WIDTH, _MARGIN, _TITLE, _BETWEEN = 518.0, 8.0, 12.0, 8.0  # in points: the page is 7.2 inches wide
_LEAST, _BESIDE = 220.0, 440.0  # widths that hold a table of shares, and two of them


def picture(graph: Graph, subjects: Sequence[str], format: str, look: Look, odd: Diagnostics) -> bytes:
    """The plots of `draw` in a format; of a `look` they take paper, theme and dpi. What is odd is added to `odd`.

    Raises:
        UnknownName, ArchError: as `draw` and `written`.
    """
    drawing = draw(graph, subjects, look.paper)
    tell_pages(drawing, format, odd, "what")
    return written(drawing, format, look.theme, look.dpi)


def draw(graph: Graph, subjects: Sequence[str] = (), paper: Paper | None = None) -> Drawing:
    """The plots of these `SUBJECTS` (all if none is named), under the network's name and totals.

    They stand on one page of 7.2 inches, or on as many pages of a `paper` as they need.

    Raises:
        UnknownName: there is no such subject.
        ArchError: the paper is too narrow (page-too-narrow).
    """
    for name in subjects:
        if name not in SUBJECTS:
            raise UnknownName("plot", name, SUBJECTS)
    chosen = [name for name in SUBJECTS if name in subjects or not subjects]
    scale = 1.0 if paper is None else max(1.0, paper.least / SMALL)
    width = _WIDTH if paper is None else (paper.width - 2 * paper.margin) / scale
    if width < _LEAST:
        message = f"plots have no room: they need {_LEAST * scale / 72:.1f} inches"
        raise ArchError([Diagnostic("page-too-narrow", message, None, help="give a larger --width")])
    found = [(f"{name}-{i}", plot) for name in chosen for i, plot in enumerate(SUBJECTS[name](graph))]
    room = inf if paper is None else (paper.height - 2 * paper.margin) / scale
    pages = _paged([partial(_head, graph), *_bands(found, width, False)], room)
    if len(pages) > 1:
        pages = _paged([partial(_head, graph), *_bands(found, width, True)], room)
    leaves = tuple(_leaf(marks, width, top + _MARGIN - _BETWEEN, paper, scale) for marks, top in pages)
    title = shorten(graph.name, 60)
    said = f"Plots of {title}: {', '.join(plot.title for _, plot in found)}."
    return Drawing(leaves, f"{title}: {', '.join(chosen)}", said)


def _paged(bands: Sequence[PlotBand], room: float) -> list[tuple[list[Mark], float]]:
    """The marks of each page, and where they end; a band that has no room begins the next page."""
    pages: list[tuple[list[Mark], float]] = [([], _MARGIN)]
    for band in bands:
        marks, top = pages[-1]
        made, height = band(top)
        if top + height + _MARGIN > room and marks:
            pages.append(([], _MARGIN))
            marks, top = pages[-1]
            made, height = band(top)
        pages[-1] = ([*marks, *made], top + height + _BETWEEN)
    return pages


def _leaf(marks: Sequence[Mark], width: float, height: float, paper: Paper | None, scale: float) -> Leaf:
    if paper is None:
        return Leaf(width, height, tuple(marks))
    moved_marks = tuple(moved(mark, scale, (paper.margin, paper.margin)) for mark in marks)
    return Leaf(paper.width, paper.height if paper.whole else height * scale + 2 * paper.margin, moved_marks)


def _head(graph: Graph, top: float) -> tuple[list[Mark], float]:
    params, macs = params_and_macs(graph)
    totals = f"{short(params)} parameters, {short(macs)} multiply-accumulates"
    name = TextMark(LEFT, top + _TITLE, shorten(graph.name, 28), _TITLE, bold=True)
    return [name, TextMark(LEFT, top + _TITLE + 12, totals, 8.0, "soft")], _TITLE + 12


def _bands(found: Sequence[tuple[str, Plot]], width: float, named: bool) -> Iterator[PlotBand]:
    """Plots along depth below each other, those of shares beside each other where there is room.

    Modules are named under the last of the plots that share an axis, or, if `named`, under each.
    """
    shares = [(id, plot) for id, plot in found if isinstance(plot, SharePlot)]
    along = [(id, plot) for id, plot in found if isinstance(plot, DepthPlot)]
    for i, (id, plot) in enumerate(along):
        below = next((one for _, one in along[i + 1 :] if one.has_axes), None)
        yield partial(depth_plot, plot, id, width=width, named=named or below is None or below.modules != plot.modules)
    if width >= _BESIDE and shares:
        yield partial(_beside, shares, width)
        return
    for id, share_of in shares:
        yield partial(share_plot, share_of, id, _MARGIN, width=width - 2 * _MARGIN)


def _beside(shares: Sequence[tuple[str, SharePlot]], width: float, top: float) -> tuple[list[Mark], float]:
    each = width / len(shares) - _MARGIN
    lefts = [_MARGIN + i * (each + _MARGIN) for i in range(len(shares))]
    made = [share_plot(plot, id, left, top, each - _MARGIN) for (id, plot), left in zip(shares, lefts, strict=True)]
    return [mark for marks, _ in made for mark in marks], max(height for _, height in made)
