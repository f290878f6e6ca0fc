"""Rules that say "the result is the same": the model after the edit computes what it computed before, in float64."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

import archdsl
from tests.lint.specs import findings, net
from tests.lint.test_costs import SAME

REORDERED = [row for row in SAME if row[0] in ("does-nothing", "pool-after-pointwise", "relu-before-max-pool")]
BIAS = [row for row in SAME if row[0] == "bias-before-norm"]


def model(stages: str) -> nn.Module:
    torch.manual_seed(0)
    made = archdsl.loads(net(stages)).build().double()
    for weight in made.parameters():
        nn.init.normal_(weight)
    return made


def copied(before: nn.Module, after: nn.Module) -> None:
    """The weights of `before` in the order of its layers, those that `after` has not left out."""
    kinds = [[m for m in made.modules() if list(m.parameters(recurse=False))] for made in (before, after)]
    assert [type(m) for m in kinds[0]] == [type(m) for m in kinds[1]]
    for old, new in zip(*kinds, strict=True):
        new.load_state_dict(old.state_dict(), strict=False)


def x() -> Tensor:
    return torch.randn(3, 8, 16, 16, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize(("rule", "before", "after"), REORDERED)
def test_the_edit_keeps_the_function(rule: str, before: str, after: str) -> None:
    old, new = model(before).eval(), model(after).eval()
    copied(old, new)
    expected = old(x())
    assert expected.std() > 0
    torch.testing.assert_close(new(x()), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("rule", "before", "after"), BIAS)
def test_a_lost_bias_changes_nothing_in_training(rule: str, before: str, after: str) -> None:
    old, new = model(before).train(), model(after).train()
    copied(old, new)
    expected = old(x())
    torch.testing.assert_close(new(x()), expected, rtol=1e-9, atol=1e-9)
    expected.square().sum().backward()
    (bias,) = [m.bias for m in old.modules() if not isinstance(m, nn.BatchNorm2d | nn.BatchNorm1d | nn.InstanceNorm2d)
               and getattr(m, "bias", None) is not None]  # fmt: skip
    assert bias.grad is not None
    assert bias.grad.abs().max() < 1e-9


def test_a_linear_pair_is_one_convolution() -> None:
    """The weights of the one are the product of those of the two; only these two stand in the network."""
    for before, after in ((row[1], row[2]) for row in SAME if row[0] == "linear-pair" and "conv" in row[1]):
        old, new = model(before), model(after)
        first, last = [m for m in old.modules() if isinstance(m, nn.Conv2d)]
        (one,) = [m for m in new.modules() if isinstance(m, nn.Conv2d)]
        with torch.no_grad():
            if last.kernel_size == (1, 1):
                one.weight.copy_(torch.einsum("om,mihw->oihw", last.weight[:, :, 0, 0], first.weight))
            else:
                one.weight.copy_(torch.einsum("omhw,mi->oihw", last.weight, first.weight[:, :, 0, 0]))
            if one.bias is not None:
                bias = torch.zeros(first.out_channels, dtype=torch.float64) if first.bias is None else first.bias
                one.bias.copy_(torch.einsum("omhw,m->o", last.weight, bias) + (0 if last.bias is None else last.bias))
        torch.testing.assert_close(new(x()), old(x()), rtol=1e-10, atol=1e-10)


def test_the_biases_of_bn_inception() -> None:
    """What `archdsl lint bn_inception` claims is what its model's convolutions hold in biases."""
    made = archdsl.load("bn_inception")
    convolutions = [m for m in made.build().modules() if isinstance(m, nn.Conv2d)]
    (finding,) = [f for f in made.lint() if f.rule.name == "bias-before-norm"]
    assert finding.applications == len(convolutions) == 69
    assert finding.cost.params == sum(m.bias.numel() for m in convolutions if m.bias is not None) == 10_016


UNREAD = """
block halves(x) = (x -> conv(4, 1, 2)) + (x -> max_pool(1, 2) -> conv(4))
network net(x: [8, 15, 16]) = x * 2.0 -> halves
"""


def test_unread_positions_have_no_gradient() -> None:
    """The tensor that makes `halves` its input: what is claimed to be read by nobody influences nothing."""
    (finding,) = findings("unread-positions", UNREAD)
    made = archdsl.loads(UNREAD).build().double()
    image = torch.randn(1, 8, 15, 16, dtype=torch.float64, requires_grad=True)
    made(image).square().sum().backward()
    assert image.grad is not None
    assert finding.cost.activations == int((image.grad == 0).sum()) == 8 * (15 * 16 - 8 * 8)
    assert finding.span.text == "conv(4, 1, 2)"
