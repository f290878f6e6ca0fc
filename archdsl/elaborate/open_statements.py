"""Runs the statements of a body under all ways to pick at once.

Where a condition is chosen both branches run, each under its own; a loop that may end goes on under the condition that
it does not. Behind either a name holds the value of each way under its condition, and the rest is run once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from archdsl.choices.nodes import TOO_LARGE, Diagram, DiagramTooLarge
from archdsl.elaborate.budget import too_many_cases
from archdsl.elaborate.calls import NO_RETURN, no_return
from archdsl.elaborate.conditions import decided
from archdsl.elaborate.exploring import Exploring, Way
from archdsl.elaborate.expressions import evaluate_open
from archdsl.elaborate.lists import steps, unpack
from archdsl.elaborate.open_turns import told_steps
from archdsl.elaborate.open_values import Chosen, OpenList, PartlySet
from archdsl.elaborate.picking import fresh
from archdsl.elaborate.session import Frame, Problem
from archdsl.elaborate.statements import assigned, lone, renew
from archdsl.elaborate.turns import first_level
from archdsl.elaborate.values import UNKNOWN, ListValue, Value
from archdsl.syntax import tree

Locals = dict[str, Value]


def exploring_of(frame: Frame) -> Exploring:
    """What follows all ways in this elaboration."""
    picking = frame.session.picking
    assert isinstance(picking, Exploring)
    return picking


def execute_open(frame: Frame, statements: Sequence[tree.Statement]) -> Value:
    """What the body returns, perhaps an open value; NO_RETURN when it never does, UNKNOWN when it always fails.

    Raises:
        Exhausted: a budget is used up.
    """
    exploring = exploring_of(frame)
    before = exploring.pc
    returned: list[Way] = []
    _run_all(frame, statements, returned)
    left = exploring.pc
    if left is not exploring.diagrams.false and returned and frame.callee is not None:
        name, definition, _ = frame.callee
        exploring.fail(no_return(frame, name, definition).diagnostic)  # on one way through the body
        left = exploring.pc
    exploring.pc = exploring.diagrams.minus(before, exploring.dead)
    if not returned:
        return UNKNOWN if left is exploring.diagrams.false else NO_RETURN
    return exploring.merge([(exploring.diagrams.minus(c, exploring.dead), value) for c, value in returned])


def _run_all(frame: Frame, statements: Sequence[tree.Statement], returned: list[Way]) -> None:
    exploring = exploring_of(frame)
    for statement in statements:
        if exploring.pc is exploring.diagrams.false:
            return
        try:
            _run(frame, statement, returned)
        except Problem as problem:
            exploring.fail(problem.diagnostic)
        except TOO_LARGE as error:
            decisions = error.decisions if isinstance(error, DiagramTooLarge) else ()
            raise too_many_cases(frame, statement, decisions) from None


def _run(frame: Frame, statement: tree.Statement, returned: list[Way]) -> None:
    exploring = exploring_of(frame)
    if isinstance(statement, tree.Assign):
        value = exploring.fork(frame, lambda: assigned(frame, statement))
        if value is UNKNOWN:
            exploring.fail(None)
        else:
            _unpack(frame, statement.targets, value, statement.value)
    elif isinstance(statement, tree.Return):
        value = exploring.fork(frame, lambda: evaluate_open(frame, statement.value))
        if value is UNKNOWN:
            exploring.fail(None)
        else:
            returned.append((exploring.pc, value))
            exploring.pc = exploring.diagrams.false
    elif isinstance(statement, tree.If):
        _if(frame, statement, returned)
    elif isinstance(statement, tree.For):
        _for(frame, statement, returned)
    else:
        assert isinstance(statement, tree.Lone)
        exploring.fork(frame, lambda: lone(frame, statement))


def condition(frame: Frame, node: tree.Expr) -> Diagram:
    """Where a condition holds, of where evaluation stands.

    Raises:
        Problem: it is none.
        Forced: more must be known.
    """
    value = decided(frame, node)
    return _where_true(exploring_of(frame), value)


def _where_true(exploring: Exploring, value: Value) -> Diagram:
    diagram = value.diagram if isinstance(value, Chosen) else exploring.diagrams.leaf(value)
    return exploring.diagrams.where(diagram, lambda found: found is True, exploring.pc)


def _branching(frame: Frame, node: tree.Expr) -> Diagram:
    """As `condition`, with nothing more to know: where it fails, nothing goes on."""
    exploring = exploring_of(frame)
    value = exploring.fork(frame, lambda: decided(frame, node))
    if value is UNKNOWN:
        exploring.fail(None)
        return exploring.diagrams.false
    return _where_true(exploring, value)


def _if(frame: Frame, statement: tree.If, returned: list[Way]) -> None:
    exploring = exploring_of(frame)
    ways: list[tuple[Diagram, Locals]] = []
    before = frame.locals
    for test, body in [*statement.branches, (None, statement.otherwise)]:
        if exploring.pc is exploring.diagrams.false:
            break
        frame.locals = before
        holds = exploring.pc if test is None else _branching(frame, test)
        rest = exploring.diagrams.minus(exploring.pc, holds)
        exploring.pc = exploring.diagrams.minus(holds, exploring.dead)
        frame.locals = dict(before)
        _run_all(frame, body, returned)
        ways.append((exploring.pc, frame.locals))
        exploring.pc = rest
    _join(frame, ways)
    renew(frame, [statement])


def _for(frame: Frame, statement: tree.For, returned: list[Way]) -> None:
    exploring = exploring_of(frame)
    frame.in_loop += 1
    try:
        iterable = exploring.fork(frame, lambda: evaluate_open(frame, statement.iterable))
        for step, guard in open_steps(frame, iterable, statement.targets, statement.iterable):
            before, skipped = frame.locals, exploring.diagrams.minus(exploring.pc, guard)
            exploring.pc = exploring.diagrams.both(exploring.pc, guard)
            frame.locals = dict(before)
            if exploring.pc is not exploring.diagrams.false:
                _unpack(frame, statement.targets, step, statement.iterable)
                _run_all(frame, statement.body, returned)
            _join(frame, [(exploring.pc, frame.locals), (exploring.diagrams.minus(skipped, exploring.dead), before)])
            if exploring.pc is exploring.diagrams.false:
                break
        renew(frame, [statement], lists=False)
    finally:
        frame.in_loop -= 1


def open_steps(frame: Frame, iterable: Value, targets: Sequence[tree.Expr], node: tree.Expr) -> Iterator[Any]:
    """The elements of what a loop runs through, each with the condition under which it is there.

    Raises:
        Problem: it is no list.
    """
    exploring = exploring_of(frame)
    found = exploring.listed(frame, iterable, node)
    if found is None:
        yield from steps(frame, targets, iterable, node)  # says that it is none
        return
    items, guards = found
    values = iterable if isinstance(iterable, range) else ListValue(items)
    values = fresh(values) if isinstance(iterable, Chosen) else values
    told = told_steps(exploring, iterable, first_level(targets))
    yield from zip(steps(frame, targets, values, node, told), guards, strict=True)


def _join(frame: Frame, ways: list[tuple[Diagram, Locals]]) -> None:
    """Behind several ways a name holds the value of each under its condition."""
    exploring = exploring_of(frame)
    diagrams = exploring.diagrams
    alive = [(c, found) for c, found in ways if c is not diagrams.false]
    exploring.pc = diagrams.either(*[c for c, _ in alive])
    if not alive:
        return
    if len(alive) == 1:
        frame.locals = alive[0][1]
        return
    names = dict.fromkeys(name for _, found in alive for name in found)
    frame.locals = {name: _held(exploring, [(c, found.get(name)) for c, found in alive]) for name in names}


def _held(exploring: Exploring, ways: list[tuple[Diagram, Value | None]]) -> Value:
    """What a name holds behind several ways, None where it has no value."""
    diagrams = exploring.diagrams
    held = [
        (diagrams.both(c, value.there), value.value) if isinstance(value, PartlySet) else (c, value)
        for c, value in ways
        if value is not None
    ]
    value = exploring.merge(held)
    whole = len(held) == len(ways) and not any(isinstance(value, PartlySet) for _, value in ways)
    return value if whole else PartlySet(value, diagrams.either(*[c for c, _ in held]))


def _unpack(frame: Frame, targets: Sequence[tree.Expr], value: Value, node: tree.Expr) -> None:
    """Set names; what several names are set to may be one of several lists."""
    exploring = exploring_of(frame)
    alone = len(targets) == 1 and isinstance(targets[0], tree.Name)
    if alone or not isinstance(value, (Chosen, OpenList)):
        unpack(frame, targets, value, node, _unpack)
        return
    exploring.ask(value.needs)
    before, ways = frame.locals, []

    def run(found: Value) -> Value:
        frame.locals = dict(before)
        _unpack(frame, targets, found, node)
        ways.append((exploring.pc, frame.locals))
        return None

    exploring.each(exploring.settled(value), run)
    _join(frame, ways)
