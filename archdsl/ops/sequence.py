"""Turns token numbers into vectors: embedding."""

from __future__ import annotations

from dataclasses import dataclass

from archdsl.ops.arguments import COUNT
from archdsl.ops.base import (
    Call,
    Example,
    Kind,
    Op,
    Reaches,
    TorchForm,
    Types,
    Undefined,
    Weight,
    argument,
    spatial_axes,
)
from archdsl.types import TensorType


@dataclass(frozen=True, slots=True)
class Embedding(Op):
    """Looks up a learned row for each number: `int[T]` to `[T, features]`."""

    name = "embedding"
    kind = Kind.EMBEDDING
    takes = "int"
    examples = (Example("embedding(1000, 64)", (TensorType((128,), "int"),), (TensorType((128, 64)),), 64_000),)

    count: int = argument(COUNT, "number of rows: token numbers are below it")
    features: int = argument(COUNT, "features of a row")

    def results(self, inputs: Types) -> Types:
        return (TensorType((*inputs[0].shape, self.features)),)

    def weights(self, inputs: Types) -> tuple[Weight, ...]:
        return (Weight("weight", (self.count, self.features)),)

    def reach(self, inputs: Types) -> Reaches:
        return ((tuple(Undefined("embedding looks rows up by number") for _ in spatial_axes(inputs[0])),),)

    def torch(self, inputs: Types) -> TorchForm:
        return TorchForm(module=Call("nn.Embedding", (self.count, self.features)))


OPS = (Embedding,)
