"""Counts the parameters that multiply-accumulates use: kernels and matrices, without biases and norms."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from archdsl.analysis.cost import kind_of
from archdsl.ir.graph import Graph, bodies

_FACT = "kernels.by_kind"


def kernels_by_kind(graph: Graph) -> dict[str, int]:
    """Trainable elements of the weights that products use, per kind of op as in `cost.by_kind`; shared ones once.

    What papers count that leave out biases and batch norm: MobileNet, arXiv:1704.04861, Table 2, gives shares of these.
    Each body is summed once. Do not change the dict: it is kept in the graph.
    """
    for body in bodies(graph):
        if _FACT not in body._facts:
            body._facts[_FACT] = _sum(body)
    found: dict[str, int] = graph._facts[_FACT]
    return found


def kernel_params(graph: Graph) -> int:
    """The sum over all kinds."""
    return sum(kernels_by_kind(graph).values())


def _sum(graph: Graph) -> dict[str, int]:
    found: Counter[str] = Counter()
    slots: set[int] = set()
    for node in graph.nodes:
        if node.slot is not None:
            if node.slot in slots:
                continue
            slots.add(node.slot)
        if isinstance(node.target, Graph):
            found.update(node.target._facts[_FACT])
            continue
        inputs = graph.operand_types(node)
        if node.target.macs(inputs):
            size = sum(w.size for w in node.target.weights(inputs) if w.trainable and len(w.shape) > 1)
            found[kind_of(node.target, inputs)] += size
    return dict(found)


METRICS: dict[str, Callable[[Graph], int]] = {"kernel_params": kernel_params}
