"""Turns an op application into its number of element-wise operations, by the conventions of one table over kinds.

Conventions, not facts, and never mixed into `macs`; all are per inference at batch 1:

* an activation is 1 operation per output element (softmax too, exponential or not), arithmetic 1 per output element
  and further operand;
* a norm with running statistics is 2 per element (scale and shift; 0 once folded, which is not assumed), one that
  computes its statistics 5;
* a pool is 1 per window position and output element, a global pool 1 per input element;
* interpolation is 2 to the number of axes per output element (bilinear: 4), nearest none; an affine grid 2 per number;
* convolutions, linear maps and matmuls count as macs only, their bias with them; moving data is no operation.
"""

from __future__ import annotations

from collections.abc import Callable
from math import prod

from archdsl.ops.base import Kind, Op, Types, Window

Rule = Callable[[Op, Types, Types], int]


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
    return sum(x.size * positions for x, positions in zip(outputs, _positions(op, inputs), strict=True))


def _per_interpolation(op: Op, inputs: Types, outputs: Types) -> int:
    # The window of a stretched axis is a bound, so the number of taps cannot be read off `reach`.
    copies = getattr(op, "mode", "") == "nearest"
    return 0 if copies else _elements(outputs) * 2 ** (inputs[0].rank - 1)


def _positions(op: Op, inputs: Types) -> list[int]:
    """Per output, the number of input positions that one of its elements sees; a whole axis counts its extent."""
    return [
        prod(
            reach.size if isinstance(reach, Window) else extent
            for reach, extent in zip(reaches[0], inputs[0].shape[-len(reaches[0]) :], strict=True)
        )
        for reaches in op.reach(inputs)
    ]


def _elements(types: Types) -> int:
    return sum(x.size for x in types)


RULES: dict[Kind, Rule] = {
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
