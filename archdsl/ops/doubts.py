"""Says what is legal, but likely not what was meant: misreadings that an op sees in its shapes and their origin."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Flag, auto
from typing import NamedTuple

from archdsl.types import TensorType


class Provenance(Flag):
    """How a tensor came about, as far as misreadings ask; several at once where a body is applied in several places.

    What an activation, a norm or a drop gives is as its operand was; anything not listed has no flag.
    """

    INPUT = auto()  # as it came into the network
    WINDOW = auto()  # a map that a convolution or pool made
    FEATURES = auto()  # made along the last axis: by linear or embedding
    SAMPLE = auto()  # depends on an input of the network, so it differs from sample to sample


Provenances = tuple[Provenance, ...]


class Doubt(NamedTuple):
    """A warning: its code, what it says, and what to write instead."""

    code: str
    message: str
    help: str


IMAGE_CHANNELS = (1, 3, 4)


def works_along_width(name: str, arguments: str, x: TensorType, made: Provenance) -> Iterator[Doubt]:
    """`name` works on the last axis, where a map `[C, H, W]` has its columns; `arguments` as written, for the help.

    A vector has no columns. Of a network's own input only what looks like an image is taken for a map.
    """
    if x.rank < 2 or not (Provenance.WINDOW in made or (Provenance.INPUT in made and _looks_like_an_image(x))):
        return
    places, order = ("positions", "[1, 0]") if x.rank == 2 else ("columns", str([*range(1, x.rank), 0]))
    yield Doubt(
        "works-along-width",
        f"{name} works along the last axis: it mixes the {x.shape[-1]} {places} of this map {x}, not its channels",
        f"for the channels of each place, channels last: x -> permute({order}) -> {name}{arguments}; "
        f"for one vector: x -> flatten -> {name}{arguments}",
    )


def _looks_like_an_image(x: TensorType) -> bool:
    if x.rank != 3:
        return False
    channels, height, width = x.shape
    return min(height, width) > 4 and (channels == 3 or (channels == 1 and height == width))


def softmax_over_places(axis: int, x: TensorType, made: Provenance) -> Iterator[Doubt]:
    """Softmax along a spatial axis of a map `[C, H, W]`; along a sequence `[C, L]` it is attention over time."""
    if axis == 0 or x.rank < 3 or Provenance.WINDOW not in made:
        return
    place = "width" if axis == x.rank - 1 else "height" if axis == x.rank - 2 else "depth"
    yield Doubt(
        "works-along-width",
        f"softmax goes along the {place} of this map {x}, {x.shape[axis]} places of one channel",
        "for classes at each place, which are the channels, write softmax(axis = 0)",
    )


def one_feature_a_step(out: int, x: TensorType, made: Provenance) -> Iterator[Doubt]:
    """A sequence of one feature a step, `[T, 1]`, counts as the vector `[T]`, like a map `[C, 1]`."""
    if x.rank == 2 and x.shape[0] > 1 and x.shape[1] == 1 and (Provenance.INPUT | Provenance.FEATURES) & made:
        steps = x.shape[0]
        yield Doubt(
            "one-feature",
            f"linear takes {x} as one vector of {steps}, so it mixes the {steps} steps",
            f"for each step by itself: x -> transpose -> conv({out}) -> transpose; for the vector: "
            f"x -> flatten -> linear({out})",
        )


def axes_in_another_order(name: str, x: TensorType, made: Provenance) -> Iterator[Doubt]:
    """A network's input that goes into a window op and has its batch first, or its channels last."""
    if Provenance.INPUT not in made:
        return
    if x.rank == 4 and min(x.shape[2:]) > 4 and (x.shape[1] == 1 or (x.shape[1] == 3 and x.shape[0] != 3)):
        yield Doubt(
            "batch-axis",
            f"{name} takes {x} as a volume of {x.shape[0]} channel{'s' * (x.shape[0] > 1)}, {x.shape[1]} deep",
            f"the batch is not written: declare {TensorType(x.shape[1:])} for images {x.shape[2]} x {x.shape[3]}",
        )
    elif _looks_channels_last(x):
        right = TensorType((x.shape[-1], *x.shape[:-1]))
        yield Doubt(
            "channels-last",
            f"{name} takes {x} as {x.shape[0]} channels of {' x '.join(map(str, x.shape[1:]))}",
            f"channels come first: declare {right}, or move them: x -> permute({[x.rank - 1, *range(x.rank - 1)]})",
        )


def _looks_channels_last(x: TensorType) -> bool:
    *places, last = x.shape
    if x.rank == 2:
        return last in (2, 3, 4) and places[0] >= 64
    if x.rank not in (3, 4) or last not in IMAGE_CHANNELS or min(places) < 8 or max(places) < 16:
        return False
    return last == 3 or places[-1] == places[-2]


def arguments_of_pytorch(
    name: str, out: int, kernel: tuple[int, ...], stride: tuple[int, ...], groups: int, x: TensorType
) -> Iterator[Doubt]:
    """`conv(3, 64, 3)`, read as 3 channels out by a window of 64, where torch means 64 out by a window of 3.

    The first number is then the channels that come in, and the window as large as channels are many: far larger than
    twice its stride, and even. Patches (window = stride), windows of twice the stride, large depthwise windows and
    long filters of sequences are none.
    """
    k, s = kernel[0], stride[0]
    if out != x.shape[0] or groups > 1 or kernel.count(k) < len(kernel) or stride.count(s) < len(stride):
        return
    wide = k >= 16 and (k % 2 == 0 or out > 1) and (x.rank > 2 or (k % 2 == 0 and k >= out))
    odd_step = k >= 6 and k % 2 == 0 and s % 2 == 1 and s > 2
    if (wide or odd_step) and k > s and k != 2 * s:
        yield Doubt(
            "pytorch-arguments",
            f"{name}({out}, {k}, {s}) gives {out} channels by a window of {k} and a stride of {s}",
            f"the channels that come in are not written: {name}({k}, {s}) gives {k} channels by a window of {s}",
        )


def eps_that_is_a_count(name: str, eps: float, written: str) -> Iterator[Doubt]:
    """`bn(64)`: torch's BatchNorm2d takes the number of channels first, here eps comes first."""
    if eps >= 1:
        yield Doubt(
            "pytorch-arguments",
            f"this {name} adds eps = {eps:g} to the variance",
            f"the number of channels is not written: {written}",
        )


def stretched_sum(verb: str, inputs: tuple[TensorType, ...], made: Provenances, full: TensorType) -> Iterator[Doubt]:
    """A sum whose result has more channels than one of its terms, or is larger than each of them.

    Single numbers and what is learned are terms of any size.
    """
    changing = [x for x, o in zip(inputs, made, strict=True) if Provenance.SAMPLE in o and x.size > 1]
    ranked = [x for x in changing if x.rank == full.rank]
    thin = next((x for x in ranked if x.shape[0] != full.shape[0]), None)
    grown = len(ranked) > 1 and all(x.shape != full.shape for x in ranked)
    if thin is not None or grown:
        x = thin or ranked[0]
        what = f"{full.shape[0]} channels" if thin is not None else "places that no side has all of"
        yield Doubt(
            "stretched-sum",
            f"{x} is stretched to {what} to {verb} it: the result is {full}",
            "bring both sides to one shape: a convolution makes as many channels; a gate is a product, `*`",
        )
