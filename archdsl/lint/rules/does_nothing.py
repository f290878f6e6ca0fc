"""Finds ops whose result is their operand, whatever it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from archdsl.diagnostics.model import WARNING
from archdsl.lint.finding import Hit, Rule
from archdsl.lint.measure import price
from archdsl.lint.signs import condition_of, conditions, nonnegative_inputs
from archdsl.lint.subject import Applied, Subject, Written, written
from archdsl.ops.activation import Relu
from archdsl.ops.arithmetic import Add, Maximum, Mean, Mul, Scalar
from archdsl.ops.base import IDENTITY, Kind, Op, Types
from archdsl.ops.border import Crop, Pad
from archdsl.ops.drop import Dropout, DropPath
from archdsl.ops.merge import Concat
from archdsl.ops.pool import AvgPool, LpPool, MaxPool
from archdsl.ops.resample import Upsample
from archdsl.ops.shape import Flatten, Permute, Reshape, Transpose
from archdsl.ops.shuffle import ChannelShuffle, PixelShuffle, PixelUnshuffle


def check(subject: Subject) -> Iterator[Hit]:
    """Ops that change nothing wherever the line that applies them is used; a schedule may reach 0 in some of its steps.

    Left out: what makes a network fit inputs of other sizes (adaptive and global pools).
    """
    safe = nonnegative_inputs(subject.bodies)
    found: list[tuple[Applied, str]] = []
    times: Counter[Written] = Counter()
    for applied in subject.ops():
        why = _why(applied.op, applied.inputs)
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


def _why(op: Op, inputs: Types) -> str:
    """Why the op gives what it is given; "" if it does not."""
    x = inputs[0] if inputs else None
    if isinstance(op, Dropout | DropPath) and op.p == 0:
        return "it drops with probability 0"
    if len(inputs) == 1 and isinstance(op, Concat | Add | Mul | Mean | Maximum):
        return "it has one operand"
    if isinstance(op, Scalar):
        return _scalar(op)
    if isinstance(op, MaxPool | AvgPool | LpPool) and {*op.kernel, *op.stride} == {1} and not _pads(op, inputs):
        return "its window is one element" if not isinstance(op, LpPool) else ""
    if isinstance(op, Pad | Crop) and not any(map(any, op.amounts)):
        return "it changes the border by 0"
    if op.kind in (Kind.RESHAPE, Kind.RESAMPLE) and x is not None and op.results(inputs) == inputs:
        return _moves_nothing(op, inputs)
    return ""


def _scalar(op: Scalar) -> str:
    if op.value == 1 and (op.operator == "*" or (op.operator == "/" and not op.reverse)):
        return "times or over 1 changes nothing"
    if op.value == 0 and (op.operator == "+" or (op.operator == "-" and not op.reverse)):
        return "plus or minus 0 changes nothing"
    return ""


def _moves_nothing(op: Op, inputs: Types) -> str:
    if isinstance(op, Flatten | Reshape):
        return "its operand has that shape"
    if isinstance(op, Upsample):
        copies = all(reach == IDENTITY for reach in op.reach(inputs)[0][0])
        return "its operand has that size" if copies else ""
    if isinstance(op, Permute) and list(op.order) == sorted(op.order):
        return "the axes stay in order"
    if isinstance(op, Transpose) and op.first == op.second:
        return "the axes stay in order"
    if isinstance(op, ChannelShuffle) and op.groups in (1, inputs[0].shape[0]):
        return "the channels stay in order"
    return "its factor is 1" if isinstance(op, PixelShuffle | PixelUnshuffle) else ""


def _pads(op: Any, inputs: Types) -> bool:
    return any(map(any, op.pads(inputs)))


RULE = Rule(
    "does-nothing",
    WARNING,
    "ops that change nothing: relu of what is not negative, dropout(0), concat of one, times 1.0, …",
    "its result is its operand, but it is read and written once more",
    "elementary",
    check,
)
