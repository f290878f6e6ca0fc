"""Turns a network into the attention nodes whose operands may not lie innermost in memory along their last axis.

torch fuses attention on the CPU only when the last axis of queries, keys and values has stride 1. A tensor's need is
the set of inputs of its body that must be so for it to be surely so too; None when it may not be so whatever they are.
"""

from __future__ import annotations

from collections.abc import Mapping

from archdsl.ir.graph import INPUT, Graph, Node, Ref, bodies
from archdsl.ir.per_body import per_body
from archdsl.ops.base import Kind, Op, Types
from archdsl.ops.torch_form import Call, Operand
from archdsl.presets.tool import NodeKey

Need = frozenset[int] | None

_FRESH = {Kind.LINEAR, Kind.EMBEDDING, Kind.PARAMETER, Kind.MATMUL}  # their results are new, in order of axes
_NOTHING: frozenset[int] = frozenset()
_HARMLESS = {"is_causal", "scale", "attn_mask"}  # options of torch's attention that do not decide whether it is fused


def unsure_attention(root: Graph) -> Mapping[NodeKey, str]:
    """The nodes of attention that torch may or may not fuse, with the reason; each body is looked at once."""
    graphs = list(bodies(root))
    loose: dict[int, set[int]] = {id(graph): set() for graph in graphs}  # inputs that some call may give so
    found: dict[NodeKey, str] = {}
    for graph in reversed(graphs):
        needs = _needs(graph)
        for index, node in enumerate(graph.nodes):
            doubtful = [need is None or bool(need & loose[id(graph)]) for need in _given(node.operands, needs)]
            if node.body is not None:
                if node.states:  # elements of the sequence, and states that came through a loop
                    doubtful = [True] * len(node.body.inputs)
                loose[id(node.body)].update(i for i, doubt in enumerate(doubtful) if doubt)
            elif node.op is not None and (given := attended(node.op, graph.operand_types(node))) is not None:
                doubt = any(doubtful) or given[0].shape[-1] == 1  # an axis of size 1 may have any stride
                if fusible(given) and doubt:
                    found[id(graph), index] = "torch fuses it only if the last axis of all operands has stride 1"
    return found


def attended(op: Op, inputs: Types) -> Types | None:
    """Queries, keys and values of an op that is torch's attention of its first operands as they are."""
    match op.torch(inputs).function:
        case Call("F.scaled_dot_product_attention", (Operand(q), Operand(k), Operand(v)), options):
            given = inputs[q], inputs[k], inputs[v]
            if dict(options).keys() <= _HARMLESS and len({x.shape[:-2] for x in given}) == 1:
                return given
    return None


def fusible(given: Types) -> bool:
    """Whether the sizes of queries, keys and values fit torch's fused kernel: [h, T, d] with one d."""
    query, _, value = given
    return query.rank == 3 and query.shape[-1] == value.shape[-1]


@per_body
def _needs(graph: Graph) -> list[tuple[Need, ...]]:
    """The need of every result of every node."""
    needs: list[tuple[Need, ...]] = []
    for node in graph.nodes:
        given = _given(node.operands, needs)
        if node.states:
            needs.append((None,) * len(node.types))  # stacked steps, and states that came through a loop
        elif node.body is not None:
            inner = _needs(node.body)
            needs.append(tuple(_called(need, given) for need in _given(node.body.outputs, inner)))
        else:
            needs.append((_result(node, graph.operand_types(node), given),) * len(node.types))
    return needs


def _given(refs: tuple[Ref, ...], needs: list[tuple[Need, ...]]) -> list[Need]:
    return [frozenset({output}) if node == INPUT else needs[node][output] for node, output in refs]


def _called(need: Need, given: list[Need]) -> Need:
    """A callee's need in terms of its caller's inputs."""
    return None if need is None else _all([given[i] for i in need])


def _all(needs: list[Need]) -> Need:
    union = _NOTHING
    for need in needs:
        if need is None:
            return None
        union |= need
    return union


def _result(node: Node, inputs: Types, given: list[Need]) -> Need:
    op = node.op
    assert op is not None
    if op.kind in _FRESH:
        return _NOTHING
    return _all(given) if op.keeps_last_axis(inputs) else None
