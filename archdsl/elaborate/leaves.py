"""Applies an op or a block: one node, resolved at the types of its operands, and named."""

from __future__ import annotations

from archdsl.elaborate.builder import add_node, add_op, leaf_label, resolve, structured, types_of
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
    ways = frame.session.ways
    if ways is not None and (frame.body.shared_use is not None or any(t.__class__ is not Tensor for t in operands)):
        return ways.apply_op(frame, stage.op, operands, stage, (where, word or stage.op.name, label), spans)
    resolved, results = resolve(frame, stage.op, operands, spans[0], stage.results, stage, None)
    leaf = leaf_label(frame, resolved, operands, where, word or stage.op.name, label)
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
    written: Span | None = None,
) -> Value:
    """Apply a block, as `apply_op` an op; `written`: where its name stands, where that is not the last of `spans`.

    Raises:
        Problem: the operands do not fit.
    """
    if frame.session.ways is not None:
        return frame.session.ways.apply_block(frame, block, arguments, operands, spans, (where, word, label), written)
    body = frame.body
    made = elaborate_block(frame, block, arguments, types_of(operands), spans[0], (where, written or spans[-1]))
    if made is None:
        return UNKNOWN
    graph = made.graph
    leaf = leaf_label(frame, graph, operands, where, word or block.name, label)
    body.asked += graph.decisions
    index = add_node(frame, graph, operands, made.types, leaf, spans, made.ops)
    return structured(frame, made.structure, index, made.types)
