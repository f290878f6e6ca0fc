"""Makes maps larger or smaller by interpolation: upsample."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Self

from archdsl.ops.arguments import BOOL, SCALE, SIZE, Size, choice, or_word
from archdsl.ops.base import Example, Kind, Op, OpError, Reach, Reaches, TorchForm, Types, argument
from archdsl.ops.phases import linear, nearest
from archdsl.ops.torch_form import compact, either, options
from archdsl.ops.windows import space, spread
from archdsl.types import TensorType

MAP = TensorType((8, 5, 6))
LINEAR_MODES = ("linear", "bilinear", "trilinear")


def times(size: int, scale: float) -> int:
    """floor(size * scale), as torch computes it: in float, which is exact for scales such as 2 or 1.5."""
    exact = Fraction(scale)
    if exact.numerator < 2**20 and exact.denominator < 2**20:
        return size * exact.numerator // exact.denominator
    return int(size * scale)


@dataclass(frozen=True, slots=True)
class Upsample(Op):
    """Resizes the spatial axes by a factor, floor(input * scale), or to a size.

    nearest: output o copies input floor(o / scale). bilinear: weighted mean of the two neighbours along each axis,
    at (o + 0.5) / scale - 0.5, or with align_corners so that the corner elements coincide.
    """

    name = "upsample"
    kind = Kind.RESAMPLE
    examples = (
        Example("upsample", (MAP,), (TensorType((8, 10, 12)),)),
        Example('upsample(size = (7, 9), mode = "bilinear")', (MAP,), (TensorType((8, 7, 9)),)),
        Example('upsample(1.5, mode = "bilinear", align_corners = true)', (MAP,), (TensorType((8, 7, 9)),)),
        Example('upsample(3, mode = "linear")', (TensorType((4, 5)),), (TensorType((4, 15)),)),
    )

    scale: Any = argument(SCALE, "factor of each spatial axis, or one per axis", default=2)
    size: Size = argument(or_word("scaled", SIZE), "output size, in elements, instead of the factor", default="scaled")
    mode: str = argument(
        choice("nearest", *LINEAR_MODES),
        '"linear" for [C, L], "bilinear" for [C, H, W], "trilinear"',
        default="nearest",
    )
    align_corners: bool = argument(BOOL, "the corner elements keep their place (linear modes)", default=False)

    def resolve(self, inputs: Types) -> Self:
        x = inputs[0]
        space(self.name, x)
        fitting = LINEAR_MODES[x.rank - 2]
        if self.mode not in ("nearest", fitting):
            raise OpError(
                "bad-argument-value",
                f"upsample cannot use {self.mode} on {x}",
                parameter="mode",
                help=f'use "nearest" or "{fitting}"',
            )
        if self.align_corners and self.mode == "nearest":
            raise OpError(
                "bad-argument-value",
                "align_corners has no meaning for nearest",
                parameter="align_corners",
                help=f'use mode = "{fitting}", or leave align_corners out',
            )
        if self.size != "scaled":
            return replace(self, scale=0, size=spread("size", self.size, x))
        return replace(self, scale=spread("scale", self.scale, x))

    def results(self, inputs: Types) -> Types:
        x = inputs[0]
        if self.size != "scaled":
            return (TensorType((x.shape[0], *self.size)),)
        sizes = tuple(map(times, x.shape[1:], self.scale))
        if any(n < 1 for n in sizes):
            raise OpError(
                "empty-result",
                f"upsample by {compact(self.scale)} leaves nothing of {x}",
                parameter="scale",
                help="use a larger factor",
            )
        return (TensorType((x.shape[0], *sizes)),)

    def reach(self, inputs: Types) -> Reaches:
        sizes = zip(inputs[0].shape[1:], self.results(inputs)[0].shape[1:], strict=True)
        return ((tuple(self._axis(axis, n, m) for axis, (n, m) in enumerate(sizes)),),)

    def _axis(self, axis: int, n: int, m: int) -> Reach:
        scale = None if self.size != "scaled" else self.scale[axis]
        return nearest(n, m, scale) if self.mode == "nearest" else linear(n, m, scale, self.align_corners)

    def torch(self, inputs: Types) -> TorchForm:
        amount = ("size", compact(self.size)) if self.size != "scaled" else ("scale_factor", compact(self.scale))
        kwargs = (amount, *options(("mode", self.mode, "nearest"), ("align_corners", self.align_corners, False)))
        return either("nn.Upsample", "F.interpolate", (), kwargs)


OPS = (Upsample,)
