"""Convolutions whose taps move as another tensor says: deform_conv."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

from archdsl.ops.arguments import BOOL, COUNT, PADDING, SIZE, Size
from archdsl.ops.base import (
    IDENTITY,
    Example,
    Kind,
    Op,
    OpError,
    Reaches,
    Types,
    Undefined,
    Weight,
    argument,
)
from archdsl.ops.conv import PADDING_DOC, Conv
from archdsl.ops.doubts import Doubt, Provenances, axes_in_another_order
from archdsl.ops.shuffle import need_image
from archdsl.ops.torch_form import Helper, TorchForm
from archdsl.types import TensorType

MAP = TensorType((8, 6, 7))

DEFORM_CONV = Helper(
    "DeformConv2d",
    '''class DeformConv2d(nn.Conv2d):
    """Convolution whose taps are moved by (y, x) offsets, one pair per tap and place."""

    def forward(self, x: Tensor, offset: Tensor) -> Tensor:
        taps = torch.arange(self.weight[0, 0].numel(), device=x.device)
        row, column = taps // self.kernel_size[1], taps % self.kernel_size[1]
        moved = offset.unflatten(1, (-1, len(taps), 2)).flatten(0, 1)
        places = []
        for axis, tap in enumerate((row, column)):
            start = tap * self.dilation[axis] - self.padding[axis]
            step = torch.arange(offset.shape[2 + axis], device=x.device)
            step = (step * self.stride[axis]).view((-1, 1) if axis == 0 else -1)
            place = moved[:, :, axis] + start[:, None, None] + step
            places.append((2 * place + 1) / x.shape[2 + axis] - 1)
        grid = torch.stack(places[::-1], dim=-1).flatten(1, 2)
        parts = x.unflatten(1, (moved.shape[0] // x.shape[0], -1)).flatten(0, 1)
        read = F.grid_sample(parts, grid, align_corners=False)
        read = read.reshape(x.shape[0], -1, *offset.shape[2:])
        weight = self.weight.flatten(1)[:, :, None, None]
        return F.conv2d(read, weight, self.bias, groups=self.groups)
''',
)


@dataclass(frozen=True, slots=True)
class DeformConv(Op):
    """Convolution whose taps are moved: `[C, H, W]` and offsets `[2 * kernel * kernel, h, w]` to `[out, h, w]`.

    Per tap, row by row, the offsets hold how far it moves down and right, in elements; between elements the map is
    read bilinearly, beyond its edges it is zero. Several sets of offsets share the channels in equal parts.
    Dai et al. 2017, arXiv:1703.06211, section 2.1.
    """

    name = "deform_conv"
    kind = Kind.CONVOLUTION
    arity = (2, 2)
    operands = ("x", "offsets")
    examples = (
        Example("deform_conv(4, 3)", (MAP, TensorType((18, 6, 7))), (TensorType((4, 6, 7)),), 292, 12_096),
        Example(
            "deform_conv(6, (1, 3), 2, groups = 2, bias = false)",
            (MAP, TensorType((12, 3, 4))),
            (TensorType((6, 3, 4)),),
            72,
            864,
        ),
    )

    out: int = argument(COUNT, "output channels")
    kernel: Size = argument(SIZE, "window size, in elements", default=3)
    stride: Size = argument(SIZE, "step between windows, in elements", default=1)
    padding: Size = argument(PADDING, PADDING_DOC, default="auto")
    dilation: Size = argument(SIZE, "step between the taps of a window before they move, in elements", default=1)
    groups: int = argument(COUNT, "parts into which the channels are split; each sees only its own", default=1)
    bias: bool = argument(BOOL, "add a learned number per output channel", default=True)

    def conv(self) -> Conv:
        """The convolution that this is where nothing moves."""
        return Conv(self.out, self.kernel, self.stride, self.padding, self.dilation, self.groups, self.bias)

    def resolve(self, inputs: Types) -> Self:
        need_image(self.name, inputs[0])
        conv = self.conv().resolve(inputs[:1], self.name)
        padding, pads = conv.padding, conv.pads(inputs[:1])
        if any(begin != end for begin, end in pads):
            raise OpError(
                "bad-padding",
                f"deform_conv cannot pad {inputs[0]} on one side only",
                parameter="padding",
                help='use padding = "half", or pad the map first',
            )
        if padding == "same":  # a matter of the input's size; what is left of it are numbers
            padding = tuple(begin for begin, _ in pads)
        return replace(self, kernel=conv.kernel, stride=conv.stride, padding=padding, dilation=conv.dilation)

    def results(self, inputs: Types) -> Types:
        x, offset = inputs
        result = self.conv().results((x,))
        pairs = 2 * math.prod(self.kernel)
        if offset.shape[1:] != result[0].shape[1:] or offset.shape[0] % pairs:
            raise OpError(
                "shape-mismatch",
                f"deform_conv needs offsets {TensorType((pairs, *result[0].shape[1:]))}, got {offset}",
                operand=1,
                help=f"make them with a convolution of the same kernel and stride: conv({pairs}, …)",
            )
        if x.shape[0] % (offset.shape[0] // pairs):
            raise OpError(
                "channels-not-divisible",
                f"deform_conv cannot split {x.shape[0]} channels among {offset.shape[0] // pairs} sets of offsets",
                operand=1,
                help=f"make {pairs} offsets, or a multiple that divides the channels",
            )
        return result

    def weights(self, inputs: Types) -> tuple[Weight, ...]:
        return self.conv().weights(inputs[:1])

    def macs(self, inputs: Types, outputs: Types) -> int:
        return self.conv().macs(inputs[:1], outputs)

    def reach(self, inputs: Types) -> Reaches:
        unknown = Undefined("where deform_conv reads depends on the values of its offsets")
        return (((unknown, unknown), (IDENTITY, IDENTITY)),)

    def doubts(self, inputs: Types, made: Provenances) -> Iterator[Doubt]:
        return axes_in_another_order(self.name, inputs[0], made[0], self.kernel)

    def torch(self, inputs: Types) -> TorchForm:
        module = self.conv().torch(inputs[:1]).module
        assert module is not None
        return TorchForm(module=replace(module, function="DeformConv2d"), helpers=(DEFORM_CONV,))


OPS = (DeformConv,)
