"""Compares values: equal, smaller, in a list."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import partial
from typing import Any

from archdsl.elaborate.open_values import OpenList
from archdsl.elaborate.operators import alike, as_list, is_number
from archdsl.elaborate.picking import closed, is_open, mapped
from archdsl.elaborate.session import Frame
from archdsl.elaborate.shown import kind_of
from archdsl.elaborate.values import (
    UNKNOWN,
    BlockName,
    BlockStage,
    ListValue,
    OpName,
    OpStage,
    Stage,
    Tensor,
    Value,
    plain,
)
from archdsl.syntax import tree
from archdsl.types import known


def equal(frame: Frame, left: Value, right: Value, nodes: tuple[Any, Any]) -> bool:
    """`left == right`: numbers by value, lists element by element, stages by op or block and arguments."""
    if isinstance(left, Tensor) or isinstance(right, Tensor):
        raise frame.problem(
            frame.join(nodes),
            "tensor-compared",
            "tensors have no values at compile time, so they cannot be compared",
            help="compare what is known: `x.shape == y.shape`, `x.channels == 64`",
        )
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, Stage) and isinstance(right, Stage):
        left, right = plain(left), plain(right)
        if isinstance(left, OpName) and isinstance(right, OpName):
            return left.op is right.op
        if isinstance(left, BlockName) and isinstance(right, BlockName):
            return left.block is right.block
        if isinstance(left, OpStage) and isinstance(right, OpStage):
            return left.op == right.op
        if isinstance(left, BlockStage) and isinstance(right, BlockStage):
            identities = frame.session.identities
            return left.block is right.block and identities(left.arguments) == identities(right.arguments)
        return frame.session.identity(left) == frame.session.identity(right)
    if isinstance(left, (ListValue, range)) and isinstance(right, (ListValue, range)):
        if isinstance(left, range) and isinstance(right, range):
            return left == right
        first, second = as_list(frame, left, nodes[0]), as_list(frame, right, nodes[1])
        frame.session.charge(len(first.items))
        return len(first.items) == len(second.items) and all(
            equal(frame, a, b, nodes) for a, b in zip(first.items, second.items, strict=True)
        )
    if is_number(left) and is_number(right):
        left, right = alike(left, right)
        return bool(left == right)
    if isinstance(left, str) and isinstance(right, str):
        frame.session.charge(min(len(left), len(right)) >> 8)
    return type(left) is type(right) and bool(left == right)


ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compare(frame: Frame, symbol: str, left: Value, right: Value, nodes: tuple[tree.Expr, tree.Expr]) -> Value:
    """One comparison: == != < <= > >= in "not in"."""
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    if symbol in ("==", "!="):
        return equal(frame, left, right, nodes) == (symbol == "==")
    if symbol in ("in", "not in"):
        return _contains(frame, left, right, nodes) == (symbol == "in")
    if is_number(left) and is_number(right):
        return ORDER[symbol](*alike(left, right))
    raise frame.problem(
        frame.join(nodes),
        "wrong-operands",
        f"cannot order {kind_of(left)} and {kind_of(right)}",
        help=f"`{symbol}` compares two numbers",
    )


def _contains(frame: Frame, left: Value, right: Value, nodes: tuple[Any, Any]) -> bool:
    if isinstance(right, range):
        value = known(left) if is_number(left) else None
        # Python would compare a fraction with each element.
        return value is not None and value == int(value) and int(value) in right
    if isinstance(right, str) and isinstance(left, str):
        frame.session.charge((len(left) + len(right)) >> 6)
        return left in right
    if isinstance(right, ListValue):
        frame.session.charge(len(right.items))
        return any(equal(frame, left, item, nodes) for item in right.items)
    raise frame.problem(
        nodes[1],
        "wrong-operands",
        f"`in` looks into a list, a range or text, this is {kind_of(right)}",
        help="put it in [ ]",
    )


def _contains_some(frame: Frame, symbol: str, left: Value, right: OpenList, nodes: tuple[Any, Any]) -> Value:
    """Whether something is in a list of which it is chosen what is in it: looked for item by item."""
    session = frame.session
    found: Value = False

    def step(before: bool, one: Value, held: Value) -> bool:
        return before or _contains(frame, one, held, nodes)

    for item, guard in zip(right.items, right.guards, strict=True):
        found = mapped(session, step, found, left, OpenList((item,), (guard,), {}))
    found = session.picking.with_needs(found, right.needs)
    return found if symbol == "in" else mapped(session, lambda one: not one, found)


def _compared(frame: Frame, symbol: str, nodes: tuple[Any, Any], left: Value, right: Value) -> Value:
    return compare(frame, symbol, left, right, nodes)


def comparison(frame: Frame, node: tree.Compare) -> Value:
    evaluate = frame.session.evaluate_open
    left, left_node = evaluate(frame, node.first), node.first
    for symbol, right_node in node.rest:
        right = evaluate(frame, right_node)
        nodes = (left_node, right_node)
        if is_open(left) or is_open(right):
            if len(node.rest) == 1:
                if symbol in ("in", "not in") and right.__class__ is OpenList and frame.session.picking.explores:
                    return _contains_some(frame, symbol, left, right, nodes)
                return mapped(frame.session, partial(_compared, frame, symbol, nodes), left, right)
            left, right = closed(frame, left, left_node), closed(frame, right, right_node)
        result = compare(frame, symbol, left, right, nodes)
        if result is UNKNOWN or result is False:
            return result
        left, left_node = right, right_node
    return True
