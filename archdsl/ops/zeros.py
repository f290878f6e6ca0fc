"""Knows through which ops zeros stay zeros, whatever the weights: what a branch times 0 takes with it."""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.ops.activation import Power
from archdsl.ops.arithmetic import Add, Div, Extremum, Mean, Mul, Scalar, Sub
from archdsl.ops.attention import Matmul, Sdpa
from archdsl.ops.base import Kind, Op, Types
from archdsl.ops.border import Pad
from archdsl.ops.constant import ConstantTensor, numbers_in
from archdsl.ops.convolve import Convolve
from archdsl.ops.deform import DeformConv
from archdsl.ops.functions import Clamp
from archdsl.ops.identities import why_identity
from archdsl.ops.norm import LocalResponseNorm
from archdsl.ops.parameter import Zeros
from archdsl.ops.warp import GridSample

_MOVE = {Kind.POOL, Kind.GLOBAL_POOL, Kind.CONCAT, Kind.SPLIT, Kind.RESHAPE, Kind.RESAMPLE, Kind.DROP}


def gives_zeros(op: Op, inputs: Types, zero: Sequence[bool], through_norms: bool = False) -> bool:
    """Whether all results are zeros, the operands being so where `zero` says it, and anything elsewhere.

    After a norm with weights zeros are its bias, or less than a running mean; `through_norms` takes them for zeros.
    """
    if why_identity(op, inputs):
        return zero[0]
    if isinstance(op, ConstantTensor):
        return op.is_constant and not op.steps and not any(numbers_in(op.values))
    if isinstance(op, Zeros) or (isinstance(op, Scalar) and op.operator == "*" and op.value == 0):
        return True
    if isinstance(op, Mul | Matmul | Convolve):
        return any(zero)
    if isinstance(op, Div):
        return zero[0] and not zero[1]
    if isinstance(op, Sdpa):
        return zero[2]
    decide = zero[:1] if isinstance(op, GridSample | DeformConv) else zero
    return bool(decide) and all(decide) and _keeps_zeros(op, inputs, through_norms)


def _keeps_zeros(op: Op, inputs: Types, through_norms: bool) -> bool:
    """Whether the results are zeros where all operands are."""
    if op.kind in (Kind.CONVOLUTION, Kind.LINEAR):
        return all(weight.name != "bias" for weight in op.weights(inputs))
    if isinstance(op, LocalResponseNorm):
        return op.k > 0
    if op.kind is Kind.NORM:
        return through_norms or all(weight.name == "weight" for weight in op.weights(inputs))
    if isinstance(op, Scalar):
        return op.value == 0 if op.operator in ("+", "-") else op.operator == "*" or not op.reverse
    if isinstance(op, Pad):
        return op.value == 0 or op.mode != "constant"
    if isinstance(op, Clamp):
        return op.low <= 0 <= op.high
    if isinstance(op, Power):
        return op.exponent > 0
    return op.keeps_zeros or op.kind in _MOVE or isinstance(op, Add | Mean | Extremum | Sub)
