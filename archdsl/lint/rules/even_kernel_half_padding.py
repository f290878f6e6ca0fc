"""Finds even windows with padding that suits odd ones only: their result is a row and a column short."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archdsl.diagnostics.model import WARNING
from archdsl.lint.finding import Hit, Rule
from archdsl.lint.subject import Subject
from archdsl.ops.conv import Conv, Depthwise
from archdsl.ops.pool import AvgPool, MaxPool
from archdsl.ops.windows import extent


def check(subject: Subject) -> Iterator[Hit]:
    """Windows that span an even number of elements, padded by "half", that give less than input / stride."""
    for applied in subject.ops():
        op: Any = applied.op
        if not isinstance(op, Conv | Depthwise | MaxPool | AvgPool) or op.padding != "half":
            continue
        sizes, results = applied.inputs[0].shape[1:], applied.node.types[0].shape[1:]
        spans = [extent(k, d) for k, d in zip(op.kernel, getattr(op, "dilation", (1,) * len(op.kernel)), strict=True)]
        short = [
            (span, size, result, -(-size // stride))
            for span, size, result, stride in zip(spans, sizes, results, op.stride, strict=True)
            if span % 2 == 0 and result < -(-size // stride)
        ]
        if short:
            span, size, result, wanted = short[0]
            yield Hit(
                applied.body,
                applied.span,
                f'an even window ({span}) with "half" padding makes {size} positions {result}, not {wanted}, and '
                "shifts them by half a position",
                f'an odd window, padding = "same" (it pads one more at the end), or padding = 0 if {result} is meant',
            )


RULE = Rule(
    "even-kernel-half-padding",
    WARNING,
    "even windows that are padded as odd ones are",
    "equal padding on both sides keeps size and centre for odd windows only",
    "Dumoulin and Visin 2016, arXiv:1603.07285, section 2.3 (half padding)",
    check,
)
