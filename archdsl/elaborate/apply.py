"""Gives `->` its meaning by kind: stages are applied to tensors, whatever they are made of, or made into a chain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from archdsl.diagnostics.model import Diagnostic
from archdsl.elaborate.advice import no_stage
from archdsl.elaborate.arguments import bind_block, make_op, unfilled
from archdsl.elaborate.budget import check_flat_ops, check_stage_size
from archdsl.elaborate.builder import combine_tensors, spans_of
from archdsl.elaborate.deep import with_room
from archdsl.elaborate.each import Each, apply_each
from archdsl.elaborate.leaves import apply_block, apply_op
from archdsl.elaborate.picking import closed, fresh, is_open, mapped
from archdsl.elaborate.scans import apply_scan
from archdsl.elaborate.session import BodyFrame, Frame, Problem
from archdsl.elaborate.shown import kind_of
from archdsl.elaborate.turns import LIST, PARTS, REPETITION, LoopTurn
from archdsl.elaborate.values import (
    UNKNOWN,
    BlockName,
    BlockStage,
    Chain,
    Combine,
    Labelled,
    ListValue,
    OpName,
    OpStage,
    Repeat,
    Scan,
    Shared,
    Stage,
    Tensor,
    Value,
    Worded,
    plain,
    stages_in,
    tensors_in,
)
from archdsl.elaborate.waiting import Waiting
from archdsl.source import Span
from archdsl.syntax import tree

DEEP = 12  # stages inside each other; each takes a few Python frames to apply
LEAVES = (OpName, OpStage, BlockName, BlockStage, Scan)
NO_TENSORS = ListValue(())  # what flows into a stage that takes none


def flow(frame: Frame, value: Value, target: Value, nodes: tuple[Any, Any]) -> Value:
    """`value -> target`: application, fan-out, pairwise application or composition, by kind.

    Raises:
        Problem: the kinds do not go together.
    """
    if value is UNKNOWN or target is UNKNOWN:
        return UNKNOWN
    if is_open(value) or is_open(target):
        if frame.session.ways is not None:
            return fresh(frame.session.ways.flow(frame, value, target, nodes))
        if tensors_in(value):
            return fresh(flow(frame, fresh(closed(frame, value, nodes[0])), closed(frame, target, nodes[1]), nodes))
        return mapped(frame.session, lambda one, other: flow(frame, one, other, nodes), value, target)
    if isinstance(value, Tensor) or (isinstance(value, ListValue) and not stages_in(value)):
        return apply_any(frame, value, target, nodes)
    if isinstance(value, (Stage, ListValue)):
        return _compose(frame, value, target, nodes)
    raise frame.problem(
        nodes[0],
        "not-a-tensor",
        f"{kind_of(value)} cannot flow through an arrow",
        help="the left side of `->` is a tensor, a list of tensors, or a stage",
    )


def _compose(frame: Frame, value: Value, target: Value, nodes: tuple[Any, Any]) -> Value:
    for side, node in ((value, nodes[0]), (target, nodes[1])):
        if isinstance(side, ListValue) and any(isinstance(item, Tensor) for item in side.items):
            raise frame.problem(
                node,
                "captured-tensor",
                "this list mixes tensors and stages, but no tensor flows into it",
                help="apply the stages first: `[x, x -> f] -> concat`, or start from the tensor: `x -> [id, f]`",
            )
    if not isinstance(target, (Stage, ListValue)):
        raise frame.problem(
            nodes[1],
            "not-a-stage",
            f"the right side of `->` must be a stage, this is {kind_of(target)}",
            help=no_stage(target),
        )
    left = value.stages if isinstance(value, Chain) else (value,)
    right = target.stages if isinstance(target, Chain) else (target,)
    frame.session.charge((len(left) + len(right)) >> 4)
    chain = Chain(left + right)
    check_stage_size(frame, chain.size, chain.depth, nodes[1])
    return chain


def apply_any(frame: Frame, value: Value, target: Value, nodes: tuple[Any, Any]) -> Value:
    if isinstance(target, Stage):
        return apply_stage(frame, target, operands_of(frame, value, nodes[0]), span_of(frame, nodes[1]))
    if isinstance(target, ListValue):
        if isinstance(value, ListValue):
            return _pairwise(frame, value, target, nodes)
        return fan_out(frame, target, [value], nodes[1])
    if isinstance(target, Tensor):
        raise frame.problem(
            nodes[1],
            "tensor-as-stage",
            "the right side of `->` must be a stage, this is a tensor",
            help="tensors are joined by `+`, `*` or a stage that takes several: `[x, y] -> concat`",
        )
    raise frame.problem(
        nodes[1],
        "not-a-stage",
        f"the right side of `->` must be a stage, this is {kind_of(target)}",
        help=no_stage(target),
    )


def _pairwise(frame: Frame, value: ListValue, target: ListValue, nodes: tuple[Any, Any]) -> Value:
    if len(value.items) != len(target.items):
        raise frame.problem(
            nodes[1],
            "pairwise-length",
            f"{len(value.items)} tensors meet {len(target.items)} stages",
            help="a list of tensors goes into a list of stages pairwise: make them equally long; "
            "for all tensors in each stage write `[[x, y] -> f for f in fs]`",
        )
    results = []
    try:
        with LoopTurn(frame.turns, LIST) as turn:
            for turn.index, item in enumerate(value.items):
                results.append(apply_any(frame, item, target.items[turn.index], nodes))
    except Problem as problem:
        raise Problem(_of_a_pair(problem.diagnostic, len(value.items))) from None
    return UNKNOWN if any(r is UNKNOWN for r in results) else ListValue(tuple(results))


def _of_a_pair(found: Diagnostic, count: int) -> Diagnostic:
    """The mistake in a pair, told with what paired them: who wants all tensors in each stage says so."""
    note = f"{count} tensors meet a list of {count} stages: the first goes into the first, and so on"
    if note in found.notes:
        return found
    help = "for all of them in each stage write `[[x, y] -> f for f in fs]`"
    both = help if found.code == "wrong-input-count" else f"{found.help}; {help}"
    return replace(found, notes=(*found.notes, note), help=both)


def fan_out(frame: Frame, stages: ListValue, operands: list[Tensor], node: Any) -> Value:
    """One result per element: stages are applied to the operands, tensors pass through."""
    results: list[Value] = []
    written = isinstance(node, tree.ListExpr) and len(node.items) == len(stages.items)
    with LoopTurn(frame.turns, LIST) as turn:
        for turn.index, item in enumerate(stages.items):
            place = node.items[turn.index] if written else node
            if isinstance(item, Tensor) or item is UNKNOWN:
                results.append(item)
            elif isinstance(item, Stage):
                results.append(apply_stage(frame, item, operands, span_of(frame, place)))
            elif isinstance(item, ListValue):
                results.append(fan_out(frame, item, operands, place))
            else:
                raise frame.problem(
                    node,
                    "not-a-stage",
                    f"this fan-out holds {kind_of(item)}; it may hold stages and tensors",
                    help=no_stage(item),
                )
    return UNKNOWN if any(r is UNKNOWN for r in results) else ListValue(tuple(results))


def operands_of(frame: Frame, value: Value, node: Any) -> list[Tensor]:
    """The operands that a tensor, or a list of tensors, gives in order."""
    if isinstance(value, Tensor):
        return [value]
    if not isinstance(value, ListValue):
        raise frame.problem(
            node,
            "not-a-tensor",
            f"{kind_of(value)} cannot flow through an arrow",
            help="the left side of `->` is a tensor, a list of tensors, or a stage",
        )
    frame.session.charge(len(value.items))
    for item in value.items:
        if not isinstance(item, Tensor):
            raise frame.problem(
                node,
                "not-a-tensor",
                f"this list holds {kind_of(item)} where a tensor is needed",
                help="a stage takes a flat list of tensors: `[x, y] -> concat`; join nested lists with `+`",
            )
    return list(value.items)


def apply_stage(
    frame: Frame, stage: Stage, operands: list[Tensor], where: Span, word: str | None = None, label: str | None = None
) -> Value:
    """Apply `stage` to `operands`; `word` or the fixed `label` name the module it makes.

    Raises:
        Problem: the operands do not fit.
    """
    if not isinstance(frame, BodyFrame):
        raise frame.problem(
            where,
            "no-tensors-here",
            "tensors flow only inside a block, cell or network",
            help="write a block instead of a fn",
        )
    if stage.depth > DEEP:
        frame.session.charge(1)
        return with_room(APPLY[stage.__class__], frame, stage, operands, where, word, label)
    return APPLY[stage.__class__](frame, stage, operands, where, word, label)


def _apply_op_name(
    frame: BodyFrame, stage: OpName, operands: list[Tensor], where: Span, word: str | None, label: str | None
) -> Value:
    return _apply_op(frame, make_op(frame, stage.op, [], where), operands, where, word, label)


def _apply_block_name(
    frame: BodyFrame, stage: BlockName, operands: list[Tensor], where: Span, word: str | None, label: str | None
) -> Value:
    bound = bind_block(frame, stage.block, [], where, stage.span)
    if bound is UNKNOWN:  # a default failed
        return UNKNOWN
    return apply_block(frame, bound.block, bound.arguments, operands, (where,), where, word, label, stage.span)


def _apply_waiting(frame: BodyFrame, stage: Waiting, operands: list[Tensor], where: Span, *_name: str | None) -> Value:
    raise unfilled(frame, stage, where)


def _unchanged(operands: list[Tensor]) -> Value:
    """What flows through nothing: by what was picked it may be the operands themselves or not, so it is called anew."""
    return operands[0].renewed() if len(operands) == 1 else ListValue(tuple([tensor.renewed() for tensor in operands]))


def _apply_chain(frame: BodyFrame, stage: Chain, operands: list[Tensor], where: Span, *_name: str | None) -> Value:
    value = _unchanged(operands)
    paired = 0  # tensors that the list before this stage took one by one
    with LoopTurn(frame.turns, PARTS, stage.stages) as turn:
        for turn.index, item in enumerate(stage.stages):
            if value is UNKNOWN:
                return UNKNOWN
            if isinstance(item, ListValue) and isinstance(value, ListValue):
                paired = len(value.items)
                value = _pairwise(frame, value, item, (where, where))
            elif isinstance(item, ListValue):
                value = fan_out(frame, item, [value], where)
            elif paired:
                value = _after_pairs(frame, item, value, where, paired)
                paired = 0
            else:
                value = apply_stage(frame, item, operands_of(frame, value, where), where)
    return value


def _after_pairs(frame: BodyFrame, stage: Stage, value: Value, where: Span, paired: int) -> Value:
    """What stands behind a list of stages inside a stage: the reader of a mistake there does not see the list."""
    try:
        return apply_stage(frame, stage, operands_of(frame, value, where), where)
    except Problem as problem:
        raise Problem(_of_a_pair(problem.diagnostic, paired)) from None


def _apply_worded(frame: BodyFrame, stage: Worded, operands: list[Tensor], where: Span, *_name: str | None) -> Value:
    inner = stage.stage
    if isinstance(inner, LEAVES):
        return apply_stage(frame, inner, operands, where, word=stage.word)
    if isinstance(inner, (Labelled, Shared)) or frame.body.labels.numbered:
        return apply_stage(frame, inner, operands, where)
    opened = frame.body.labels.open_word(stage.word)
    try:
        return frame.body.gives(opened, apply_stage(frame, inner, operands, where))
    finally:
        frame.body.labels.close()


def _apply_labelled(
    frame: BodyFrame, stage: Labelled, operands: list[Tensor], where: Span, *_name: str | None
) -> Value:
    inner = stage.stage
    if isinstance(inner, Stage) and not stage.container and isinstance(leaf := plain(inner), LEAVES):
        return apply_stage(frame, leaf, operands, where, label=stage.label)
    opened = frame.body.labels.open_as(stage.label)
    try:
        if not isinstance(inner, ListValue):
            value = apply_stage(frame, inner, operands, where)
        elif len(operands) != 1:
            value = _pairwise(frame, ListValue(tuple(operands)), inner, (where, where))
        else:
            value = fan_out(frame, inner, operands, where)
        return frame.body.gives(opened, value)
    finally:
        frame.body.labels.close()


def _apply_repeat(frame: BodyFrame, stage: Repeat, operands: list[Tensor], where: Span, *_name: str | None) -> Value:
    value = _unchanged(operands)
    check_flat_ops(frame, stage.size, where)
    unit = make_op(frame, stage.stage.op, [], where) if isinstance(stage.stage, OpName) else stage.stage
    for index in range(stage.count):
        value = repetition(frame, unit, value, index, where)
        if value is UNKNOWN:
            return UNKNOWN
    return value


def repetition(frame: BodyFrame, unit: Stage, value: Value, index: int, where: Span) -> Value:
    """One of several applications of a stage that is repeated."""
    with LoopTurn(frame.turns, REPETITION) as turn:
        turn.index = index
        frame.body.path.append(index)
        try:
            return apply_stage(frame, unit, operands_of(frame, value, where), where)
        finally:
            frame.body.path.pop()


def _apply_shared(frame: BodyFrame, stage: Shared, operands: list[Tensor], where: Span, *_name: str | None) -> Value:
    body = frame.body
    if stage.body is not body:
        raise frame.problem(
            where,
            "shared-escapes",
            f"{stage.word} is shared in another body and cannot be applied here",
            help="declare it with `shared` in the block that applies it",
        )
    frame.session.shares = True
    outer = body.shared_use
    body.shared_use = body.use_of(stage, len(frame.turns))
    opened = body.labels.open_root(stage.word)
    try:
        return body.gives(opened, apply_stage(frame, stage.stage, operands, where))
    finally:
        body.shared_use = outer
        body.labels.close()


def _apply_combine(frame: BodyFrame, stage: Combine, operands: list[Tensor], where: Span, *_name: str | None) -> Value:
    sides, both = [], (stage.left, stage.right)
    with LoopTurn(frame.turns, PARTS, both) as turn:
        for turn.index, side in enumerate(both):
            value = apply_stage(frame, side, operands, where) if isinstance(side, Stage) else side
            if value is UNKNOWN:
                return UNKNOWN
            if isinstance(value, ListValue):
                raise frame.problem(
                    where,
                    "tensor-with-list",
                    f"one side of `{stage.operator}` gives {len(value.items)} tensors, "
                    "arithmetic needs one on each side",
                    help="join the outputs first: `([f, g] -> concat) + h`",
                )
            sides.append(value)
    return combine_tensors(frame, stage.operator, sides[0], sides[1], stage.span, None)


def _apply_op(
    frame: BodyFrame, stage: OpStage, operands: list[Tensor], where: Span, word: str | None, label: str | None
) -> Value:
    return apply_op(frame, stage, operands, spans_of(frame, where, stage.span), where, word, label)


def _apply_block(
    frame: BodyFrame, stage: BlockStage, operands: list[Tensor], where: Span, word: str | None, label: str | None
) -> Value:
    spans = spans_of(frame, where, stage.span)
    return apply_block(frame, stage.block, stage.arguments, operands, spans, where, word, label)


# How each kind of stage is applied; what makes several modules takes no word or label of its own.
APPLY: dict[type[Stage], Callable[..., Value]] = {
    OpName: _apply_op_name,
    OpStage: _apply_op,
    BlockName: _apply_block_name,
    BlockStage: _apply_block,
    Waiting: _apply_waiting,
    Scan: apply_scan,
    Each: apply_each,
    Chain: _apply_chain,
    Worded: _apply_worded,
    Labelled: _apply_labelled,
    Repeat: _apply_repeat,
    Shared: _apply_shared,
    Combine: _apply_combine,
}


def span_of(frame: Frame, node: Any) -> Span:
    """The place of a tree node, or the place itself."""
    return node if isinstance(node, Span) else frame.span(node)
