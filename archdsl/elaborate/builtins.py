"""Runs the built-in functions."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Sequence
from typing import Any

from archdsl.elaborate.advice import of_tensors
from archdsl.elaborate.arguments import bind
from archdsl.elaborate.budget import check_number, sized
from archdsl.elaborate.choosing import choice_help, choose
from archdsl.elaborate.each import make_each
from archdsl.elaborate.open_values import Chosen, OpenList
from archdsl.elaborate.operators import as_list, is_int, is_number, numeric, range_size
from archdsl.elaborate.picking import Failure, closed, is_open, mapped, shallow
from archdsl.elaborate.scans import make_scan
from archdsl.elaborate.session import BodyFrame, Frame
from archdsl.elaborate.shown import kind_of, show
from archdsl.elaborate.taps import make_taps
from archdsl.elaborate.values import (
    UNKNOWN,
    Labelled,
    ListValue,
    OpName,
    OpStage,
    Shared,
    Tensor,
    Value,
    Worded,
    size_of,
    tensors_in,
)
from archdsl.ops.linear import Linear
from archdsl.ops.sequence import Embedding
from archdsl.syntax import tree
from archdsl.types import known

INTEGER = re.compile(r"\s*-?[0-9]{1,19}\s*")
FOLDED = frozenset({"min", "max", "sum"})
TAKES_TENSORS = frozenset({"len", "zip", "enumerate", "reversed", "oneof", "someof"})


def call(frame: Frame, name: str, node: tree.Call) -> Value:
    """The result of a built-in.

    Raises:
        Problem: unfit arguments.
    """
    if name == "loose":
        return _loose(frame, node)
    if name == "scan":
        return make_scan(frame, node)
    if name == "taps":
        return make_taps(frame, node)
    if name == "each":
        return make_each(frame, node)
    if name == "tied":
        return make_tied(frame, node)
    values: list[Value] = []
    frame.session.charge(len(node.arguments) >> 2)
    for argument in node.arguments:
        if argument.name is not None:
            raise frame.problem(
                argument,
                "unknown-argument",
                f"{name} takes its arguments by position",
                help=choice_help(frame, node, _begin_with_list(values))
                if name == "oneof" and values
                else f"write {name}(…) without `{argument.name} =`",
            )
        value = frame.session.evaluate_open(frame, argument.value)
        if value is UNKNOWN:
            return UNKNOWN
        value = _taken(frame, name, value, argument, len(node.arguments) == 1)
        if tensors_in(value) and name not in TAKES_TENSORS:
            raise frame.problem(
                argument,
                "tensor-in-parentheses",
                f"{name} works on compile-time values, this is {kind_of(value)}",
                help=of_tensors(name)
                or "read what is known of it: `x.channels`, `x.height`; ops on tensors follow an arrow: `x -> …`",
            )
        values.append(value)
    least, most, run = BUILTINS[name]
    if not least <= len(values) <= (most or len(values)):
        wanted = str(least) if least == most else f"{least} or more" if most is None else f"{least} to {most}"
        raise frame.problem(
            node,
            "too-many-arguments" if len(values) > least else "missing-argument",
            f"{name} takes {wanted} argument{'' if wanted == '1' else 's'}, this gives {len(values)}",
            help=choice_help(frame, node, _begin_with_list(values)) if run is choose else "built-ins work as in Python",
        )
    return run(frame, values, node)


def _begin_with_list(values: Sequence[Value]) -> bool:
    return isinstance(values[0], (ListValue, OpenList, range)) if values else False


def _taken(frame: Frame, name: str, value: Value, argument: Any, alone: bool) -> Value:
    """An argument as a built-in takes it: settled, or open where that makes no difference to the function."""
    if name in TAKES_TENSORS:  # those leave items as they are
        return value if name == "len" and value.__class__ is OpenList else shallow(frame, value, argument)
    picking = frame.session.picking
    if name in FOLDED and picking.explores and is_open(value):
        true = picking.diagrams.true
        found = picking.open_list(value) if alone else OpenList((value,), (true,), {})
        if found is not None and all(map(_is_open_number, found.items)):
            picking.ask(found.needs)
            for item, guard in zip(found.items, found.guards, strict=True):
                if isinstance(item, Chosen):
                    picking.ask({d: picking.diagrams.both(guard, g) for d, g in item.needs.items()})
            return found
    return closed(frame, value, argument)


def _is_open_number(value: Value) -> bool:
    return all(map(is_number, value.values)) if isinstance(value, Chosen) else is_number(value)


def _fold(run: Callable[[Frame, list[Value], tree.Call], Value]) -> Callable[[Frame, list[Value], tree.Call], Value]:
    """A function of many numbers that takes one by one those that are chosen: lists of them are many, sums are few."""

    def folded(frame: Frame, values: list[Value], node: tree.Call) -> Value:
        if not any(isinstance(value, OpenList) for value in values):
            return run(frame, values, node)
        picking, diagrams = frame.session.picking, frame.session.picking.diagrams
        missing = diagrams.leaf(None)

        def step(so_far: ListValue, item: Value) -> ListValue:
            return so_far if item is None else ListValue((run(frame, [ListValue((*so_far.items, item))], node),))

        found: Value = ListValue(())
        for value in values:
            part = value if isinstance(value, OpenList) else OpenList((value,), (diagrams.true,), {})
            for item, guard in zip(part.items, part.guards, strict=True):
                there = item.diagram if isinstance(item, Chosen) else diagrams.leaf(item)
                there = diagrams.ite(guard, there, missing) or missing
                found = mapped(frame.session, step, found, Chosen(there, {}))
        found = mapped(frame.session, lambda last: run(frame, [last], node), found)
        if any(isinstance(value, Failure) for value in found.values):
            return picking.carry(found, lambda value: value)
        return found if len(found.values) > 1 else found.values[0]

    return folded


def _fail(frame: Frame, node: tree.Call, index: int, wanted: str, value: Value) -> Exception:
    name = frame.span(node.callee).text
    return frame.problem(
        node.arguments[index],
        "wrong-kind",
        f"{name} takes {wanted}, this is {kind_of(value)}",
        help="built-ins work as in Python",
    )


def _int(frame: Frame, values: list[Value], node: tree.Call) -> Value:
    value = values[0]
    if isinstance(value, str) and len(value) < 100 and INTEGER.fullmatch(value):
        return check_number(frame, int(value), (node, node))
    if is_int(value):
        return value
    if isinstance(value, (int, float)):
        return _finite(frame, int, value, node)
    raise _fail(frame, node, 0, "a number", value)


def _finite(frame: Frame, function: Callable[[Any], Any], value: Any, node: tree.Call) -> Value:
    """A function of a number, whose result is finite: of `inf` it is not taken."""
    endless = isinstance(value, float) and math.isinf(value)
    return check_number(frame, value if endless else function(value), (node, node))


def _numeric(function: Callable[[Any], Any]) -> Callable[[Frame, list[Value], tree.Call], Value]:
    def run(frame: Frame, values: list[Value], node: tree.Call) -> Value:
        if not is_number(values[0]):
            raise _fail(frame, node, 0, "a number", values[0])
        try:
            return _finite(frame, function, values[0], node)
        except (ValueError, OverflowError):
            raise frame.problem(
                node,
                "not-a-real",
                f"{frame.span(node.callee).text} is not defined for {show(values[0])}",
                help="it needs a value above zero (sqrt also takes zero)",
            ) from None

    return run


def _round(frame: Frame, values: list[Value], node: tree.Call) -> Value:
    if not is_number(values[0]):
        raise _fail(frame, node, 0, "a number", values[0])
    if len(values) == 1:
        return _finite(frame, round, values[0], node)
    if not is_int(values[1]) or abs(values[1]) > 30:
        raise _fail(frame, node, 1, "a small int", values[1])
    return round(values[0], known(values[1]))


def _extreme(function: Callable[[Any], Any]) -> Callable[[Frame, list[Value], tree.Call], Value]:
    def run(frame: Frame, values: list[Value], node: tree.Call) -> Value:
        items = _numbers(frame, values[0], node) if len(values) == 1 else values
        for item in items:
            if not is_number(item):
                raise _fail(frame, node, 0, "numbers", item)
        if not items:
            raise frame.problem(
                node,
                "empty-list",
                "an empty list has no largest or smallest element",
                help="add an element that always counts: `max([1] + xs)`",
            )
        return function(map(known, items) if any(isinstance(item, float) for item in items) else items)

    return run


def _numbers(frame: Frame, value: Value, node: tree.Call) -> Sequence[Any]:
    if not isinstance(value, (ListValue, range)):
        raise _fail(frame, node, 0, "a list", value)
    items = as_list(frame, value, node).items
    frame.session.charge(len(items))  # whoever asks looks at each
    return items


def _sum(frame: Frame, values: list[Value], node: tree.Call) -> Value:
    total: Any = 0
    for item in _numbers(frame, values[0], node):
        if not is_number(item):
            raise _fail(frame, node, 0, "a list of numbers", item)
        total = numeric(frame, operator.add, total, item, (node, node))
    return total


def _len(frame: Frame, values: list[Value], node: tree.Call) -> Value:
    value = values[0]
    if isinstance(value, OpenList):
        return frame.session.picking.length(value)
    if isinstance(value, range):
        return range_size(value)
    if isinstance(value, ListValue):
        return len(value.items)
    if isinstance(value, str):
        return len(value)
    raise _fail(frame, node, 0, "a list", value)


def _range(frame: Frame, values: list[Value], node: tree.Call) -> Value:
    for index, value in enumerate(values):
        if not is_int(value):
            raise _fail(frame, node, index, "ints", value)
    if len(values) == 3 and values[2] == 0:
        raise frame.problem(
            node.arguments[2], "division-by-zero", "the step of a range is not zero", help="use 1 or -1"
        )
    return range(*map(known, values))


def _reversed(frame: Frame, values: list[Value], node: tree.Call) -> Value:
    if isinstance(values[0], range):
        return values[0][::-1]
    return ListValue(tuple(reversed(_numbers(frame, values[0], node))))


def _zip(frame: Frame, values: list[Value], node: tree.Call) -> Value:
    lists = []
    for index, value in enumerate(values):
        if not isinstance(value, (ListValue, range)):
            raise _fail(frame, node, index, "lists", value)
        lists.append(as_list(frame, value, node.arguments[index].value).items)
    frame.session.charge(sum(map(len, lists)))
    if len({len(items) for items in lists}) > 1:
        lengths = ", ".join(str(len(items)) for items in lists)
        raise frame.problem(
            node,
            "zip-length",
            f"zip goes through lists of one length, these have {lengths}",
            help="cut the longer ones: `xs[:n]`",
        )
    size = sum(size_of(value) for value in values)
    return sized(frame, size, (node, node), lambda: ListValue(tuple(map(ListValue, zip(*lists, strict=True)))))


def _enumerate(frame: Frame, values: list[Value], node: tree.Call) -> Value:
    start = values[1] if len(values) == 2 else 0
    if not is_int(start):
        raise _fail(frame, node, 1, "an int", start)
    items = _numbers(frame, values[0], node)
    pairs = lambda: ListValue(tuple(ListValue((i, item)) for i, item in enumerate(items, known(start))))  # noqa: E731
    return sized(frame, 3 * size_of(values[0]), (node, node), pairs)


def _loose(frame: Frame, node: tree.Call) -> Value:
    if not isinstance(frame, BodyFrame) or frame.block.kind != "cell":
        raise frame.problem(
            node,
            "loose-outside-cell",
            "loose() lists the loose ends of a cell, and this is none",
            help="define it with `cell` instead of `block`",
        )
    with_inputs = False
    for argument in node.arguments:
        value = frame.session.evaluate(frame, argument.value)
        if argument.name not in (None, "inputs") or not isinstance(value, bool) or len(node.arguments) > 1:
            raise frame.problem(
                argument,
                "unknown-argument",
                "loose takes `inputs = true` or nothing",
                help="write loose() or loose(inputs = true)",
            )
        with_inputs = value
    body = frame.body
    if frame.session.ways is not None:
        return frame.session.ways.loose(frame, with_inputs)
    frame.session.charge(len(body.nodes) + sum([len(node.operands) for node in body.nodes]) // 16)
    inputs = [frame.locals.get(tensor.name, UNKNOWN) for tensor in frame.block.definition.inputs]
    if not with_inputs:  # what stands for an input now is left out: which it is, is asked
        inputs = [shallow(frame, value, node) for value in inputs]
    rebound = {value.ref for value in inputs if isinstance(value, Tensor)}
    return ListValue(tuple(Tensor(ref, body.type_of(ref), body) for ref in body.loose(with_inputs, rebound)))


BUILTINS: dict[str, tuple[int, int | None, Callable[[Frame, list[Value], tree.Call], Value]]] = {
    "int": (1, 1, _int),
    "float": (1, 1, _numeric(float)),
    "round": (1, 2, _round),
    "floor": (1, 1, _numeric(math.floor)),
    "ceil": (1, 1, _numeric(math.ceil)),
    "abs": (1, 1, _numeric(abs)),
    "sqrt": (1, 1, _numeric(math.sqrt)),
    "log2": (1, 1, _numeric(lambda number: math.log2(known(number)))),
    "min": (1, None, _fold(_extreme(min))),
    "max": (1, None, _fold(_extreme(max))),
    "sum": (1, 1, _fold(_sum)),
    "len": (1, 1, _len),
    "range": (1, 3, _range),
    "reversed": (1, 1, _reversed),
    "zip": (1, None, _zip),
    "enumerate": (1, 2, _enumerate),
    "oneof": (1, 1, choose),
    "someof": (2, 2, choose),
}


def make_tied(frame: Frame, node: tree.Call) -> Value:
    """`tied(embed)`: linear, without bias, by the weights of the shared embedding, which must have been applied.

    Raises:
        Problem: unfit arguments.
    """
    bound = bind(frame, "tied", ("embedding",), node.arguments, node)
    help = "`shared embed = embedding(10_000, 650)`, then `words -> embed`, then `… -> tied(embed)`"
    if "embedding" not in bound:
        raise frame.problem(node, "missing-argument", "tied needs its argument embedding", help=help)
    value, argument = bound["embedding"]
    value = closed(frame, value, argument)
    if value is UNKNOWN:
        return UNKNOWN
    shared = value if isinstance(value, Shared) else None
    stage = shared.stage if shared is not None else None
    while isinstance(stage, (Labelled, Worded)):
        stage = stage.stage  # type: ignore[assignment]
    if shared is None or not isinstance(stage, OpStage) or not isinstance(stage.op, Embedding):
        what = f"shared {shared.word} is no embedding" if shared is not None else f"this is {kind_of(value)}"
        if isinstance(value, OpName):
            what = f"this is the op {value.op.name}"
        raise frame.problem(argument, "not-an-embedding", f"tied takes a shared embedding, {what}", help=help)
    if isinstance(frame, BodyFrame) and shared.body is frame.body and not shared.body.was_applied(shared):
        raise frame.problem(argument, "not-an-embedding", f"{shared.word} is not applied before this", help=help)
    span = frame.span(node)
    linear = OpStage(Linear(out=stage.op.count, bias=False), span, frame.item, {})
    return Shared(linear, shared.word, shared.body, span, of=shared)
