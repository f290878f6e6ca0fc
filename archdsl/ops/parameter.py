"""Tensors that depend on no input: learned, zeros."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from archdsl.ops.arguments import BOOL, SHAPE, real, refuse
from archdsl.ops.base import (
    UNSEEN,
    ArgumentType,
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
from archdsl.ops.torch_form import Call, Channels, Infix, Method, Operand, Subscript, TorchForm
from archdsl.types import TensorType

INITIAL = {"zeros": "torch.zeros", "ones": "torch.ones", "normal": "torch.randn"}
FAN_IN = "fan_in"
SPREAD = 0.02
"""Standard deviation of `init = "normal"`, as vision transformers start their tokens and position embeddings."""

# What the axes of a learned tensor are called, as far as its rank tells: features stand last, channels first.
_AXES: dict[int, Sequence[str]] = {
    1: (Channels("features"),),
    2: ("length", Channels("features")),
    3: (Channels("channels"), "height", "width"),
}


def _start(value: Any) -> str | float:
    words = (*INITIAL, FAN_IN)
    if not isinstance(value, str):
        return real(value, f"a number or one of {', '.join(words)}")
    if value not in words:
        raise refuse("a number or one of " + ", ".join(f'"{word}"' for word in words), value)
    return value


START = ArgumentType('number, "zeros", "ones", "normal", "fan_in"', _start)


@dataclass(frozen=True, slots=True)
class Learned(Op):
    """A learned tensor, the same for every sample: `token = learned([1, d])`. It is a tensor as soon as it is called.

    Kept with a leading batch axis of 1, as most torch code keeps tokens: state_dict shape `(1, 1, d)`; or without, as
    it keeps factors, tables and kernels: `gamma = learned([d, 1, 1], 1e-6, batch_axis = false)`.
    """

    name = "learned"
    kind = Kind.PARAMETER
    arity = (0, 0)
    examples = (
        Example("learned([1, 768])", (), (TensorType((1, 768)),), 768),
        Example('learned([197, 768], "normal")', (), (TensorType((197, 768)),), 151_296),
        Example("learned([96, 1, 1], 1e-6, batch_axis = false)", (), (TensorType((96, 1, 1)),), 96),
        Example('learned([64, 3, 7, 7], "fan_in", batch_axis = false)', (), (TensorType((64, 3, 7, 7)),), 9408),
    )

    shape: tuple[int, ...] = argument(SHAPE, "sizes, without the batch")
    init: Any = argument(
        START,
        'what it starts with; "normal" has standard deviation 0.02, "fan_in" is how a conv starts',
        default="zeros",
    )
    batch_axis: bool = argument(BOOL, "kept as (1, …) in the state_dict; false: under exactly this shape", default=True)

    def resolve(self, inputs: Types) -> Learned:
        if self.init == FAN_IN and len(self.shape) < 2:
            raise OpError(
                "bad-argument-value",
                f'learned of {list(self.shape)} has no inputs by which "fan_in" could start it: one axis alone',
                parameter="init",
                help='"fan_in" is for kernels [out, in, …]; write "zeros", "ones", "normal" or a number',
            )
        return self

    @property
    def kept(self) -> tuple[int, ...]:
        """Its shape in the state_dict."""
        return (1, *self.shape) if self.batch_axis else self.shape

    def results(self, inputs: Types) -> Types:
        return (TensorType(self.shape),)

    def weights(self, inputs: Types) -> tuple[Weight, ...]:
        return (Weight("", self.kept),)

    def reach(self, inputs: Types) -> Reaches:
        return ((),)

    def torch(self, inputs: Types) -> TorchForm:
        return TorchForm(parameter=self.kept, function=self._initial(), unbatched=not self.batch_axis)

    def _initial(self) -> Any:
        axes = _AXES.get(len(self.shape), ("size",) * len(self.shape))
        names = ("batch", *axes) if self.batch_axis else tuple(axes)
        if not isinstance(self.init, str):
            return Call("torch.full", (self.kept, self.init), names=("size", "value"))
        if self.init == FAN_IN:
            start = Call(
                "nn.init.kaiming_uniform_",
                (Call("torch.empty", self.shape, names=tuple(axes)),),
                (("a", Infix("**", 5, 0.5)),),
            )
            return Subscript(start, "None") if self.batch_axis else start
        start = Call(INITIAL[self.init], self.kept, names=names)
        return Infix("*", start, SPREAD) if self.init == "normal" else start


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
