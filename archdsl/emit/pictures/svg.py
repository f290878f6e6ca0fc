"""Turns a network into its diagram as svg."""

from __future__ import annotations

from archdsl.emit.figure import draw
from archdsl.ir.graph import Graph


def write(graph: Graph, caption: str) -> bytes:
    """The diagram with `caption` under the network's name."""
    return draw(graph, "svg", caption=caption)
