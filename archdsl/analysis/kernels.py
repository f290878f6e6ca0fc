"""Counts the parameters that multiply-accumulates use: kernels and matrices, without biases and norms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from archdsl.analysis.cost import kind_of
from archdsl.ir.graph import Graph, Node
from archdsl.ir.per_body import per_body, per_mould_alone
from archdsl.ir.weights import applied, owns


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
        size = _kernels(graph, node)
        if size is not None:
            found[kind_of(node.target, graph.operand_types(node))] += size
    return dict(found)


def _kernels(graph: Graph, node: Node) -> int | None:
    """Those of one node; None if it multiplies nothing, as a call does not."""
    inputs = graph.operand_types(node)
    if isinstance(node.target, Graph) or not node.target.macs(inputs, node.types):
        return None
    return sum([w.size for w in node.target.weights(inputs) if w.trainable and len(w.shape) > 1])


@per_body
def kernel_params(graph: Graph) -> int:
    """The sum over all kinds."""
    calls = zip(graph.callees, applied(graph), strict=True)
    return _own_kernels(graph) + sum([sets * kernel_params(callee) for (callee, _), (_, sets) in calls])


@per_mould_alone
def _own_kernels(graph: Graph) -> int:
    return sum([_kernels(graph, n) or 0 for n, owned in zip(graph.nodes, owns(graph), strict=True) if owned])


METRICS: dict[str, Callable[[Graph], int]] = {"kernel_params": kernel_params}
