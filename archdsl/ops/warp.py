"""Reads a map at places that another tensor decides: affine_grid makes the places, grid_sample reads there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from archdsl.ops.arguments import BOOL, SIZE, Size, choice
from archdsl.ops.base import ALL, IDENTITY, Example, Kind, Op, OpError, Reaches, Types, Undefined, argument
from archdsl.ops.torch_form import Call, Helper, Method, Operand, TorchForm, options
from archdsl.types import TensorType

CORNERS_DOC = "-1 and 1 are the centres of the corner elements, not their outer edges"
MAP = TensorType((8, 6, 7))
GRID = TensorType((2, 4, 5))

AFFINE_GRID = Helper(
    "affine_grid",
    '''def affine_grid(
    theta: Tensor, height: int, width: int, align_corners: bool = False
) -> Tensor:
    """Give for each place of a map the (x, y), channels first, that `theta` sends it to."""
    size = [theta.shape[0], 1, height, width]
    return F.affine_grid(theta, size, align_corners).permute(0, 3, 1, 2)
''',
)


@dataclass(frozen=True, slots=True)
class AffineGrid(Op):
    """Where an affine map sends the places of a map: `[2, 3]` to `[2, H, W]`. Jaderberg et al. 2015, arXiv:1506.02025.

    (x', y') = theta (x, y, 1), x and y running from -1 to 1 over the map's columns and rows (equation 1).
    """

    name = "affine_grid"
    kind = Kind.RESAMPLE
    examples = (
        Example("affine_grid((4, 5))", (TensorType((2, 3)),), (GRID,)),
        Example("affine_grid(6, align_corners = true)", (TensorType((2, 3)),), (TensorType((2, 6, 6)),)),
    )

    size: Size = argument(SIZE, "height and width of the grid, in elements")
    align_corners: bool = argument(BOOL, CORNERS_DOC, default=False)

    def resolve(self, inputs: Types) -> Self:
        if inputs[0].shape != (2, 3):
            raise OpError(
                "shape-mismatch",
                f"affine_grid needs a matrix [2, 3], got {inputs[0]}",
                operand=0,
                help="make six numbers and give them the shape: x -> linear(6) -> reshape([2, 3])",
            )
        size = self.size if isinstance(self.size, tuple) else (self.size, self.size)
        if len(size) != 2:
            raise OpError(
                "bad-argument-value",
                f"affine_grid makes maps with two spatial axes, got {len(size)} sizes",
                parameter="size",
                help="give one int, or (height, width)",
            )
        return replace(self, size=size)

    def results(self, inputs: Types) -> Types:
        return (TensorType((2, *self.size)),)

    def reach(self, inputs: Types) -> Reaches:
        return (((ALL,),),)

    def keeps_last_axis(self, inputs: Types) -> bool:
        """The helper puts x and y first, which torch gives last."""
        return False

    def torch(self, inputs: Types) -> TorchForm:
        kwargs = options(("align_corners", self.align_corners, False))
        return TorchForm(
            function=Call("affine_grid", (Operand(), *self.size), kwargs, ("input", "height", "width")),
            helpers=(AFFINE_GRID,),
        )


@dataclass(frozen=True, slots=True)
class GridSample(Op):
    """A map read at the places of a grid: `[C, H, W]` and `[2, h, w]` to `[C, h, w]`. arXiv:1506.02025, section 3.3.

    Channel 0 of the grid is x, the column, channel 1 is y, the row; both go from -1 to 1 over the map.
    """

    name = "grid_sample"
    kind = Kind.RESAMPLE
    arity = (2, 2)
    operands = ("x", "grid")
    examples = (
        Example("grid_sample", (MAP, GRID), (TensorType((8, 4, 5)),)),
        Example(
            'grid_sample("nearest", outside = "border", align_corners = true)', (MAP, GRID), (TensorType((8, 4, 5)),)
        ),
    )

    mode: str = argument(
        choice("bilinear", "nearest"), "weighted mean of the four neighbours, or the nearest one", default="bilinear"
    )
    outside: str = argument(
        choice("zeros", "border", "reflection"), "what lies beyond the edges of the map", default="zeros"
    )
    align_corners: bool = argument(BOOL, CORNERS_DOC, default=False)

    def results(self, inputs: Types) -> Types:
        x, grid = inputs
        if x.rank != 3:
            raise OpError(
                "wrong-rank", f"grid_sample reads a map [C, H, W], got {x}", operand=0, help="reshape it to [C, H, W]"
            )
        if grid.rank != 3 or grid.shape[0] != 2:
            raise OpError(
                "shape-mismatch",
                f"grid_sample needs a grid [2, h, w] of x and y, got {grid}",
                operand=1,
                help="make one with affine_grid, or with conv(2)",
            )
        return (TensorType((x.shape[0], *grid.shape[1:])),)

    def reach(self, inputs: Types) -> Reaches:
        unknown = Undefined("where grid_sample reads depends on the values of its grid")
        return (((unknown, unknown), (IDENTITY, IDENTITY)),)

    def torch(self, inputs: Types) -> TorchForm:
        places = Method(Operand(1), "permute", (0, 2, 3, 1), names=("dim",) * 4)
        kwargs = (
            *options(("mode", self.mode, "bilinear"), ("padding_mode", self.outside, "zeros")),
            ("align_corners", self.align_corners),  # torch warns where this is left to its default
        )
        return TorchForm(function=Call("F.grid_sample", (Operand(0), places), kwargs))


OPS = (AffineGrid, GridSample)
