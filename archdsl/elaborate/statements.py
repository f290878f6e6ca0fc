"""Runs the statements of a body until it returns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from archdsl.elaborate.apply import DEEP
from archdsl.elaborate.calls import NO_RETURN
from archdsl.elaborate.conditions import truth
from archdsl.elaborate.deep import with_room
from archdsl.elaborate.definitions import assigned_names
from archdsl.elaborate.expressions import evaluate, evaluate_open
from archdsl.elaborate.lists import UnknownLoop, loop, unpack
from archdsl.elaborate.open_values import Chosen, OpenList
from archdsl.elaborate.picking import closed, fresh, mapped
from archdsl.elaborate.session import BodyFrame, Frame, Problem
from archdsl.elaborate.shown import kind_of
from archdsl.elaborate.turns import steps_of
from archdsl.elaborate.values import UNKNOWN, Chain, ListValue, Shared, Stage, Tensor, Value, Worded, plain
from archdsl.syntax import tree


def execute(frame: Frame, statements: Sequence[tree.Statement]) -> Value:
    """What the body returns; NO_RETURN when it ends without, UNKNOWN when that depends on something unknown.

    Raises:
        Exhausted: a budget is used up.
    """
    for statement in statements:
        try:
            result = _run(frame, statement)
        except Problem as problem:
            frame.session.report(problem.diagnostic)
            result = _forget(frame, [statement])
        if result is not NO_RETURN:
            return result
    return NO_RETURN


def _run(frame: Frame, statement: tree.Statement) -> Value:
    if isinstance(statement, tree.Assign):
        _assign(frame, statement)
        return NO_RETURN
    if isinstance(statement, tree.Return):
        return evaluate_open(frame, statement.value)
    if isinstance(statement, (tree.For, tree.If)):
        run: Callable[[Frame, Any], Value] = _for if isinstance(statement, tree.For) else _if
        return run(frame, statement) if statement.depth <= DEEP else with_room(run, frame, statement)
    assert isinstance(statement, tree.Lone)
    return lone(frame, statement)


def lone(frame: Frame, statement: tree.Lone) -> Value:
    """An expression whose value nobody keeps: NO_RETURN where it is unknown.

    Raises:
        Problem: it is not.
    """
    value = evaluate(frame, statement.value)
    if value is UNKNOWN:
        _forget_methods(frame, statement.value)
        return NO_RETURN
    raise frame.problem(
        statement, "unused-result", "this result is not used", help="write `x = …` to keep it, or `return …`"
    )


def _forget_methods(frame: Frame, node: tree.Expr) -> None:
    """`xs.append(x)` is reported as an attribute that is not there; that xs stays as it is needs no second message."""
    if isinstance(node, tree.Call) and isinstance(node.callee, tree.Attribute):
        owner = node.callee.value
        if isinstance(owner, tree.Name) and owner.id in frame.locals:
            frame.locals[owner.id] = UNKNOWN


def _assign(frame: Frame, statement: tree.Assign) -> None:
    value = assigned(frame, statement)
    target = statement.targets[0]
    if value.__class__ is Tensor and len(statement.targets) == 1 and isinstance(target, tree.Name):
        frame.locals[target.id] = value
        return
    if value is UNKNOWN:
        frame.unknown = True
    unpack(frame, statement.targets, value, statement.value)


def assigned(frame: Frame, statement: tree.Assign) -> Value:
    """What an assignment gives to its name, or to its names together."""
    target = next(tree.names_in(statement.targets))
    if statement.shared:
        return _shared(frame, statement)
    if target.id not in frame.locals:
        _warn_of_constant(frame, statement)
    value = _right_side(frame, statement)
    if isinstance(value, Stage) and not isinstance(value, Shared):
        return _flat(frame, plain(value), target.id)
    return value


def _warn_of_constant(frame: Frame, statement: tree.Assign) -> None:
    """`width = width * 2` of a constant at the top makes a local name; who wants to change the constant must know."""
    target = next(tree.names_in(statement.targets))
    outer = frame.module.names.get(target.id)
    if outer is None or outer.kind != "constant" or not frame.session.spec.rebinds(statement):
        return
    line = outer.span(outer.declaration.start, outer.declaration.end).line
    frame.warn(
        target,
        "hides-constant",
        f"this makes a local {target.id}; the constant at line {line} keeps its value",
        help=f"give it a name of its own, for example `own_{target.id} = …`",
    )


def _right_side(frame: Frame, statement: tree.Assign) -> Value:
    """The value to assign; what makes it is called after the variables."""
    if not isinstance(frame, BodyFrame):
        return evaluate_open(frame, statement.value)
    body, names = frame.body, tuple([name.id for name in tree.names_in(statement.targets)])
    labels = len(names) == 1 and not frame.in_loop and not frame.session.spec.rebinds(statement)
    body.assigned = names
    opened = body.labels.open_word(names[0]) if labels else None
    try:
        value = evaluate_open(frame, statement.value)
        return value if opened is None else body.gives(opened, value)
    finally:
        body.assigned = ()
        if labels:
            body.labels.close()


def _flat(frame: Frame, stage: Stage, word: str) -> Stage:
    """`f = f -> g` makes f longer: what f was is taken up stage by stage, not held as a module called f inside f."""
    frame.session.charge(len(stage.stages) >> 4 if isinstance(stage, Chain) else 0)
    if not isinstance(stage, Chain) or not any(isinstance(s, Worded) and s.word == word for s in stage.stages):
        return stage
    parts: list[Stage | ListValue] = []
    for item in stage.stages:
        inner = item.stage if isinstance(item, Worded) and item.word == word else item
        parts.extend(inner.stages if isinstance(inner, Chain) else (inner,))
    frame.session.charge(len(parts) >> 4)
    return Chain(tuple(parts))


def _shared(frame: Frame, statement: tree.Assign) -> Value:
    value = evaluate_open(frame, statement.value)
    if value is UNKNOWN:
        return UNKNOWN
    if value.__class__ is Chosen and isinstance(frame, BodyFrame):
        return mapped(frame.session, lambda one: _shared_stage(frame, statement, one), value)
    return _shared_stage(frame, statement, closed(frame, value, statement.value))


def _shared_stage(frame: Frame, statement: tree.Assign, value: Value) -> Value:
    target = next(tree.names_in(statement.targets))
    if not isinstance(frame, BodyFrame) or not isinstance(value, Stage):
        raise frame.problem(
            statement.value,
            "shared-needs-stage",
            f"`shared` holds a stage of this body, this is {kind_of(value)}",
            help="for example `shared f = conv(64, 3)`, then `x -> f -> f`",
        )
    return Shared(plain(value), target.id, frame.body, frame.span(statement), steps=steps_of(frame.turns))


def _for(frame: Frame, statement: tree.For) -> Value:
    frame.in_loop += 1
    try:
        values = evaluate_open(frame, statement.iterable)
        for _ in loop(frame, statement.targets, values, statement.iterable):
            result = execute(frame, statement.body)
            if result is not NO_RETURN:
                return result
        renew(frame, [statement], lists=False)
    except UnknownLoop:
        return _forget(frame, [statement])
    finally:
        frame.in_loop -= 1
    return NO_RETURN


def _if(frame: Frame, statement: tree.If) -> Value:
    for condition, body in [*statement.branches, (None, statement.otherwise)]:
        taken = True if condition is None else truth(frame, condition)
        if taken is UNKNOWN:
            return _forget(frame, [statement])
        if taken:
            result = execute(frame, body)
            if result is NO_RETURN:
                renew(frame, [statement])
            return result
    return NO_RETURN


def renew(frame: Frame, statements: Sequence[tree.Statement], lists: bool = True) -> None:
    """Behind what may or may not have run, what it sets bears no other name: which one would depend on picks.

    Lists that grow in a loop keep what was in them before.
    """
    for name in assigned_names(statements) & frame.locals.keys():
        value = frame.locals[name]
        if lists or not isinstance(value, (ListValue, OpenList)):
            frame.locals[name] = fresh(value)


def _forget(frame: Frame, statements: Sequence[tree.Statement]) -> Value:
    """A statement did not run: what it assigns is unknown, and so is the result if it could return."""
    for name in assigned_names(statements):
        frame.locals[name] = UNKNOWN
    return UNKNOWN if _may_return(statements) else NO_RETURN


def _may_return(statements: Sequence[tree.Statement]) -> bool:
    pending = list(statements)
    while pending:
        statement = pending.pop()
        if isinstance(statement, tree.Return):
            return True
        if isinstance(statement, tree.For):
            pending.extend(statement.body)
        elif isinstance(statement, tree.If):
            for _, body in statement.branches:
                pending.extend(body)
            pending.extend(statement.otherwise)
    return False
