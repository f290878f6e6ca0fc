"""Says what is legal, but likely not what was meant: misreadings that an op sees in its shapes and their origin."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple

from archdsl.types import TensorType


class AxesOrigin(Enum):
    """What made the axes of a tensor, as far as misreadings ask."""

    FIXED = auto()  # it depends on no input of the network: learned, or computed from such
    INPUT = auto()  # an input of the network, as it was declared
    MAP = auto()  # a convolution or pool: `[C, H, W]`
    FEATURES = auto()  # linear or embedding: features last
    OTHER = auto()  # anything else: nothing is known


class Provenance(NamedTuple):
    """The origin of a tensor, and of a network's input the type that it was declared with.

    Ops that leave the axes what they are (activations, norms, arithmetic, padding, slices, resizing …) hand it on.
    """

    origin: AxesOrigin
    declared: TensorType | None = None


Provenances = tuple[Provenance, ...]


class Doubt(NamedTuple):
    """A warning: its code, what it says, and what to write instead; `of_input` where that is an input's declaration."""

    code: str
    message: str
    help: str
    of_input: bool = False


IMAGE_CHANNELS = (1, 3, 4)


def works_along_width(name: str, arguments: str, x: TensorType, made: Provenance) -> Iterator[Doubt]:
    """`name` works on the last axis, where a map `[C, H, W]` has its columns; `arguments` as written, for the help.

    A vector has no columns. Of a network's own input only what looks like an image is taken for a map.
    """
    if x.rank < 2 or not (made.origin is AxesOrigin.MAP or (made.declared and _looks_like_an_image(made.declared))):
        return
    places, order = ("positions", "[1, 0]") if x.rank == 2 else ("columns", str([*range(1, x.rank), 0]))
    torch = ", as torch's flatten(1)" if x.rank == 2 else ""
    yield Doubt(
        "works-along-width",
        f"{name} works along the last axis: it mixes the {x.shape[-1]} {places} of this map {x}, not its channels",
        f"for the channels of each place, channels last: x -> permute({order}) -> {name}{arguments}; "
        f"for one vector{torch}: x -> flatten -> {name}{arguments}",
    )


def _looks_like_an_image(x: TensorType) -> bool:
    if x.rank != 3:
        return False
    channels, height, width = x.shape
    return min(height, width) > 4 and (channels == 3 or (channels == 1 and height == width))


def softmax_over_places(axis: int, x: TensorType, made: Provenance) -> Iterator[Doubt]:
    """Softmax along a spatial axis of a map `[C, H, W]`; of a sequence, `[C, L]` or `[C, 1, L]`, it is attention."""
    if axis == 0 or made.origin is not AxesOrigin.MAP or sum(size > 1 for size in x.shape[1:]) < 2:
        return
    place = "width" if axis == x.rank - 1 else "height" if axis == x.rank - 2 else "depth"
    yield Doubt(
        "works-along-width",
        f"softmax goes along the {place} of this map {x}, {x.shape[axis]} places of one channel",
        "for classes at each place, which are the channels, write softmax(axis = 0)",
    )


def one_feature_a_step(out: int, x: TensorType, made: Provenance) -> Iterator[Doubt]:
    """A sequence of one feature a step, `[T, 1]`, counts as the vector `[T]`, like a map `[C, 1]`."""
    if x.rank == 2 and x.shape[0] > 1 and x.shape[1] == 1 and made.origin in (AxesOrigin.INPUT, AxesOrigin.FEATURES):
        steps = x.shape[0]
        yield Doubt(
            "one-feature",
            f"linear takes {x} as one vector of {steps}, so it mixes the {steps} steps",
            f"for each step by itself: x -> transpose -> conv({out}) -> transpose; for the vector: "
            f"x -> flatten -> linear({out})",
        )


def axes_in_another_order(
    name: str, x: TensorType, made: Provenance, kernel: tuple[int, ...] = (1,)
) -> Iterator[Doubt]:
    """A network's input that goes into a window op and was declared with its batch first, or its channels last.

    A window with a size of its own along some axis tells that its writer counts the axes as we do.
    """
    declared = made.declared
    if declared is None or kernel.count(kernel[0]) < len(kernel):
        return
    found = _batch_first(declared, kernel[0]) or _channels_last(declared)
    if found is not None:
        code, help = found
        channels, *places = x.shape
        taken = f"{channels} channel{'s' * (channels > 1)}"
        if x.rank == 4:
            taken = f"a volume of {taken}, {places[0]} deep"
        else:
            taken += f" of {' x '.join(map(str, places))}"
        since = "" if x == declared else f", where the input is {declared}"
        yield Doubt(code, f"{name} takes {x} as {taken}{since}", help, of_input=True)


def _batch_first(x: TensorType, kernel: int) -> tuple[str, str] | None:
    """`[N, C, H, W]`, or `[N, 1, L]` under a window higher than the one row that there is: the code and the help."""
    if x.rank == 4 and min(x.shape[2:]) > 4 and (x.shape[1] == 1 or (x.shape[1] == 3 and x.shape[0] != 3)):
        what, else_ = f"images {x.shape[2]} x {x.shape[3]}", ""
    elif x.rank == 3 and x.shape[1] == 1 and x.shape[2] >= 64 and kernel > 1:
        what, else_ = f"sequences of {x.shape[2]}", f"; for a map of one row the window is (1, {kernel})"
    else:
        return None
    return "batch-axis", f"the batch is not written: declare {TensorType(x.shape[1:])} for {what}{else_}"


def _channels_last(x: TensorType) -> tuple[str, str] | None:
    """`[H, W, C]`, `[L, C]` or `[N, H, W, C]`: the code and the help. N may count a batch or be a depth."""
    *places, last = x.shape
    first = TensorType((last, *places))
    if x.rank == 4:
        count, *places = places
        clips = "" if count == 1 else f"; for volumes or clips {count} deep, {first}"
        first = TensorType((last, *places))
        what = f"channels come first, and the batch is not written: declare {first} for images{clips}"
    else:
        what = f"channels come first: declare {first}, or move them: x -> permute({[x.rank - 1, *range(x.rank - 1)]})"
    if x.rank == 2:
        found = last in (2, 3, 4) and places[0] >= 64
    elif x.rank not in (3, 4) or last not in IMAGE_CHANNELS or max(places) < 16:
        return None
    else:
        found = min(places) > (24 if last == 4 else 8) and (last == 3 or places[0] == places[1])
    return ("channels-last", what) if found else None


def arguments_of_pytorch(
    name: str, out: int, kernel: tuple[int, ...], stride: tuple[int, ...], groups: int, x: TensorType
) -> Iterator[Doubt]:
    """`conv(3, 64, 3)`, read as 3 channels out by a window of 64, where torch means 64 out by a window of 3.

    The first number is then the channels that come in, and the window as large as channels are many: far larger than
    twice its stride, and even. Patches (window = stride), windows of twice the stride, large depthwise windows, long
    filters of sequences and windows as large as the map are none. But no image becomes one of as many channels by an
    odd stride, or by a window of 16 and more: what does so is transposed.
    """
    k, s = kernel[0], stride[0]
    if out != x.shape[0] or groups > 1 or kernel.count(k) < len(kernel) or stride.count(s) < len(stride):
        return
    wide = k >= 16 and (k % 2 == 0 or out > 1) and (x.rank > 2 or (k % 2 == 0 and k >= out))
    an_image = name == "conv" and x.rank > 2 and out in IMAGE_CHANNELS
    odd_step = k >= 6 and (k % 2 == 0 or an_image) and s % 2 == 1 and s > 2
    twice = odd_step and name == "conv" and out in IMAGE_CHANNELS
    if (wide or odd_step) and k > s and (k != 2 * s or twice or (an_image and out > 1)) and kernel != x.shape[1:]:
        yield Doubt(
            "pytorch-arguments",
            f"{name}({out}, {k}, {s}) gives {out} channel{'s' * (out > 1)} by a window of {k} and a stride of {s}",
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
    changing = [x for x, o in zip(inputs, made, strict=True) if o.origin is not AxesOrigin.FIXED and x.size > 1]
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
