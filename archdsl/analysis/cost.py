"""Turns a graph into what it costs: parameters, multiply-accumulates, element-wise operations and memory traffic."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeAlias

from archdsl.analysis.aliases import Aliasing, called, distinct, tensors_in
from archdsl.analysis.elementwise import elementwise_ops
from archdsl.ir.graph import Graph, Node, Ref
from archdsl.ir.per_body import per_body_and
from archdsl.ir.weights import owns
from archdsl.ops.base import Kind, Op, Types
from archdsl.types import TensorType


class Cost(NamedTuple):
    """Totals at batch 1; every number counts elements or operations, never bytes.

    `params` are trainable weight elements, `buffers` the others; both once per set of weights.
    The rest counts once per application: `ops` (op applications), `macs` (multiply-accumulates of convolutions, linear
    maps and matmuls), `elementwise_ops` (a convention, see elementwise.py), `activations` (elements that ops give) and
    `memory_access` (elements read, distinct operands once, plus weights, plus elements written; nothing is fused or
    aliased). A scan costs as much as its steps: taking the sequence apart and putting the outputs together is not
    counted. Ops that do nothing at inference (dropout) count in `ops` only.
    """

    ops: int = 0
    params: int = 0
    buffers: int = 0
    macs: int = 0
    elementwise_ops: int = 0
    activations: int = 0
    memory_access: int = 0

    @property
    def flops(self) -> int:
        """Floating-point operations of the multiply-accumulates: two each."""
        return 2 * self.macs

    def plus(self, other: Cost, applications: int = 1, weight_sets: int = 1) -> Cost:
        """This and `other`, applied so many times with so many sets of weights."""
        return Cost(
            self.ops + applications * other.ops,
            self.params + weight_sets * other.params,
            self.buffers + weight_sets * other.buffers,
            self.macs + applications * other.macs,
            self.elementwise_ops + applications * other.elementwise_ops,
            self.activations + applications * other.activations,
            self.memory_access + applications * other.memory_access,
        )


NOTHING = Cost()

# (kind with convolutions told apart, word) -> cost of all such ops
Breakdown: TypeAlias = dict[tuple[str, str], Cost]


def breakdown(graph: Graph) -> Breakdown:
    """What `graph` costs, per kind and word of op. Do not change the dict: it is kept in the graph.

    A body is summed once per aliasing of equal inputs in which it is called (almost always one), because an op reads an
    operand that it is given twice only once.
    """
    return _sum(graph, distinct(graph))


def cost(graph: Graph) -> Cost:
    """What `graph` costs in all."""
    return total(breakdown(graph))


def node_cost(graph: Graph, node: Node) -> Cost:
    """What one node of `graph` costs with everything in it, its operands taken as different tensors."""
    if isinstance(node.target, Graph):
        return NOTHING.plus(cost(node.target), node.steps)
    reads = sum(graph.type_of(ref).size for ref in set(node.operands))
    return op_cost(node.target, graph.operand_types(node), node.types, reads)


def total(parts: Breakdown) -> Cost:
    """The sum over all kinds and words."""
    return _added(list(parts.values()))


def _added(costs: list[Cost]) -> Cost:
    return costs[0] if len(costs) == 1 else Cost(*map(sum, zip(*costs, strict=True)))


def by_kind(graph: Graph) -> dict[str, Cost]:
    """Cost per kind of op, convolutions told apart as "conv 1x1", "conv kxk" and "depthwise"; most macs first."""
    return _grouped(breakdown(graph), 0)


def by_word(graph: Graph) -> dict[str, Cost]:
    """Cost per op as named in the language; most macs first."""
    return _grouped(breakdown(graph), 1)


def _grouped(parts: Breakdown, index: int) -> dict[str, Cost]:
    groups: dict[str, Cost] = {}
    for key, part in parts.items():
        groups[key[index]] = groups.get(key[index], NOTHING).plus(part)
    return dict(sorted(groups.items(), key=lambda item: (-item[1].macs, -item[1].memory_access, item[0])))


@per_body_and(called)
def _sum(graph: Graph, aliasing: Aliasing) -> Breakdown:
    tensors = tensors_in(graph, aliasing)
    parts: defaultdict[tuple[str, str], list[Cost]] = defaultdict(list)
    weight_sets: Counter[Graph] = Counter()
    for owned, node in zip(owns(graph), graph.nodes, strict=True):
        if isinstance(node.target, Graph):
            weight_sets[node.target] += owned
            continue
        inputs = graph.operand_types(node)
        reads = sum([x.size for x in _read(inputs, tensors.of(node.operands))])
        part = op_cost(node.target, inputs, node.types, reads)
        key = kind_of(node.target, inputs), node.target.name
        parts[key].append(part if owned else NOTHING.plus(part, 1, 0))
    for (callee, given), applications in called(graph, aliasing).items():
        # Which aliasing the weights are charged to makes no difference: they are equal in all.
        sets = weight_sets.pop(callee, 0)
        for key, part in _sum(callee, given).items():
            parts[key].append(part if applications == sets == 1 else NOTHING.plus(part, applications, sets))
    return {key: _added(costs) for key, costs in parts.items()}


def _read(inputs: Types, given: Sequence[Ref]) -> Iterable[TensorType]:
    """The types of the tensors that an op is given, each once."""
    return inputs if len(inputs) == 1 else dict(zip(given, inputs, strict=True)).values()


def op_cost(op: Op, inputs: Types, outputs: Types, reads: int) -> Cost:
    """What one application of a resolved op costs; `reads` is the number of elements in its distinct operands."""
    weights = op.weights(inputs)
    params = sum([weight.size for weight in weights if weight.trainable])
    buffers = sum([weight.size for weight in weights if not weight.trainable])
    if op.kind is Kind.DROP:
        return Cost(ops=1, params=params, buffers=buffers)
    writes = sum([x.size for x in outputs])
    return Cost(
        ops=1,
        params=params,
        buffers=buffers,
        macs=op.macs(inputs),
        elementwise_ops=elementwise_ops(op, inputs, outputs),
        activations=writes,
        memory_access=reads + params + buffers + writes,
    )


def kind_of(op: Op, inputs: Types) -> str:
    """The op's kind; a convolution is "conv 1x1", "depthwise" (one channel per group) or "conv kxk"."""
    if op.kind is not Kind.CONVOLUTION:
        return op.kind.value
    shape = op.weights(inputs)[0].shape
    if shape[1] == 1 and inputs[0].shape[0] > 1 and op.results(inputs)[0].shape[0] > 1:
        return "depthwise"
    return "conv 1x1" if all(extent == 1 for extent in shape[2:]) else "conv kxk"


METRICS: dict[str, Callable[[Graph], int]] = {
    "params": lambda graph: cost(graph).params,
    "buffers": lambda graph: cost(graph).buffers,
    "macs": lambda graph: cost(graph).macs,
    "flops": lambda graph: cost(graph).flops,
    "elementwise_ops": lambda graph: cost(graph).elementwise_ops,
    "activations": lambda graph: cost(graph).activations,
    "memory_access": lambda graph: cost(graph).memory_access,
    "ops": lambda graph: cost(graph).ops,
}
