"""Summarises along one axis, which stays with size 1: reduce."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from archdsl.ops.arguments import INT, choice
from archdsl.ops.axes import axis_index, reach_along
from archdsl.ops.base import ALL, Example, Kind, Op, Reaches, Types, argument
from archdsl.ops.torch_form import Call, Method, Operand, TorchForm
from archdsl.types import TensorType

METHODS = {"max": "amax", "min": "amin", "mean": "mean", "sum": "sum"}
HOW = (*METHODS, "norm")


@dataclass(frozen=True, slots=True)
class Reduce(Op):
    """Largest, smallest, mean, sum or norm along one axis, by default the channels: `[C, H, W]` to `[1, H, W]`.

    The norm is the root of the sum of squares. The axis stays with size 1, so that the result multiplies what it was
    made from.
    """

    name = "reduce"
    # Like a global pool: as many operations as there are inputs, each output seeing a whole axis.
    kind = Kind.GLOBAL_POOL
    examples = (
        Example('reduce("mean")', (TensorType((64, 28, 28)),), (TensorType((1, 28, 28)),)),
        Example('reduce("max", axis = -1)', (TensorType((4, 7)),), (TensorType((4, 1)),)),
        Example('reduce("sum", axis = 1)', (TensorType((4, 5, 7)),), (TensorType((4, 1, 7)),)),
        Example('reduce("norm")', (TensorType((64, 28, 28)),), (TensorType((1, 28, 28)),)),
        Example('reduce("min", axis = -1)', (TensorType((4, 7)),), (TensorType((4, 1)),)),
    )

    how: str = argument(choice(*HOW), "what stands for all elements along the axis")
    axis: int = argument(INT, "axis to summarise; negative counts from the last", default=0)

    def resolve(self, inputs: Types) -> Self:
        return replace(self, axis=axis_index(self.name, self.axis, inputs[0]))

    def results(self, inputs: Types) -> Types:
        shape = inputs[0].shape
        return (TensorType((*shape[: self.axis], 1, *shape[self.axis + 1 :])),)

    def reach(self, inputs: Types) -> Reaches:
        return ((reach_along(self.axis, inputs[0], ALL),),)

    def torch(self, inputs: Types) -> TorchForm:
        kwargs = (("dim", self.axis + 1), ("keepdim", True))
        if self.how == "norm":
            return TorchForm(function=Call("torch.linalg.vector_norm", (Operand(),), kwargs))
        return TorchForm(function=Method(Operand(), METHODS[self.how], (), kwargs))


OPS = (Reduce,)
