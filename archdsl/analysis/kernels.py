"""Counts the parameters that multiply-accumulates use: kernels and matrices, without biases and norms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from archdsl.analysis.cost import kind_of
from archdsl.ir.graph import Graph
from archdsl.ir.per_body import per_body
from archdsl.ir.weights import owns


@per_body
def kernels_by_kind(graph: Graph) -> dict[str, int]:
    """Trainable elements of the weights that products use, per kind of op as in `cost.by_kind`; shared ones once.

    What papers count that leave out biases and batch norm: MobileNet, arXiv:1704.04861, Table 2, gives shares of these.
    """
    found: Counter[str] = Counter()
    for owned, node in zip(owns(graph), graph.nodes, strict=True):
        if not owned:
            continue
        if isinstance(node.target, Graph):
            found.update(kernels_by_kind(node.target))
            continue
        inputs = graph.operand_types(node)
        if node.target.macs(inputs, node.types):
            size = sum(w.size for w in node.target.weights(inputs) if w.trainable and len(w.shape) > 1)
            found[kind_of(node.target, inputs)] += size
    return dict(found)


def kernel_params(graph: Graph) -> int:
    """The sum over all kinds."""
    return sum(kernels_by_kind(graph).values())


METRICS: dict[str, Callable[[Graph], int]] = {"kernel_params": kernel_params}
