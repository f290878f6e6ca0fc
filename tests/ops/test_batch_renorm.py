"""Holds batch_renorm against the formulas of its paper, and in evaluation against torch's batch norm."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from archdsl.types import TensorType
from tests.ops.torch_interpreter import checked, make

EPS, ALPHA, R_MAX, D_MAX = 1e-3, 0.2, 1.5, 0.5
SHAPES = [(3,), (3, 5), (3, 4, 2), (3, 2, 2, 3)]


def module(shape: tuple[int, ...], call: str) -> nn.Module:
    types = (TensorType(shape),)
    made: nn.Module = make(checked(call, types)[0], types).module.double()
    return made


def algorithm_1(x: Tensor, mean: Tensor, std: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Of one channel, x being all its numbers: what they become, and the next running mean and deviation."""
    batch_mean = x.sum() / x.numel()
    batch_std = (EPS + ((x - batch_mean) ** 2).sum() / x.numel()) ** 0.5
    r = min(max((batch_std / std).item(), 1 / R_MAX), R_MAX)
    d = min(max(((batch_mean - mean) / std).item(), -D_MAX), D_MAX)
    made = (x - batch_mean) / batch_std * r + d
    return made, mean + ALPHA * (batch_mean - mean).detach(), std + ALPHA * (batch_std - std).detach()


@pytest.mark.parametrize("shape", SHAPES)
def test_training_is_algorithm_1(shape: tuple[int, ...]) -> None:
    """Three batches that are far apart, so that r and d reach their limits, and their gradients."""
    torch.manual_seed(0)
    norm = module(shape, f"batch_renorm({EPS}, {ALPHA}, r_max = {R_MAX}, d_max = {D_MAX})")
    norm.weight.data, norm.bias.data = torch.randn(3).double(), torch.randn(3).double()
    means, stds = torch.zeros(3).double(), (torch.ones(3).double() + EPS).sqrt()
    for spread, middle in ((1.1, 0.1), (4.0, 3.0), (0.2, -1.0)):
        x = (torch.randn(4, *shape).double() * spread + middle).requires_grad_()
        weights = torch.randn(4, *shape).double()
        wanted = torch.empty_like(x)
        for c in range(3):
            made, means[c], stds[c] = algorithm_1(x[:, c], means[c], stds[c])
            wanted[:, c] = made * norm.weight[c] + norm.bias[c]
        found = norm(x)
        torch.testing.assert_close(found, wanted)
        ours, theirs = (torch.autograd.grad((y * weights).sum(), x)[0] for y in (found, wanted))
        torch.testing.assert_close(ours, theirs)
        torch.testing.assert_close(norm.running_mean, means)
        torch.testing.assert_close((norm.running_var + EPS).sqrt(), stds)


@pytest.mark.parametrize("shape", SHAPES)
def test_evaluation_is_batch_norm(shape: tuple[int, ...]) -> None:
    norm = module(shape, "batch_renorm").train()
    norm(torch.randn(4, *shape).double())
    other = getattr(nn, f"BatchNorm{max(len(shape) - 1, 1)}d")(3).double()
    other.load_state_dict(norm.state_dict())
    x = torch.randn(4, *shape).double()
    assert torch.equal(norm.eval()(x), other.eval()(x))
    assert not norm.running_mean.eq(0).any() and norm.num_batches_tracked == 1


def test_limits_of_1_and_0_are_batch_norm_while_training() -> None:
    x = torch.randn(4, 3, 5).double()
    norm = module((3, 5), "batch_renorm(r_max = 1, d_max = 0)")
    torch.testing.assert_close(norm(x), nn.BatchNorm1d(3).double()(x))
