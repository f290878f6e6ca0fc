"""Joins tensors without arithmetic: concat along an axis, stack along a new one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from archdsl.ops.arguments import INT
from archdsl.ops.axes import axis_index, reach_along
from archdsl.ops.base import (
    Example,
    Kind,
    Op,
    OpError,
    Reaches,
    Types,
    Undefined,
    Window,
    argument,
    spatial_axes,
)
from archdsl.ops.torch_form import Call, Operands, TorchForm
from archdsl.types import TensorType

MAP = TensorType((64, 28, 28))


@dataclass(frozen=True, slots=True)
class Concat(Op):
    """Puts tensors one after the other along an axis: by default the channels."""

    name = "concat"
    kind = Kind.CONCAT
    arity = (1, None)
    examples = (
        Example("concat", (MAP, TensorType((32, 28, 28))), (TensorType((96, 28, 28)),)),
        Example("concat(axis = -1)", (TensorType((4, 8)), TensorType((4, 1))), (TensorType((4, 9)),)),
    )

    axis: int = argument(INT, "axis along which they follow each other; negative counts from the last", default=0)

    def resolve(self, inputs: Types) -> Self:
        return replace(self, axis=axis_index(self.name, self.axis, inputs[0]))

    def results(self, inputs: Types) -> Types:
        first, axis = inputs[0], self.axis
        for index, x in enumerate(inputs):
            if x.rank != first.rank or any(
                a != b for i, (a, b) in enumerate(zip(x.shape, first.shape, strict=True)) if i != axis
            ):
                raise OpError(
                    "shape-mismatch",
                    f"cannot concat {first} and {x} along axis {axis}",
                    operand=index,
                    help="all sizes but the one along the axis must be equal: "
                    "give both sides the same stride, or pool, crop or upsample one",
                )
        joined = sum(x.shape[axis] for x in inputs)
        return (TensorType((*first.shape[:axis], joined, *first.shape[axis + 1 :])),)

    def reach(self, inputs: Types) -> Reaches:
        """Along a spatial axis, input j begins where the ones before it end."""
        start, reaches = 0, []
        for x in inputs:
            reaches.append(reach_along(self.axis, x, Window(1, begin=-start)))
            start += x.shape[self.axis]
        return (tuple(reaches),)

    def torch(self, inputs: Types) -> TorchForm:
        return TorchForm(function=Call("torch.cat", (Operands(),), (("dim", self.axis + 1),)))


@dataclass(frozen=True, slots=True)
class Stack(Op):
    """Puts tensors of one shape along a new axis."""

    name = "stack"
    kind = Kind.CONCAT
    arity = (1, None)
    examples = (Example("stack", (MAP, MAP, MAP), (TensorType((3, 64, 28, 28)),)),)

    axis: int = argument(INT, "index of the new axis; negative counts from the last", default=0)

    def resolve(self, inputs: Types) -> Self:
        return replace(self, axis=axis_index(self.name, self.axis, inputs[0], extra=1))

    def results(self, inputs: Types) -> Types:
        first = inputs[0]
        for index, x in enumerate(inputs):
            if x.shape != first.shape:
                raise OpError(
                    "shape-mismatch",
                    f"cannot stack {first} and {x}",
                    operand=index,
                    help="stack needs equal shapes; concat joins along an axis that they have",
                )
        return (TensorType((*first.shape[: self.axis], len(inputs), *first.shape[self.axis :])),)

    def reach(self, inputs: Types) -> Reaches:
        reason = Undefined("stack adds an axis")
        return (tuple(tuple(reason for _ in spatial_axes(x)) for x in inputs),)

    def torch(self, inputs: Types) -> TorchForm:
        return TorchForm(function=Call("torch.stack", (Operands(),), (("dim", self.axis + 1),)))


OPS = (Concat, Stack)
