"""Finds windows that are smaller than the steps between them: what lies in between is never read."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import Any

from archdsl.diagnostics.model import INFO
from archdsl.lint.finding import Hit, Rule
from archdsl.lint.subject import Subject
from archdsl.ops.conv import Conv, Depthwise
from archdsl.ops.pool import AvgPool, MaxPool
from archdsl.ops.windows import extent


def check(subject: Subject) -> Iterator[Hit]:
    """Convolutions and pools whose stride is larger than their window, such as 1x1 with stride 2.

    Blocks that crop are left out: two such windows, one of them shifted, halve a map on purpose (NASNet).
    """
    for applied in subject.ops():
        op: Any = applied.op
        if not isinstance(op, Conv | Depthwise | MaxPool | AvgPool) or applied.body in subject.cropping:
            continue
        x, y = applied.inputs[0], applied.node.types[0]
        dilation = getattr(op, "dilation", (1,) * len(op.kernel))
        axes = list(zip(x.shape[1:], op.kernel, op.stride, dilation, op.pads(applied.inputs), y.shape[1:], strict=True))
        if not any(stride > extent(kernel, d) and n > 1 for n, kernel, stride, d, _, _ in axes):
            continue
        read = prod(_read(n, k, stride, d, pad, count) for n, k, stride, d, (pad, _), count in axes)
        positions = prod(x.shape[1:])
        if read == positions:
            continue
        yield Hit(
            applied.body,
            applied.span,
            f"{applied.node.word} reads {read:,} of {positions:,} positions: stride {max(op.stride)} steps over "
            f"{100 * (1 - read / positions):.0f} % of its input",
            "give the stride to a window of at least its size (3x3), or average first: avg_pool(2) -> conv(…)",
        )


def _read(size: int, kernel: int, stride: int, dilation: int, pad: int, count: int) -> int:
    """How many positions of one axis some window reads; windows that touch or overlap are taken to leave no holes."""
    if stride <= extent(kernel, dilation):
        return min(size, (count - 1) * stride - pad + extent(kernel, dilation))
    found = 0
    for tap in range(kernel):  # each reads other positions: window i the one at i * stride + offset
        offset = tap * dilation - pad
        first, last = max(-(offset // stride), 0), min((size - 1 - offset) // stride, count - 1)
        found += max(last - first + 1, 0)
    return found


RULE = Rule(
    "strided-pointwise",
    INFO,
    "windows smaller than their stride, which step over parts of the input",
    "what lies between the windows is computed before and not looked at here",
    "He et al. 2019 (Bag of Tricks), arXiv:1812.01187, section 4 (ResNet-B and ResNet-D)",
    check,
)
