"""Turns a graph into its cost per stage: all that works at one height and width, in order of first appearance."""

from __future__ import annotations

from archdsl.analysis.cost import NOTHING, Cost, node_cost
from archdsl.ir.graph import Graph
from archdsl.ir.per_body import per_body
from archdsl.ir.weights import owns
from archdsl.ops.base import spatial_axes
from archdsl.types import TensorType

MapExtents = tuple[int, ...]  # spatial extents: (56, 56) of a map, () of a vector


@per_body
def by_stage(graph: Graph) -> dict[MapExtents, Cost]:
    """Cost per size of output, as the rows of ResNet's Table 1 and MobileNet's Table 1 are grouped.

    An op belongs to the stage of its first result, inside a scan too; a map of one pixel counts as a vector. A size is
    that of all axes but the first: no type says that a tensor has its channels last, so there it is width and channels.
    As in `rows`, `memory_access` takes a block's inputs as different tensors.
    """
    found: dict[MapExtents, Cost] = {}
    for owned, node in zip(owns(graph), graph.nodes, strict=True):
        parts = (
            by_stage(node.target)
            if isinstance(node.target, Graph)
            else {size_of(node.types[0]): node_cost(graph, node)}
        )
        for size, part in parts.items():
            found[size] = found.get(size, NOTHING).plus(part, node.steps, int(owned))
    return found


def size_of(x: TensorType) -> MapExtents:
    """Spatial extents of a tensor; () for vectors and for maps of one pixel."""
    extents = tuple(x.shape[axis] for axis in spatial_axes(x)) if x.rank > 1 else ()
    return () if all(extent == 1 for extent in extents) else extents
