"""Elementwise arithmetic: add, mul, mean, maximum of any number of tensors; sub, div of two; scalar with a number."""

from __future__ import annotations

from typing import Any, ClassVar

from archdsl.ops.arguments import BOOL, NUMBER, choice
from archdsl.ops.base import (
    ALL,
    IDENTITY,
    Call,
    Example,
    Infix,
    Kind,
    Method,
    Op,
    Operand,
    Operands,
    OpError,
    Reaches,
    Subscript,
    TorchForm,
    Types,
    argument,
    spatial_axes,
)
from archdsl.record import dataclass
from archdsl.types import TensorType

MAP = TensorType((256, 56, 56))
GATE = TensorType((256, 1, 1))
PLANE = TensorType((1, 56, 56))
LONG = 4  # longer sums are written as a loop over the operands


def fits(x: TensorType, full: TensorType) -> bool:
    """Whether `x` (1) has the shape of `full`, or is (2) a scalar, (3) a factor per channel, (4) per position."""
    # Sizes known as formulas are compared only where nothing simpler decides: a gate [C, 1, 1] fits at any size.
    if hash(x.shape) == hash(full.shape) and x.shape == full.shape:
        return True
    if x.rank > full.rank:
        return False
    if all(n == 1 for n in x.shape):
        return True
    if full.rank < 2:
        return False
    channels = (full.shape[0], *(1 for _ in full.shape[1:]))
    return x.shape in (channels, channels[:1], (1, *full.shape[1:])) or x.shape == full.shape


def broadcast(verb: str, inputs: Types) -> TensorType:
    """The shape that all `inputs` fit into.

    Raises:
        OpError: two of them do not fit together.
    """
    full = inputs[0]
    for index, x in enumerate(inputs):
        if fits(x, full):
            continue
        if not fits(full, x):
            raise OpError(
                "shape-mismatch",
                f"cannot {verb} {full} and {x}",
                operand=index,
                help=advice(full, x),
            )
        full = x
    return full


def advice(left: TensorType, right: TensorType) -> str:
    """What would make the two shapes fit."""
    if left.rank == right.rank and left.rank > 1 and left.shape[1:] == right.shape[1:]:
        return f"project one of them, for example: x -> conv_bn({left.shape[0]})"
    if left.rank == right.rank and left.rank > 1 and left.shape[0] == right.shape[0]:
        return "bring both to one size: give the same stride to both sides, or pool, crop or upsample one"
    return "shapes must be equal, or one side a factor per channel [C, 1, 1], per position [1, H, W], or a scalar"


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
    arity = (1, None)
    verb = "add"
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
    verb = "multiply"
    examples = (Example("mul", (MAP, GATE), (MAP,)), Example("mul", (PLANE, MAP), (MAP,)))

    def torch(self, inputs: Types) -> TorchForm:
        return TorchForm(function=folded("*", self.terms(inputs)))


class Mean(Elementwise):
    """(a + b + …) / number of operands."""

    __slots__ = ()
    name = "mean"
    arity = (1, None)
    verb = "average"
    examples = (Example("mean", (MAP, MAP), (MAP,)), Example("mean", (MAP,) * 5, (MAP,)))

    def torch(self, inputs: Types) -> TorchForm:
        terms = self.terms(inputs)
        return TorchForm(function=Infix("/", total(terms), len(terms)) if len(terms) > 1 else terms[0])


class Maximum(Elementwise):
    """The largest of the operands at each position (maxout)."""

    __slots__ = ()
    name = "maximum"
    arity = (1, None)
    verb = "take the maximum of"
    examples = (
        Example("maximum", (MAP, MAP), (MAP,)),
        Example("maximum", (MAP,) * 5, (MAP,)),
        Example("maximum", (MAP, GATE, PLANE), (MAP,)),
    )

    def torch(self, inputs: Types) -> TorchForm:
        terms = self.terms(inputs)
        if len(terms) > 2 and all(x.shape == inputs[0].shape for x in inputs):
            return TorchForm(function=Method(Call("torch.stack", (Operands(),)), "amax", (0,)))
        while len(terms) > 1:  # pairs, so that nesting stays shallow
            pairs = [terms[i : i + 2] for i in range(0, len(terms), 2)]
            terms = [Call("torch.maximum", tuple(p)) if len(p) == 2 else p[0] for p in pairs]
        return TorchForm(function=terms[0])


class Sub(Elementwise):
    """a - b."""

    __slots__ = ()
    name = "sub"
    arity = (2, 2)
    verb = "subtract"
    examples = (Example("sub", (MAP, GATE), (MAP,)),)

    def torch(self, inputs: Types) -> TorchForm:
        return TorchForm(function=Infix("-", *self.terms(inputs)))


class Div(Elementwise):
    """a / b."""

    __slots__ = ()
    name = "div"
    arity = (2, 2)
    verb = "divide"
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
        return self

    def torch(self, inputs: Types) -> TorchForm:
        left, right = (self.value, Operand()) if self.reverse else (Operand(), self.value)
        return TorchForm(function=Infix(self.operator, left, right))


OPS = (Add, Mul, Mean, Maximum, Sub, Div, Scalar)
