"""Evaluates expressions of a spec to values."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from archdsl.elaborate import builtins
from archdsl.elaborate.advice import BUILTIN_WORDS, MISTAKES, OPS_TOO, called_twice, not_callable, suggestion
from archdsl.elaborate.apply import NO_TENSORS, flow
from archdsl.elaborate.arguments import LITERALS, bind_block, make_op
from archdsl.elaborate.attributes import attribute
from archdsl.elaborate.budget import over_budget, sized
from archdsl.elaborate.calls import call_function
from archdsl.elaborate.comparisons import comparison
from archdsl.elaborate.conditions import logic, negation, ternary
from archdsl.elaborate.deep import EVERY, with_room
from archdsl.elaborate.definitions import Block, Function
from archdsl.elaborate.lists import comprehension, index_expr, list_expr, slice_expr
from archdsl.elaborate.modules import lookup
from archdsl.elaborate.open_values import OPEN, Chosen, PartlySet
from archdsl.elaborate.operators import arithmetic, is_number, power
from archdsl.elaborate.picking import closed, mapped
from archdsl.elaborate.session import BodyFrame, Frame, Problem
from archdsl.elaborate.shown import kind_of, show
from archdsl.elaborate.steps import usual_steps
from archdsl.elaborate.values import (
    UNKNOWN,
    BlockName,
    BlockStage,
    Builtin,
    Chain,
    Combine,
    Labelled,
    ListValue,
    OpName,
    OpStage,
    Repeat,
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
from archdsl.ops import registry
from archdsl.ops.base import Op
from archdsl.syntax import tree
from archdsl.types import Irregular, known

FLOWING = (Tensor, ListValue)
NOT_AS_IT_IS = (Stage, PartlySet)  # of what names hold
LABEL = re.compile(r"[A-Za-z0-9_]+((\.|-+)[A-Za-z0-9_]+)*\Z")


def evaluate(frame: Frame, node: tree.Expr) -> Value:
    """The value of an expression, which is used: what is chosen in it is asked. UNKNOWN when it failed, which is then
    reported.

    Raises:
        Exhausted: a budget is used up.
    """
    value = evaluate_open(frame, node)
    if value.__class__ in OPEN or (value.__class__ is ListValue and value.holds_open):
        try:
            return closed(frame, value, node)
        except Problem as problem:
            return failed(frame, problem)
    return value


def failed(frame: Frame, problem: Problem) -> Value:
    """What an expression gives that failed: UNKNOWN, and it is reported.

    Raises:
        Problem: all ways are followed, and who does so wants to know under which this fails.
    """
    if frame.session.picking.explores:
        raise problem
    frame.session.report(problem.diagnostic)
    return UNKNOWN


def evaluate_open(frame: Frame, node: tree.Expr) -> Value:
    """As `evaluate`, but what is chosen may still be open: for who only carries it on."""
    session = frame.session
    budget = session.budget
    budget.evaluations += 1
    kind = node.__class__
    if session.observe is None:  # most expressions are literals, or names of numbers and tensors
        if kind in LITERALS:
            return node.value  # type: ignore[attr-defined]
        value = frame.locals.get(node.id) if kind is tree.Name else None  # type: ignore[attr-defined]
        if value is not None and not isinstance(value, NOT_AS_IT_IS):
            return value
    budget.depth += 1
    try:
        if budget.depth > budget.most_depth or budget.evaluations > budget.most_evaluations:
            raise over_budget(frame, node)
        if session.picking.explores and session.picking.pc is session.picking.diagrams.false:
            return UNKNOWN  # all designs that come here have failed
        handler = HANDLERS[kind]
        value = handler(frame, node) if budget.depth & EVERY else with_room(handler, frame, node)
        if session.observe is not None:
            session.observe(frame, node, value)
        return value
    except Problem as problem:
        return failed(frame, problem)
    except Irregular as irregular:
        irregular.place = irregular.place or frame.span(node)
        raise
    finally:
        budget.depth -= 1


def _literal(_frame: Frame, node: tree.Number | tree.Boolean) -> Value:
    return node.value


def _text(frame: Frame, node: tree.Text) -> Value:
    pieces = []
    for part in node.parts:
        if isinstance(part, str):
            pieces.append(part)
            continue
        value = evaluate(frame, part)
        if value is UNKNOWN:
            return UNKNOWN
        if not isinstance(value, (int, float, str)):
            raise frame.problem(
                part,
                "wrong-kind",
                f"{part.id} is {kind_of(value)}; only numbers and text go into a text",
                help="use its name directly",
            )
        pieces.append(str(value).lower() if isinstance(value, bool) else str(_plain(value)))
    text = "".join(pieces)
    return sized(frame, 1 + len(text) // 64, (node, node), lambda: text)


def _plain(value: int | float | str) -> int | float | str:
    return known(value) if isinstance(value, int) else value


def _name(frame: Frame, node: tree.Name) -> Value:
    name = node.id
    value = frame.locals.get(name)
    if value is None:
        return _global_name(frame, node)
    if isinstance(value, PartlySet):
        picking, held = frame.session.picking, value
        read = lambda there: _worded(frame, held.value, name) if there else _global_name(frame, node)  # noqa: E731
        return picking.carry(Chosen(held.there, {}), read)
    return _worded(frame, value, name)


def _worded(frame: Frame, value: Value, name: str) -> Value:
    """The value of a name; a stage labels what it makes with it."""
    if isinstance(value, Stage) and not isinstance(value, Shared):
        return Worded(value, name)
    if value.__class__ is Chosen and stages_in(value):
        worded = mapped(frame.session, lambda one: _worded(frame, one, name), value)
        return Chosen(worded.diagram, worded.needs, value.text)
    return value


def _global_name(frame: Frame, node: tree.Name) -> Value:
    name = node.id
    value = lookup(frame.session, frame.module, name)
    if value is not None:
        if isinstance(value, Block):
            return BlockName(value, frame.span(node))
        return _worded(frame, value, name)
    if name == "id":
        return Chain(())
    if name == "inf":
        return math.inf
    if name in BUILTIN_WORDS and name not in OPS_TOO:
        return Builtin(name)
    op = registry.load(name)
    if op is not None:
        return OpName(op, frame.span(node))
    if isinstance(frame, BodyFrame) and name in frame.block.assigned:
        raise frame.problem(
            node,
            "unset-name",
            f"{name} has no value yet here",
            help=f"assign it before this line on every path: `{name} = …`",
        )
    if frame.module.broken_imports:  # it may be one of theirs
        for diagnostic in frame.module.broken_imports:
            frame.session.report(diagnostic)
        return UNKNOWN
    few = frame.session.failures < MISTAKES
    raise frame.problem(
        node,
        "unknown-name",
        f"nothing is called {name}",
        help=suggestion(frame.module, frame.span(node), frame.locals) if few else "define it, or import it",
    )


def _chain(frame: Frame, node: tree.Chain) -> Value:
    items, index = node.items, 1
    value = evaluate_open(frame, items[0])
    quick = frame.session.observe is None and not frame.session.picking.explores
    while index < len(items):
        done = usual_steps(frame, value, node, index) if quick and value.__class__ in FLOWING else None
        if done is not None:
            value, index = done
        else:
            value = flow(frame, value, evaluate_open(frame, items[index]), (items[index - 1], items[index]))
            index += 1
    return value


def _as(frame: Frame, node: tree.As) -> Value:
    value = evaluate_open(frame, node.value)
    parts = node.label.parts
    label = parts[0] if len(parts) == 1 and isinstance(parts[0], str) else evaluate(frame, node.label)
    if value is UNKNOWN or label is UNKNOWN:
        return UNKNOWN
    if value.__class__ is Chosen and not tensors_in(value):
        return mapped(frame.session, lambda one: _labelled(frame, node, one, label), value)
    return _labelled(frame, node, closed(frame, value, node) if value.__class__ in OPEN else value, label)


def _labelled(frame: Frame, node: tree.As, value: Value, label: str) -> Value:
    if len(label) > 200 or not LABEL.match(label) or label.count(".") > 20:
        raise frame.problem(
            node.label,
            "bad-label",
            f"{show(label)} is no label: letters, digits and `_`, with `-` or dots between them",
            help='for example `as conv1`, or `as "features.0"`',
        )
    stage = plain(value) if isinstance(value, Stage) else None
    if isinstance(stage, Shared):
        raise frame.problem(
            node,
            "label-without-stage",
            "a shared stage has one name for all its applications",
            help="label it where it is declared: `shared f = conv(64) as conv1`",
        )
    if isinstance(value, Tensor) and isinstance(node.value, tree.Call) and _relabel(value, label):
        return value
    if stage is not None or (isinstance(value, ListValue) and value.items and stages_in(value)):
        container = node.container or stage is None or isinstance(stage, (Chain, Repeat, Combine))
        return Labelled(value, label, container, frame.item, node)
    raise frame.problem(
        node,
        "label-without-stage",
        f"`as` labels a stage, this is {kind_of(value)}",
        help="label the stage: `x -> conv(64) as conv1`",
    )


def _relabel(tensor: Tensor, label: str) -> bool:
    """`learned([1, d]) as token`: the op ran when it was called, so its name is mended."""
    body = tensor.body
    if tensor.ref.node < 0:
        return False
    made = body.made_by(tensor.ref)
    leaves = [leaf for node in made if (leaf := body.leaves[node]) is not None and not body.nodes[node].operands]
    if len(leaves) < len(made) or not made:
        return False
    for leaf in leaves:
        body.labels.move(leaf, label)
    return True


def _arithmetic(frame: Frame, node: tree.Arithmetic) -> Value:
    left = evaluate_open(frame, node.first)
    for symbol, right_node in node.rest:
        right = evaluate_open(frame, right_node)
        left = arithmetic(frame, symbol, left, right, (node.first, right_node))
    return left


def _negate(frame: Frame, node: tree.Negate) -> Value:
    value = evaluate_open(frame, node.value)
    if value is UNKNOWN:
        return UNKNOWN
    if value.__class__ is Chosen and not tensors_in(value):
        return mapped(frame.session, lambda one: _negated(frame, one, node), value)
    return _negated(frame, closed(frame, value, node), node)


def _negated(frame: Frame, value: Value, node: tree.Negate) -> Value:
    if is_number(value):
        return -value
    if isinstance(value, (Tensor, Stage)):
        return arithmetic(frame, "*", value, -1.0, (node, node))
    raise frame.problem(
        node, "wrong-operands", f"cannot negate {kind_of(value)}", help="`-` is for numbers, tensors and stages"
    )


def _power(frame: Frame, node: tree.Power) -> Value:
    base, exponent = evaluate_open(frame, node.base), evaluate_open(frame, node.exponent)
    nodes = (node.base, node.exponent)
    if base.__class__ is Chosen or exponent.__class__ is Chosen:
        return mapped(frame.session, lambda one, other: power(frame, one, other, nodes), base, exponent)
    return power(frame, base, exponent, nodes)


def _op_called(frame: Frame, callee: tree.Expr) -> type[Op] | None:
    """The op, where one is called by its own name: the usual case, without a value made for the bare name."""
    if not isinstance(callee, tree.Name) or callee.id in frame.locals or callee.id in frame.module.names:
        return None
    return None if callee.id in BUILTIN_WORDS else registry.load(callee.id)


def _call(frame: Frame, node: tree.Call) -> Value:
    op = _op_called(frame, node.callee)
    if op is not None:
        runs = op.arity[1] == 0
        made = make_op(frame, op, node.arguments, node, waits=not runs)
        return _from_nothing(frame, made, node) if runs else made
    callee = evaluate_open(frame, node.callee)
    if callee is UNKNOWN:
        return UNKNOWN
    if callee.__class__ is Chosen:
        return frame.session.picking.carry(callee, lambda chosen: _called(frame, chosen, node))
    return _called(frame, callee, node)


def _from_nothing(frame: Frame, stage: Value, node: tree.Call) -> Value:
    """What a stage gives that takes no tensors, and runs when it is called."""
    if not frame.session.picking.explores:
        stage = closed(frame, stage, node)
    return flow(frame, NO_TENSORS, stage, (node, node))


def _called(frame: Frame, callee: Value, node: tree.Call) -> Value:
    word = callee.word if isinstance(callee, Worded) else None
    target = plain(callee) if isinstance(callee, Stage) else callee
    if isinstance(target, OpName) and target.op.name in OPS_TOO and node.arguments:
        target = Builtin(target.op.name)
    if isinstance(target, (OpName, BlockName, Waiting)):
        before = target if isinstance(target, Waiting) else None
        goal: Any = target.target if isinstance(target, Waiting) else getattr(target, "block", None)
        goal = target.op if isinstance(target, OpName) else goal
        if isinstance(goal, Block):
            runs = not goal.definition.inputs and isinstance(frame, BodyFrame)
            made: Value = bind_block(frame, goal, node.arguments, node, before=before, waits=not runs)
        else:
            runs = goal.arity[1] == 0
            made = make_op(frame, goal, node.arguments, node, before, waits=not runs)
        if word and isinstance(made, Stage):
            made = Worded(made, word)
        elif word and made is not UNKNOWN:
            made = mapped(frame.session, lambda one: Worded(one, word), made)
        return _from_nothing(frame, made, node) if runs else made
    if isinstance(target, Function):
        return call_function(frame, target, node.arguments, node)
    if isinstance(target, Builtin):
        return builtins.call(frame, target.name, node)
    if isinstance(target, (OpStage, BlockStage)):
        raise frame.problem(
            node, "called-twice", "this stage has its arguments already", help=called_twice(frame, node)
        )
    raise frame.problem(node, "not-callable", f"{kind_of(target)} cannot be called", help=not_callable(node, target))


HANDLERS: dict[type, Callable[[Frame, Any], Value]] = {
    tree.Number: _literal,
    tree.Boolean: _literal,
    tree.Text: _text,
    tree.Name: _name,
    tree.ListExpr: list_expr,
    tree.Comprehension: comprehension,
    tree.Ternary: ternary,
    tree.Chain: _chain,
    tree.As: _as,
    tree.Logic: logic,
    tree.Not: negation,
    tree.Compare: comparison,
    tree.Arithmetic: _arithmetic,
    tree.Negate: _negate,
    tree.Power: _power,
    tree.Call: _call,
    tree.Attribute: attribute,
    tree.Index: index_expr,
    tree.Slice: slice_expr,
}
