"""Turns a network into plots of its numbers: cost, receptive field and memory along depth, and shares of cost."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from archdsl.analysis.cost import params_and_macs
from archdsl.diagnostics.unknown import UnknownName
from archdsl.emit.figure.measure import shorten
from archdsl.emit.marks.model import Drawing, Leaf, Mark, TextMark
from archdsl.emit.plots import cost, field, memory, share
from archdsl.emit.plots.model import DepthPlot, Plot, SharePlot
from archdsl.emit.plots.paint import LEFT, depth_plot, share_plot
from archdsl.emit.plots.scale import short
from archdsl.ir.graph import Graph

# What can be plotted, in the order in which it stands on the page.
SUBJECTS: dict[str, Callable[[Graph], list[Plot]]] = {
    "cost": cost.plots,
    "field": field.plots,
    "memory": memory.plots,
    "share": share.plots,
}
_WIDTH, _MARGIN, _TITLE, _BETWEEN = 518.0, 8.0, 12.0, 8.0  # in points: the page is 7.2 inches wide


def draw(graph: Graph, subjects: Sequence[str] = ()) -> Drawing:
    """The plots of these `SUBJECTS` (all if none is named) on one page, under the network's name and totals.

    Raises:
        UnknownName: there is no such subject.
    """
    for name in subjects:
        if name not in SUBJECTS:
            raise UnknownName("plot", name, SUBJECTS)
    chosen = [name for name in SUBJECTS if name in subjects or not subjects]
    found = [(f"{name}-{i}", plot) for name in chosen for i, plot in enumerate(SUBJECTS[name](graph))]
    title = shorten(graph.name, 60)
    top = _MARGIN + _TITLE
    marks: list[Mark] = [TextMark(LEFT, top, title, _TITLE, bold=True)]
    params, macs = params_and_macs(graph)
    top += 12
    marks.append(TextMark(LEFT, top, f"{short(params)} parameters, {short(macs)} multiply-accumulates", 8.0, "soft"))
    top += _BETWEEN
    for i, (id, plot) in enumerate(found):
        after = found[i + 1][1] if i + 1 < len(found) else None
        if isinstance(plot, DepthPlot):
            below = next((one for _, one in found[i + 1 :] if isinstance(one, DepthPlot) and one.has_axes), None)
            named = below is None or below.stages != plot.stages
            drawn, height = depth_plot(plot, id, top, _WIDTH, named=named)
        else:
            second = i > 0 and isinstance(found[i - 1][1], SharePlot)
            half = _WIDTH / 2 - _MARGIN
            drawn, height = share_plot(plot, id, _MARGIN + second * (half + _MARGIN), top, half - _MARGIN)
            if isinstance(after, SharePlot):  # that one stands beside it
                marks += drawn
                beside = height
                continue
            height = max(height, beside)
        marks += drawn
        top += height + _BETWEEN
    subject = ", ".join(plot.title for _, plot in found)
    leaf = Leaf(_WIDTH, top + _MARGIN - _BETWEEN, tuple(marks))
    return Drawing((leaf,), f"{title}: {', '.join(chosen)}", f"Plots of {title}: {subject}.")
