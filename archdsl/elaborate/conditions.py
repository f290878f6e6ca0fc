"""Evaluates what is true or false: conditions, `and`, `or`, `not`, comparisons, and the ternary that asks one."""

from __future__ import annotations

from archdsl.elaborate.operators import compare
from archdsl.elaborate.session import Frame
from archdsl.elaborate.values import UNKNOWN, Stage, Tensor, Value, kind_of
from archdsl.syntax import tree


def truth(frame: Frame, node: tree.Expr) -> Value:
    """A condition: true or false, or UNKNOWN.

    Raises:
        Problem: it is neither.
    """
    value = frame.session.evaluate(frame, node)
    if value is UNKNOWN or isinstance(value, bool):
        return value
    hint = (
        "a tensor's values are not known at compile time"
        if isinstance(value, Tensor)
        else "compare it: `n != 0`, `len(xs) > 0`"
    )
    raise frame.problem(node, "not-a-condition", f"a condition is true or false, this is {kind_of(value)}", help=hint)


def ternary(frame: Frame, node: tree.Ternary) -> Value:
    condition = truth(frame, node.condition)
    if condition is UNKNOWN:
        return UNKNOWN
    taken, other = (node.then, node.otherwise) if condition else (node.otherwise, node.then)
    value = frame.session.evaluate(frame, taken)
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


def logic(frame: Frame, node: tree.Logic) -> Value:
    stop = node.operator == "or"
    for item in node.items:
        value = truth(frame, item)
        if value is UNKNOWN or value is stop:
            return value
    return not stop


def negation(frame: Frame, node: tree.Not) -> Value:
    value = truth(frame, node.value)
    return UNKNOWN if value is UNKNOWN else not value


def comparison(frame: Frame, node: tree.Compare) -> Value:
    left, left_node = frame.session.evaluate(frame, node.first), node.first
    for symbol, right_node in node.rest:
        right = frame.session.evaluate(frame, right_node)
        result = compare(frame, symbol, left, right, (left_node, right_node))
        if result is UNKNOWN or result is False:
            return result
        left, left_node = right, right_node
    return True
