"""Finds where a body turns the axes of a tensor and later turns them back: what is seen across that is known.

A layer norm over the channels of a map is written `permute([1, 2, 0]) -> layer_norm -> permute([2, 0, 1])`. Windows are
told along axes that stay in place, so of what lies between the turns no field is told; but behind them each axis is
where it was, and the ops between have done to it what they do to the axis at its place of the turned tensor.
"""

from __future__ import annotations

from typing import NamedTuple

from archdsl.ir.graph import INPUT, Graph, Node, Ref
from archdsl.ir.per_body import per_body
from archdsl.ops.arithmetic import Scalar
from archdsl.ops.base import Kind, Op, Types
from archdsl.ops.linear import Linear, counts_as_vector
from archdsl.ops.norm import AlongLast
from archdsl.ops.shape import Permute, Transpose


class Turn(NamedTuple):
    """A way there and back: the tensor before it, its axis at each place of the turned one, and the ops between."""

    before: Ref
    order: tuple[int, ...]
    between: tuple[tuple[Op, Types], ...]


@per_body
def turns(graph: Graph) -> dict[int, Turn]:
    """By the nodes that turn back, of all ways through ops with one operand that leave the first axis alone."""
    found: dict[int, Turn] = {}
    for index, node in enumerate(graph.nodes):
        back = _order(node)
        if back is None:
            continue
        between: list[tuple[Op, Types]] = []
        (ref,) = node.operands
        while ref.node != INPUT and (passed := _passed(graph, graph.nodes[ref.node])) is not None:
            between.append(passed)
            (ref,) = graph.nodes[ref.node].operands
        there = None if ref.node == INPUT else _order(graph.nodes[ref.node])
        if there is not None and all(there[back[axis]] == axis for axis in range(len(back))):
            found[index] = Turn(graph.nodes[ref.node].operands[0], there, tuple(reversed(between)))
    return found


def _order(node: Node) -> tuple[int, ...] | None:
    """The operand's axis at each place of the result, of a node that only turns axes."""
    if isinstance(node.target, Permute):
        return node.target.order
    if isinstance(node.target, Transpose):
        places = list(range(node.types[0].rank))
        first, second = node.target.first, node.target.second
        places[first], places[second] = second, first
        return tuple(places)
    return None


def _passed(graph: Graph, node: Node) -> tuple[Op, Types] | None:
    """An op that works on each place of the first axis alone, as on all others, with the types of its operands."""
    op, inputs = node.op, graph.operand_types(node)
    if op is None or node.length is not None or len(inputs) != 1:
        return None
    along_last = isinstance(op, AlongLast) or (isinstance(op, Linear) and not counts_as_vector(inputs[0]))
    elementwise = op.kind in (Kind.ACTIVATION, Kind.DROP) or isinstance(op, Scalar)
    elementwise &= type(op).reach is Op.reach and node.types == inputs
    return (op, inputs) if inputs[0].rank > 1 and (along_last or elementwise) else None
