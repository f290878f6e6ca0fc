"""Adds or takes away elements at the borders of the spatial axes: pad, crop."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Self

from archdsl.ops.arguments import AMOUNTS, FLOAT
from archdsl.ops.base import (
    Call,
    Example,
    Kind,
    Op,
    Operand,
    OpError,
    Reaches,
    Subscript,
    TorchForm,
    Types,
    Window,
    argument,
)
from archdsl.ops.torch_form import either
from archdsl.ops.windows import Pads, space, spread
from archdsl.record import dataclass
from archdsl.types import TensorType

AMOUNTS_DOC = "elements on each side: one int, (h, w), or ((top, bottom), (left, right))"
MAP = TensorType((8, 6, 7))


def resolve_amounts(name: str, amounts: Any, inputs: Types) -> Pads:
    """(begin, end) per spatial axis.

    Raises:
        OpError: the operand is no map, or the amounts are for another number of axes.
    """
    space(name, inputs[0])
    return tuple(a if isinstance(a, tuple) else (a, a) for a in spread("amounts", amounts, inputs[0]))


@dataclass(frozen=True, slots=True)
class Pad(Op):
    """Adds a border of one value around the spatial axes."""

    name = "pad"
    kind = Kind.RESHAPE
    examples = (
        Example("pad(1)", (MAP,), (TensorType((8, 8, 9)),)),
        Example("pad(((0, 1), (0, 1)))", (MAP,), (TensorType((8, 7, 8)),)),
        Example("pad((0, 2), value = -1)", (MAP,), (TensorType((8, 6, 11)),)),
        Example("pad(3)", (TensorType((4, 5)),), (TensorType((4, 11)),)),
    )

    amounts: Any = argument(AMOUNTS, AMOUNTS_DOC)
    value: float = argument(FLOAT, "what the border is filled with", default=0.0)

    def resolve(self, inputs: Types) -> Self:
        return replace(self, amounts=resolve_amounts(self.name, self.amounts, inputs))

    def results(self, inputs: Types) -> Types:
        x = inputs[0]
        return (TensorType((x.shape[0], *(n + a + b for n, (a, b) in zip(x.shape[1:], self.amounts, strict=True)))),)

    def reach(self, inputs: Types) -> Reaches:
        return ((tuple(Window(1, begin=-begin) for begin, _ in self.amounts),),)

    def torch(self, inputs: Types) -> TorchForm:
        rank = inputs[0].rank - 1
        sides = tuple(side for axis in reversed(self.amounts) for side in axis)  # torch counts from the last axis
        if self.value == 0:
            return either(f"nn.ZeroPad{rank}d", "F.pad", (sides,))
        return TorchForm(
            module=Call(f"nn.ConstantPad{rank}d", (sides, self.value)),
            function=Call("F.pad", (Operand(), sides), (("value", self.value),)),
        )


@dataclass(frozen=True, slots=True)
class Crop(Op):
    """Takes elements away at the borders of the spatial axes."""

    name = "crop"
    kind = Kind.RESHAPE
    examples = (
        Example("crop(1)", (MAP,), (TensorType((8, 4, 5)),)),
        Example("crop(((1, 0), (1, 0)))", (MAP,), (TensorType((8, 5, 6)),)),
        Example("crop((0, 2))", (MAP,), (TensorType((8, 6, 3)),)),
    )

    amounts: Any = argument(AMOUNTS, AMOUNTS_DOC)

    def resolve(self, inputs: Types) -> Self:
        return replace(self, amounts=resolve_amounts(self.name, self.amounts, inputs))

    def results(self, inputs: Types) -> Types:
        x = inputs[0]
        result = TensorType((x.shape[0], *(n - a - b for n, (a, b) in zip(x.shape[1:], self.amounts, strict=True))))
        if any(n < 1 for n in result.shape):
            raise OpError(
                "empty-result",
                f"crop takes all of {x} away: the result would be {result}",
                parameter="amounts",
                operand=0,
                help="crop less",
            )
        return (result,)

    def reach(self, inputs: Types) -> Reaches:
        return ((tuple(Window(1, begin=begin) for begin, _ in self.amounts),),)

    def torch(self, inputs: Types) -> TorchForm:
        parts = [f"{begin or ''}:{-end if end else ''}" for begin, end in self.amounts]
        return TorchForm(function=Subscript(Operand(), ", ".join([":", ":", *parts])))


OPS = (Pad, Crop)
