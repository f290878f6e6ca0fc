"""Applies an op or a block: one node, resolved at the types of its operands, and named."""

from __future__ import annotations

from archdsl.elaborate.builder import add_node, add_op, leaf_label, resolve, structured
from archdsl.elaborate.calls import elaborate_block
from archdsl.elaborate.definitions import Block
from archdsl.elaborate.session import BodyFrame
from archdsl.elaborate.values import UNKNOWN, OpStage, Tensor, Value
from archdsl.source import Span


def apply_op(
    frame: BodyFrame,
    stage: OpStage,
    operands: list[Tensor],
    spans: tuple[Span, ...],
    where: Span,
    word: str | None,
    label: str | None,
) -> Value:
    """Apply an op; `word` or the fixed `label` name the module that it makes; `spans` are the node's.

    Raises:
        Problem: the operands do not fit.
    """
    body, session = frame.body, frame.session
    types = (operands[0].type,) if len(operands) == 1 else tuple([t.type for t in operands])
    found = None if session.symbolic else stage.results.get(types)
    resolved, results = found or resolve(frame, stage.op, operands, types, spans[0], stage.results, stage, None)
    if body.shared_use is None:
        leaf = body.labels.leaf(word or stage.op.name) if label is None else body.labels.leaf(label, fixed=True)
    else:
        leaf = leaf_label(frame, resolved, operands, word or stage.op.name, label, where)
    return add_op(frame, resolved, operands, results, leaf, spans)


def apply_block(
    frame: BodyFrame,
    block: Block,
    arguments: tuple[Value, ...],
    operands: list[Tensor],
    spans: tuple[Span, ...],
    where: Span,
    word: str | None,
    label: str | None,
) -> Value:
    """Apply a block, as `apply_op` an op.

    Raises:
        Problem: the operands do not fit.
    """
    body = frame.body
    types = (operands[0].type,) if len(operands) == 1 else tuple([t.type for t in operands])
    made = elaborate_block(frame, block, arguments, types, spans[0])
    if made is None:
        return UNKNOWN
    graph = made.graph
    leaf = leaf_label(frame, graph, operands, word or block.name, label, where)
    body.asked += graph.decisions
    index = add_node(frame, graph, operands, made.types, leaf, spans, made.ops)
    return structured(frame, made.structure, index, made.types)
