"""Turns a network into a plot of the bytes that its activations take while its ops run, one after the other."""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.analysis.cost import cost
from archdsl.analysis.minimal_memory import minimal_peak
from archdsl.analysis.not_defined import NotDefined
from archdsl.analysis.schedule import Step, peak, schedule
from archdsl.emit.plots.depth import described, modules
from archdsl.emit.plots.model import Curve, DepthPlot, Level, Plot, Reading
from archdsl.emit.plots.scale import short
from archdsl.ir.graph import Graph

_TITLE = "Memory of activations while each op runs, batch 1, float32"
_MOST_READINGS = 400
_MOST_WORK = 100_000  # of the search for the best order; a part of a second


def plots(graph: Graph) -> list[Plot]:
    """Bytes in the order that is written; in the best order too where that takes less."""
    try:
        written, most, best = schedule(graph), peak(graph), minimal_peak(graph, _MOST_WORK)
    except NotDefined as error:
        return [DepthPlot(_TITLE, "", 0, (), words=(str(error),), binary=True)]
    home = graph.span.source.name
    places = [(step.application.path, i, i + 1) for i, step in enumerate(written)]
    curves = [Curve("as written", _readings(written, home), fill=True)]
    levels = []
    words = [] if best.exact else [f"no order is known to need less than {short(best.lower_bytes, binary=True)}"]
    if best.bytes < most.bytes:
        curves.append(Curve("in another order", _readings(schedule(graph, best.order), home), dashed=True))
        order = "the order that needs least" if best.exact else "the best order found"
        words.insert(0, f"dashed: in {order}, {short(best.bytes, binary=True)}")
    if most.application is not None:
        at = described(most.application.path, most.application.word, most.application.span, home)
        levels.append(Level(most.bytes, f"peak {short(most.bytes, binary=True)} at {at}"))
    else:
        words.append("the peak is before the first op: the inputs")
    return [
        DepthPlot(
            title=_TITLE,
            total=f"peak {short(most.bytes, binary=True)}",
            ops=len(written),
            modules=modules(places),
            curves=tuple(curves),
            levels=tuple(levels),
            words=tuple(words),
            binary=True,
            added=len(written) - cost(graph).ops,
        )
    ]


def _readings(steps: Sequence[Step], home: str) -> tuple[Reading, ...]:
    """The most of each so many neighbouring steps."""
    size = -(-len(steps) // _MOST_READINGS) or 1
    found = []
    for start in range(0, len(steps), size):
        group = steps[start : start + size]
        top = max(group, key=lambda step: step.during_bytes)
        name = described(top.application.path, top.application.word, top.application.span, home)
        found.append(Reading(start, start + len(group), top.during_bytes, f"{name}: {top.during_bytes:,} bytes"))
    return tuple(found)
