"""Turns a network into two plots: multiply-accumulates and parameters along depth, per layer and kind of op."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from archdsl.analysis.cost import Cost
from archdsl.emit.figure.measure import shorten
from archdsl.emit.plots.depth import PlacedOp, deepest, described, layers, modules, placed_ops
from archdsl.emit.plots.model import Column, DepthPlot, Plot
from archdsl.emit.plots.scale import short
from archdsl.ir.graph import Graph

_MOST_COLUMNS = 400
_LONGEST = 48  # characters of a module's path


def plots(graph: Graph) -> list[Plot]:
    """Both: a column per layer, which is what multiplies or holds weights, with the norms and activations after it."""
    ops = list(placed_ops(graph, deepest(graph)))
    runs = layers(ops, _MOST_COLUMNS)
    home = graph.span.source.name
    return [
        _plot("Multiply-accumulates per layer", "MACs", lambda part: part.macs, ops, runs, home),
        _plot("Parameters per layer", "parameters", lambda part: part.params, ops, runs, home),
    ]


def _plot(
    title: str,
    unit: str,
    read: Callable[[Cost], int],
    ops: Sequence[PlacedOp],
    runs: Sequence[Sequence[PlacedOp]],
    home: str,
) -> DepthPlot:
    columns = []
    for run in runs:
        costly = [one for one in run if any(map(read, one.parts.values()))]
        parts: dict[str, int] = {}
        for kind, part in (item for one in costly for item in one.parts.items()):
            parts[kind] = parts.get(kind, 0) + read(part)
        if costly:
            said = f"{_name(costly[0], costly[-1], home)}: {sum(parts.values()):,} {unit}"
            kept = tuple((kind, value) for kind, value in parts.items() if value)
            columns.append(Column(run[0].start, run[-1].end, kept, said))
    total = sum(value for column in columns for _, value in column.parts)
    return DepthPlot(
        title=title,
        total=f"{short(total)} {unit}",
        ops=ops[-1].end if ops else 0,
        modules=modules([(one.path, one.start, one.end) for one in ops]),
        columns=tuple(columns),
        words=() if total else (f"no op has {unit}",),
    )


def _name(first: PlacedOp, last: PlacedOp, home: str) -> str:
    further = f" to {shorten(last.path, _LONGEST)}" if last.path != first.path else ""
    return described(first.path, first.word, first.span, home) + further
