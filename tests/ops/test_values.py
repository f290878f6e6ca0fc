"""What ops compute that torch has no single word for, or has in another layout: against formulas, number by number."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

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


def test_power() -> None:
    x = random(2, 3).abs()
    assert value("power(0.5)", x).tolist() == [[pytest.approx(math.sqrt(v)) for v in row] for row in x.tolist()]


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
                expected = sum(
                    u[sample, :, n, m] * max(0, 1 - abs(x - m)) * max(0, 1 - abs(y - n))
                    for n in range(height)
                    for m in range(width)
                )
                assert isinstance(expected, Tensor)
                assert result[sample, :, i, j].tolist() == pytest.approx(expected.tolist())


def test_dropout_of_channels() -> None:
    types = (TensorType((64, 3, 3)),)
    op, _ = checked("dropout(0.5, channels = true)", types)
    dropped = make(op, types).train()(torch.ones(1, 64, 3, 3))[0].flatten(1)
    assert all(set(channel.tolist()) in ({0.0}, {2.0}) for channel in dropped)
    assert len({channel[0].item() for channel in dropped}) == 2
