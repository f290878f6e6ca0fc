"""Makes maps larger or smaller by interpolation: upsample."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Self

from archdsl.ops.arguments import BOOL, SCALE, SIZE, Size, choice, or_word
from archdsl.ops.base import Example, Kind, Op, OpError, Reaches, Types, argument
from archdsl.ops.phases import interpolated, nearest, smoothed
from archdsl.ops.torch_form import Call, Operand, TorchForm, compact, either, options
from archdsl.ops.windows import space, spread
from archdsl.types import TensorType

MAP = TensorType((8, 5, 6))
SMALL = 128  # height + width up to which torch has a kernel of its own (ATen/native/cpu/UpSampleKernel.cpp)
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

    nearest: output o copies input floor(o / scale), in float32 and on a contiguous map; `.double()` rounds otherwise.
    torch's kernel for an output [C, H, W] with H + W <= 128, and for maps stored channels last, copies input o along an
    axis that keeps its size and floor(o / 2) along one that doubles it, whatever the scale: 1.05 may be 1, 2.05 be 2.
    A scale of 1 or 2, or a size, means one thing everywhere. bilinear: weighted mean of the two neighbours along each
    axis, at (o + 0.5) / scale - 0.5, or with align_corners so that the corner elements coincide; a copy along an axis
    that keeps its size. bicubic: of the four neighbours along each axis, by a cubic (Keys 1981). Both step over
    elements where they make a map smaller; with antialias their weights are as much wider, and none is stepped over.
    """

    name = "upsample"
    kind = Kind.RESAMPLE
    examples = (
        Example("upsample", (MAP,), (TensorType((8, 10, 12)),)),
        Example('upsample(size = (7, 9), mode = "bilinear")', (MAP,), (TensorType((8, 7, 9)),)),
        Example('upsample(1.5, mode = "bilinear", align_corners = true)', (MAP,), (TensorType((8, 7, 9)),)),
        Example('upsample(3, mode = "linear")', (TensorType((4, 5)),), (TensorType((4, 15)),)),
        Example('upsample(1.5, mode = "bicubic")', (MAP,), (TensorType((8, 7, 9)),)),
        Example('upsample(0.5, mode = "bicubic", antialias = true)', (MAP,), (TensorType((8, 2, 3)),)),
    )

    scale: Any = argument(SCALE, "factor of each spatial axis, or one per axis", default=2)
    size: Size = argument(or_word("scaled", SIZE), "output size, in elements, instead of the factor", default="scaled")
    mode: str = argument(
        choice("nearest", *LINEAR_MODES, "bicubic"),
        '"linear" for [C, L], "bilinear" or "bicubic" for [C, H, W], "trilinear"',
        default="nearest",
    )
    align_corners: bool = argument(BOOL, "the corner elements keep their place (not nearest)", default=False)
    antialias: bool = argument(
        BOOL, "of what makes a map smaller, weigh all elements (bilinear and bicubic)", default=False
    )

    def resolve(self, inputs: Types) -> Self:
        x = inputs[0]
        space(self.name, x)
        fitting = (LINEAR_MODES[x.rank - 2], *(("bicubic",) if x.rank == 3 else ()))
        said = " or ".join(f'"{mode}"' for mode in fitting)
        if self.mode not in ("nearest", *fitting):
            raise OpError(
                "bad-argument-value",
                f"upsample cannot use {self.mode} on {x}",
                parameter="mode",
                help=f'use "nearest" or {said}',
            )
        if self.align_corners and self.mode == "nearest":
            raise OpError(
                "bad-argument-value",
                "align_corners has no meaning for nearest",
                parameter="align_corners",
                help=f"use mode = {said}, or leave align_corners out",
            )
        if self.antialias and (self.align_corners or self.mode not in ("bilinear", "bicubic")):
            raise OpError(
                "bad-argument-value",
                "antialias has no meaning beside align_corners: torch moves the corner elements then"
                if self.align_corners
                else f"torch has no antialias for {self.mode}",
                parameter="antialias",
                help="leave one of them out"
                if self.align_corners
                else 'use mode = "bilinear" or "bicubic" on a map [C, H, W], or leave antialias out',
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
        before, after = inputs[0].shape[1:], self.results(inputs)[0].shape[1:]
        scales = self.scale if self.size == "scaled" else (None,) * len(after)
        taps = 4 if self.mode == "bicubic" else 2
        if self.antialias:
            axes = [smoothed(*axis, taps) for axis in zip(before, after, scales, strict=True)]
        elif self.mode != "nearest":
            axes = [interpolated(*axis, self.align_corners, taps) for axis in zip(before, after, scales, strict=True)]
        else:
            by_size = len(after) == 2 and sum(after) <= SMALL
            axes = [nearest(*axis, by_size) for axis in zip(before, after, scales, strict=True)]
        return ((tuple(axes),),)

    def torch(self, inputs: Types) -> TorchForm:
        amount = ("size", compact(self.size)) if self.size != "scaled" else ("scale_factor", compact(self.scale))
        kwargs = (amount, *options(("mode", self.mode, "nearest"), ("align_corners", self.align_corners, False)))
        if self.antialias:  # which the module does not know
            function = Call("F.interpolate", (Operand(),), (*kwargs, ("antialias", True)), ("input",))
            return TorchForm(function=function)
        return either("nn.Upsample", "F.interpolate", (), kwargs)


OPS = (Upsample,)
