"""Evaluates lists: literals, comprehensions, loops, unpacking, indices and slices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from archdsl.diagnostics.model import Label
from archdsl.elaborate.advice import shortened
from archdsl.elaborate.budget import bounded, count_step, sized
from archdsl.elaborate.conditions import truth
from archdsl.elaborate.definitions import Function
from archdsl.elaborate.open_values import OPEN, Chosen
from archdsl.elaborate.operators import is_int
from archdsl.elaborate.picking import fresh, mapped_lists, shallow
from archdsl.elaborate.session import Frame, Mistake, Problem
from archdsl.elaborate.shown import kind_of
from archdsl.elaborate.turns import LOOP, LoopTurn
from archdsl.elaborate.values import UNKNOWN, Builtin, ListValue, Stage, Tensor, Value
from archdsl.syntax import tree
from archdsl.types import known

CLAUSES = 8  # of one comprehension


def list_expr(frame: Frame, node: tree.ListExpr) -> Value:
    items = tuple([frame.session.evaluate_open(frame, item) for item in node.items])
    if UNKNOWN in items:
        return UNKNOWN
    return bounded(frame, ListValue(items), node)


def comprehension(frame: Frame, node: tree.Comprehension) -> Value:
    if len(node.clauses) > CLAUSES:
        raise frame.problem(
            node,
            "nested-too-deep",
            f"this list has {len(node.clauses)} clauses with `for`; the limit is {CLAUSES}",
            help="make inner lists first, and go through those",
        )
    outer = dict(frame.locals)
    frame.session.charge(len(outer) >> 4)
    if frame.session.ways is not None:
        try:
            return frame.session.ways.comprehension(frame, node)
        finally:
            frame.locals = outer
    items: list[Value] = []
    try:
        for _ in _clauses(frame, node.clauses, 0):
            items.append(frame.session.evaluate_open(frame, node.item))
            if items[-1] is UNKNOWN:
                return UNKNOWN
    except UnknownLoop:
        return UNKNOWN
    finally:
        frame.locals = outer
    return bounded(frame, ListValue(tuple(items)), node)


class UnknownLoop(Exception):
    """A clause of a comprehension is unknown, and so is the list."""


def _clauses(frame: Frame, clauses: list[tree.Clause], index: int) -> Iterator[None]:
    if index == len(clauses):
        yield
        return
    clause = clauses[index]
    values = frame.session.evaluate_open(frame, clause.iterable)
    for _ in loop(frame, clause.targets, values, clause.iterable):
        truths = [truth(frame, condition) for condition in clause.conditions]
        if any(t is UNKNOWN for t in truths):
            raise UnknownLoop
        if all(truths):
            yield from _clauses(frame, clauses, index + 1)


def loop(frame: Frame, targets: Sequence[tree.Expr], values: Value, iterable: tree.Expr) -> Iterator[None]:
    """Run through the values of an iterable, the targets set at each step.

    Raises:
        Problem: it is no list, or its elements do not unpack.
        UnknownLoop: it is unknown.
    """
    values = fresh(shallow(frame, values, iterable)) if isinstance(values, Chosen) else shallow(frame, values, iterable)
    if values is UNKNOWN:
        raise UnknownLoop
    for value in steps(frame, targets, values, iterable):
        unpack(frame, targets, value, iterable)
        yield


def steps(
    frame: Frame,
    targets: Sequence[tree.Expr],
    values: Value,
    iterable: tree.Expr,
    told: Callable[[int], str] | None = None,
) -> Iterator[Value]:
    """The elements of what a loop runs through, one after the other; `told`: see `LoopTurn`.

    Raises:
        Problem: it is no list.
    """
    if not isinstance(values, (ListValue, range)):
        raise no_list(frame, values, iterable)
    path = frame.path
    with LoopTurn(frame.turns, LOOP, values, targets) as turn:
        turn.told = told
        for turn.index, value in enumerate(values.items if isinstance(values, ListValue) else values):
            count_step(frame, iterable)
            path.append(turn.index)
            try:
                yield value
            finally:
                path.pop()


def no_list(frame: Frame, value: Value, iterable: tree.Expr) -> Mistake:
    """The mistake of a loop through something else."""
    return frame.problem(
        iterable,
        "not-a-list",
        f"`for` runs through a list or range, this is {kind_of(value)}",
        help="for example `for i in range(n)`",
    )


def unpack(
    frame: Frame,
    targets: Sequence[tree.Expr],
    value: Value,
    node: tree.Expr,
    inner: Callable[[Frame, Sequence[tree.Expr], Value, tree.Expr], None] | None = None,
) -> None:
    """Set one name to a value, or several names to the elements of a list; `inner` sets those that are lists of names.

    Raises:
        Problem: the numbers of names and elements differ.
    """
    target = targets[0]
    if len(targets) == 1 and isinstance(target, tree.Name):
        frame.locals[target.id] = value
        return
    if value is UNKNOWN:
        _forget(frame, targets)
        return
    value = shallow(frame, value, node)
    items = (
        list(value)
        if isinstance(value, range) and len(value[:101]) <= 100  # a range may be longer than `len` can say
        else value.items
        if isinstance(value, ListValue)
        else None
    )
    if items is None or len(items) != len(targets):
        _forget(frame, targets)
        raise _length(frame, targets, kind_of(value) if items is None else items, node)
    for index, (target, item) in enumerate(zip(targets, items, strict=True)):
        if isinstance(target, tree.Name):
            frame.locals[target.id] = item
            continue
        assert isinstance(target, tree.ListExpr)
        try:
            (inner or unpack)(frame, target.items, item, node)
        except Problem as problem:
            _forget(frame, targets[index:])
            found = problem.diagnostic
            labels = found.labels or (Label(frame.span(target), "what these names are given"),)
            raise Problem(replace(found, labels=labels)) from None


def _forget(frame: Frame, targets: Sequence[tree.Expr]) -> None:
    for name in tree.names_in(targets):
        frame.locals[name.id] = UNKNOWN


def _length(frame: Frame, targets: Sequence[tree.Expr], found: str | Sequence[Value], node: tree.Expr) -> Mistake:
    """The mistake of values that are not as many as what they are to be given to."""
    count, got = (0, found) if isinstance(found, str) else (len(found), _counted(len(found), "value"))
    inside = len(targets) < len([*tree.names_in(targets)])
    return frame.problem(
        node,
        "unpack-length",
        f"{_counted(len(targets), 'part' if inside else 'name')} on the left, {got} on the right",
        help=_grouped(targets, () if isinstance(found, str) else found) or _one_too_many(node, len(targets) - count),
    )


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _grouped(targets: Sequence[tree.Expr], items: Sequence[Value]) -> str:
    """Help where a value among `items` is itself the list that the names are too many by; "" elsewhere."""
    lists = [index for index, item in enumerate(items) if isinstance(item, ListValue)]
    names = [target.id for target in targets if isinstance(target, tree.Name)]
    if len(lists) != 1 or len(names) < len(targets):
        return ""
    first, count = lists[0], len(items[lists[0]].items)
    if count + len(items) - 1 != len(names):
        return ""
    written = [*names[:first], f"({', '.join(names[first : first + count])})", *names[first + count :]]
    return f"one of the values is itself a list of {count}: write `{', '.join(written)}`"


def _one_too_many(node: tree.Expr, more: int) -> str:
    if isinstance(node, tree.Attribute) and node.name == "shape" and more == 1:
        return "the batch axis is not written: `c, h, w = x.shape`"
    return "give each value a name, and each name a value"


def index_expr(frame: Frame, node: tree.Index) -> Value:
    value, index = frame.session.evaluate_open(frame, node.value), frame.session.evaluate_open(frame, node.index)
    if value is UNKNOWN or index is UNKNOWN:
        return UNKNOWN
    if value.__class__ in OPEN or index.__class__ in OPEN:
        return mapped_lists(frame.session, partial(_element, frame, node), value, index)
    return _element(frame, node, value, index)


def _element(frame: Frame, node: tree.Index, value: Value, index: Value) -> Value:
    if not isinstance(value, (ListValue, range, str)):
        hint = "only lists are indexed"
        if isinstance(value, Tensor):
            hint = "split a tensor with `x -> split(n)` or `x -> slice(a, b)`"
        elif isinstance(node.value, tree.Name) and isinstance(value, (Builtin, Function, Stage)):
            text = shortened(frame.span(node.index).text)
            hint = f"arguments stand in parentheses: `{node.value.id}({text})`"
            if node.value.id == "oneof" and not isinstance(node.index, tree.ListExpr):
                hint = f"the options stand in a list: `oneof([{text}])`"
        raise frame.problem(node, "not-a-list", f"cannot index {kind_of(value)}", help=hint)
    items = value.items if isinstance(value, ListValue) else value
    if not is_int(index):
        raise frame.problem(
            node.index, "wrong-kind", f"an index is an int, this is {kind_of(index)}", help="use int(…) or `//`"
        )
    try:
        return items[known(index)]
    except IndexError:
        raise frame.problem(
            node.index,
            "index-out-of-range",
            f"there is no element {index}: the list has {len(items)}",
            help="indices count from 0, -1 is the last",
        ) from None


def slice_expr(frame: Frame, node: tree.Slice) -> Value:
    value = shallow(frame, frame.session.evaluate_open(frame, node.value), node.value)
    parts = [
        None if part is None else frame.session.evaluate(frame, part) for part in (node.lower, node.upper, node.step)
    ]
    if value is UNKNOWN or any(part is UNKNOWN for part in parts):
        return UNKNOWN
    if not isinstance(value, (ListValue, range, str)):
        raise frame.problem(
            node, "not-a-list", f"cannot slice {kind_of(value)}", help="slice a tensor with `x -> slice(begin, end)`"
        )
    for part, part_node in zip(parts, (node.lower, node.upper, node.step), strict=True):
        if part is not None and (not is_int(part) or (part_node is node.step and part == 0)):
            raise frame.problem(
                part_node,
                "wrong-kind",
                f"bounds of a slice are ints (the step not 0), this is {kind_of(part)}",
                help="use int(…) or `//`",
            )
    window = slice(*[part if part is None else known(part) for part in parts])
    if isinstance(value, ListValue):
        return sized(frame, value.size, (node, node), lambda: ListValue(value.items[window]))
    if isinstance(value, str):
        frame.session.charge(len(value) >> 8)
    return value[window]
