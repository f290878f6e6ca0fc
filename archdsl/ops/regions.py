"""Reads boxes of a map, each as a map of one size: roi_align, roi_pool."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from archdsl.ops.arguments import BOOL, COUNT, POSITIVE, SIZE, Size
from archdsl.ops.base import IDENTITY, ChannelsSeen, Example, Kind, Op, OpError, Reaches, Types, Undefined, argument
from archdsl.ops.shuffle import need_image
from archdsl.ops.torch_form import Call, Helper, Operand, TorchForm
from archdsl.types import TensorType

SIZE_DOC = "height and width of what each box becomes, in elements"
SCALE_DOC = "size of the map over that of the image whose coordinates the boxes have: 1 / 16 at stride 16"
MAP, BOXES = TensorType((8, 9, 10)), TensorType((5, 4))

ROI_ALIGN = Helper(
    "roi_align",
    '''def roi_align(
    x: Tensor,
    boxes: Tensor,
    height: int,
    width: int,
    scale: float,
    samples: int,
    aligned: bool,
) -> Tensor:
    """Read each box (x1, y1, x2, y2) as a map of one size: means of `samples` squared bilinear samples."""
    boxes = boxes * scale - (0.5 if aligned else 0.0)
    start, size = boxes[..., :2], boxes[..., 2:] - boxes[..., :2]
    if not aligned:
        size = size.clamp(min=1.0)
    places, inside = [], []
    for axis, count in enumerate((width * samples, height * samples)):
        steps = (torch.arange(count, dtype=x.dtype, device=x.device) + 0.5) / count
        place = start[..., axis, None] + steps * size[..., axis, None]
        extent = x.shape[3 - axis]
        places.append((2 * place + 1) / extent - 1)
        inside.append((place >= -1) & (place <= extent))
    columns, rows = places[0][:, :, None, :], places[1][:, :, :, None]
    grid = torch.stack(torch.broadcast_tensors(columns, rows), dim=-1)
    read = F.grid_sample(
        x, grid.flatten(1, 2), padding_mode="border", align_corners=False
    )
    known = inside[0][:, None, :, None, :] & inside[1][:, None, :, :, None]
    read = read.unflatten(2, grid.shape[1:3]) * known
    parts = read.unflatten(4, (width, samples)).unflatten(3, (height, samples))
    return parts.mean(dim=(4, 6)).transpose(1, 2)
''',
)

ROI_POOL = Helper(
    "roi_pool",
    '''def roi_pool(x: Tensor, boxes: Tensor, height: int, width: int, scale: float) -> Tensor:
    """Cut each box (x1, y1, x2, y2), rounded to elements, into bins; take the largest element of each."""
    boxes = boxes * scale
    corners = (boxes + 0.5 * boxes.sign()).trunc()
    results = []
    for corner in corners.unbind(1):
        result = x
        for axis, bins in enumerate((width, height)):
            start, end = corner[:, axis, None], corner[:, axis + 2, None]
            steps = torch.arange(bins + 1, dtype=x.dtype, device=x.device)
            edges = steps * (end - start + 1).clamp(min=1) / bins
            first, last = start + edges[:, :-1].floor(), start + edges[:, 1:].ceil()
            place = torch.arange(result.shape[3], device=x.device)
            outside = (place < first[:, :, None]) | (place >= last[:, :, None])
            parts = result[:, :, :, None].masked_fill(
                outside[:, None, None], -torch.inf
            )
            result = parts.amax(dim=4).transpose(2, 3)
        results.append(result.masked_fill(result == -torch.inf, 0.0))
    return torch.stack(results, dim=1)
''',
)


@dataclass(frozen=True, slots=True)
class _OfBoxes(Op):
    """What reads boxes of a map: n boxes of each sample."""

    arity: ClassVar = (2, 2)
    operands: ClassVar = ("x", "boxes")

    size: Size = argument(SIZE, SIZE_DOC)
    scale: float = argument(POSITIVE, SCALE_DOC, default=1.0)

    def resolve(self, inputs: Types) -> Self:
        x, boxes = inputs
        need_image(self.name, x)
        if boxes.rank != 2 or boxes.shape[1] != 4:
            raise OpError(
                "shape-mismatch",
                f"{self.name} needs boxes [n, 4] of x1, y1, x2, y2, got {boxes}",
                operand=1,
                help="declare them as an input, boxes: [100, 4]: every sample has as many",
            )
        size = self.size if isinstance(self.size, tuple) else (self.size, self.size)
        if len(size) != 2:
            raise OpError(
                "bad-argument-value",
                f"{self.name} makes maps with two spatial axes, got {len(size)} sizes",
                parameter="size",
                help="give one int, or (height, width)",
            )
        return replace(self, size=size)

    def results(self, inputs: Types) -> Types:
        x, boxes = inputs
        return (TensorType((boxes.shape[0], x.shape[0], *self.size)),)

    def channels_seen(self, x: TensorType, y: TensorType) -> ChannelsSeen:
        """The first axis of the result counts boxes, and each reads all channels."""
        return ChannelsSeen.ALL

    def reach(self, inputs: Types) -> Reaches:
        unknown = Undefined(f"where {self.name} reads depends on the values of its boxes")
        return (((unknown, unknown), (IDENTITY,)),)

    def form(self, helper: Helper, *more: tuple[str, Any]) -> TorchForm:
        """The helper's call."""
        height, width = self.size
        names = ("input", "boxes", "height", "width")
        arguments = (Operand(0), Operand(1), height, width)
        return TorchForm(
            function=Call(helper.name, arguments, (("scale", self.scale), *more), names), helpers=(helper,)
        )


@dataclass(frozen=True, slots=True)
class RoiAlign(_OfBoxes):
    """Boxes of a map as maps of one size: `[C, H, W]` and boxes `[n, 4]` to `[n, C, h, w]`, by bilinear samples.

    Each element is the mean of samples * samples places in its part of the box: nothing is rounded. A box is x1, y1,
    x2, y2 in coordinates of the image; each sample of a batch has n of its own. He et al. 2017, arXiv:1703.06870,
    section 3.
    """

    name = "roi_align"
    kind = Kind.RESAMPLE
    examples = (
        Example("roi_align(7, 0.0625)", (MAP, BOXES), (TensorType((5, 8, 7, 7)),)),
        Example("roi_align((2, 3), samples = 1, aligned = true)", (MAP, BOXES), (TensorType((5, 8, 2, 3)),)),
    )

    samples: int = argument(COUNT, "places that are read along each axis for one element", default=2)
    aligned: bool = argument(
        BOOL,
        "elements have their centres at 0.5, not at 0, and small boxes are left small",
        default=False,
    )

    def torch(self, inputs: Types) -> TorchForm:
        return self.form(ROI_ALIGN, ("samples", self.samples), ("aligned", self.aligned))


@dataclass(frozen=True, slots=True)
class RoiPool(_OfBoxes):
    """The largest elements of h * w parts of boxes: `[C, H, W]` and boxes `[n, 4]` to `[n, C, h, w]`.

    Corners are rounded to elements, and both belong to the box; a part that lies beside the map is 0. A box is x1, y1,
    x2, y2 in coordinates of the image; each sample of a batch has n of its own. Girshick 2015, arXiv:1504.08083,
    section 2.1.
    """

    name = "roi_pool"
    kind = Kind.RESHAPE
    examples = (Example("roi_pool((2, 3), 0.5)", (MAP, BOXES), (TensorType((5, 8, 2, 3)),)),)

    def torch(self, inputs: Types) -> TorchForm:
        return self.form(ROI_POOL)


OPS = (RoiAlign, RoiPool)
