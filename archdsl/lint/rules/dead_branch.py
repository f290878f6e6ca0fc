"""Finds what is computed and then thrown away: results that nobody uses, and branches times 0."""

from __future__ import annotations

from collections.abc import Iterator

from archdsl.diagnostics.model import WARNING
from archdsl.lint.finding import Hit, Rule
from archdsl.lint.measure import price
from archdsl.lint.subject import Subject
from archdsl.ops.arithmetic import Scalar


def check(subject: Subject) -> Iterator[Hit]:
    """Tensors times 0. Results that nobody uses are not in the graph: elaboration finds those (see `driver.lint`)."""
    for applied in subject.ops():
        op = applied.op
        if isinstance(op, Scalar) and op.operator == "*" and op.value == 0:
            yield Hit(
                applied.body,
                applied.span,
                "this is times 0: nothing of what leads here reaches the result",
                "remove the branch, or the factor",
                price((op, applied.inputs)),
            )


RULE = Rule(
    "dead-branch",
    WARNING,
    "results that nobody uses, and branches times 0",
    "what does not reach an output is work for nothing; most often something was forgotten",
    "elementary; archdsl leaves unused results out of the network (docs/decisions/0001)",
    check,
)
