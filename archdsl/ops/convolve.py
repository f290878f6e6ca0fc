"""Convolution with a kernel that is a tensor: convolve."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

from archdsl.ops.arguments import COUNT, PADDING, SIZE, Size
from archdsl.ops.base import ALL, ChannelsSeen, Example, Kind, Op, OpError, Reaches, Types, argument, spatial_axes
from archdsl.ops.conv import PADDING_DOC, Conv
from archdsl.ops.doubts import Doubt, Provenances, axes_in_another_order
from archdsl.ops.same_padding import PAD_SAME
from archdsl.ops.torch_form import Call, Helper, Operand, TorchForm, compact, options
from archdsl.ops.windows import Pads, slide, space, symmetric_same
from archdsl.types import TensorType

MAP = TensorType((8, 9, 7))

CONVOLVE = Helper(
    "convolve",
    '''def convolve(
    x: Tensor,
    kernel: Tensor,
    stride: int | tuple[int, ...] = 1,
    padding: int | tuple[int, ...] = 0,
    dilation: int | tuple[int, ...] = 1,
    groups: int = 1,
) -> Tensor:
    """Convolve each sample with its kernel, or all of them with the only one."""
    conv = (F.conv1d, F.conv2d, F.conv3d)[x.dim() - 3]
    batch = len(kernel)
    if batch == 1:
        return conv(x, kernel[0], None, stride, padding, dilation, groups)
    x = x.expand(batch, *x.shape[1:]).flatten(0, 1)  # the samples are groups of one
    x = conv(x, kernel.flatten(0, 1), None, stride, padding, dilation, batch * groups)
    return x.unflatten(0, (batch, -1))
''',
)

CONVOLVE_SAME = Helper(
    "convolve_same",
    '''def convolve_same(
    x: Tensor,
    kernel: Tensor,
    stride: int | tuple[int, ...] = 1,
    dilation: int | tuple[int, ...] = 1,
    groups: int = 1,
) -> Tensor:
    """Convolve with TensorFlow's "same" padding."""
    x = pad_same(x, tuple(kernel.shape[3:]), stride, dilation)
    return convolve(x, kernel, stride, 0, dilation, groups)
''',
)


@dataclass(frozen=True, slots=True)
class Convolve(Op):
    """Convolution of `[C, H, W]` with a kernel `[out, C / groups, h, w]` that is a tensor: it owns no weights.

    It is to `conv` what `matmul` is to `linear`. The kernel may be worked out of learned tensors (weight
    standardization, arXiv:1903.10520), or of the sample (CondConv, arXiv:1904.04971): then each has its own.
    """

    name = "convolve"
    each_channel = "depthwise convolve"
    kind = Kind.CONVOLUTION
    arity = (2, 2)
    operands = ("x", "kernel")
    examples = (
        Example("convolve", (MAP, TensorType((4, 8, 3, 3))), (TensorType((4, 9, 7)),), 0, 18_144),
        Example("convolve(2, groups = 4)", (MAP, TensorType((4, 2, 3, 5))), (TensorType((4, 5, 4)),), 0, 2400),
        Example('convolve(2, "same")', (MAP, TensorType((6, 8, 2, 4))), (TensorType((6, 5, 4)),), 0, 7680),
        Example("convolve(dilation = 2)", (TensorType((3, 11)), TensorType((2, 3, 4))), (TensorType((2, 11)),), 0, 264),
    )

    stride: Size = argument(SIZE, "step between windows, in elements", default=1)
    padding: Size = argument(PADDING, PADDING_DOC, default="auto")
    dilation: Size = argument(SIZE, "step between the taps of a window, in elements", default=1)
    groups: int = argument(COUNT, "parts into which the channels are split; each sees only its own", default=1)

    def conv(self, inputs: Types) -> Conv:
        """The convolution that this is, whose weights are the second operand."""
        out, _, *kernel = inputs[1].shape
        return Conv(out, tuple(kernel), self.stride, self.padding, self.dilation, self.groups, bias=False)

    def kernel_shape(self, inputs: Types) -> tuple[int, ...]:
        return inputs[1].shape

    def channels_seen(self, x: TensorType, y: TensorType) -> ChannelsSeen:
        if x.rank > y.rank:  # the kernel: each of its first axis makes one channel
            return ChannelsSeen.OWN
        return ChannelsSeen.ALL if self.groups == 1 else ChannelsSeen.OWN

    def resolve(self, inputs: Types) -> Self:
        x, kernel = inputs
        space(self.name, x)
        if kernel.rank != x.rank + 1:
            sizes = ", ".join(("d", "h", "w")[4 - x.rank :])
            turned = x.rank == kernel.rank + 1
            raise OpError(
                "wrong-rank",
                f"convolve needs for {x} a kernel [out, {x.shape[0]} / groups, {sizes}], got {kernel}",
                operand=1,
                help="the map stands first: [x, kernel] -> convolve" if turned else "reshape the kernel",
            )
        conv = self.conv(inputs).resolve(inputs[:1], self.name)
        if kernel.shape[1] * self.groups != x.shape[0]:
            each = f"{x.shape[0]} channels"
            if self.groups > 1:
                each += f" in {self.groups} groups of {x.shape[0] // self.groups}"
            raise OpError(
                "shape-mismatch",
                f"convolve has {each} in {x}, but a kernel {kernel} for {kernel.shape[1]}",
                operand=1,
                help="a kernel is [out, in / groups, height, width]; TensorFlow's [height, width, in, out] is "
                "turned by permute([3, 2, 0, 1])",
            )
        return replace(self, stride=conv.stride, padding=conv.padding, dilation=conv.dilation)

    def pads(self, inputs: Types) -> Pads:
        """(begin, end) padding per axis."""
        return self.conv(inputs).pads(inputs)

    def results(self, inputs: Types) -> Types:
        x, kernel = inputs
        try:
            sizes = slide(self.name, x, kernel.shape[2:], self.stride, self.pads(inputs), self.dilation)
        except OpError as error:
            error.parameter, error.operand = None, 1
            raise
        return (TensorType((kernel.shape[0], *sizes)),)

    def macs(self, inputs: Types, outputs: Types) -> int:
        return outputs[0].size * math.prod(inputs[1].shape[1:])

    def reach(self, inputs: Types) -> Reaches:
        ((windows,),) = self.conv(inputs).reach(inputs[:1])
        return ((windows, tuple(ALL for _ in spatial_axes(inputs[1]))),)

    def doubts(self, inputs: Types, made: Provenances) -> Iterator[Doubt]:
        return axes_in_another_order(self.name, inputs[0], made[0], inputs[1].shape[2:])

    def torch(self, inputs: Types) -> TorchForm:
        padding: tuple[int, ...] | None = tuple(begin for begin, _ in self.pads(inputs))
        if self.padding == "same":
            padding = symmetric_same(inputs[1].shape[2:], self.stride, self.dilation)
        kwargs = options(
            ("stride", compact(self.stride), 1),
            ("padding", compact(padding or (0,)), 0),
            ("dilation", compact(self.dilation), 1),
            ("groups", self.groups, 1),
        )
        name = "convolve" if padding is not None else "convolve_same"
        helpers = (CONVOLVE,) if padding is not None else (PAD_SAME, CONVOLVE, CONVOLVE_SAME)
        return TorchForm(function=Call(name, (Operand(0), Operand(1)), kwargs), helpers=helpers, stretched=(0, 1))


OPS = (Convolve,)
