"""Gives parts of one tensor: split and chunk as lists, slice as one tensor."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any, Self

from archdsl.ops.arguments import COUNT, INT, SECTIONS, or_word, shown
from archdsl.ops.axes import axis_index, reach_along
from archdsl.ops.base import (
    Example,
    Kind,
    Op,
    OpError,
    Reaches,
    Types,
    Undefined,
    Window,
    argument,
    spatial_axes,
)
from archdsl.ops.torch_form import Method, Operand, SlicePart, Subscript, TorchForm
from archdsl.types import TensorType

MAP = TensorType((116, 28, 28))
AXIS_DOC = "axis that is cut; negative counts from the last"
PARTS_LIMIT = 10_000


def resized(x: TensorType, axis: int, size: int) -> TensorType:
    """`x` with another size along one axis."""
    return TensorType((*x.shape[:axis], size, *x.shape[axis + 1 :]), x.dtype)


def part_reaches(x: TensorType, axis: int, sizes: tuple[int, ...]) -> Reaches:
    """Each part begins where the ones before it end."""
    starts = (0, *accumulate(sizes[:-1]))
    return tuple((reach_along(axis, x, Window(1, begin=start)),) for start in starts)


@dataclass(frozen=True, slots=True)
class Split(Op):
    """Cuts a tensor into equal parts, or parts of the given sizes, along an axis: by default the channels."""

    name = "split"
    kind = Kind.SPLIT
    is_view = True
    gives_list = True
    examples = (
        Example("split(2)", (MAP,), (TensorType((58, 28, 28)),) * 2),
        Example("split([16, 100])", (MAP,), (TensorType((16, 28, 28)), TensorType((100, 28, 28)))),
        Example("split(7, axis = 1)", (MAP,), (TensorType((116, 4, 28)),) * 7),
    )

    sections: Any = argument(SECTIONS, "how many equal parts, or their sizes")
    axis: int = argument(INT, AXIS_DOC, default=0)

    def resolve(self, inputs: Types) -> Self:
        x = inputs[0]
        axis = axis_index(self.name, self.axis, x)
        size = x.shape[axis]
        sections = self.sections
        if isinstance(sections, int):
            if size % sections:
                raise OpError(
                    "channels-not-divisible",
                    f"cannot split axis {axis} of {x} into {sections} equal parts",
                    parameter="sections",
                    operand=0,
                    help=f"give the sizes of the parts, as in split([{size // 2}, {size - size // 2}]), or use chunk",
                )
            sections = (size // sections,) * sections
        elif sum(sections) != size:
            raise OpError(
                "bad-argument-value",
                f"split sizes {shown(sections)} add up to {sum(sections)}, but axis {axis} of {x} has {size}",
                parameter="sections",
                operand=0,
                help="the sizes must add up to the size of the axis",
            )
        return replace(self, sections=sections, axis=axis)

    def results(self, inputs: Types) -> Types:
        return tuple(resized(inputs[0], self.axis, size) for size in self.sections)

    def reach(self, inputs: Types) -> Reaches:
        return part_reaches(inputs[0], self.axis, self.sections)

    def keeps_last_axis(self, inputs: Types) -> bool:
        return True

    def torch(self, inputs: Types) -> TorchForm:
        if len(self.sections) == 1:
            return TorchForm(function=Operand())  # torch would give a tuple of one
        if len(set(self.sections)) == 1:
            form = Method(Operand(), "chunk", (len(self.sections),), (("dim", self.axis + 1),), ("chunks",))
        else:
            form = Method(Operand(), "split", (self.sections,), (("dim", self.axis + 1),), ("sizes",))
        return TorchForm(function=form)


@dataclass(frozen=True, slots=True)
class Unbind(Op):
    """The parts of a tensor along its first axis, without that axis: `[T, d]` gives T tensors `[d]`. Undoes `stack`."""

    name = "unbind"
    kind = Kind.SPLIT
    is_view = True
    gives_list = True
    examples = (Example("unbind", (TensorType((3, 8)),), (TensorType((8,)),) * 3),)

    def results(self, inputs: Types) -> Types:
        x = inputs[0]
        if not x.rank or x.shape[0] > PARTS_LIMIT:
            raise OpError(
                "wrong-rank" if not x.rank else "too-large",
                f"unbind takes a tensor of 1 to {PARTS_LIMIT:,} parts, got {x}",
                operand=0,
                help="to go along a long sequence with one block: xs -> scan(cell)",
            )
        return (TensorType(x.shape[1:], x.dtype),) * x.shape[0]

    def reach(self, inputs: Types) -> Reaches:
        reason = Undefined("unbind takes an axis away")
        return ((tuple(reason for _ in spatial_axes(inputs[0])),),) * inputs[0].shape[0]

    def keeps_last_axis(self, inputs: Types) -> bool:
        return True

    def torch(self, inputs: Types) -> TorchForm:
        if inputs[0].shape[0] == 1:  # torch would give a tuple of one
            return TorchForm(function=Method(Operand(), "squeeze", (), (("dim", 1),)))
        return TorchForm(function=Method(Operand(), "unbind", (), (("dim", 1),)))


@dataclass(frozen=True, slots=True)
class Chunk(Op):
    """Cuts a tensor into parts of size ceil(n / count) along an axis; the last part may be smaller."""

    name = "chunk"
    kind = Kind.SPLIT
    is_view = True
    gives_list = True
    examples = (
        Example("chunk(3)", (TensorType((8, 5)),), (TensorType((3, 5)), TensorType((3, 5)), TensorType((2, 5)))),
    )

    count: int = argument(COUNT, "how many parts")
    axis: int = argument(INT, AXIS_DOC, default=0)

    def resolve(self, inputs: Types) -> Self:
        x = inputs[0]
        axis = axis_index(self.name, self.axis, x)
        size = x.shape[axis]
        # All parts but the last have ceil(size / count) elements; the last one must have some.
        if self.count > PARTS_LIMIT or (self.count - 1) * -(-size // self.count) >= size:
            raise OpError(
                "channels-not-divisible",
                f"axis {axis} of {x} cannot be cut into {self.count} parts of one size, but for a smaller last one",
                parameter="count",
                operand=0,
                help="use fewer parts, or split with a list of sizes",
            )
        return replace(self, axis=axis)

    def sizes(self, inputs: Types) -> tuple[int, ...]:
        """Sizes of the parts along the axis."""
        size = inputs[0].shape[self.axis]
        each = -(-size // self.count)
        return (each,) * (self.count - 1) + (size - each * (self.count - 1),)

    def results(self, inputs: Types) -> Types:
        return tuple(resized(inputs[0], self.axis, size) for size in self.sizes(inputs))

    def reach(self, inputs: Types) -> Reaches:
        return part_reaches(inputs[0], self.axis, self.sizes(inputs))

    def keeps_last_axis(self, inputs: Types) -> bool:
        return True

    def torch(self, inputs: Types) -> TorchForm:
        if self.count == 1:
            return TorchForm(function=Operand())  # torch would give a tuple of one
        return TorchForm(function=Method(Operand(), "chunk", (self.count,), (("dim", self.axis + 1),), ("chunks",)))


def place(position: int, size: int) -> int:
    """A position as Python reads it in a slice: negative counts from the end, and none is outside."""
    return max(position + size, 0) if position < 0 else min(position, size)


@dataclass(frozen=True, slots=True)
class Slice(Op):
    """The elements begin, begin + step, … before end along an axis, as in Python: negative counts from the end."""

    name = "slice"
    kind = Kind.SPLIT
    is_view = True
    examples = (
        Example("slice(0, 16)", (MAP,), (TensorType((16, 28, 28)),)),
        Example("slice(1, step = 2, axis = -1)", (MAP,), (TensorType((116, 28, 14)),)),
        Example("slice(0, 1)", (TensorType((197, 768)),), (TensorType((1, 768)),)),
    )

    begin: int = argument(INT, "first position")
    end: Any = argument(or_word("end", INT), "position after the last", default="end")
    step: int = argument(COUNT, "distance between positions", default=1)
    axis: int = argument(INT, AXIS_DOC, default=0)

    def resolve(self, inputs: Types) -> Self:
        x = inputs[0]
        axis = axis_index(self.name, self.axis, x)
        last = x.shape[axis] if self.end == "end" else self.end
        begin, end = place(self.begin, x.shape[axis]), place(last, x.shape[axis])
        if begin >= end:
            raise OpError(
                "empty-result",
                f"slice from {self.begin} to {self.end} takes nothing of axis {axis} of {x}",
                parameter="begin",
                operand=0,
                help=f"positions go from 0 to {x.shape[axis]}; negative ones count from the end",
            )
        return replace(self, begin=begin, end=end, axis=axis)

    def results(self, inputs: Types) -> Types:
        return (resized(inputs[0], self.axis, -(-(self.end - self.begin) // self.step)),)

    def reach(self, inputs: Types) -> Reaches:
        window = Window(1, self.step, self.begin)
        return ((reach_along(self.axis, inputs[0], window),),)

    def keeps_last_axis(self, inputs: Types) -> bool:
        return self.step == 1 or self.axis != inputs[0].rank - 1

    def torch(self, inputs: Types) -> TorchForm:
        end = None if self.end == inputs[0].shape[self.axis] else self.end
        part = SlicePart(self.begin or None, end, self.step if self.step > 1 else None)
        return TorchForm(function=Subscript(Operand(), (*[":"] * (self.axis + 1), part)))


OPS = (Split, Unbind, Chunk, Slice)
