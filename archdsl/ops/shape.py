"""Axes under other names, in another order, or turned round: flatten, reshape, permute, transpose, flip."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from archdsl.ops.arguments import INT, INTS, RESHAPE, shown
from archdsl.ops.axes import axis_index, reach_along
from archdsl.ops.base import (
    ALL,
    IDENTITY,
    Example,
    Kind,
    Op,
    OpError,
    Reaches,
    Types,
    Undefined,
    argument,
    spatial_axes,
)
from archdsl.ops.torch_form import Call, Method, Operand, TorchForm
from archdsl.types import TensorType

MAP = TensorType((512, 7, 7))


@dataclass(frozen=True, slots=True)
class Flatten(Op):
    """All elements as one vector, the last axis fastest; or the axes from `first` on as one: `[C, H, W]` to `[C, HW]`.

    Its receptive field is given as the whole axis: an element of the vector is no longer at a place.
    """

    name = "flatten"
    kind = Kind.RESHAPE
    is_view = True
    examples = (
        Example("flatten", (MAP,), (TensorType((25_088,)),)),
        Example("flatten(1)", (MAP,), (TensorType((512, 49)),)),
    )

    first: int = argument(INT, "first of the axes that become one; negative counts from the last", default=0)

    def resolve(self, inputs: Types) -> Op:
        if self.first == 0:  # also a scalar
            return self
        return replace(self, first=axis_index(self.name, self.first, inputs[0], parameter="first"))

    def results(self, inputs: Types) -> Types:
        shape = inputs[0].shape
        return (TensorType((*shape[: self.first], math.prod(shape[self.first :]))),)

    def reach(self, inputs: Types) -> Reaches:
        x = inputs[0]
        if self.first == x.rank - 1:
            return ((tuple(IDENTITY for _ in spatial_axes(x)),),)
        if self.first:
            return unplaced(inputs, "flatten mixes axes")
        return ((tuple(ALL for _ in spatial_axes(x)),),)

    def keeps_last_axis(self, inputs: Types) -> bool:
        return True

    def torch(self, inputs: Types) -> TorchForm:
        start = self.first + 1
        arguments = (start,) if self.first else ()
        return TorchForm(
            module=Call("nn.Flatten", arguments, names=("start_dim",)),
            function=Method(Operand(), "flatten", (start,), names=("start_dim",)),
        )


@dataclass(frozen=True, slots=True)
class Reshape(Op):
    """The same elements in the same order under other sizes; one size may be -1 and is worked out."""

    name = "reshape"
    kind = Kind.RESHAPE
    is_view = True
    examples = (
        Example("reshape([512, 49])", (MAP,), (TensorType((512, 49)),)),
        Example("reshape([8, -1, 7])", (MAP,), (TensorType((8, 448, 7)),)),
    )

    shape: tuple[int, ...] = argument(RESHAPE, "the new sizes, without the batch")

    def resolve(self, inputs: Types) -> Op:
        x = inputs[0]
        known = math.prod(n for n in self.shape if n != -1)
        shape = tuple(x.size // known if n == -1 else n for n in self.shape)
        if math.prod(shape) != x.size or any(n < 1 for n in shape):
            raise OpError(
                "shape-mismatch",
                f"cannot reshape {x} with {x.size} elements to {shown(self.shape)}",
                parameter="shape",
                operand=0,
                help="the product of the sizes must stay the same; -1 stands for the size that is left",
            )
        return replace(self, shape=shape)

    def results(self, inputs: Types) -> Types:
        return (TensorType(self.shape),)

    def reach(self, inputs: Types) -> Reaches:
        return unplaced(inputs, "reshape mixes axes")

    def keeps_last_axis(self, inputs: Types) -> bool:
        return True

    def torch(self, inputs: Types) -> TorchForm:
        names = ("batch", *["size"] * len(self.shape))
        return TorchForm(function=Method(Operand(), "reshape", (-1, *self.shape), names=names))


@dataclass(frozen=True, slots=True)
class Permute(Op):
    """The axes in another order: axis i of the result is axis order[i] of the operand."""

    name = "permute"
    kind = Kind.RESHAPE
    is_view = True
    examples = (Example("permute([1, 2, 0])", (TensorType((8, 5, 6)),), (TensorType((5, 6, 8)),)),)

    order: tuple[int, ...] = argument(INTS, "for each axis of the result the axis of the operand, batch not counted")

    def resolve(self, inputs: Types) -> Op:
        rank = inputs[0].rank
        if sorted(self.order) != list(range(rank)):
            raise OpError(
                "bad-axis",
                f"permute {shown(self.order)} does not name every axis of {inputs[0]} once",
                parameter="order",
                help=f"write each of 0 to {rank - 1} once",
            )
        return self

    def results(self, inputs: Types) -> Types:
        return (TensorType(tuple(inputs[0].shape[axis] for axis in self.order)),)

    def reach(self, inputs: Types) -> Reaches:
        """The identity where no axis moves, else not defined: windows are told along axes that stay in place."""
        if all(i == axis for i, axis in enumerate(self.order)):
            return ((tuple(IDENTITY for _ in spatial_axes(inputs[0])),),)
        return unplaced(inputs, "the order of axes changes")

    def keeps_last_axis(self, inputs: Types) -> bool:
        return self.order[-1] == inputs[0].rank - 1

    def torch(self, inputs: Types) -> TorchForm:
        order = (0, *(axis + 1 for axis in self.order))
        return TorchForm(function=Method(Operand(), "permute", order, names=("dim",) * len(order)))


@dataclass(frozen=True, slots=True)
class Transpose(Op):
    """Exchanges two axes: `[d, T]` to `[T, d]`."""

    name = "transpose"
    kind = Kind.RESHAPE
    is_view = True
    examples = (
        Example("transpose", (TensorType((768, 196)),), (TensorType((196, 768)),)),
        Example("transpose(-2, -1)", (TensorType((8, 5, 6)),), (TensorType((8, 6, 5)),)),
    )

    first: int = argument(INT, "one axis; negative counts from the last", default=0)
    second: int = argument(INT, "the other axis", default=1)

    def resolve(self, inputs: Types) -> Op:
        axes = [axis_index(self.name, getattr(self, p), inputs[0], parameter=p) for p in ("first", "second")]
        return replace(self, first=min(axes), second=max(axes))

    def results(self, inputs: Types) -> Types:
        shape = list(inputs[0].shape)
        shape[self.first], shape[self.second] = shape[self.second], shape[self.first]
        return (TensorType(tuple(shape)),)

    def reach(self, inputs: Types) -> Reaches:
        if self.first == self.second:
            return ((tuple(IDENTITY for _ in spatial_axes(inputs[0])),),)
        return unplaced(inputs, "the order of axes changes")

    def keeps_last_axis(self, inputs: Types) -> bool:
        return inputs[0].rank - 1 not in (self.first, self.second)

    def torch(self, inputs: Types) -> TorchForm:
        return TorchForm(
            function=Method(Operand(), "transpose", (self.first + 1, self.second + 1), names=("dim0", "dim1"))
        )


@dataclass(frozen=True, slots=True)
class Flip(Op):
    """The places along one axis in reverse: a sequence `[T, F]` from its end."""

    name = "flip"
    kind = Kind.RESHAPE
    examples = (
        Example("flip", (TensorType((20, 64)),), (TensorType((20, 64)),)),
        Example("flip(axis = -1)", (TensorType((3, 8, 9)),), (TensorType((3, 8, 9)),)),
    )

    axis: int = argument(INT, "the axis; negative counts from the last", default=0)

    def resolve(self, inputs: Types) -> Op:
        return replace(self, axis=axis_index(self.name, self.axis, inputs[0]))

    def reach(self, inputs: Types) -> Reaches:
        return ((reach_along(self.axis, inputs[0], Undefined("flip turns the axis round")),),)

    def torch(self, inputs: Types) -> TorchForm:
        return TorchForm(function=Method(Operand(), "flip", (self.axis + 1,), names=("dims",)))


def unplaced(inputs: Types, reason: str) -> Reaches:
    """No window along any axis of the one operand."""
    return ((tuple(Undefined(reason) for _ in spatial_axes(inputs[0])),),)


OPS = (Flatten, Reshape, Permute, Transpose, Flip)
