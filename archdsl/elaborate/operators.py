"""Gives operators, `if` and comparisons among them, their meaning by the kinds of their operands."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from archdsl.elaborate.budget import check_number, check_stage_size, overflow, sized
from archdsl.elaborate.builder import OPERATORS, combine_tensors
from archdsl.elaborate.session import Frame
from archdsl.elaborate.shown import kind_of
from archdsl.elaborate.values import (
    UNKNOWN,
    BlockName,
    BlockStage,
    Chain,
    Combine,
    ListValue,
    OpName,
    OpStage,
    Repeat,
    Stage,
    Tensor,
    Value,
    plain,
    size_of,
)
from archdsl.syntax import tree
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
    if left.__class__ is right.__class__ is Tensor and symbol in OPERATORS:
        return combine_tensors(frame, symbol, left, right, frame.join(nodes), nodes)
    if left is UNKNOWN or right is UNKNOWN:
        return UNKNOWN
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


def _with_tensor(frame: Frame, symbol: str, left: Value, right: Value, nodes: tuple[Any, Any]) -> Value:
    where = frame.join(nodes)
    other, other_node = (right, nodes[1]) if isinstance(left, Tensor) else (left, nodes[0])
    if symbol in ("//", "%"):
        raise _unfit(frame, symbol, left, right, nodes)
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
        stage_text = frame.span(other_node).text
        tensor_text = frame.span(nodes[0] if other_node is nodes[1] else nodes[1]).text
        raise frame.problem(
            where,
            "tensor-with-stage",
            f"cannot {VERBS[symbol]} a tensor and a stage",
            help=f"apply the stage first: `({tensor_text} -> {stage_text}) {symbol} …`",
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
