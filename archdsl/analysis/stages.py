"""Turns a graph into its cost per stage: all that works at one height and width, in order of first appearance."""

from __future__ import annotations

from archdsl.analysis.cost import NOTHING, Cost, node_cost
from archdsl.ir.graph import Graph, bodies
from archdsl.ops.base import spatial_axes
from archdsl.types import TensorType

Size = tuple[int, ...]  # spatial extents: (56, 56) of a map, () of a vector

_FACT = "stages.by_size"


def by_stage(graph: Graph) -> dict[Size, Cost]:
    """Cost per size of output, as the rows of ResNet's Table 1 and MobileNet's Table 1 are grouped.

    An op belongs to the stage of its first result, inside a scan too; a map of one pixel counts as a vector. Each body
    is summed once. As in `rows`, `memory_access` takes a block's inputs as different tensors.
    """
    for body in bodies(graph):
        if _FACT not in body._facts:
            body._facts[_FACT] = _sum(body)
    found: dict[Size, Cost] = graph._facts[_FACT]
    return found


def size_of(x: TensorType) -> Size:
    """Spatial extents of a tensor; () for vectors and for maps of one pixel."""
    extents = tuple(x.shape[axis] for axis in spatial_axes(x)) if x.rank > 1 else ()
    return () if all(extent == 1 for extent in extents) else extents


def _sum(graph: Graph) -> dict[Size, Cost]:
    found: dict[Size, Cost] = {}
    slots: set[int] = set()
    for node in graph.nodes:
        owns = node.slot is None or node.slot not in slots
        if node.slot is not None:
            slots.add(node.slot)
        if isinstance(node.target, Graph):
            parts: dict[Size, Cost] = node.target._facts[_FACT]
        else:
            parts = {size_of(node.types[0]): node_cost(graph, node)}
        for size, part in parts.items():
            found[size] = found.get(size, NOTHING).plus(part, node.steps, int(owns))
    return found
