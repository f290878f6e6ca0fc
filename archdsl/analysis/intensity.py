"""Turns a graph into how its work relates to the memory that it moves: intensity, element-wise share, bound of G1.

Memory access is ShuffleNet v2's cost (Ma et al. 2018, arXiv:1807.11164, section 2), counted in elements as `cost` does.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import prod, sqrt

from archdsl.analysis.cost import cost, kind_of, op_costs, read_again
from archdsl.ir.graph import Graph, Node, bodies
from archdsl.ir.per_body import per_body, per_mould_alone
from archdsl.ir.weights import applied
from archdsl.ops.base import Kind
from archdsl.source import Span

# G4: ops that move much and compute little; the paper counts depthwise convolutions among them.
ELEMENTWISE = frozenset({Kind.ACTIVATION.value, Kind.ARITHMETIC.value, Kind.NORM.value, "depthwise"})


@dataclass(frozen=True, slots=True)
class ConvolutionAccess:
    """What one written convolution reads and writes, bias left out, in elements, next to the least that it could.

    `least_memory_access` is G1's bound: no convolution with as many macs, with this window, stride, map and number of
    groups has less. The two are equal when input and output have equally many elements. `applications` is how often
    the network applies it; the numbers are for one application. `block` and `label` name the place in the spec.
    """

    block: str
    label: str
    kind: str
    macs: int
    memory_access: int
    least_memory_access: float
    applications: int
    span: Span | None

    @property
    def excess(self) -> float:
        """Memory access over its least; 1 is best."""
        return self.memory_access / self.least_memory_access


def arithmetic_intensity(graph: Graph) -> Fraction:
    """Multiply-accumulates per element read or written; 0 for a network that moves nothing."""
    found = cost(graph)
    return Fraction(found.macs, max(found.memory_access, 1))


def elementwise_share(graph: Graph) -> Fraction:
    """The share of memory access that is element-wise (activations, arithmetic, norms, depthwise convolutions): G4."""
    again = sum([elements for (kind, _), elements in read_again(graph).items() if kind in ELEMENTWISE])
    return Fraction(_elementwise_access(graph) - again, max(cost(graph).memory_access, 1))


@per_body
def _elementwise_access(graph: Graph) -> int:
    """The memory access that is element-wise, where tensors of different names are different."""
    calls = zip(graph.callees, applied(graph), strict=True)
    return _own_elementwise_access(graph) + sum(
        [times * _elementwise_access(callee) for (callee, _), (times, _) in calls]
    )


@per_mould_alone
def _own_elementwise_access(graph: Graph) -> int:
    return sum(
        [
            alone.memory_access
            for node, alone in zip(graph.nodes, op_costs(graph), strict=True)
            if node.op is not None and kind_of(node.op, graph.operand_types(node)) in ELEMENTWISE
        ]
    )


def least_memory_access(height: int, width: int, macs: int) -> float:
    """G1: no 1x1 convolution of `macs` multiply-accumulates on a map of that size reads and writes fewer elements.

    >>> least_memory_access(56, 56, 56 * 56 * 128 * 128) == 56 * 56 * (128 + 128) + 128 * 128
    True
    """
    return 2 * sqrt(height * width * macs) + macs / (height * width)


def convolutions(graph: Graph) -> Iterator[ConvolutionAccess]:
    """Every convolution written in a body that `graph` reaches, once per body, callees first.

    Memory access is a + b + w with a elements read, b written and w weights. The macs, a, b and w are tied: at equal
    macs the product a * b and w stay as they are, so a + b + w is at least 2 * sqrt(a * b) + w. For a 1x1 convolution
    of stride 1 this is `least_memory_access`.
    """
    order = list(bodies(graph))
    applications: Counter[int] = Counter({id(graph): 1})
    for body in reversed(order):  # callers before callees
        for node in body.nodes:
            if node.body is not None:
                applications[id(node.body)] += applications[id(body)] * node.steps
    for body in order:
        for node in body.nodes:
            if node.op is None or node.op.kind is not Kind.CONVOLUTION:
                continue
            yield convolution_access(body, node, applications[id(body)])


def convolution_access(body: Graph, node: Node, applications: int = 1) -> ConvolutionAccess:
    """The memory access of one convolution of `body`, and its least; see `convolutions`."""
    assert node.op is not None
    inputs = body.operand_types(node)
    weights = prod(node.op.kernel_shape(inputs))
    read, written = sum(x.size for x in inputs), sum(x.size for x in node.types)
    if not node.op.weights(inputs):
        read -= weights  # its kernel is an operand
    return ConvolutionAccess(
        block=body.name,
        label=node.label,
        kind=kind_of(node.op, inputs),
        macs=node.op.macs(inputs, node.types),
        memory_access=read + written + weights,
        least_memory_access=2 * sqrt(read * written) + weights,
        applications=applications,
        span=node.spans[0] if node.spans else None,
    )


METRICS: dict[str, Callable[[Graph], int | float]] = {
    "arithmetic_intensity": lambda graph: float(arithmetic_intensity(graph)),
    "elementwise_share": lambda graph: float(elementwise_share(graph)),
}
