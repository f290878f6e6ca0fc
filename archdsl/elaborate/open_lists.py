"""Evaluates comprehensions under all ways to pick at once: an item that a condition keeps is there under it."""

from __future__ import annotations

from archdsl.choices.nodes import Diagram
from archdsl.elaborate.budget import bounded
from archdsl.elaborate.expressions import evaluate_open
from archdsl.elaborate.lists import unpack
from archdsl.elaborate.open_statements import condition, exploring_of, open_steps
from archdsl.elaborate.open_values import OpenList
from archdsl.elaborate.session import Frame, Problem
from archdsl.elaborate.values import UNKNOWN, ListValue, Value
from archdsl.syntax import tree


def comprehension_open(frame: Frame, node: tree.Comprehension) -> Value:
    """The list of a comprehension; open where what it runs through, or what it keeps, is chosen."""
    exploring = exploring_of(frame)
    true = exploring.diagrams.true
    items: list[Value] = []
    guards: list[Diagram] = []
    before = exploring.pc
    _clauses(frame, node, 0, true, items, guards)
    exploring.pc = exploring.diagrams.minus(before, exploring.dead)
    if any(item is UNKNOWN for item in items):
        return UNKNOWN
    if all(guard is true for guard in guards):
        return bounded(frame, ListValue(tuple(items)), node)
    return OpenList(tuple(items), tuple(guards), {})


def _clauses(
    frame: Frame, node: tree.Comprehension, index: int, guard: Diagram, items: list[Value], guards: list[Diagram]
) -> None:
    exploring = exploring_of(frame)
    diagrams = exploring.diagrams
    if index == len(node.clauses):
        items.append(exploring.fork(frame, lambda: evaluate_open(frame, node.item)))  # a step may have several names
        guards.append(guard)
        return
    clause = node.clauses[index]
    iterable = evaluate_open(frame, clause.iterable)
    for step, there in open_steps(frame, iterable, clause.targets, clause.iterable):
        with exploring.under(there):
            if exploring.pc is diagrams.false:
                continue
            try:
                unpack(frame, clause.targets, step, clause.iterable)
                held = diagrams.both(guard, there)
                for test in clause.conditions:
                    holds = condition(frame, test)
                    held = diagrams.both(held, holds)
                    exploring.pc = diagrams.both(exploring.pc, holds)
                if exploring.pc is not diagrams.false:
                    _clauses(frame, node, index + 1, held, items, guards)
            except Problem as problem:  # only designs that have this step fail
                exploring.fail(problem.diagnostic)
