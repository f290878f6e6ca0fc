"""Turns an op application into its number of element-wise operations, by the conventions of one table over kinds.

Conventions, not facts, and never mixed into `macs`; all are per inference at batch 1:

* an activation is 1 operation per output element (softmax too, exponential or not), arithmetic 1 per output element
  and further operand;
* a norm with running statistics is 2 per element (scale and shift; 0 once folded, which is not assumed), one that
  computes its statistics 5;
* a pool is 1 per window position and output element, a global pool 1 per input element;
* interpolation is 2 to the number of axes per output element (bilinear: 4), cubic 4 to it, as many times more along an
  axis as antialias makes that smaller, and for each sample of `roi_align`; nearest none; an affine grid 2 per number;
* convolutions, linear maps and matmuls count as macs only, their bias with them; moving data is no operation.
"""

from __future__ import annotations

from collections.abc import Callable
from math import gcd, prod

from archdsl.ops.base import Kind, Op, Phases, Reach, Types, Window

OpCount = Callable[[Op, Types, Types], int]


def _none(op: Op, inputs: Types, outputs: Types) -> int:
    return 0


def _per_output(op: Op, inputs: Types, outputs: Types) -> int:
    return _elements(outputs)


def _per_operand(op: Op, inputs: Types, outputs: Types) -> int:
    return _elements(outputs) * max(len(inputs) - 1, 1)


def _per_input(op: Op, inputs: Types, outputs: Types) -> int:
    return _elements(inputs)


def _norm(op: Op, inputs: Types, outputs: Types) -> int:
    has_statistics = any(not weight.trainable for weight in op.weights(inputs))
    return _elements(outputs) * (2 if has_statistics else 5)


def _per_window(op: Op, inputs: Types, outputs: Types) -> int:
    """The inputs of all windows: per channel the product over the axes of what the windows along each read together."""
    (x,), (y,) = inputs, outputs
    along = zip(op.reach(inputs)[0][0], x.shape[1:], y.shape[1:], strict=True)
    return y.shape[0] * prod(_read(reach, n, m) for reach, n, m in along)


def _read(reach: Reach, n: int, m: int) -> int:
    """Inputs of n that m windows read, each counted as often as it is read."""
    if isinstance(reach, Window):
        return m * reach.size
    # Windows from floor(i * n / m) up to ceil((i + 1) * n / m): neighbours share an input where they do not meet.
    return n + m - gcd(n, m) if isinstance(reach, Phases) else m * n


def _per_interpolation(op: Op, inputs: Types, outputs: Types) -> int:
    mode = getattr(op, "mode", "")
    taps = 0 if mode == "nearest" else 4 if mode == "bicubic" else 2
    if not getattr(op, "antialias", False):
        samples: int = getattr(op, "samples", 1)
        return _elements(outputs) * prod([taps] * (inputs[0].rank - 1)) * samples * samples
    along = zip(inputs[0].shape[1:], outputs[0].shape[1:], strict=True)
    return outputs[0].shape[0] * prod(taps * max(n, m) for n, m in along)


def _elements(types: Types) -> int:
    return sum(x.size for x in types)


RULES: dict[Kind, OpCount] = {
    Kind.CONVOLUTION: _none,
    Kind.LINEAR: _none,
    Kind.MATMUL: _none,
    Kind.POOL: _per_window,
    Kind.GLOBAL_POOL: _per_input,
    Kind.NORM: _norm,
    Kind.ACTIVATION: _per_output,
    Kind.ARITHMETIC: _per_operand,
    Kind.CONCAT: _none,
    Kind.SPLIT: _none,
    Kind.RESHAPE: _none,
    Kind.RESAMPLE: _per_interpolation,
    Kind.DROP: _none,
    Kind.EMBEDDING: _none,
    Kind.PARAMETER: _none,
}


def elementwise_ops(op: Op, inputs: Types, outputs: Types) -> int:
    """Element-wise operations of one application at batch 1."""
    return RULES[op.kind](op, inputs, outputs)
