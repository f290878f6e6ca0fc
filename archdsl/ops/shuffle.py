"""Moves elements between channels and places: channel_shuffle, pixel_shuffle, pixel_unshuffle, shift, select."""

from __future__ import annotations

from dataclasses import dataclass

from archdsl.ops.arguments import COUNT
from archdsl.ops.axes import axis_index
from archdsl.ops.base import (
    ALL,
    IDENTITY,
    ChannelsSeen,
    Example,
    Kind,
    Op,
    OpError,
    Reaches,
    Types,
    Weight,
    Window,
    argument,
    spatial_axes,
)
from archdsl.ops.phases import repeated
from archdsl.ops.torch_form import Call, Channels, Helper, Operand, TorchForm, either
from archdsl.ops.windows import space
from archdsl.types import TensorType

NAMES = (Channels("in_channels"), Channels("out_channels"))

SHIFT = Helper(
    "shift",
    '''def shift(x: Tensor, kernel: int) -> Tensor:
    """Move each of kernel * kernel groups of channels by its own offset."""
    reach, height, width = kernel // 2, x.shape[2], x.shape[3]
    size = x.shape[1] // (kernel * kernel)
    padded = F.pad(x, (reach, reach, reach, reach))
    parts = []
    for group in range(kernel * kernel):
        top, left = divmod(group, kernel)
        part = padded[:, group * size : (group + 1) * size]
        parts.append(part[:, :, top : top + height, left : left + width])
    return torch.cat([*parts, x[:, kernel * kernel * size :]], dim=1)
''',
)

SELECT = Helper(
    "Select",
    '''class Select(nn.Module):
    """Take `count` of the channels, those that the buffer `index` names; at first the channels in turn."""

    def __init__(self, channels: int, count: int) -> None:
        super().__init__()
        self.register_buffer("index", torch.arange(count) % channels)

    def forward(self, x: Tensor) -> Tensor:
        return x.index_select(1, self.index)
''',
)


@dataclass(frozen=True, slots=True)
class ChannelShuffle(Op):
    """Interleaves groups of channels: number i of group g becomes i * groups + g. Zhang et al., arXiv:1707.01083."""

    name = "channel_shuffle"
    kind = Kind.RESHAPE
    examples = (
        Example("channel_shuffle(2)", (TensorType((116, 28, 28)),), (TensorType((116, 28, 28)),)),
        Example("channel_shuffle(3)", (TensorType((6, 5)),), (TensorType((6, 5)),)),
    )

    groups: int = argument(COUNT, "how many groups")

    def results(self, inputs: Types) -> Types:
        x = inputs[0]
        space(self.name, x)
        if x.shape[0] % self.groups:
            raise OpError(
                "channels-not-divisible",
                f"channel_shuffle cannot split {x.shape[0]} channels into {self.groups} groups",
                parameter="groups",
                operand=0,
                help="choose a number of groups that divides the channels",
            )
        return inputs[:1]

    def torch(self, inputs: Types) -> TorchForm:
        return either("nn.ChannelShuffle", "F.channel_shuffle", (self.groups,), (), ("groups",))


def need_image(name: str, x: TensorType) -> tuple[int, int, int]:
    """Channels, height and width.

    Raises:
        OpError: `x` is no [C, H, W].
    """
    if x.rank != 3:
        raise OpError("wrong-rank", f"{name} needs a map [C, H, W], got {x}", operand=0, help="reshape it to [C, H, W]")
    channels, height, width = x.shape
    return channels, height, width


@dataclass(frozen=True, slots=True)
class PixelShuffle(Op):
    """`[C * f * f, H, W]` to `[C, H * f, W * f]`: channels become places. Shi et al. 2016, arXiv:1609.05158."""

    name = "pixel_shuffle"
    kind = Kind.RESHAPE
    examples = (Example("pixel_shuffle(2)", (TensorType((12, 4, 5)),), (TensorType((3, 8, 10)),)),)

    factor: int = argument(COUNT, "how many times higher and wider")

    def results(self, inputs: Types) -> Types:
        channels, height, width = need_image(self.name, inputs[0])
        square = self.factor**2
        if channels % square:
            raise OpError(
                "channels-not-divisible",
                f"pixel_shuffle({self.factor}) needs a multiple of {square} channels, got {channels}",
                parameter="factor",
                operand=0,
                help=f"make the channels with a conv first: conv({max(channels // square, 1) * square})",
            )
        return (TensorType((channels // square, height * self.factor, width * self.factor)),)

    def reach(self, inputs: Types) -> Reaches:
        window = repeated(self.factor)
        return (((window, window),),)

    def torch(self, inputs: Types) -> TorchForm:
        return either("nn.PixelShuffle", "F.pixel_shuffle", (self.factor,), (), ("upscale_factor",))


@dataclass(frozen=True, slots=True)
class PixelUnshuffle(Op):
    """`[C, H * f, W * f]` to `[C * f * f, H, W]`: places become channels (space to depth)."""

    name = "pixel_unshuffle"
    kind = Kind.RESHAPE
    examples = (Example("pixel_unshuffle(2)", (TensorType((3, 8, 10)),), (TensorType((12, 4, 5)),)),)

    factor: int = argument(COUNT, "how many times lower and narrower")

    def results(self, inputs: Types) -> Types:
        channels, height, width = need_image(self.name, inputs[0])
        if height % self.factor or width % self.factor:
            raise OpError(
                "shape-mismatch",
                f"pixel_unshuffle({self.factor}) needs height and width divisible by {self.factor}, got {inputs[0]}",
                parameter="factor",
                operand=0,
                help="pad or crop first",
            )
        return (TensorType((channels * self.factor**2, height // self.factor, width // self.factor)),)

    def reach(self, inputs: Types) -> Reaches:
        window = Window(self.factor, self.factor)
        return (((window, window),),)

    def torch(self, inputs: Types) -> TorchForm:
        return either("nn.PixelUnshuffle", "F.pixel_unshuffle", (self.factor,), (), ("downscale_factor",))


@dataclass(frozen=True, slots=True)
class Shift(Op):
    """Moves each of kernel * kernel groups of channels by one offset of the window, filling with zeros.

    Groups go through the window row by row; channels left over by the division stay. Wu et al. 2017, arXiv:1711.08141.
    """

    name = "shift"
    kind = Kind.RESHAPE
    examples = (Example("shift(3)", (TensorType((20, 6, 7)),), (TensorType((20, 6, 7)),)),)

    kernel: int = argument(COUNT, "window size, odd", default=3)

    def results(self, inputs: Types) -> Types:
        channels, _, _ = need_image(self.name, inputs[0])
        if self.kernel % 2 == 0:
            raise OpError(
                "bad-argument-value",
                f"shift needs an odd kernel, got {self.kernel}",
                parameter="kernel",
                help="an odd window has a middle: 3, 5, 7",
            )
        if channels < self.kernel**2:
            raise OpError(
                "channels-not-divisible",
                f"shift({self.kernel}) needs at least {self.kernel**2} channels, got {channels}",
                parameter="kernel",
                operand=0,
                help="each offset of the window needs a channel: use a smaller kernel or more channels",
            )
        return inputs[:1]

    def reach(self, inputs: Types) -> Reaches:
        """The window over all channels; one channel sees one element of it."""
        window = Window(self.kernel, begin=-(self.kernel // 2))
        return (((window, window),),)

    def channels_seen(self, x: TensorType, y: TensorType) -> ChannelsSeen:
        return ChannelsSeen.APART

    def torch(self, inputs: Types) -> TorchForm:
        return TorchForm(function=Call("shift", (Operand(), self.kernel), names=("input", "kernel")), helpers=(SHIFT,))


@dataclass(frozen=True, slots=True)
class Select(Op):
    """Takes channels by a list of their numbers, a buffer that is found while training. Huang et al., arXiv:1711.09224.

    A channel may be taken more than once. The list starts out as 0, 1, 2, … and no gradient changes it.
    """

    name = "select"
    kind = Kind.RESHAPE
    examples = (
        Example("select(8)", (TensorType((16, 5, 6)),), (TensorType((8, 5, 6)),)),
        Example("select(40)", (TensorType((16,)),), (TensorType((40,)),)),
    )

    count: int = argument(COUNT, "how many channels")

    def results(self, inputs: Types) -> Types:
        axis_index(self.name, 0, inputs[0], parameter="count")
        return (TensorType((self.count, *inputs[0].shape[1:])),)

    def weights(self, inputs: Types) -> tuple[Weight, ...]:
        return (Weight("index", (self.count,), trainable=False),)

    def reach(self, inputs: Types) -> Reaches:
        """The same place of some channel; on a vector any element, since the list is not known."""
        return (((ALL if inputs[0].rank == 1 else IDENTITY,) * len(spatial_axes(inputs[0])),),)

    def channels_seen(self, x: TensorType, y: TensorType) -> ChannelsSeen:
        return ChannelsSeen.SOME

    def torch(self, inputs: Types) -> TorchForm:
        return TorchForm(module=Call("Select", (inputs[0].shape[0], self.count), (), NAMES), helpers=(SELECT,))


OPS = (ChannelShuffle, PixelShuffle, PixelUnshuffle, Shift, Select)
