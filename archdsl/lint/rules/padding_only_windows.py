"""Finds windows that lie in the padding altogether and see no input at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archdsl.diagnostics.model import WARNING
from archdsl.lint.finding import Hit, Rule
from archdsl.lint.subject import Subject
from archdsl.ops.conv import Conv, Depthwise
from archdsl.ops.windows import extent


def check(subject: Subject) -> Iterator[Hit]:
    """Convolutions that pad by as much as their window spans, or more: some outputs depend on the bias alone."""
    for applied in subject.ops():
        op: Any = applied.op
        if not isinstance(op, Conv | Depthwise):
            continue
        x, y = applied.inputs[0], applied.node.types[0]
        seeing, total = 1, 1
        for n, k, s, d, (begin, _), count in zip(
            x.shape[1:], op.kernel, op.stride, op.dilation, op.pads(applied.inputs), y.shape[1:], strict=True
        ):
            first = max(-(-(begin - extent(k, d) + 1) // s), 0)  # of the windows that reach the input
            last = min((begin + n - 1) // s, count - 1)
            seeing, total = seeing * max(last - first + 1, 0), total * count
        if seeing < total:
            yield Hit(
                applied.body,
                applied.span,
                f"{total - seeing} of {total} positions of the result see nothing but padding",
                'padding = "half" keeps the size of an odd window; less padding than the window spans',
            )


RULE = Rule(
    "padding-only-windows",
    WARNING,
    "convolutions that are padded by more than their window spans",
    "a window that lies in the padding altogether gives the bias, whatever the input",
    "elementary",
    check,
)
