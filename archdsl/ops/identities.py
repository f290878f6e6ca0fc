"""Knows which ops give what they are given: dropout(0), a sum of one, times 1, a reshape to the shape it has."""

from __future__ import annotations

from typing import Any

from archdsl.ops.activation import Power
from archdsl.ops.arithmetic import Add, Extremum, Mean, Mul, Scalar
from archdsl.ops.base import IDENTITY, Kind, Op, Types
from archdsl.ops.border import Crop, Pad
from archdsl.ops.drop import Dropout, DropPath
from archdsl.ops.matrix import AddIdentity
from archdsl.ops.merge import Concat
from archdsl.ops.pool import AvgPool, LpPool, MaxPool
from archdsl.ops.resample import Upsample
from archdsl.ops.shape import Flatten, Flip, Permute, Reshape, Transpose
from archdsl.ops.shuffle import ChannelShuffle, PixelShuffle, PixelUnshuffle, Shift
from archdsl.ops.split import Chunk, Slice, Split


def why_identity(op: Op, inputs: Types) -> str:
    """Why the op gives its one operand, whatever that is; "" if it does not.

    What makes a network fit inputs of other sizes, adaptive and global pools, is left out.
    """
    x = inputs[0] if inputs else None
    if isinstance(op, Dropout | DropPath) and op.p == 0:
        return "it drops with probability 0"
    if len(inputs) == 1 and isinstance(op, Concat | Add | Mul | Mean | Extremum):
        return "it has one operand"
    if isinstance(op, Scalar):
        return _scalar(op)
    if isinstance(op, AddIdentity) and op.scale == 0:
        return "it adds 0"
    if isinstance(op, Power) and op.exponent == 1:
        return "the exponent is 1"
    if isinstance(op, MaxPool | AvgPool | LpPool) and {*op.kernel, *op.stride} == {1} and not _pads(op, inputs):
        return "its window is one element" if not isinstance(op, LpPool) else ""
    if isinstance(op, Pad | Crop) and not any(map(any, op.amounts)):
        return "it changes the border by 0"
    if isinstance(op, Split | Chunk) and len(op.results(inputs)) == 1:
        return "it has one part"
    if isinstance(op, Slice) and op.results(inputs) == inputs:
        return "it takes all"
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
    if isinstance(op, Flip):
        return "its axis has one place" if inputs[0].shape[op.axis] == 1 else ""
    if isinstance(op, ChannelShuffle) and op.groups in (1, inputs[0].shape[0]):
        return "the channels stay in order"
    if isinstance(op, Shift) and op.kernel == 1:
        return "its window is one element"
    return "its factor is 1" if isinstance(op, PixelShuffle | PixelUnshuffle) else ""


def _pads(op: Any, inputs: Types) -> bool:
    return any(map(any, op.pads(inputs)))
