"""Finds ops whose result is their operand, whatever it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from archdsl.diagnostics.model import WARNING
from archdsl.lint.finding import Hit, Rule
from archdsl.lint.measure import price
from archdsl.lint.signs import condition_of, conditions, nonnegative_inputs
from archdsl.lint.subject import Applied, Subject, Written, written
from archdsl.ops.activation import Relu
from archdsl.ops.identities import why_identity


def check(subject: Subject) -> Iterator[Hit]:
    """Ops that change nothing wherever the line that applies them is used; a schedule may reach 0 in some of its steps.

    Left out: what makes a network fit inputs of other sizes (adaptive and global pools).
    """
    safe = nonnegative_inputs(subject.bodies)
    found: list[tuple[Applied, str]] = []
    times: Counter[Written] = Counter()
    for applied in subject.ops():
        why = why_identity(applied.op, applied.inputs)
        if isinstance(applied.op, Relu):
            condition = condition_of(applied.node.operands[0], conditions(applied.body))
            why = (
                "no number that it is given is negative"
                if condition is not None and condition <= safe[applied.body]
                else ""
            )
        if why:
            found.append((applied, why))
            times[written(applied.node)] += subject.applications[applied.body]
    for applied, why in found:
        if times[written(applied.node)] == subject.written[written(applied.node)]:
            cost = price((applied.op, applied.inputs))
            yield Hit(applied.body, applied.span, f"this {applied.node.word} does nothing: {why}", "remove it", cost)


RULE = Rule(
    "does-nothing",
    WARNING,
    "ops that change nothing: relu of what is not negative, dropout(0), concat of one, times 1.0, …",
    "its result is its operand, but it is read and written once more",
    "elementary",
    check,
)
