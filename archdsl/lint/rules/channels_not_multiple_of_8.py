"""Finds widths that do not fill the units in which hardware multiplies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from archdsl.analysis.cost import Cost, cost, kind_of
from archdsl.diagnostics.model import INFO
from archdsl.lint.finding import Hit, Rule
from archdsl.lint.measure import saving
from archdsl.lint.subject import Subject
from archdsl.ops.base import Op, Types
from archdsl.ops.conv import Conv
from archdsl.ops.linear import Linear

UNIT = 8
LEAST_MACS = 0.001  # of the network's, padded work in one place: less decides nothing


def check(subject: Subject) -> Iterator[Hit]:
    """Output channels, per group, of convolutions and linear layers that are no multiple of 8.

    The cost is the work of the channels that fill the last 8 up: as if `out` were that multiple. Left out: depthwise
    convolutions, which multiply no matrices, single planes, and widths that the data decide: those equal to a size of
    the network's outputs.
    """
    given = {size for x in subject.root.output_types for size in x.shape}
    whole = max(cost(subject.root).macs, 1)
    for applied in subject.ops():
        op = applied.op
        if not isinstance(op, Conv | Linear) or op.out in given or kind_of(op, applied.inputs) == "depthwise":
            continue
        groups = op.groups if isinstance(op, Conv) else 1
        width = op.out // groups
        if width % UNIT == 0 or width == 1:
            continue
        padded = _padded(op, groups, applied.inputs)
        if padded.macs * subject.applications[applied.body] < LEAST_MACS * whole:
            continue
        share = 100 * padded.macs / (padded.macs + op.macs(applied.inputs, applied.node.types))
        per = " a group" if groups > 1 else ""
        down, up = width // UNIT * UNIT, -(-width // UNIT) * UNIT
        nearest = down if down and width - down < up - width else up
        yield Hit(
            applied.body,
            applied.span,
            f"{width} channels{per} are no multiple of 8: filled up to {up}, {share:.0f} % of the work is for nothing",
            f"make them {nearest}{per}" + ("" if groups > 1 else ", or round all widths by make_divisible(width, 8)"),
            padded,
        )


def _padded(op: Conv | Linear, groups: int, inputs: Types) -> Cost:
    """The multiply-accumulates of the channels that are missing to a multiple of 8."""
    up: Op = replace(op, out=-(-op.out // groups // UNIT) * UNIT * groups)
    return Cost(macs=-saving((op, inputs), (up, inputs)).macs)


RULE = Rule(
    "channels-not-multiple-of-8",
    INFO,
    "convolutions and linear layers whose width is no multiple of 8",
    "tensor cores multiply in blocks: channels are best divisible by 8 (float16) or 4 (TF32)",
    "NVIDIA, Convolutional Layers User's Guide, quick-start checklist; "
    "Sandler et al. 2018 (MobileNetV2), arXiv:1801.04381, whose code rounds widths to multiples of 8",
    check,
)
