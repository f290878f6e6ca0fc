"""Turns token numbers into vectors, and tells vectors their position: embedding, add_sinusoids."""

from __future__ import annotations

from dataclasses import dataclass

from archdsl.ops.arguments import COUNT, POSITIVE
from archdsl.ops.base import (
    Example,
    Kind,
    Op,
    OpError,
    Reaches,
    Types,
    Undefined,
    Weight,
    argument,
    spatial_axes,
)
from archdsl.ops.torch_form import Call, Channels, Helper, Operand, TorchForm, options
from archdsl.types import TensorType

NAMES = ("num_embeddings", Channels("embedding_dim"))

ADD_SINUSOIDS = Helper(
    "add_sinusoids",
    '''def add_sinusoids(x: Tensor, base: float = 10000.0) -> Tensor:
    """Add sin and cos of t / base^(2i / d) to features 2i and 2i + 1 of position t."""
    length, features = x.shape[1], x.shape[2]
    exact = torch.promote_types(x.dtype, torch.float32)
    times = torch.arange(length, dtype=exact, device=x.device)
    even = torch.arange(0, features, 2, dtype=exact, device=x.device)
    angles = times[:, None] * base ** (-even / features)
    waves = torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)
    return x + waves[:, :features].to(x.dtype)
''',
)


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
        return TorchForm(module=Call("nn.Embedding", (self.count, self.features), (), NAMES))


@dataclass(frozen=True, slots=True)
class AddSinusoids(Op):
    """Adds waves that tell the positions of `[T, d]` apart. Vaswani et al. 2017, arXiv:1706.03762, section 3.5.

    Position t gets sin(t / base^(2i / d)) on feature 2i and cos(t / base^(2i / d)) on feature 2i + 1.
    """

    name = "add_sinusoids"
    kind = Kind.ARITHMETIC
    examples = (
        Example("add_sinusoids", (TensorType((128, 512)),), (TensorType((128, 512)),)),
        Example("add_sinusoids(100)", (TensorType((6, 5)),), (TensorType((6, 5)),)),
    )

    base: float = argument(POSITIVE, "the slowest wave takes 2 pi times this many positions", default=10000.0)

    def results(self, inputs: Types) -> Types:
        x = inputs[0]
        if x.rank != 2:
            raise OpError(
                "wrong-rank",
                f"add_sinusoids needs positions and features [T, d], got {x}",
                operand=0,
                help="turn a map [C, H, W] into [H * W, C] first: x -> flatten(1) -> transpose",
            )
        return inputs[:1]

    def torch(self, inputs: Types) -> TorchForm:
        kwargs = options(("base", float(self.base), 10000.0))
        return TorchForm(function=Call("add_sinusoids", (Operand(),), kwargs), helpers=(ADD_SINUSOIDS,))


OPS = (Embedding, AddSinusoids)
