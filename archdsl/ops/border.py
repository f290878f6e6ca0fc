"""Adds or takes away elements at the borders: pad, crop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Self

from archdsl.ops.arguments import AMOUNTS, BOUND, INT, choice, or_word
from archdsl.ops.axes import axis_index
from archdsl.ops.base import (
    IDENTITY,
    Example,
    Kind,
    Op,
    OpError,
    Reaches,
    Types,
    Window,
    argument,
    spatial_axes,
)
from archdsl.ops.torch_form import Call, Helper, Operand, SlicePart, Subscript, TorchForm
from archdsl.ops.windows import Pads, space, spread
from archdsl.types import TensorType

AMOUNTS_DOC = (
    "elements on each side: one int, (h, w), or ((top, bottom), (left, right)); of one axis, as of a sequence, "
    "(before, after)"
)
MAP = TensorType((8, 6, 7))
NAMES = ("input", "padding")
MODULES = {"reflect": "nn.ReflectionPad", "replicate": "nn.ReplicationPad", "circular": "nn.CircularPad"}

PAD_AXIS = Helper(
    "pad_axis",
    '''def pad_axis(x: Tensor, axis: int, before: int, after: int, mode: str) -> Tensor:
    """Pad one axis by what lies inside; torch's own modes take the last axes only."""
    last = x.movedim(axis, -1)
    rows = last.reshape(x.shape[0], -1, x.shape[axis])
    padded = F.pad(rows, (before, after), mode)
    return padded.reshape(*last.shape[:-1], padded.shape[-1]).movedim(-1, axis)
''',
)


def resolve_amounts(name: str, amounts: Any, x: TensorType) -> Pads:
    """(begin, end) per spatial axis; two ints for one axis are its begin and end.

    Raises:
        OpError: the operand is no map, or the amounts are for another number of axes.
    """
    if len(space(name, x)) == 1:
        return (of_one_axis(amounts),)
    return tuple(a if isinstance(a, tuple) else (a, a) for a in spread("amounts", amounts, x))


def of_one_axis(amounts: Any) -> tuple[int, int]:
    """(begin, end) from one int, (begin, end) or ((begin, end),).

    Raises:
        OpError: the amounts are for more axes.
    """
    found = amounts if isinstance(amounts, tuple) else (amounts, amounts)
    while len(found) == 1:
        found = found[0] if isinstance(found[0], tuple) else found * 2
    if len(found) != 2 or any(isinstance(v, tuple) for v in found):
        raise OpError(
            "bad-argument-value",
            f"amounts of {len(found)} axes are given for one axis",
            parameter="amounts",
            help="give one int for both sides, or (before, after)",
        )
    return found[0], found[1]


@dataclass(frozen=True, slots=True)
class Pad(Op):
    """Adds a border around the spatial axes, or along one axis of any tensor.

    It holds one value, or what lies inside: `"reflect"` mirrors at the outermost element, `"replicate"` repeats it,
    `"circular"` goes on at the other end. Its windows are told as if the border held zeros.
    """

    name = "pad"
    kind = Kind.RESHAPE
    examples = (
        Example("pad(1)", (MAP,), (TensorType((8, 8, 9)),)),
        Example("pad(((0, 1), (0, 1)))", (MAP,), (TensorType((8, 7, 8)),)),
        Example("pad((0, 2), value = -1)", (MAP,), (TensorType((8, 6, 11)),)),
        Example("pad(1, value = -inf)", (MAP,), (TensorType((8, 8, 9)),)),
        Example("pad(3)", (TensorType((4, 5)),), (TensorType((4, 11)),)),
        Example("pad((4, 0))", (TensorType((4, 5)),), (TensorType((4, 9)),)),
        Example('pad(3, "reflect")', (MAP,), (TensorType((8, 12, 13)),)),
        Example('pad((1, 0), "replicate", axis = 0)', (TensorType((5, 4)),), (TensorType((6, 4)),)),
        Example("pad((0, 3), axis = -1)", (TensorType((7, 6, 5)),), (TensorType((7, 6, 8)),)),
    )

    amounts: Any = argument(AMOUNTS, AMOUNTS_DOC)
    mode: str = argument(
        choice("constant", *MODULES), "what the border holds: `value`, or what lies inside", default="constant"
    )
    value: float = argument(BOUND, 'what a "constant" border is filled with', default=0.0)
    axis: Any = argument(or_word("spatial", INT), "one axis instead of all spatial ones", default="spatial")

    def resolve(self, inputs: Types) -> Self:
        x = inputs[0]
        if self.mode != "constant" and self.value != 0:
            raise OpError(
                "bad-argument-value",
                f'value has no meaning beside mode = "{self.mode}"',
                parameter="value",
                help='leave it out, or use mode = "constant"',
            )
        if self.axis == "spatial":
            op = replace(self, amounts=resolve_amounts(self.name, self.amounts, x))
        else:
            axis, amounts = axis_index(self.name, self.axis, x), of_one_axis(self.amounts)
            if 2 <= x.rank <= 4 and axis:
                along = tuple(amounts if a == axis else (0, 0) for a in spatial_axes(x))
                op = replace(self, amounts=along, axis="spatial")
            else:
                op = replace(self, amounts=(amounts,), axis=axis)
        op.check_room(x)
        return op

    def along(self, x: TensorType) -> Iterator[tuple[int, tuple[int, int]]]:
        """(axis, (begin, end)) for each axis that is padded."""
        return zip(spatial_axes(x) if self.axis == "spatial" else (self.axis,), self.amounts, strict=True)

    def check_room(self, x: TensorType) -> None:
        """A border can only mirror what there is, and go around once.

        Raises:
            OpError: it is wider.
        """
        for axis, sides in self.along(x):
            most = {"reflect": x.shape[axis] - 1, "circular": x.shape[axis]}.get(self.mode)
            if most is not None and any(side > most for side in sides):
                raise OpError(
                    "bad-padding",
                    f"pad cannot {'mirror' if self.mode == 'reflect' else 'go around'} {max(sides)} elements of axis "
                    f"{axis} of {x}",
                    parameter="amounts",
                    operand=0,
                    help=f'pad by at most {most} there, or use mode = "replicate"',
                )

    def results(self, inputs: Types) -> Types:
        sizes = list(inputs[0].shape)
        for axis, (begin, end) in self.along(inputs[0]):
            sizes[axis] += begin + end
        return (TensorType(tuple(sizes)),)

    def reach(self, inputs: Types) -> Reaches:
        begins = {axis: begin for axis, (begin, _) in self.along(inputs[0])}
        axes = spatial_axes(inputs[0])
        return ((tuple(Window(1, begin=-begins[a]) if a in begins else IDENTITY for a in axes),),)

    def keeps_last_axis(self, inputs: Types) -> bool:
        """The helper for other modes leaves the axis innermost that it pads."""
        return self.axis in ("spatial", inputs[0].rank - 1) or self.mode == "constant"

    def torch(self, inputs: Types) -> TorchForm:
        x = inputs[0]
        if self.axis != "spatial" and self.mode != "constant":
            arguments = (Operand(), self.axis + 1, *self.amounts[0], self.mode)
            return TorchForm(
                function=Call("pad_axis", arguments, names=("input", "dim", "begin", "end", "mode")),
                helpers=(PAD_AXIS,),
            )
        begins = dict(self.along(x))
        padded = [begins.get(axis, (0, 0)) for axis in range(min(begins), x.rank)]
        sides = tuple(side for axis in reversed(padded) for side in axis)  # torch counts from the last axis
        if self.mode != "constant":
            module: Call | None = Call(f"{MODULES[self.mode]}{x.rank - 1}d", (sides,), names=NAMES[1:])
            return TorchForm(module=module, function=Call("F.pad", (Operand(), sides), (("mode", self.mode),), NAMES))
        rest = (("value", self.value),) if self.value else ()
        module = None
        if self.axis == "spatial":
            stem = "ConstantPad" if self.value else "ZeroPad"
            module = Call(
                f"nn.{stem}{x.rank - 1}d", (sides, self.value) if self.value else (sides,), names=("padding", "value")
            )
        return TorchForm(module=module, function=Call("F.pad", (Operand(), sides), rest, NAMES))


@dataclass(frozen=True, slots=True)
class Crop(Op):
    """Takes elements away at the borders of the spatial axes."""

    name = "crop"
    kind = Kind.RESHAPE
    is_view = True
    examples = (
        Example("crop(1)", (MAP,), (TensorType((8, 4, 5)),)),
        Example("crop(((1, 0), (1, 0)))", (MAP,), (TensorType((8, 5, 6)),)),
        Example("crop((0, 2))", (MAP,), (TensorType((8, 6, 3)),)),
        Example("crop((0, 2))", (TensorType((8, 6)),), (TensorType((8, 4)),)),
    )

    amounts: Any = argument(AMOUNTS, AMOUNTS_DOC)

    def resolve(self, inputs: Types) -> Self:
        return replace(self, amounts=resolve_amounts(self.name, self.amounts, inputs[0]))

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

    def keeps_last_axis(self, inputs: Types) -> bool:
        return True

    def torch(self, inputs: Types) -> TorchForm:
        parts = [SlicePart(begin or None, -end if end else None) for begin, end in self.amounts]
        return TorchForm(function=Subscript(Operand(), (":", ":", *parts)))


OPS = (Pad, Crop)
