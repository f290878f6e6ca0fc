"""Gives operators, `if` and comparisons among them, their meaning by the kinds of their operands."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from archdsl.elaborate.applied_first import applied_first
from archdsl.elaborate.budget import check_number, check_stage_size, overflow, sized
from archdsl.elaborate.builder import OPERATORS, combine_tensors
from archdsl.elaborate.open_values import OPEN, Chosen
from archdsl.elaborate.picking import mapped
from archdsl.elaborate.session import Frame
from archdsl.elaborate.shown import kind_of
from archdsl.elaborate.values import (
    UNKNOWN,
    Chain,
    Combine,
    ListValue,
    Repeat,
    Stage,
    Tensor,
    Value,
    size_of,
    stages_in,
)
from archdsl.types import known

NUMERIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}
VERBS = {
    "+": "add",
    "-": "subtract",
    "*": "multiply",
    "/": "divide",
    "//": "floor-divide",
    "%": "take the remainder of",
}


def is_number(value: Value) -> bool:
    """An int or a float (true and false are neither)."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_int(value: Value) -> bool:
    """An int, not true or false."""
    return isinstance(value, int) and not isinstance(value, bool)


def arithmetic(frame: Frame, symbol: str, left: Value, right: Value, nodes: tuple[Any, Any]) -> Value:
    """`left symbol right`; `nodes` are the tree nodes of both sides.

    Raises:
        Problem: the kinds do not go together.
    """
    if left.__class__ is int and right.__class__ is int:  # before all else: an index has 10^5 of these
        return numeric(frame, NUMERIC[symbol], left, right, nodes)
    if left.__class__ is right.__class__ is Tensor and symbol in OPERATORS:
        return combine_tensors(frame, symbol, left, right, frame.join(nodes), nodes)
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
    if left.__class__ in OPEN or right.__class__ in OPEN:
        return _open(frame, symbol, left, right, nodes)
    if isinstance(left, Tensor) or isinstance(right, Tensor):
        return _with_tensor(frame, symbol, left, right, nodes)
    if is_number(left) and is_number(right):
        return numeric(frame, NUMERIC[symbol], left, right, nodes)
    if isinstance(left, (ListValue, range)) or isinstance(right, (ListValue, range)):
        return _lists(frame, symbol, left, right, nodes)
    if isinstance(left, Stage) or isinstance(right, Stage):
        return _with_stage(frame, symbol, left, right, nodes)
    if symbol == "+" and isinstance(left, str) and isinstance(right, str):
        return sized(frame, size_of(left) + size_of(right), nodes, lambda: left + right)
    if symbol == "*" and {type(left), type(right)} == {int, str}:
        text, count = (left, right) if isinstance(left, str) else (right, left)
        return sized(frame, 1 + len(text) * max(count, 0) // 64, nodes, lambda: text * count)
    raise _unfit(frame, symbol, left, right, nodes)


def _open(frame: Frame, symbol: str, left: Value, right: Value, nodes: tuple[Any, Any]) -> Value:
    """As `arithmetic` of values of which one is chosen: used where tensors are made, else carried on."""
    picking = frame.session.picking
    if _may_be_tensor(left) or _may_be_tensor(right):
        left, right = (picking.one_tensor(frame, one, node) for one, node in zip((left, right), nodes, strict=True))
        return arithmetic(frame, symbol, left, right, nodes)
    if symbol == "+":
        joined = picking.joined(left, right)
        if joined is not None:
            return joined
    if symbol == "*" and stages_in(left) != stages_in(right):
        return _repeated(frame, left, right, nodes)
    return mapped(frame.session, lambda one, other: arithmetic(frame, symbol, one, other, nodes), left, right)


def _repeated(frame: Frame, left: Value, right: Value, nodes: tuple[Any, Any]) -> Value:
    """A stage times a number, of which one is chosen: zero times it asks for nothing of the stage."""
    stage, count = (left, right) if stages_in(left) else (right, left)

    def times(number: Value) -> Value:
        if is_int(number) and number == 0:
            return Chain(())
        return mapped(frame.session, lambda one: arithmetic(frame, "*", one, number, nodes), stage)

    return mapped(frame.session, times, count)


def _may_be_tensor(value: Value) -> bool:
    return any(isinstance(one, Tensor) for one in (value.values if value.__class__ is Chosen else (value,)))


def _with_tensor(frame: Frame, symbol: str, left: Value, right: Value, nodes: tuple[Any, Any]) -> Value:
    where = frame.join(nodes)
    other, other_node = (right, nodes[1]) if isinstance(left, Tensor) else (left, nodes[0])
    if symbol in ("//", "%"):
        raise _unfit(frame, symbol, left, right, nodes)
    if isinstance(left, Tensor) and isinstance(right, Tensor):  # of which one has several types
        return combine_tensors(frame, symbol, left, right, where, nodes)
    if is_number(other):
        if symbol == "*" and isinstance(other, int):
            raise frame.problem(
                where,
                "tensor-times-int",
                f"a tensor times the int {other} could mean two things",
                help=f"to apply a stage {other} times write `x -> f * {other}`; to scale write `* {other}.0`",
            )
        return combine_tensors(frame, symbol, left, right, where, nodes)
    if isinstance(other, Stage):
        raise frame.problem(
            where,
            "tensor-with-stage",
            f"cannot {VERBS[symbol]} a tensor and a stage",
            help=f"apply the stage first: `{applied_first(frame, symbol, nodes, other_node)}`",
        )
    if isinstance(other, ListValue):
        raise frame.problem(
            where,
            "tensor-with-list",
            f"cannot {VERBS[symbol]} {kind_of(left)} and {kind_of(right)}",
            help="join the list first: `xs -> add`; to append the tensor to it: `xs + [x]`",
        )
    raise _unfit(frame, symbol, left, right, nodes)


def _with_stage(frame: Frame, symbol: str, left: Value, right: Value, nodes: tuple[Any, Any]) -> Value:
    where = frame.join(nodes)
    if symbol == "*" and (is_int(left) or is_int(right)):
        stage, count = (left, right) if isinstance(left, Stage) else (right, left)
        if count < 0:
            raise frame.problem(
                where,
                "negative-repeat",
                f"cannot repeat a stage {count} times",
                help="a count is 0 or more, and `f * 0` passes the input on",
            )
        if count == 0 or stage.size == 0:  # `id` any number of times is `id`
            return Chain(())
        check_stage_size(frame, stage.size * count, stage.depth + 1, where)
        return Repeat(stage, known(count))
    both = isinstance(left, Stage) and isinstance(right, Stage)
    if symbol in ("//", "%") or not (both or is_number(left) or is_number(right)):
        raise _unfit(frame, symbol, left, right, nodes)
    combined = Combine(symbol, left, right, where)
    check_stage_size(frame, combined.size, combined.depth, where)
    return combined


def _lists(frame: Frame, symbol: str, left: Value, right: Value, nodes: tuple[Any, Any]) -> Value:
    if symbol == "+" and isinstance(left, (ListValue, range)) and isinstance(right, (ListValue, range)):
        first, second = as_list(frame, left, nodes[0]), as_list(frame, right, nodes[1])
        return sized(frame, first.size + second.size, nodes, lambda: ListValue(first.items + second.items))
    if symbol == "*" and (is_int(left) or is_int(right)):
        items, count = (left, right) if is_int(right) else (right, left)
        repeated = as_list(frame, items, nodes[0])
        return sized(frame, repeated.size * max(count, 0), nodes, lambda: ListValue(repeated.items * max(count, 0)))
    if isinstance(left, Stage) or isinstance(right, Stage):
        raise frame.problem(
            frame.join(nodes),
            "stage-with-list",
            f"cannot {VERBS[symbol]} a stage and a list",
            help="join the fan-out first: `([f, g] -> add) + h`; or put the stage into a list: `fs + [f]`",
        )
    raise _unfit(frame, symbol, left, right, nodes)


def as_list(frame: Frame, value: Value, node: Any) -> ListValue:
    """A list, also of a range; a range with too many numbers is refused before it is written out."""
    if isinstance(value, range):
        return sized(frame, range_size(value), (node, node), lambda: ListValue(tuple(value)))  # type: ignore[no-any-return]
    assert isinstance(value, ListValue)
    return value


def range_size(value: range) -> int:
    """Number of elements; `len` refuses ranges of more than 2**63."""
    if not value:
        return 0
    return (value[-1] - value[0]) // value.step + 1 if value.step else 0


def numeric(frame: Frame, function: Callable[[Any, Any], Any], left: Any, right: Any, nodes: tuple[Any, Any]) -> Value:
    """An operation on two numbers, kept within 64 bits."""
    left, right = alike(left, right)
    try:
        result = function(left, right)
    except ZeroDivisionError:
        raise frame.problem(
            nodes[1],
            "division-by-zero",
            "this is zero, and nothing can be divided by it",
            help=f"find out where `{frame.span(nodes[1]).text[:40]}` gets its value",
        ) from None
    except OverflowError:
        raise overflow(frame, nodes) from None
    return check_number(frame, result, nodes)


def alike(left: Any, right: Any) -> tuple[Any, Any]:
    """Two numbers; a size that meets a float must be a plain number."""
    if isinstance(left, float) or isinstance(right, float):
        return known(left), known(right)
    return left, right


def power(frame: Frame, base: Value, exponent: Value, nodes: tuple[Any, Any]) -> Value:
    """`base ** exponent` of numbers; refused before it is computed when it cannot fit."""
    if base is UNKNOWN or exponent is UNKNOWN:
        return UNKNOWN
    if not (is_number(base) and is_number(exponent)):
        raise _unfit(frame, "**", base, exponent, nodes)
    if is_int(base) and is_int(exponent):
        if exponent < 0:
            base = float(base)
        elif abs(base) > 1 and exponent * math.log2(abs(base)) > 64:
            raise overflow(frame, nodes)
    if base < 0 and not float(exponent).is_integer():
        raise frame.problem(
            frame.join(nodes),
            "not-a-real",
            "a negative number to a power that is not whole is no real number",
            help="take `abs(…)` of the base, or an int as the power",
        )
    return numeric(frame, operator.pow, base, exponent, nodes)


def _unfit(frame: Frame, symbol: str, left: Value, right: Value, nodes: tuple[Any, Any]) -> Exception:
    verb = VERBS.get(symbol, "combine")
    power = symbol == "**" and isinstance(left, Tensor) and is_number(right)
    help = "two numbers, tensors or stages go together, or one of these with a number; `+` joins lists"
    return frame.problem(
        frame.join(nodes),
        "wrong-operands",
        f"cannot {verb} {kind_of(left)} and {kind_of(right)}",
        help=f"a tensor flows through an op: `x -> power({right})`" if power else help,
    )
