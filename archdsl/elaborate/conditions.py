"""Gives conditions and the choice between two expressions their meaning."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from archdsl.elaborate.open_values import Chosen
from archdsl.elaborate.picking import closed, fresh
from archdsl.elaborate.session import Frame
from archdsl.elaborate.shown import kind_of
from archdsl.elaborate.values import (
    UNKNOWN,
    Stage,
    Tensor,
    Value,
)
from archdsl.syntax import tree


def truth(frame: Frame, node: tree.Expr) -> Value:
    """A condition: true or false, or UNKNOWN.

    Raises:
        Problem: it is neither.
    """
    return holds(frame, node, frame.session.evaluate(frame, node))


def holds(frame: Frame, node: tree.Expr, value: Value) -> Value:
    """Whether the value of a condition is true.

    Raises:
        Problem: it is no condition.
    """
    if value is UNKNOWN or isinstance(value, bool):
        return value
    hint = (
        "a tensor's values are not known at compile time"
        if isinstance(value, Tensor)
        else "compare it: `n != 0`, `len(xs) > 0`"
    )
    raise frame.problem(node, "not-a-condition", f"a condition is true or false, this is {kind_of(value)}", help=hint)


def decided(frame: Frame, node: tree.Expr) -> Value:
    """Whether a condition holds, which is asked: of all ways to pick where they are followed.

    Raises:
        Problem: it is no condition.
    """
    return _decided(frame, node, frame.session.evaluate_open(frame, node), lambda found: found)


def _decided(frame: Frame, node: tree.Expr, condition: Value, run: Callable[[Value], Value]) -> Value:
    """What `run` gives for each of true and false that the value of `node` may be."""
    picking = frame.session.picking
    if condition.__class__ is Chosen and picking.explores:
        picking.ask(condition.needs)
        return picking.carry(Chosen(condition.diagram, {}), lambda value: run(holds(frame, node, value)))
    return run(holds(frame, node, closed(frame, condition, node)))


def ternary(frame: Frame, node: tree.Ternary) -> Value:
    condition = frame.session.evaluate_open(frame, node.condition)
    if condition.__class__ is Chosen:
        return fresh(_decided(frame, node.condition, condition, lambda found: _branch(frame, node, found)))
    return fresh(_branch(frame, node, holds(frame, node.condition, closed(frame, condition, node.condition))))


def _branch(frame: Frame, node: tree.Ternary, condition: Value) -> Value:
    if condition is UNKNOWN:
        return UNKNOWN
    taken, other = (node.then, node.otherwise) if condition else (node.otherwise, node.then)
    value = frame.session.evaluate_open(frame, taken)
    if isinstance(value, Stage) and _flows(frame, other):
        raise frame.problem(
            taken,
            "not-a-tensor",
            "this branch is a stage, but the other one is a tensor",
            help="`->` binds tighter than `if`; to choose a stage write parentheses: `x -> (relu if last else id)`",
        )
    return value


def _flows(frame: Frame, node: tree.Expr) -> bool:
    """Whether an expression is seen to be a tensor without running it: `x -> …` with a tensor x."""
    first = node.items[0] if isinstance(node, tree.Chain) else None
    return isinstance(first, tree.Name) and isinstance(frame.locals.get(first.id), Tensor)


def logic(frame: Frame, node: tree.Logic, start: int = 0) -> Value:
    stop = node.operator == "or"

    def behind(index: int, value: Value) -> Value:
        return value if value is UNKNOWN or value is stop else logic(frame, node, index + 1)

    for index, item in enumerate(node.items[start:], start):
        condition = frame.session.evaluate_open(frame, item)
        if condition.__class__ is Chosen:
            return _decided(frame, item, condition, partial(behind, index))
        value = holds(frame, item, closed(frame, condition, item))
        if value is UNKNOWN or value is stop:
            return value
    return not stop


def negation(frame: Frame, node: tree.Not) -> Value:
    condition = frame.session.evaluate_open(frame, node.value)
    return _decided(frame, node.value, condition, lambda value: UNKNOWN if value is UNKNOWN else not value)
