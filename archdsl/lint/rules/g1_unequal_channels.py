"""Finds 1x1 convolutions that move more elements than any other with as many multiply-accumulates would."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, sqrt

from archdsl.analysis.cost import Cost
from archdsl.analysis.intensity import convolution_access
from archdsl.diagnostics.model import INFO
from archdsl.lint.finding import Hit, Rule
from archdsl.lint.subject import Subject
from archdsl.ops.conv import Conv

LEAST_EXCESS = 1.1  # over the bound: below, no other width is worth a change


def check(subject: Subject) -> Iterator[Hit]:
    """1x1 convolutions of stride 1 and one group whose memory access is 10 % over the bound of G1 or more.

    The bound is 2 * sqrt(h * w * B) + B / (h * w) for B multiply-accumulates on a map of h x w; the cost is what lies
    above it. It does not count the bias.
    """
    for applied in subject.ops():
        op, inputs = applied.op, applied.inputs
        if (
            not isinstance(op, Conv)
            or op.groups > 1
            or {*op.kernel, *op.stride} != {1}
            or any(map(any, op.pads(inputs)))
        ):
            continue
        access = convolution_access(applied.body, applied.node)
        if access.excess < LEAST_EXCESS:
            continue
        into, out, more = inputs[0].shape[0], op.out, 100 * (access.excess - 1)
        width = max(round(sqrt(into * out)), 1)
        change = width * width / (into * out) - 1
        macs = f" ({100 * change:+.1f} %)" if change else ""
        yield Hit(
            applied.body,
            applied.span,
            f"a 1x1 convolution from {into} to {out} channels moves {more:.0f} % more elements than it must",
            f"{width} to {width} channels cost as many multiply-accumulates{macs}",
            Cost(memory_access=access.memory_access - ceil(access.least_memory_access)),
        )


RULE = Rule(
    "g1-unequal-channels",
    INFO,
    "1x1 convolutions with unequal input and output channels",
    "G1: at equal multiply-accumulates, memory access is least with as many channels in as out",
    "Ma et al. 2018 (ShuffleNet V2), arXiv:1807.11164, section 2",
    check,
)
