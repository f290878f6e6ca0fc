"""Activations: one operand, elementwise (softmax along one axis)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, Self

from archdsl.ops.arguments import BOOL, FLOAT, INT, choice
from archdsl.ops.axes import axis_index
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
from archdsl.ops.doubts import Doubt, Provenances, softmax_over_places
from archdsl.ops.torch_form import Call, Channels, Method, Operand, TorchForm, either, options
from archdsl.types import TensorType

MAP = TensorType((64, 56, 56))


class Activation(Op):
    """An elementwise function without arguments: `pair` names torch's module and function."""

    __slots__ = ()
    kind = Kind.ACTIVATION
    pair: ClassVar[tuple[str, str]]

    def torch(self, inputs: Types) -> TorchForm:
        return either(*self.pair)


class Relu(Activation):
    """max(x, 0)."""

    __slots__ = ()
    name = "relu"
    spelling = "ReLU"
    keeps_zeros = True
    pair = ("nn.ReLU", "F.relu")
    examples = (Example("relu", (MAP,), (MAP,)),)


class Relu6(Activation):
    """min(max(x, 0), 6)."""

    __slots__ = ()
    name = "relu6"
    spelling = "ReLU6"
    keeps_zeros = True
    pair = ("nn.ReLU6", "F.relu6")
    examples = (Example("relu6", (MAP,), (MAP,)),)


class Selu(Activation):
    """1.0507 * (x if x > 0 else 1.6733 * (exp(x) - 1)). Klambauer et al. 2017, arXiv:1706.02515."""

    __slots__ = ()
    name = "selu"
    spelling = "SELU"
    keeps_zeros = True
    pair = ("nn.SELU", "F.selu")
    examples = (Example("selu", (MAP,), (MAP,)),)


class Silu(Activation):
    """x * sigmoid(x), also called swish. Ramachandran et al. 2017, arXiv:1710.05941."""

    __slots__ = ()
    name = "silu"
    spelling = "SiLU"
    keeps_zeros = True
    pair = ("nn.SiLU", "F.silu")
    examples = (Example("silu", (MAP,), (MAP,)),)


class Mish(Activation):
    """x * tanh(log(1 + exp(x))). Misra 2019, arXiv:1908.08681."""

    __slots__ = ()
    name = "mish"
    keeps_zeros = True
    pair = ("nn.Mish", "F.mish")
    examples = (Example("mish", (MAP,), (MAP,)),)


class Sigmoid(Activation):
    """1 / (1 + exp(-x))."""

    __slots__ = ()
    name = "sigmoid"
    gates = True
    pair = ("nn.Sigmoid", "torch.sigmoid")
    examples = (Example("sigmoid", (MAP,), (MAP,)),)


class Tanh(Activation):
    """(exp(x) - exp(-x)) / (exp(x) + exp(-x))."""

    __slots__ = ()
    name = "tanh"
    keeps_zeros = True
    gates = True
    pair = ("nn.Tanh", "torch.tanh")
    examples = (Example("tanh", (MAP,), (MAP,)),)


class Hardswish(Activation):
    """x * relu6(x + 3) / 6. Howard et al. 2019, arXiv:1905.02244."""

    __slots__ = ()
    name = "hardswish"
    keeps_zeros = True
    pair = ("nn.Hardswish", "F.hardswish")
    examples = (Example("hardswish", (MAP,), (MAP,)),)


class Hardsigmoid(Activation):
    """relu6(x + 3) / 6."""

    __slots__ = ()
    name = "hardsigmoid"
    gates = True
    pair = ("nn.Hardsigmoid", "F.hardsigmoid")
    examples = (Example("hardsigmoid", (MAP,), (MAP,)),)


@dataclass(frozen=True, slots=True)
class LeakyRelu(Op):
    """x if x > 0 else slope * x."""

    name = "leaky_relu"
    spelling = "leaky ReLU"
    keeps_zeros = True
    kind = Kind.ACTIVATION
    examples = (Example("leaky_relu(0.2)", (MAP,), (MAP,)),)

    slope: float = argument(FLOAT, "factor of negative inputs", default=0.01)

    def torch(self, inputs: Types) -> TorchForm:
        return either("nn.LeakyReLU", "F.leaky_relu", (), options(("negative_slope", self.slope, 0.01)))


@dataclass(frozen=True, slots=True)
class Elu(Op):
    """x if x > 0 else alpha * (exp(x) - 1). Clevert et al. 2015, arXiv:1511.07289."""

    name = "elu"
    spelling = "ELU"
    keeps_zeros = True
    kind = Kind.ACTIVATION
    examples = (Example("elu", (MAP,), (MAP,)),)

    alpha: float = argument(FLOAT, "limit of very negative inputs, negated", default=1.0)

    def torch(self, inputs: Types) -> TorchForm:
        return either("nn.ELU", "F.elu", (), options(("alpha", self.alpha, 1.0)))


@dataclass(frozen=True, slots=True)
class Gelu(Op):
    """x * Phi(x), Phi being the normal distribution function. Hendrycks and Gimpel 2016, arXiv:1606.08415."""

    name = "gelu"
    spelling = "GELU"
    keeps_zeros = True
    kind = Kind.ACTIVATION
    examples = (Example('gelu("tanh")', (MAP,), (MAP,)),)

    approximate: str = argument(choice("none", "tanh"), "exact, or the approximation by tanh", default="none")

    def torch(self, inputs: Types) -> TorchForm:
        return either("nn.GELU", "F.gelu", (), options(("approximate", self.approximate, "none")))


@dataclass(frozen=True, slots=True)
class Prelu(Op):
    """x if x > 0 else a * x with a learned a. He et al. 2015, arXiv:1502.01852."""

    name = "prelu"
    spelling = "PReLU"
    keeps_zeros = True
    kind = Kind.ACTIVATION
    examples = (
        Example("prelu", (MAP,), (MAP,), 1),
        Example("prelu(per_channel = true)", (MAP,), (MAP,), 64),
    )

    per_channel: bool = argument(BOOL, "learn one factor per channel (axis 0) instead of one for all", default=False)

    def count(self, inputs: Types) -> int:
        """Number of learned factors."""
        return inputs[0].shape[0] if self.per_channel and inputs[0].rank else 1

    def weights(self, inputs: Types) -> tuple[Weight, ...]:
        return (Weight("weight", (self.count(inputs),)),)

    def torch(self, inputs: Types) -> TorchForm:
        return TorchForm(module=Call("nn.PReLU", (), options((Channels("num_parameters"), self.count(inputs), 1))))


@dataclass(frozen=True, slots=True)
class Power(Op):
    """x to the power of a number; below 1 for inputs above 0 only: `power(0.5)` is the square root."""

    name = "power"
    kind = Kind.ACTIVATION
    examples = (Example("power(2)", (MAP,), (MAP,)), Example("power(-1)", (MAP,), (MAP,)))

    exponent: float = argument(FLOAT, "the number")

    def torch(self, inputs: Types) -> TorchForm:
        return TorchForm(function=Method(Operand(), "pow", (self.exponent,), names=("exponent",)))


@dataclass(frozen=True, slots=True)
class Softmax(Op):
    """exp(x) divided by its sum along one axis: by default the last, so the scores of `[C]` and attention `[h, T, S]`.

    For the channels of a map `[C, H, W]` write `softmax(axis = 0)`.
    """

    name = "softmax"
    gates = True
    kind = Kind.ACTIVATION
    examples = (
        Example("softmax", (TensorType((1000,)),), (TensorType((1000,)),)),
        Example("softmax(axis = 0)", (TensorType((21, 8, 8)),), (TensorType((21, 8, 8)),)),
    )

    axis: int = argument(INT, "axis that sums to one; negative counts from the last", default=-1)

    def resolve(self, inputs: Types) -> Self:
        axis = axis_index(self.name, self.axis, inputs[0])
        if inputs[0].shape[axis] == 1:
            raise OpError(
                "bad-argument-value",
                f"softmax along axis {axis} of {inputs[0]}, which has size 1, gives only ones",
                parameter="axis",
                help="for channels write softmax(axis = 0); for one score use sigmoid",
            )
        return replace(self, axis=axis)

    def reach(self, inputs: Types) -> Reaches:
        return ((tuple(ALL if axis == self.axis else IDENTITY for axis in spatial_axes(inputs[0])),),)

    def doubts(self, inputs: Types, made: Provenances) -> Iterator[Doubt]:
        return softmax_over_places(self.axis, inputs[0], made[0])

    def torch(self, inputs: Types) -> TorchForm:
        return either("nn.Softmax", "F.softmax", (), (("dim", self.axis + 1),))


OPS = (
    Relu,
    Relu6,
    LeakyRelu,
    Prelu,
    Elu,
    Selu,
    Silu,
    Gelu,
    Mish,
    Sigmoid,
    Tanh,
    Hardswish,
    Hardsigmoid,
    Power,
    Softmax,
)
