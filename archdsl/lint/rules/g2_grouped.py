"""Finds convolutions in groups, and says what the groups cost in memory access at equal multiply-accumulates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from archdsl.analysis.cost import Cost, kind_of
from archdsl.diagnostics.model import INFO
from archdsl.lint.finding import Hit, Rule
from archdsl.lint.measure import saving
from archdsl.lint.subject import Subject
from archdsl.ops.conv import Conv


def check(subject: Subject) -> Iterator[Hit]:
    """Grouped convolutions, depthwise ones left out, next to the ungrouped one of equal work.

    With the same input, window and multiply-accumulates that has `out / groups` channels: it writes fewer elements and
    has as many weights. The paper's h * w * c1 + B * g / c1 + B / (h * w) for g groups is the same for 1x1.
    """
    for applied in subject.ops():
        op = applied.op
        if not isinstance(op, Conv) or op.groups < 2 or kind_of(op, applied.inputs) == "depthwise":
            continue
        ungrouped = replace(op, out=op.out // op.groups, groups=1)
        found = saving((op, applied.inputs), (ungrouped, applied.inputs))
        access = sum(x.size for x in applied.inputs) + sum(x.size for x in applied.node.types)
        access += op.weights(applied.inputs)[0].size
        yield Hit(
            applied.body,
            applied.span,
            f"{op.groups} groups move {100 * found.memory_access / (access - found.memory_access):.0f} % more elements "
            "than one group that does as many multiply-accumulates",
            f"{ungrouped.out} channels in one group cost as many multiply-accumulates; or take fewer groups",
            Cost(memory_access=found.memory_access),
        )


RULE = Rule(
    "g2-grouped",
    INFO,
    "convolutions in groups, depthwise ones left out",
    "G2: at fixed input and multiply-accumulates, memory access grows with the number of groups",
    "Ma et al. 2018 (ShuffleNet V2), arXiv:1807.11164, section 2",
    check,
)
