"""Turns a graph into what it costs: parameters, multiply-accumulates, element-wise operations and memory traffic."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeAlias

from archdsl.analysis.aliases import Aliasing, called, distinct, passing, tensors_in
from archdsl.analysis.elementwise import elementwise_ops
from archdsl.ir.graph import Graph, Node, Ref
from archdsl.ir.per_body import per_body, per_body_alone, per_body_and, per_mould_alone, per_mould_through
from archdsl.ir.weights import applied, owns
from archdsl.ops.base import Kind, Op, Types


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

    def times(self, applications: int, weight_sets: int = 1) -> Cost:
        """This applied so many times with so many sets of weights."""
        return self if applications == weight_sets == 1 else NOTHING.plus(self, applications, weight_sets)

    def reading_less(self, elements: int) -> Cost:
        """This with so many elements fewer read."""
        return self._replace(memory_access=self.memory_access - elements) if elements else self


NOTHING = Cost()

KindAndWord: TypeAlias = tuple[str, str]  # kind with convolutions told apart, word
Breakdown: TypeAlias = dict[KindAndWord, Cost]


@per_body_alone
def cost(graph: Graph) -> Cost:
    """What `graph` costs in all."""
    return _whole(graph).reading_less(read_again(graph).total())


def breakdown(graph: Graph) -> Breakdown:
    """What `graph` costs, per kind and word of op."""
    again = read_again(graph)
    return {key: part.reading_less(again[key]) for key, part in _parts(graph).items()}


def node_cost(graph: Graph, node: Node) -> Cost:
    """What one node of `graph` costs with everything in it, its operands taken as different tensors."""
    if isinstance(node.target, Graph):
        return cost(node.target).times(node.steps)
    inputs = graph.operand_types(node)
    reads = _elements(node.operands, inputs) if node.sources else 0
    return op_cost(node.target, inputs, node.types, reads)


@per_mould_alone
def op_costs(graph: Graph) -> tuple[Cost, ...]:
    """What `node_cost` says of each node of `graph`, but nothing of calls."""
    return tuple([NOTHING if isinstance(node.target, Graph) else node_cost(graph, node) for node in graph.nodes])


def _elements(tensors: Sequence[Ref], types: Types) -> int:
    """Elements of `tensors` together, each tensor once."""
    return sum([x.size for x in (dict(zip(tensors, types, strict=True)).values() if len(types) > 1 else types)])


def total(costs: Iterable[Cost]) -> Cost:
    """The sum."""
    return Cost(*map(sum, zip(*costs, strict=True)))


@per_body
def _whole(graph: Graph) -> Cost:
    """What `graph` costs if tensors of different names are different."""
    calls = zip(graph.callees, applied(graph), strict=True)
    return total([_own(graph), *[_whole(callee).times(*times) for (callee, _), times in calls]])


@per_mould_alone
def _own(graph: Graph) -> Cost:
    """What the ops directly in a body cost."""
    parts = [alone.times(1, owned) for alone, owned in zip(op_costs(graph), owns(graph), strict=True)]
    return total(parts) if parts else NOTHING


@per_body
def _parts(graph: Graph) -> Breakdown:
    """What `_whole` gives, per kind and word of op."""
    found: defaultdict[KindAndWord, list[Cost]] = defaultdict(list)
    for node, owned in zip(graph.nodes, owns(graph), strict=True):
        inside = (
            _parts(node.target)
            if isinstance(node.target, Graph)
            else {_kind_and_word(node.target, graph.operand_types(node)): node_cost(graph, node)}
        )
        for key, part in inside.items():
            found[key].append(part.times(node.steps, owned))
    return {key: total(costs) for key, costs in found.items()}


def read_again(graph: Graph) -> Counter[KindAndWord]:
    """What `_whole` and `_parts` count too often: elements that an op is given under two names."""
    return _read_again(graph, distinct(graph))


def _calls(graph: Graph, aliasing: Aliasing) -> list[tuple[Graph, Aliasing]]:
    return [(graph.callees[number][0], given) for number, given in _own_again(graph, aliasing)[1]]


@per_body_and(_calls)
def _read_again(graph: Graph, aliasing: Aliasing) -> Counter[KindAndWord]:
    """The same of a body called so."""
    own, calls = _own_again(graph, aliasing)
    found = Counter(own)
    for (number, given), applications in calls.items():
        for key, again in _read_again(graph.callees[number][0], given).items():
            found[key] += applications * again
    return found


@per_mould_through(lambda callee, aliasing: passing.number(callee))
def _own_again(
    graph: Graph, aliasing: Aliasing
) -> tuple[dict[KindAndWord, int], dict[tuple[int, Aliasing], int]]:  # fmt: skip
    """The part of the ops directly in a body, and what it calls."""
    tensors = tensors_in(graph, aliasing)
    found: Counter[KindAndWord] = Counter()
    for node in graph.nodes:
        if not isinstance(node.target, Graph) and len(node.operands) > 1:
            inputs = graph.operand_types(node)
            again = _elements(node.operands, inputs) - _elements(tensors.of(node.operands), inputs)
            if again:
                found[_kind_and_word(node.target, inputs)] += again
    return found, called(graph, aliasing)


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


def op_cost(op: Op, inputs: Types, outputs: Types, reads: int) -> Cost:
    """What one application of a resolved op costs; `reads` is the number of elements in its distinct operands."""
    weights = op.weights(inputs)
    params = sum([weight.size for weight in weights if weight.trainable])
    buffers = sum([weight.size for weight in weights if not weight.trainable]) + op.unsaved(inputs)
    if op.kind is Kind.DROP:
        return Cost(ops=1, params=params, buffers=buffers)
    writes = sum([x.size for x in outputs])
    return Cost(
        ops=1,
        params=params,
        buffers=buffers,
        macs=op.macs(inputs, outputs),
        elementwise_ops=elementwise_ops(op, inputs, outputs),
        activations=writes,
        memory_access=reads + params + buffers + writes,
    )


def _kind_and_word(op: Op, inputs: Types) -> KindAndWord:
    return kind_of(op, inputs), op.name


def kind_of(op: Op, inputs: Types) -> str:
    """The op's kind; a convolution is "conv 1x1", "depthwise" (one channel per group) or "conv kxk"."""
    if op.kind is not Kind.CONVOLUTION:
        return op.kind.value
    shape = op.kernel_shape(inputs)
    if shape[1] == 1 and op.channel_groups(inputs) > 1:
        return "depthwise"
    return "conv 1x1" if all(extent == 1 for extent in shape[2:]) else "conv kxk"


@per_body
def params_and_macs(graph: Graph) -> tuple[int, int]:
    """Trainable elements of the weights of `graph`, and its multiply-accumulates: `cost(graph)` without the rest."""
    params, macs = _own_params_and_macs(graph)
    for (callee, _), (applications, sets) in zip(graph.callees, applied(graph), strict=True):
        own, more = params_and_macs(callee)
        params += sets * own
        macs += applications * more
    return params, macs


@per_mould_alone
def _own_params_and_macs(graph: Graph) -> tuple[int, int]:
    params = macs = 0
    for index, node in enumerate(graph.nodes):
        if not isinstance(node.target, Graph):
            own, more = node_params_and_macs(graph, node)
            macs += more
            if own and (node.slot is None or owns(graph)[index]):
                params += own
    return params, macs


def node_params_and_macs(graph: Graph, node: Node) -> tuple[int, int]:
    """Of `node_cost(graph, node)` these two."""
    target = node.target
    if isinstance(target, Graph):
        params, macs = params_and_macs(target)
        return params, node.steps * macs
    kind = target.__class__
    if kind.weights is Op.weights and kind.macs is Op.macs:
        return 0, 0
    types = graph.operand_types(node)
    return sum([weight.size for weight in target.weights(types) if weight.trainable]), target.macs(types, node.types)


METRICS: dict[str, Callable[[Graph], int]] = {
    "params": lambda graph: params_and_macs(graph)[0],
    "buffers": lambda graph: cost(graph).buffers,
    "macs": lambda graph: params_and_macs(graph)[1],
    "flops": lambda graph: cost(graph).flops,
    "elementwise_ops": lambda graph: cost(graph).elementwise_ops,
    "activations": lambda graph: cost(graph).activations,
    "memory_access": lambda graph: cost(graph).memory_access,
    "ops": lambda graph: cost(graph).ops,
}
