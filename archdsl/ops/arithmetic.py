"""Elementwise arithmetic: add, mul, mean, maximum, minimum of any tensors; sub, div of two; scalar with a number."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from archdsl.ops.arguments import BOOL, NUMBER, choice
from archdsl.ops.base import (
    ALL,
    IDENTITY,
    Example,
    Kind,
    Op,
    OpError,
    Reaches,
    Types,
    argument,
    spatial_axes,
)
from archdsl.ops.doubts import Doubt, Provenances, stretched_sum
from archdsl.ops.torch_form import Call, Infix, Method, Operand, Operands, Subscript, TorchForm
from archdsl.types import Symbolic, TensorType

MAP = TensorType((256, 56, 56))
GATE = TensorType((256, 1, 1))
PLANE = TensorType((1, 56, 56))
LONG = 4  # longer sums are written as a loop over the operands


def broadcast(verb: str, inputs: Types) -> TensorType:
    """The shape that all `inputs` are stretched to, whatever their order.

    Those with most axes are stretched to one another: along each axis they are equal or 1. To what they make together,
    any other is a single number, all its sizes being 1, or a factor per channel `[C]`.

    Raises:
        OpError: two of them do not fit together.
    """
    first = inputs[0].shape
    if all(hash(x.shape) == hash(first) and x.shape == first for x in inputs):
        return inputs[0]
    rank = max(x.rank for x in inputs)
    full: TensorType | None = None
    for index, x in enumerate(inputs):
        if x.rank == rank:
            sizes = x.shape if full is None else tuple(map(stretched, full.shape, x.shape))
            if not all(sizes):
                raise misfit(verb, inputs, index, full or x)
            full = TensorType(sizes)
    assert full is not None
    for index, x in enumerate(inputs):
        if x.rank < rank and not ((x.rank == 1 and x.shape == full.shape[:1]) or all(n == 1 for n in x.shape)):
            raise misfit(verb, inputs, index, full)
    return full


def stretched(left: int, right: int) -> int:
    """The size of an axis along which two sizes meet; 0 if they do not fit.

    A plain 1 is looked at first: it fits a size that is a formula without a decision.
    """
    for one, other in ((left, right), (right, left)):
        if not isinstance(one, Symbolic) and one == 1:
            return other
    if left == right or right == 1:
        return left
    return right if left == 1 else 0


def misfit(verb: str, inputs: Types, index: int, full: TensorType) -> OpError:
    """The complaint that operand `index` does not go with the ones before it, which make `full` together."""
    x = inputs[index]
    pair = f"{inputs[0]} and {inputs[1]}" if len(inputs) == 2 else f"{full} and {x}"
    where = 1 if len(inputs) == 2 else index
    return OpError("shape-mismatch", f"cannot {verb} {pair}", operand=where, help=advice(full, x))


def advice(full: TensorType, x: TensorType) -> str:
    """What would make the two shapes fit, as far as the shapes tell."""
    if x.rank < full.rank:
        axes = [axis for axis in range(full.rank) if x.rank == 1 and x.shape[0] == full.shape[axis]]
        ones = [[x.shape[0] if a == axis else 1 for a in range(full.rank)] for axis in axes]
        if ones:
            return "axes are never added to make ranks equal; for a factor along " + " or ".join(
                f"axis {axis} write reshape({shape})" for axis, shape in zip(axes, ones, strict=True)
            )
        return (
            f"axes are never added to make ranks equal: give both {full.rank} axes, each equal or 1; beside {full} "
            f"one axis alone is the channels, [{full.shape[0]}]"
        )
    different = [axis for axis, (n, m) in enumerate(zip(full.shape, x.shape, strict=True)) if not stretched(n, m)]
    if different == [0] and full.rank > 1:
        return f"the channels differ: project one side, for example x -> conv({full.shape[0]})"
    if full.rank > 1 and 0 not in different:
        return "the sizes differ, not the channels: give the same stride to both sides, or pool, crop or upsample one"
    return "along each axis both sides must be equal, or one of them 1: give both as many channels and the same stride"


def aligned(index: int, x: TensorType, full: TensorType) -> Any:
    """Operand `index` as torch broadcasts it: axes missing behind the batch axis are added at the end."""
    missing = full.rank - x.rank
    if missing == 0:
        return Operand(index)
    return Subscript(Operand(index), ", ".join([":"] * (x.rank + 1) + ["None"] * missing))


def folded(operator: str, terms: list[Any]) -> Any:
    """`a + b + c`; many terms as a balanced tree, so that expressions never nest deeply."""
    if len(terms) <= LONG:
        result = terms[0]
        for term in terms[1:]:
            result = Infix(operator, result, term)
        return result
    half = len(terms) // 2
    return Infix(operator, folded(operator, terms[:half]), folded(operator, terms[half:]))


class Elementwise(Op):
    """Operands of one shape, or broadcast to one by the language's rule; `verb` completes "cannot … [2] and [3]"."""

    __slots__ = ()
    kind = Kind.ARITHMETIC
    verb: ClassVar[str]
    is_sum: ClassVar[bool] = False

    def results(self, inputs: Types) -> Types:
        return (broadcast(self.verb, inputs),)

    def reach(self, inputs: Types) -> Reaches:
        """The identity; all of a factor that is broadcast along the axis."""
        full = broadcast(self.verb, inputs)
        return (
            tuple(
                tuple(
                    IDENTITY if x.rank == full.rank and x.shape[axis] == full.shape[axis] else ALL
                    for axis in spatial_axes(x)
                )
                for x in inputs
            ),
        )

    def doubts(self, inputs: Types, made: Provenances) -> Iterator[Doubt]:
        if self.is_sum and any(x.shape != inputs[0].shape for x in inputs):
            yield from stretched_sum(self.verb, inputs, made, self.results(inputs)[0])

    def terms(self, inputs: Types) -> list[Any]:
        """The operands as expressions that torch broadcasts rightly."""
        full = broadcast(self.verb, inputs)
        return [aligned(i, x, full) for i, x in enumerate(inputs)]


def total(terms: list[Any]) -> Any:
    """The sum of expressions; of many plain operands as Python's `sum`."""
    if len(terms) > LONG and all(isinstance(t, Operand) for t in terms):
        return Call("sum", (Operands(),))
    return folded("+", terms)


class Add(Elementwise):
    """a + b + …"""

    __slots__ = ()
    name = "add"
    is_sum = True
    arity = (1, None)
    commutes = True
    verb = "add"
    symbol = "+"
    examples = (
        Example("add", (MAP, MAP), (MAP,)),
        Example("add", (MAP, MAP, TensorType((256,)), TensorType((1,))), (MAP,)),
        Example("add", (MAP,) * 6, (MAP,)),
        Example("add", (MAP,) * 5 + (TensorType((256,)),), (MAP,)),
    )

    def torch(self, inputs: Types) -> TorchForm:
        return TorchForm(function=total(self.terms(inputs)))


class Mul(Elementwise):
    """a * b * …"""

    __slots__ = ()
    name = "mul"
    arity = (1, None)
    commutes = True
    verb = "multiply"
    symbol = "×"
    examples = (Example("mul", (MAP, GATE), (MAP,)), Example("mul", (PLANE, MAP), (MAP,)))

    def torch(self, inputs: Types) -> TorchForm:
        return TorchForm(function=folded("*", self.terms(inputs)))


class Mean(Elementwise):
    """(a + b + …) / number of operands."""

    __slots__ = ()
    name = "mean"
    is_sum = True
    arity = (1, None)
    commutes = True
    verb = "average"
    examples = (Example("mean", (MAP, MAP), (MAP,)), Example("mean", (MAP,) * 5, (MAP,)))

    def torch(self, inputs: Types) -> TorchForm:
        terms = self.terms(inputs)
        return TorchForm(function=Infix("/", total(terms), len(terms)) if len(terms) > 1 else terms[0])


class Extremum(Elementwise):
    """One of the operands at each position; `pair` is torch's function of two, `stacked` its method along an axis."""

    __slots__ = ()
    arity = (1, None)
    commutes = True
    pair: ClassVar[str]
    stacked: ClassVar[str]

    def torch(self, inputs: Types) -> TorchForm:
        terms = self.terms(inputs)
        if len(terms) > 2 and all(x.shape == inputs[0].shape for x in inputs):
            return TorchForm(function=Method(Call("torch.stack", (Operands(),)), self.stacked, (0,), names=("dim",)))
        while len(terms) > 1:  # pairs, so that nesting stays shallow
            pairs = [terms[i : i + 2] for i in range(0, len(terms), 2)]
            terms = [Call(self.pair, tuple(p)) if len(p) == 2 else p[0] for p in pairs]
        return TorchForm(function=terms[0])


class Maximum(Extremum):
    """The largest of the operands at each position (maxout)."""

    __slots__ = ()
    name = "maximum"
    verb = "take the maximum of"
    pair = "torch.maximum"
    stacked = "amax"
    examples = (
        Example("maximum", (MAP, MAP), (MAP,)),
        Example("maximum", (MAP,) * 5, (MAP,)),
        Example("maximum", (MAP, GATE, PLANE), (MAP,)),
    )


class Minimum(Extremum):
    """The smallest of the operands at each position."""

    __slots__ = ()
    name = "minimum"
    verb = "take the minimum of"
    pair = "torch.minimum"
    stacked = "amin"
    examples = (Example("minimum", (MAP, MAP), (MAP,)), Example("minimum", (MAP,) * 3, (MAP,)))


class Sub(Elementwise):
    """a - b."""

    __slots__ = ()
    name = "sub"
    is_sum = True
    arity = (2, 2)
    verb = "subtract"
    symbol = "−"
    examples = (Example("sub", (MAP, GATE), (MAP,)),)

    def torch(self, inputs: Types) -> TorchForm:
        return TorchForm(function=Infix("-", *self.terms(inputs)))


class Div(Elementwise):
    """a / b."""

    __slots__ = ()
    name = "div"
    arity = (2, 2)
    verb = "divide"
    symbol = "÷"
    examples = (Example("div", (MAP, GATE), (MAP,)),)

    def torch(self, inputs: Types) -> TorchForm:
        return TorchForm(function=Infix("/", *self.terms(inputs)))


@dataclass(frozen=True, slots=True)
class Scalar(Op):
    """A tensor with a number: `x * 0.17`, or `1 - x` with reverse. What `1 + mask` and `body * 0.17` become."""

    name = "scalar"
    kind = Kind.ARITHMETIC
    examples = (
        Example('scalar("*", 0.17)', (MAP,), (MAP,)),
        Example('scalar("-", 1, reverse = true)', (MAP,), (MAP,)),
    )

    operator: str = argument(choice("+", "-", "*", "/"), "what to do")
    value: float = argument(NUMBER, "the number")
    reverse: bool = argument(BOOL, "the number stands on the left", default=False)

    def resolve(self, inputs: Types) -> Op:
        if self.operator == "/" and self.value == 0 and not self.reverse:
            raise OpError("division-by-zero", "division by zero", parameter="value", help="divide by another number")
        if abs(self.value) == math.inf:
            raise OpError(
                "number-too-large",
                "no element is a finite number after this",
                parameter="value",
                help="a border is `pad(1, value = -inf)`; `inf` is an argument, not a number to calculate with",
            )
        return self

    def torch(self, inputs: Types) -> TorchForm:
        left, right = (self.value, Operand()) if self.reverse else (Operand(), self.value)
        return TorchForm(function=Infix(self.operator, left, right))


OPS = (Add, Mul, Mean, Maximum, Minimum, Sub, Div, Scalar)
