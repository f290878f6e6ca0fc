"""Convolutions: conv, depthwise, conv_transpose; rank decides 1-d, 2-d, 3-d."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

from archdsl.ops.arguments import BOOL, COUNT, NON_NEGATIVE_SIZE, PADDING, SIZE, Size, or_word
from archdsl.ops.base import Example, Kind, Op, OpError, Reaches, Types, Weight, argument
from archdsl.ops.doubts import Doubt, Provenances, arguments_of_pytorch, axes_in_another_order
from archdsl.ops.phases import transposed
from archdsl.ops.same_padding import conv_same, conv_transpose_same
from archdsl.ops.torch_form import Call, Channels, TorchForm, compact, options
from archdsl.ops.windows import (
    AxisSizes,
    Pads,
    extent,
    half_padding,
    pads,
    resolve_padding,
    slide,
    space,
    spread,
    symmetric_same,
    windows,
)
from archdsl.types import TensorType

MAP = TensorType((64, 56, 56))
NAMES = (Channels("in_channels"), Channels("out_channels"))
PADDING_DOC = (
    '"half" where windows overlap (stride < kernel), else 0; "same" is TensorFlow\'s, output = ceil(input / stride)'
)


def kernel_and_bias(out: int, each: int, kernel: AxisSizes, bias: bool) -> tuple[Weight, ...]:
    """The weights of a convolution whose `out` channels see `each` channels of the input."""
    weight = Weight("weight", (out, each, *kernel))
    return (weight, Weight("bias", (out,))) if bias else (weight,)


@dataclass(frozen=True, slots=True)
class Conv(Op):
    """Convolution: out channels, each a weighted sum over a window of all channels of its group.

    output = floor((input + pads - dilation * (kernel - 1) - 1) / stride) + 1 along each axis.
    """

    name = "conv"
    each_channel = "depthwise"
    kind = Kind.CONVOLUTION
    examples = (
        Example("conv(128, 3, 2, bias = false)", (MAP,), (TensorType((128, 28, 28)),), 73_728, 57_802_752),
        Example("conv(10)", (TensorType((4, 7)),), (TensorType((10, 7)),), 50, 280),
        Example("conv(8, (1, 7))", (TensorType((4, 9, 9)),), (TensorType((8, 9, 9)),), 232, 18_144),
        Example(
            'conv(6, 3, 2, padding = "same", groups = 2)', (TensorType((4, 8, 9)),), (TensorType((6, 4, 5)),), 114, 2160
        ),
        Example("conv(2, 3, dilation = 2)", (TensorType((3, 5, 6, 7)),), (TensorType((2, 5, 6, 7)),), 164, 34_020),
    )

    out: int = argument(COUNT, "output channels")
    kernel: Size = argument(SIZE, "window size, in elements", default=1)
    stride: Size = argument(SIZE, "step between windows, in elements", default=1)
    padding: Size = argument(PADDING, PADDING_DOC, default="auto")
    dilation: Size = argument(SIZE, "step between the taps of a window, in elements", default=1)
    groups: int = argument(COUNT, "parts into which the channels are split; each sees only its own", default=1)
    bias: bool = argument(BOOL, "add a learned number per output channel", default=True)

    def resolve(self, inputs: Types, name: str = name) -> Self:
        x = inputs[0]
        space(name, x)
        for side, channels in (("input", x.shape[0]), ("output", self.out)):
            if channels % self.groups:
                raise OpError(
                    "channels-not-divisible",
                    f"{name} cannot split {channels} {side} channels into {self.groups} groups",
                    parameter="groups",
                    operand=0 if side == "input" else None,
                    help="choose a number of groups that divides both the input and the output channels",
                )
        kernel, stride = spread("kernel", self.kernel, x), spread("stride", self.stride, x)
        dilation = spread("dilation", self.dilation, x)
        return replace(
            self,
            kernel=kernel,
            stride=stride,
            padding=resolve_padding(self.padding, kernel, stride, dilation, x),
            dilation=dilation,
        )

    def pads(self, inputs: Types) -> Pads:
        """(begin, end) padding per axis."""
        return pads(inputs[0].shape[1:], self.kernel, self.stride, self.padding, self.dilation)

    def results(self, inputs: Types) -> Types:
        x = inputs[0]
        try:
            sizes = slide(self.name, x, self.kernel, self.stride, self.pads(inputs), self.dilation)
        except OpError as error:
            for doubt in arguments_of_pytorch(self.name, self.out, self.kernel, self.stride, self.groups, x):
                error.help = doubt.help
            raise
        return (TensorType((self.out, *sizes)),)

    def weights(self, inputs: Types) -> tuple[Weight, ...]:
        return kernel_and_bias(self.out, inputs[0].shape[0] // self.groups, self.kernel, self.bias)

    def macs(self, inputs: Types, outputs: Types) -> int:
        return outputs[0].size * (inputs[0].shape[0] // self.groups) * math.prod(self.kernel)

    def reach(self, inputs: Types) -> Reaches:
        return ((windows(self.kernel, self.stride, self.pads(inputs), self.dilation),),)

    def doubts(self, inputs: Types, made: Provenances) -> Iterator[Doubt]:
        x = inputs[0]
        yield from axes_in_another_order(self.name, x, made[0], self.kernel)
        yield from arguments_of_pytorch(self.name, self.out, self.kernel, self.stride, self.groups, x)

    def torch(self, inputs: Types) -> TorchForm:
        channels, rank = inputs[0].shape[0], inputs[0].rank - 1
        padding = (0,) * rank
        one_sided = False
        if self.padding == "same":
            even = symmetric_same(self.kernel, self.stride, self.dilation)
            one_sided, padding = even is None, even or padding
        else:
            padding = tuple(begin for begin, _ in self.pads(inputs))
        arguments = (
            ("kernel_size", compact(self.kernel)),
            *options(
                ("stride", compact(self.stride), 1),
                ("padding", compact(padding), 0),
                ("dilation", compact(self.dilation), 1),
                ("groups", self.groups, 1),
                ("bias", self.bias, True),
            ),
        )
        name = f"Conv{rank}dSame" if one_sided else f"nn.Conv{rank}d"
        helpers = conv_same(rank) if one_sided else ()
        return TorchForm(module=Call(name, (channels, self.out), arguments, NAMES), helpers=helpers)


@dataclass(frozen=True, slots=True)
class Depthwise(Op):
    """Depthwise convolution: every channel has its own window; `conv` with groups = channels."""

    name = "depthwise"
    kind = Kind.CONVOLUTION
    examples = (
        Example("depthwise(3, 2)", (MAP,), (TensorType((64, 28, 28)),), 640, 451_584),
        Example("depthwise(5, multiplier = 2, bias = false)", (TensorType((4, 9)),), (TensorType((8, 9)),), 40, 360),
    )

    kernel: Size = argument(SIZE, "window size, in elements", default=3)
    stride: Size = argument(SIZE, "step between windows, in elements", default=1)
    padding: Size = argument(PADDING, PADDING_DOC, default="auto")
    dilation: Size = argument(SIZE, "step between the taps of a window, in elements", default=1)
    multiplier: int = argument(COUNT, "output channels per input channel", default=1)
    bias: bool = argument(BOOL, "add a learned number per output channel", default=True)

    def conv(self, inputs: Types) -> Conv:
        """The grouped convolution that this is."""
        channels = inputs[0].shape[0] if inputs[0].shape else 1
        out = channels * self.multiplier
        return Conv(out, self.kernel, self.stride, self.padding, self.dilation, channels, self.bias)

    def channel_groups(self, inputs: Types) -> int:
        return inputs[0].shape[0]

    def resolve(self, inputs: Types) -> Self:
        space(self.name, inputs[0])
        conv = self.conv(inputs).resolve(inputs)
        return replace(self, kernel=conv.kernel, stride=conv.stride, padding=conv.padding, dilation=conv.dilation)

    def pads(self, inputs: Types) -> Pads:
        """(begin, end) padding per axis."""
        return self.conv(inputs).pads(inputs)

    def results(self, inputs: Types) -> Types:
        return self.conv(inputs).results(inputs)

    def weights(self, inputs: Types) -> tuple[Weight, ...]:
        return kernel_and_bias(inputs[0].shape[0] * self.multiplier, 1, self.kernel, self.bias)

    def macs(self, inputs: Types, outputs: Types) -> int:
        return outputs[0].size * math.prod(self.kernel)

    def reach(self, inputs: Types) -> Reaches:
        return self.conv(inputs).reach(inputs)

    def doubts(self, inputs: Types, made: Provenances) -> Iterator[Doubt]:
        return axes_in_another_order(self.name, inputs[0], made[0], self.kernel)

    def torch(self, inputs: Types) -> TorchForm:
        return self.conv(inputs).torch(inputs)


@dataclass(frozen=True, slots=True)
class ConvTranspose(Op):
    """Transposed convolution: every input element adds a weighted window to the output.

    output = (input - 1) * stride - 2 * padding + dilation * (kernel - 1) + 1 + output padding. By default that is
    stride * input with equal paddings, and torch's output padding where the difference is odd. With `"same"` it is
    stride * input as in TensorFlow, the input gradient of a "same" convolution: an odd element is cut off the end.
    """

    name = "conv_transpose"
    kind = Kind.CONVOLUTION
    enlarges = True
    examples = (
        Example("conv_transpose(32, 2, 2)", (TensorType((64, 7, 7)),), (TensorType((32, 14, 14)),), 8224, 401_408),
        Example("conv_transpose(4, 3, 2)", (TensorType((6, 5)),), (TensorType((4, 10)),), 76, 360),
        Example(
            "conv_transpose(4, 4, 2, 0, groups = 2)", (TensorType((6, 5, 5)),), (TensorType((4, 12, 12)),), 196, 4800
        ),
        Example('conv_transpose(4, 3, 2, "same")', (TensorType((6, 5, 4)),), (TensorType((4, 10, 8)),), 220, 4320),
        Example(
            "conv_transpose(8, 3, 2, 0, output_padding = 1)",
            (TensorType((3, 32, 32)),),
            (TensorType((8, 66, 66)),),
            224,
            221_184,
        ),
    )

    out: int = argument(COUNT, "output channels")
    kernel: Size = argument(SIZE, "window size, in output elements", default=1)
    stride: Size = argument(SIZE, "step between windows, in output elements", default=1)
    padding: Size = argument(
        PADDING, "elements cut off each side; by default as output = stride * input needs", default="auto"
    )
    dilation: Size = argument(SIZE, "step between the taps of a window, in output elements", default=1)
    groups: int = argument(COUNT, "parts into which the channels are split; each sees only its own", default=1)
    bias: bool = argument(BOOL, "add a learned number per output channel", default=True)
    output_padding: Size = argument(
        or_word("auto", NON_NEGATIVE_SIZE),
        "elements added at the end, fewer than stride or dilation; by default none beside a padding that is given",
        default="auto",
    )

    def resolve(self, inputs: Types) -> Self:
        conv = Conv(self.out, self.kernel, self.stride, 0, self.dilation, self.groups).resolve(inputs, self.name)
        padding, added = self.padding, self.output_padding
        if padding == "same" and added != "auto":
            raise OpError(
                "bad-padding",
                'conv_transpose takes no output_padding with padding = "same", which makes output = stride * input',
                parameter="output_padding",
                help="leave output_padding out, or give the padding as a number",
            )
        op = replace(
            self,
            kernel=conv.kernel,
            stride=conv.stride,
            dilation=conv.dilation,
            padding=padding if isinstance(padding, str) else spread("padding", padding, inputs[0]),
            output_padding=added if added == "auto" else spread("output_padding", added, inputs[0]),
        )
        cuts = op.cuts()
        if any(added < 0 for _, added in cuts):  # torch's module has no such argument
            return op
        return replace(op, padding=tuple(p for p, _ in cuts), output_padding=tuple(a for _, a in cuts))

    def cuts(self) -> tuple[tuple[int, int], ...]:
        """(padding, output padding) per axis in torch's sense; an output padding of -1 cuts one element off the end.

        Raises:
            OpError: no such numbers give output = stride * input, or torch does not take them.
        """
        axes = len(self.kernel)
        padding = self.padding if isinstance(self.padding, tuple) else (self.padding,) * axes
        added = self.output_padding if isinstance(self.output_padding, tuple) else (None,) * axes
        return tuple(map(cut, padding, added, self.kernel, self.stride, self.dilation))

    def results(self, inputs: Types) -> Types:
        x = inputs[0]
        sizes = tuple(
            (n - 1) * s - 2 * cut + extent(k, d) + extra
            for n, k, s, d, (cut, extra) in zip(
                x.shape[1:], self.kernel, self.stride, self.dilation, self.cuts(), strict=True
            )
        )
        if any(n < 1 for n in sizes):
            raise OpError(
                "empty-result",
                f"conv_transpose cuts all of {x} away: the result would be {TensorType((self.out, *sizes))}",
                parameter="padding",
                help="use less padding",
            )
        return (TensorType((self.out, *sizes)),)

    def weights(self, inputs: Types) -> tuple[Weight, ...]:
        weight = Weight("weight", (inputs[0].shape[0], self.out // self.groups, *self.kernel))
        return (weight, Weight("bias", (self.out,))) if self.bias else (weight,)

    def macs(self, inputs: Types, outputs: Types) -> int:
        return inputs[0].size * (self.out // self.groups) * math.prod(self.kernel)

    def reach(self, inputs: Types) -> Reaches:
        cuts = tuple(cut for cut, _ in self.cuts())
        return ((tuple(map(transposed, self.kernel, self.stride, self.dilation, cuts)),),)

    def doubts(self, inputs: Types, made: Provenances) -> Iterator[Doubt]:
        x = inputs[0]
        yield from axes_in_another_order(self.name, x, made[0], self.kernel)
        yield from arguments_of_pytorch(self.name, self.out, self.kernel, self.stride, self.groups, x)

    def torch(self, inputs: Types) -> TorchForm:
        channels, rank = inputs[0].shape[0], inputs[0].rank - 1
        cuts = self.cuts()
        one_sided = any(added < 0 for _, added in cuts)
        arguments = (
            ("kernel_size", compact(self.kernel)),
            *options(
                ("stride", compact(self.stride), 1),
                ("padding", compact(tuple(p for p, _ in cuts)), 0),
                ("output_padding", compact(tuple(max(added, 0) for _, added in cuts)), 0),
                ("groups", self.groups, 1),
                ("bias", self.bias, True),
                ("dilation", compact(self.dilation), 1),
            ),
        )
        name = f"ConvTranspose{rank}dSame" if one_sided else f"nn.ConvTranspose{rank}d"
        helpers = conv_transpose_same(rank) if one_sided else ()
        return TorchForm(module=Call(name, (channels, self.out), arguments, NAMES), helpers=helpers)


def cut(padding: int | str, added: int | None, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """(padding, output padding) of a transposed convolution along one axis; `added` is the latter where it is given.

    Raises:
        OpError: as `ConvTranspose.cuts`.
    """
    if added is not None and added >= max(stride, dilation):
        raise OpError(
            "bad-padding",
            f"conv_transpose cannot add {added} at the end: torch adds less than the stride {stride} "
            f"or the dilation {dilation}",
            parameter="output_padding",
            help="use a smaller output_padding, or the pad op",
        )
    surplus = extent(kernel, dilation) - stride  # of the output over stride * input
    if padding == "same":  # what a convolution of stride * input elements pads is cut, the odd element at the end
        begin = max(surplus, 0) // 2
        return begin, 2 * begin - surplus
    if padding == "auto":
        begin = max(-(-(surplus + (added or 0)) // 2), 0)
        end = 2 * begin - surplus
        if (end >= max(stride, dilation)) if added is None else (end != added):
            given = f"kernel {kernel}, stride {stride} and dilation {dilation}"
            if added is not None:
                given = f"{given.replace(' and', ',')} and output_padding {added}"
            raise OpError(
                "odd-transpose",
                f"conv_transpose with {given} cannot make output = stride * input with equal paddings",
                parameter="kernel" if added is None else "output_padding",
                help='give the padding: padding = 0, or padding = "same", which cuts an odd element off the end',
            )
        return begin, end
    if isinstance(padding, str):
        return (half_padding((kernel,), (dilation,))[0] if padding == "half" else 0), added or 0
    return padding, added or 0


OPS = (Conv, Depthwise, ConvTranspose)
