"""What ops compute that torch has no single word for, or has in another layout: against formulas, number by number."""

from __future__ import annotations

import itertools
import math

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from archdsl.types import TensorType
from tests.ops.torch_interpreter import checked, make


def value(call: str, *operands: Tensor) -> Tensor:
    """The op on operands with a batch axis."""
    types = tuple(TensorType(tuple(x.shape[1:])) for x in operands)
    op, results = checked(call, types)
    result: Tensor = make(op, types)(*operands)
    assert tuple(result.shape[1:]) == results[0].shape
    return result


def random(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def test_square_matrices() -> None:
    x = random(2, 4, 4)
    for sample, matrix in enumerate(x.tolist()):
        places = [(i, j) for i in range(4) for j in range(4)]
        assert value("upper_triangle", x)[sample].tolist() == [matrix[i][j] for i, j in places if i <= j]
        assert value("trace", x)[sample].item() == pytest.approx(sum(matrix[i][i] for i in range(4)))
        shifted = value("add_identity(1.5)", x)[sample].tolist()
        assert shifted == [[matrix[i][j] + 1.5 * (i == j) for j in range(4)] for i in range(4)]


@pytest.mark.parametrize("how", ["norm", "min"])
def test_reduce(how: str) -> None:
    x = random(2, 3, 4)
    function = {"norm": math.hypot, "min": min}[how]
    expected = [[[pytest.approx(function(*column))] for column in sample] for sample in x.tolist()]
    assert value(f'reduce("{how}", axis = 1)', x).tolist() == expected


def test_flip() -> None:
    x = random(2, 3, 4)
    assert value("flip", x).tolist() == [sample[::-1] for sample in x.tolist()]
    assert value("flip(-1)", x).tolist() == [[row[::-1] for row in sample] for sample in x.tolist()]


def test_norms_without_a_shift() -> None:
    """Scaled, but not shifted: the scale is the only weight."""
    x, scale = random(2, 6, 4), random(6)
    for call, size, norm in (
        ("layer_norm(shift = false)", 4, nn.LayerNorm(4, elementwise_affine=False)),
        ("group_norm(3, shift = false)", 6, nn.GroupNorm(3, 6, affine=False)),
        ("rms_norm(1e-5)", 4, lambda x: x / (x.square().mean(-1, keepdim=True) + 1e-5).sqrt()),
    ):
        module = make(checked(call, (TensorType((6, 4)),))[0], (TensorType((6, 4)),)).double()
        (weight,) = module.parameters()
        weight.data = scale[:size]
        torch.testing.assert_close(module(x), norm(x) * (scale[:4] if size == 4 else scale[:, None]))


FUNCTIONS = {
    "exp": math.exp,
    "log": math.log,
    "sin": math.sin,
    "cos": math.cos,
    "abs": abs,
    "arctan": math.atan,
    "arcsinh": math.asinh,
    "sinc": lambda x: math.sin(x) / x,
    "softplus": lambda x: math.log(1 + math.exp(x)),
    "softplus(2.0)": lambda x: math.log(1 + math.exp(2 * x)) / 2,
    "clamp(low = 0.5)": lambda x: max(x, 0.5),
    "clamp(-0.5, 0.5)": lambda x: min(max(x, -0.5), 0.5),
    "clamp(0, 6)": lambda x: min(max(x, 0), 6),
    "clamp(0)": lambda x: max(x, 0),
}


@pytest.mark.parametrize("call", FUNCTIONS)
def test_functions_of_a_number(call: str) -> None:
    x = 5 * random(2, 8)
    x = x.abs() if call == "log" else x
    assert value(call, x).tolist() == [[pytest.approx(FUNCTIONS[call](v)) for v in row] for row in x.tolist()]


def test_sinc_of_0() -> None:
    assert value("sinc", torch.zeros(1, 2)).tolist() == [[1, 1]]


def test_minimum() -> None:
    x = random(3, 2, 4)
    for rows in (x[:2], x):
        expected = [[min(column) for column in zip(*batch, strict=True)] for batch in zip(*rows.tolist(), strict=True)]
        assert value("minimum", *rows).tolist() == expected


def test_power() -> None:
    x = random(2, 3).abs()
    assert value("power(0.5)", x).tolist() == [[pytest.approx(math.sqrt(v)) for v in row] for row in x.tolist()]


def bilinear(u: Tensor, y: float, x: float) -> Tensor:
    """The maps [C, H, W] at (y, x), in elements: all places weighted by their distance, nothing beyond the edges."""
    total = torch.zeros(u.shape[0], dtype=u.dtype)
    for n in range(u.shape[1]):
        for m in range(u.shape[2]):
            total += u[:, n, m] * max(0, 1 - abs(x - m)) * max(0, 1 - abs(y - n))
    return total


@pytest.mark.parametrize("corners", [False, True])
def test_affine_grid(corners: bool) -> None:
    theta = random(2, 2, 3)
    grid = value(f"affine_grid((4, 5), align_corners = {str(corners).lower()})", theta)
    for sample in range(2):
        for i in range(4):
            for j in range(5):
                x, y = (2 * j / 4 - 1, 2 * i / 3 - 1) if corners else ((2 * j + 1) / 5 - 1, (2 * i + 1) / 4 - 1)
                expected = theta[sample] @ torch.tensor([x, y, 1.0], dtype=torch.float64)
                assert grid[sample, :, i, j].tolist() == pytest.approx(expected.tolist())


@pytest.mark.parametrize("corners", [False, True])
def test_grid_sample(corners: bool) -> None:
    """Equation 5 of arXiv:1506.02025: a sum over all places of the map by distance, nothing beyond the edges."""
    u, grid = random(2, 3, 5, 6), 0.7 * random(2, 2, 4, 3)
    assert (grid.abs() > 1).any()
    result = value(f"grid_sample(align_corners = {str(corners).lower()})", u, grid)
    height, width = 5, 6
    for sample in range(2):
        for i in range(4):
            for j in range(3):
                gx, gy = grid[sample, :, i, j].tolist()
                x = (gx + 1) / 2 * (width - 1) if corners else ((gx + 1) * width - 1) / 2
                y = (gy + 1) / 2 * (height - 1) if corners else ((gy + 1) * height - 1) / 2
                expected = bilinear(u[sample], y, x)
                assert result[sample, :, i, j].tolist() == pytest.approx(expected.tolist())


@pytest.mark.parametrize("sets", [1, 2])
def test_deform_conv(sets: int) -> None:
    """Equation 2 of arXiv:1703.06211, tap by tap; the channels in two groups, and `sets` of offsets."""
    call = "deform_conv(6, (2, 3), (2, 1), padding = (1, 2), dilation = (1, 2), groups = 2)"
    u, offset = random(2, 4, 5, 6), 1.5 * random(2, sets * 12, 3, 6)
    types = (TensorType((4, 5, 6)), TensorType((sets * 12, 3, 6)))
    op, _ = checked(call, types)
    form = make(op, types).double()
    assert form.module is not None
    weight, bias = form.module.weight, form.module.bias
    expected = bias[None, :, None, None].repeat(2, 1, 3, 6)
    for sample in range(2):
        for i in range(3):
            for j in range(6):
                read = torch.zeros(4, 2, 3, dtype=torch.float64)
                for part, tap in itertools.product(range(sets), range(6)):
                    channels = slice(part * 4 // sets, (part + 1) * 4 // sets)
                    row, column = divmod(tap, 3)
                    down, right = offset[sample, part * 12 + 2 * tap : part * 12 + 2 * tap + 2, i, j].tolist()
                    place = (2 * i - 1 + row + down, j - 2 + 2 * column + right)
                    read[channels, row, column] = bilinear(u[sample, channels], *place)
                for out in range(6):
                    group = slice(0, 2) if out < 3 else slice(2, 4)
                    expected[sample, out, i, j] += (weight[out] * read[group]).sum()
    torch.testing.assert_close(form(u, offset), expected)


@pytest.mark.parametrize("padding", ["half", "same"])
def test_a_deformable_convolution_that_moves_nothing_is_a_convolution(padding: str) -> None:
    u = random(2, 4, 9, 7)
    types = (TensorType((4, 9, 7)), TensorType((18, 5, 4)))
    op, _ = checked(f'deform_conv(6, 3, 2, "{padding}")', types)
    form = make(op, types).double()
    assert form.module is not None
    expected = nn.functional.conv2d(u, form.module.weight, form.module.bias, stride=2, padding=1)
    torch.testing.assert_close(form(u, torch.zeros(2, 18, 5, 4, dtype=torch.float64)), expected)


def test_what_fold_adds_up_counts_windows() -> None:
    """Unfolded and folded, each element is there as often as windows with a gap lie over it."""
    windows = "(3, 2), (2, 1), (1, 0), (1, 2)"
    x, ones = random(2, 3, 6, 7), torch.ones(1, 3, 6, 7, dtype=torch.float64)
    again, often = (value(f"fold((6, 7), {windows})", value(f"unfold({windows})", given)) for given in (x, ones))
    rows = [sum(o - 1 <= place < o + 2 for o in range(0, 6, 2)) for place in range(6)]
    columns = [sum(place in (o, o + 2) for o in range(5)) for place in range(7)]
    assert often[0, 0].tolist() == [[r * c for c in columns] for r in rows]
    torch.testing.assert_close(again, x * often)


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("ceil", [False, True])
def test_max_unpool(axes: int, ceil: bool) -> None:
    x = random(2, 3, *(7, 5, 6)[:axes])
    pool, unpool = getattr(F, f"max_pool{axes}d"), getattr(F, f"max_unpool{axes}d")
    largest, places = pool(x, 2, ceil_mode=ceil, return_indices=True)
    y = random(*largest.shape) + 2
    made = value(f"max_unpool(2, ceil = {str(ceil).lower()})", y, x)
    assert torch.equal(made, unpool(y, places, 2, output_size=x.shape[2:]))


# Of a map of 9 rows and 11 columns, at half its scale: inside, at halves, smaller than an element, partly and wholly
# beyond the edges.
BOXES = [
    [2.0, 3.0, 14.0, 9.0], [1.0, 3.0, 5.0, 9.0], [4.4, 6.2, 4.7, 6.3], [-7.0, -5.0, 9.0, 30.0],
    [12.0, 11.0, 50.0, 14.0], [40.0, 40.0, 60.0, 60.0], [-9.0, 4.0, -7.0, 8.0],
]  # fmt: skip


@pytest.mark.parametrize("aligned", [False, True])
def test_roi_align(aligned: bool) -> None:
    """Places are moved to the nearest edge; those beyond it by more than an element give nothing."""
    x, boxes = random(2, 3, 9, 11), torch.tensor([BOXES, BOXES[::-1]], dtype=torch.float64)
    made = value(f"roi_align((2, 3), 0.5, 2, {str(aligned).lower()})", x, boxes)
    for u, of_sample, regions in zip(x, made, boxes.tolist(), strict=True):
        for region, box in zip(of_sample, regions, strict=True):
            left, top, right, bottom = (v / 2 - 0.5 * aligned for v in box)
            least = 0.0 if aligned else 1.0
            high, wide = max(bottom - top, least), max(right - left, least)
            for i, j in itertools.product(range(2), range(3)):
                total = torch.zeros(3, dtype=torch.float64)
                for a, b in itertools.product((0.25, 0.75), repeat=2):
                    row, column = top + (i + a) * high / 2, left + (j + b) * wide / 3
                    if -1 <= row <= 9 and -1 <= column <= 11:
                        total += bilinear(u, min(max(row, 0.0), 8.0), min(max(column, 0.0), 10.0)) / 4
                torch.testing.assert_close(region[:, i, j], total)


def test_roi_pool() -> None:
    """Corners are rounded, halves away from 0; parts of a box may share a row, and those beside the map are 0."""
    x, boxes = random(2, 3, 9, 11), torch.tensor([BOXES, BOXES[::-1]], dtype=torch.float64)
    made = value("roi_pool((2, 4), 0.5)", x, boxes)
    for u, of_sample, regions in zip(x, made, boxes.tolist(), strict=True):
        for region, box in zip(of_sample, regions, strict=True):
            left, top, right, bottom = (int(abs(v / 2) + 0.5) * (1 if v > 0 else -1) for v in box)
            high, wide = max(bottom - top + 1, 1), max(right - left + 1, 1)
            for i, j in itertools.product(range(2), range(4)):
                rows = range(top + i * high // 2, top + -(-(i + 1) * high // 2))
                columns = range(left + j * wide // 4, left + -(-(j + 1) * wide // 4))
                seen = [u[:, r, c] for r in rows for c in columns if 0 <= r < 9 and 0 <= c < 11]
                expected = torch.stack(seen).amax(0) if seen else torch.zeros(3, dtype=torch.float64)
                assert torch.equal(region[:, i, j], expected)


def test_dropout_of_channels() -> None:
    types = (TensorType((64, 3, 3)),)
    op, _ = checked("dropout(0.5, channels = true)", types)
    dropped = make(op, types).train()(torch.ones(1, 64, 3, 3))[0].flatten(1)
    assert all(set(channel.tolist()) in ({0.0}, {2.0}) for channel in dropped)
    assert len({channel[0].item() for channel in dropped}) == 2


def test_each_sample_is_convolved_with_its_kernel() -> None:
    """As sample by sample; one kernel serves all of them, as one map does all kernels."""
    maps, kernels = random(3, 4, 5, 6), random(3, 6, 2, 3, 2)
    call, options = "convolve((2, 1), (1, 0), (1, 2), 2)", ((2, 1), (1, 0), (1, 2), 2)
    for x, kernel in ((maps, kernels), (maps, kernels[:1]), (maps[:1], kernels)):
        given = zip(x.expand(3, -1, -1, -1), kernel.expand(3, -1, -1, -1, -1), strict=True)
        expected = [nn.functional.conv2d(one[None], weight, None, *options) for one, weight in given]
        torch.testing.assert_close(value(call, x, kernel), torch.cat(expected))
