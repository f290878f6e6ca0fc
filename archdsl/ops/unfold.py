"""Lays the windows of a map side by side, and adds them up again: unfold, fold."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Self

from archdsl.ops.arguments import PADDING, SIZE, Size
from archdsl.ops.base import ChannelsSeen, Example, Kind, Op, OpError, Reaches, Types, argument
from archdsl.ops.shape import unplaced
from archdsl.ops.shuffle import need_image
from archdsl.ops.torch_form import TorchForm, compact, either, options
from archdsl.ops.windows import AxisSizes, pads, resolve_padding, slide, spread
from archdsl.types import TensorType

PADDING_DOC = 'zeros on each side, as of `conv`: "half" keeps the size of an odd window with stride 1'
GAP_DOC = "step between the elements of a window, in elements"
MAP = TensorType((8, 6, 7))
KERNELS = ("kernel_size",)


@dataclass(frozen=True, slots=True)
class _Slid:
    """Windows on a map, per axis."""

    kernel: AxisSizes
    stride: AxisSizes
    padding: AxisSizes
    dilation: AxisSizes

    def count(self, name: str, x: TensorType) -> int:
        """How many there are.

        Raises:
            OpError: none fits.
        """
        both = tuple((p, p) for p in self.padding)
        return math.prod(slide(name, x, self.kernel, self.stride, both, self.dilation))


def windows_on(op: Unfold | FoldWindows, x: TensorType) -> _Slid:
    """The windows that the arguments of `op` say on a map `x`.

    Raises:
        OpError: arguments for another number of axes, or padding on one side only.
    """
    kernel, stride, dilation = (spread(name, getattr(op, name), x) for name in ("kernel", "stride", "dilation"))
    padding = resolve_padding(op.padding, kernel, stride, dilation, x)
    amounts = pads(x.shape[1:], kernel, stride, padding, dilation)
    if any(begin != end for begin, end in amounts):
        raise OpError(
            "bad-padding",
            f"{op.name} cannot pad {x} on one side only",
            parameter="padding",
            help='use padding = "half", or pad the map with the pad op',
        )
    return _Slid(kernel, stride, tuple(begin for begin, _ in amounts), dilation)


def torch_options(op: Unfold | FoldWindows) -> tuple[tuple[str, Any], ...]:
    """The arguments behind the size of the window, of nn.Unfold and nn.Fold."""
    return options(
        ("dilation", compact(op.dilation), 1), ("padding", compact(op.padding), 0), ("stride", compact(op.stride), 1)
    )


@dataclass(frozen=True, slots=True)
class Unfold(Op):
    """The windows of a map side by side: `[C, H, W]` to `[C * kernel * kernel, L]`, L the number of windows.

    Channel c * kernel * kernel + t holds element t of each window of channel c, row by row; windows follow one another
    row by row. A convolution is a matrix times this (Chellapilla et al. 2006).
    """

    name = "unfold"
    kind = Kind.RESHAPE
    examples = (
        Example("unfold(3)", (MAP,), (TensorType((72, 20)),)),
        Example('unfold((1, 3), 2, "half", 2)', (MAP,), (TensorType((24, 12)),)),
    )

    kernel: Size = argument(SIZE, "window size, in elements")
    stride: Size = argument(SIZE, "step between windows, in elements", default=1)
    padding: Size = argument(PADDING, PADDING_DOC, default=0)
    dilation: Size = argument(SIZE, GAP_DOC, default=1)

    def resolve(self, inputs: Types) -> Self:
        need_image(self.name, inputs[0])
        on = windows_on(self, inputs[0])
        return replace(self, kernel=on.kernel, stride=on.stride, padding=on.padding, dilation=on.dilation)

    def results(self, inputs: Types) -> Types:
        x = inputs[0]
        count = windows_on(self, x).count(self.name, x)
        return (TensorType((x.shape[0] * math.prod(self.kernel), count)),)

    def channels_seen(self, x: TensorType, y: TensorType) -> ChannelsSeen:
        return ChannelsSeen.APART

    def reach(self, inputs: Types) -> Reaches:
        return unplaced(inputs, "unfold puts rows and columns of windows along one axis")

    def torch(self, inputs: Types) -> TorchForm:
        return either("nn.Unfold", "F.unfold", (compact(self.kernel),), torch_options(self), KERNELS)


@dataclass(frozen=True, slots=True)
class FoldWindows(Op):
    """Windows put back to where `unfold` took them, and added up: `[C * kernel * kernel, L]` to `[C, H, W]`.

    What is put into the padding is lost. Where windows overlap their sum is not what `unfold` was given; divided by
    how many lie over each place, it is.
    """

    name = "fold"
    kind = Kind.RESHAPE
    examples = (
        Example("fold((6, 7), 3)", (TensorType((72, 20)),), (MAP,)),
        Example("fold(6, 2, 2, padding = 0)", (TensorType((12, 9)),), (TensorType((3, 6, 6)),)),
    )

    size: Size = argument(SIZE, "height and width of the map, in elements")
    kernel: Size = argument(SIZE, "window size, in elements")
    stride: Size = argument(SIZE, "step between windows, in elements", default=1)
    padding: Size = argument(PADDING, PADDING_DOC + "; of the map that is made", default=0)
    dilation: Size = argument(SIZE, GAP_DOC, default=1)

    def resolve(self, inputs: Types) -> Self:
        x = inputs[0]
        if x.rank != 2:
            raise OpError(
                "wrong-rank",
                f"fold needs windows [C * kernel * kernel, L], got {x}",
                operand=0,
                help="it takes what unfold gives: reshape or transpose it to that",
            )
        size = spread("size", self.size, TensorType((1, 1, 1)))
        on = windows_on(self, TensorType((1, *size)))
        return replace(self, size=size, kernel=on.kernel, stride=on.stride, padding=on.padding, dilation=on.dilation)

    def results(self, inputs: Types) -> Types:
        x, taps = inputs[0], math.prod(self.kernel)
        if x.shape[0] % taps:
            raise OpError(
                "channels-not-divisible",
                f"fold needs a multiple of {taps} channels, one for each element of a window, got {x.shape[0]}",
                parameter="kernel",
                operand=0,
                help="give the kernel with which unfold made them",
            )
        y = TensorType((x.shape[0] // taps, *self.size))
        count = windows_on(self, y).count(self.name, y)
        if x.shape[1] != count:
            raise OpError(
                "shape-mismatch",
                f"fold puts {count} windows on a map {y}, got {x.shape[1]}",
                parameter="size",
                operand=0,
                help="give the size of the map and the arguments with which unfold made them",
            )
        return (y,)

    def reach(self, inputs: Types) -> Reaches:
        return unplaced(inputs, "fold finds rows and columns of windows along one axis")

    def torch(self, inputs: Types) -> TorchForm:
        arguments = (compact(self.size), compact(self.kernel))
        return either("nn.Fold", "F.fold", arguments, torch_options(self), ("output_size", "kernel_size"))


OPS = (Unfold, FoldWindows)
