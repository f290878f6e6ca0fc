"""The fully connected layer: linear, on the last axis."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from archdsl.ops.arguments import BOOL, COUNT
from archdsl.ops.base import (
    ALL,
    IDENTITY,
    Example,
    Kind,
    Op,
    OpError,
    Reaches,
    Types,
    Weight,
    argument,
    spatial_axes,
)
from archdsl.ops.doubts import Doubt, Provenances, one_feature_a_step, works_along_width
from archdsl.ops.torch_form import Call, Channels, Method, Operand, TorchForm
from archdsl.types import TensorType

NAMES = (Channels("in_features"), Channels("out_features"))


@dataclass(frozen=True, slots=True)
class Linear(Op):
    """Fully connected layer: y = x W^T + b along the last axis.

    Any number of axes may stand before it. A map of spatial size 1 (`[C, 1, 1]`, also `[C, 1]`) counts as `[C]`.
    """

    name = "linear"
    kind = Kind.LINEAR
    examples = (
        Example("linear(1000)", (TensorType((2048,)),), (TensorType((1000,)),), 2_049_000, 2_048_000),
        Example("linear(10)", (TensorType((512, 1, 1)),), (TensorType((10,)),), 5130, 5120),
        Example("linear(64, bias = false)", (TensorType((197, 32)),), (TensorType((197, 64)),), 2048, 403_456),
        Example("linear(8)", (TensorType((7, 6, 32)),), (TensorType((7, 6, 8)),), 264, 10_752),
    )

    out: int = argument(COUNT, "output features")
    bias: bool = argument(BOOL, "add a learned number per output feature", default=True)

    def results(self, inputs: Types) -> Types:
        x = inputs[0]
        if counts_as_vector(x):
            return (TensorType((self.out,)),)
        if x.rank == 0:
            raise OpError("wrong-rank", "linear needs an axis to work on, got []", operand=0, help="reshape it to [1]")
        return (TensorType((*x.shape[:-1], self.out)),)

    def weights(self, inputs: Types) -> tuple[Weight, ...]:
        weight = Weight("weight", (self.out, features(inputs[0])))
        return (weight, Weight("bias", (self.out,))) if self.bias else (weight,)

    def macs(self, inputs: Types, outputs: Types) -> int:
        return outputs[0].size * features(inputs[0])

    def reach(self, inputs: Types) -> Reaches:
        x = inputs[0]
        seen = range(x.rank) if counts_as_vector(x) else (x.rank - 1,)
        return ((tuple(ALL if axis in seen else IDENTITY for axis in spatial_axes(x)),),)

    def doubts(self, inputs: Types, made: Provenances) -> Iterator[Doubt]:
        if counts_as_vector(inputs[0]):
            yield from one_feature_a_step(self.out, inputs[0], made[0])
        else:
            yield from works_along_width(self.name, f"({self.out})", inputs[0], made[0])

    def torch(self, inputs: Types) -> TorchForm:
        x = inputs[0]
        return TorchForm(
            module=Call("nn.Linear", (features(x), self.out), () if self.bias else (("bias", False),), NAMES),
            before=Method(Operand(), "flatten", (1,), names=("start_dim",))
            if counts_as_vector(x) and x.rank > 1
            else None,
        )


def counts_as_vector(x: TensorType) -> bool:
    """`[C]`, or a map of spatial size 1."""
    return x.rank == 1 or (x.rank > 1 and all(n == 1 for n in x.shape[1:]))


def features(x: TensorType) -> int:
    """What linear sums over."""
    return x.shape[0] if counts_as_vector(x) else x.shape[-1]


OPS = (Linear,)
