"""Functions of each number by itself: exp, log, sin, cos, abs, arctan, arcsinh, sinc, softplus, clamp."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

from archdsl.ops.activation import Relu, Relu6
from archdsl.ops.arguments import BOUND, POSITIVE, shown
from archdsl.ops.base import Example, Kind, Op, OpError, Types, argument
from archdsl.ops.torch_form import Call, Infix, Operand, TorchForm, either, options
from archdsl.types import TensorType

MAP = TensorType((64, 56, 56))


class Pointwise(Op):
    """A function of torch's, called by its name there; what flows in is its `operand`."""

    __slots__ = ()
    kind = Kind.ACTIVATION
    function: ClassVar[str]
    operand: ClassVar[Any] = Operand()

    def torch(self, inputs: Types) -> TorchForm:
        return TorchForm(function=Call(self.function, (self.operand,)))


class Exp(Pointwise):
    """e to the power of x."""

    __slots__ = ()
    name = "exp"
    function = "torch.exp"
    examples = (Example("exp", (MAP,), (MAP,)),)


class Log(Pointwise):
    """The natural logarithm: of 0 minus infinity, of what is below 0 not a number."""

    __slots__ = ()
    name = "log"
    function = "torch.log"
    examples = (Example("log", (MAP,), (MAP,)),)


class Sin(Pointwise):
    """The sine of x, in radians."""

    __slots__ = ()
    name = "sin"
    keeps_zeros = True
    function = "torch.sin"
    examples = (Example("sin", (MAP,), (MAP,)),)


class Cos(Pointwise):
    """The cosine of x, in radians."""

    __slots__ = ()
    name = "cos"
    function = "torch.cos"
    examples = (Example("cos", (MAP,), (MAP,)),)


class Abs(Pointwise):
    """x without its sign. `abs(-3)` of a number is computed while the network is built."""

    __slots__ = ()
    name = "abs"
    keeps_zeros = True
    function = "torch.abs"
    examples = (Example("abs", (MAP,), (MAP,)),)


class Arctan(Pointwise):
    """The angle between -pi / 2 and pi / 2 whose tangent is x."""

    __slots__ = ()
    name = "arctan"
    keeps_zeros = True
    function = "torch.atan"
    examples = (Example("arctan", (MAP,), (MAP,)),)


class Arcsinh(Pointwise):
    """log(x + (x^2 + 1)^0.5), the inverse of (exp(x) - exp(-x)) / 2."""

    __slots__ = ()
    name = "arcsinh"
    keeps_zeros = True
    function = "torch.asinh"
    examples = (Example("arcsinh", (MAP,), (MAP,)),)


class Sinc(Pointwise):
    """sin(x) / x, and 1 at 0. torch's and NumPy's sinc is that of pi * x."""

    __slots__ = ()
    name = "sinc"
    function = "torch.sinc"
    operand = Infix("/", Operand(), math.pi)
    examples = (Example("sinc", (MAP,), (MAP,)),)


@dataclass(frozen=True, slots=True)
class Softplus(Op):
    """log(1 + exp(beta * x)) / beta: a smooth ReLU (Dugas et al. 2000)."""

    name = "softplus"
    kind = Kind.ACTIVATION
    examples = (Example("softplus", (MAP,), (MAP,)), Example("softplus(2.0)", (MAP,), (MAP,)))

    beta: float = argument(POSITIVE, "sharpness; ReLU in the limit", default=1.0)

    def torch(self, inputs: Types) -> TorchForm:
        return either("nn.Softplus", "F.softplus", (), options(("beta", self.beta, 1.0)))


@dataclass(frozen=True, slots=True)
class Clamp(Op):
    """min(max(x, low), high). From 0 on it is `relu`, from 0 to 6 `relu6`."""

    name = "clamp"
    kind = Kind.ACTIVATION
    examples = (Example("clamp(-1, 1)", (MAP,), (MAP,)), Example("clamp(high = 3)", (MAP,), (MAP,)))

    low: float = argument(BOUND, "what is below becomes this", default=-math.inf)
    high: float = argument(BOUND, "what is above becomes this", default=math.inf)

    def resolve(self, inputs: Types) -> Op:
        if self.low >= self.high:
            raise OpError(
                "bad-argument-value",
                f"clamp from {shown(self.low)} to {shown(self.high)} gives one number whatever flows in",
                parameter="high",
                help="`high` is above `low`",
            )
        if math.isinf(self.low) and math.isinf(self.high):
            raise OpError(
                "bad-argument-value",
                "clamp without a bound changes nothing",
                help="give `low`, `high` or both: `clamp(-1, 1)`",
            )
        if self.low == 0 and self.high in (6, math.inf):
            return Relu6() if self.high == 6 else Relu()
        return self

    def torch(self, inputs: Types) -> TorchForm:
        bounds = options(("min", self.low, -math.inf), ("max", self.high, math.inf))
        return TorchForm(function=Call("torch.clamp", (Operand(),), bounds))


OPS = (Exp, Log, Sin, Cos, Abs, Arctan, Arcsinh, Sinc, Softplus, Clamp)
