"""Turns a network into two plots of where its cost lies: by kind of op, and by module."""

from __future__ import annotations

from collections.abc import Mapping

from archdsl.analysis.cost import Cost, by_kind, total
from archdsl.emit.plots.depth import deepest, modules, placed_ops
from archdsl.emit.plots.model import Plot, Share, SharePlot
from archdsl.ir.graph import Graph

_HEADS = ("MACs", "parameters", "memory access")
_MOST_ROWS = 24
_NONE = "(no module)"  # how ops are called in a network without modules


def plots(graph: Graph) -> list[Plot]:
    """Both: kinds by most macs, modules in order of first use; what is too small for a row of its own is summed."""
    ops = list(placed_ops(graph, deepest(graph)))
    found = modules([(one.path, one.start, one.end) for one in ops], returning=True)
    by_module: dict[str, Cost] = {}
    each = iter(ops)
    one = next(each, None)
    for module in found:
        name = module.name or _NONE
        parts = [by_module.get(name, Cost())]
        while one is not None and one.end <= module.end:
            parts += one.parts.values()
            one = next(each, None)
        by_module[name] = total(parts)
    return [
        _plot("Share by kind of op", by_kind(graph), True),
        _plot("Share by module", by_module, False),
    ]


def _plot(title: str, costs: Mapping[str, Cost], kinds: bool) -> SharePlot:
    rows = [Share(name, (part.macs, part.params, part.memory_access)) for name, part in costs.items()]
    rows = [row for row in rows if any(row.values)]
    totals = tuple(map(sum, zip(*(row.values for row in rows), strict=True))) or (0, 0, 0)
    return SharePlot(title, _HEADS, totals, tuple(_kept(rows)), kinds)


def _kept(rows: list[Share]) -> list[Share]:
    """The rows in their order; of too many those with the most, and one for the rest."""
    if len(rows) <= _MOST_ROWS:
        return rows
    largest = sorted(rows, key=lambda row: row.values, reverse=True)[: _MOST_ROWS - 1]
    rest = [row.values for row in rows if row not in largest]
    sums = tuple(map(sum, zip(*rest, strict=True)))
    return [*(row for row in rows if row in largest), Share(f"{len(rest)} others", sums)]
