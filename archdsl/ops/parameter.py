"""Tensors that depend on no input: learned, zeros."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from archdsl.ops.arguments import SHAPE, choice
from archdsl.ops.base import UNSEEN, Example, Kind, Op, Reaches, Types, Weight, argument, spatial_axes
from archdsl.ops.torch_form import Call, Channels, Infix, Method, Operand, TorchForm
from archdsl.types import TensorType

INITIAL = {"zeros": "torch.zeros", "ones": "torch.ones", "normal": "torch.randn"}
SPREAD = 0.02
"""Standard deviation of `init = "normal"`, as vision transformers start their tokens and position embeddings."""

# What the axes of a learned tensor are called, as far as its rank tells: features stand last, channels first.
_AXES: dict[int, Sequence[str]] = {
    1: (Channels("features"),),
    2: ("length", Channels("features")),
    3: (Channels("channels"), "height", "width"),
}


@dataclass(frozen=True, slots=True)
class Learned(Op):
    """A learned tensor, the same for every sample: `token = learned([1, d])`. It is a tensor as soon as it is called.

    Kept with a leading batch axis of 1, as torch code does: state_dict shape `(1, 1, d)`.
    """

    name = "learned"
    kind = Kind.PARAMETER
    arity = (0, 0)
    examples = (
        Example("learned([1, 768])", (), (TensorType((1, 768)),), 768),
        Example('learned([197, 768], "normal")', (), (TensorType((197, 768)),), 151_296),
    )

    shape: tuple[int, ...] = argument(SHAPE, "sizes, without the batch")
    init: str = argument(choice(*INITIAL), '"normal" has standard deviation 0.02', default="zeros")

    def results(self, inputs: Types) -> Types:
        return (TensorType(self.shape),)

    def weights(self, inputs: Types) -> tuple[Weight, ...]:
        return (Weight("", (1, *self.shape)),)

    def reach(self, inputs: Types) -> Reaches:
        return ((),)

    def torch(self, inputs: Types) -> TorchForm:
        names = ("batch", *_AXES.get(len(self.shape), ("size",) * len(self.shape)))
        initial: Any = Call(INITIAL[self.init], (1, *self.shape), names=names)
        if self.init == "normal":
            initial = Infix("*", initial, SPREAD)
        return TorchForm(parameter=(1, *self.shape), function=initial)


@dataclass(frozen=True, slots=True)
class Zeros(Op):
    """A tensor of zeros for each sample of the operand: `h = x -> zeros([d])`, a first state. It sees nothing of it.

    A `scan` that is given no states starts with such by itself.
    """

    name = "zeros"
    kind = Kind.PARAMETER
    examples = (Example("zeros([650])", (TensorType((35, 200)),), (TensorType((650,)),)),)

    shape: tuple[int, ...] = argument(SHAPE, "sizes, without the batch")

    def results(self, inputs: Types) -> Types:
        return (TensorType(self.shape),)

    def reach(self, inputs: Types) -> Reaches:
        return ((tuple(UNSEEN for _ in spatial_axes(inputs[0])),),)

    def torch(self, inputs: Types) -> TorchForm:
        sizes = (Call("len", (Operand(),)), *self.shape)
        names = ("batch", *["size"] * len(self.shape))
        return TorchForm(function=Method(Operand(), "new_zeros", sizes, names=names))


OPS = (Learned, Zeros)
