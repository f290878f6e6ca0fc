"""A relaxation is the sum of all options, weighed: of DARTS' cell what the paper writes, of one-hot weights a path."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

import archdsl
from archdsl.elaborate.spec import Spec
from archdsl.source import Source
from tests.supernet.paths import compare_relaxed, fresh
from tests.supernet.small_spaces import DARTS, SPACES, space

CELL = DARTS + "network one_cell(h: [8, 6, 6], p: [8, 6, 6]) = [h, p] -> normal(4)"


def conv_bn(c_in: int, c: int, kernel: int = 1, **settings: int) -> nn.Sequential:
    conv = nn.Conv2d(c_in, c, kernel, bias=False, **settings)  # type: ignore[arg-type]
    return nn.Sequential(conv, nn.BatchNorm2d(c))


def separable(c: int, kernel: int) -> nn.Sequential:
    """ReLU, depthwise, pointwise, batch norm, twice."""
    layers: list[nn.Module] = []
    for _ in range(2):
        depthwise = nn.Conv2d(c, c, kernel, padding=kernel // 2, groups=c, bias=False)
        layers += [nn.ReLU(), depthwise, *conv_bn(c, c)]
    return nn.Sequential(*layers)


class Zero(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return torch.zeros_like(x)


class MixedOp(nn.Module):
    """Equation 2 of the paper: the sum over all operations o of softmax(alpha)[o] * o(x)."""

    def __init__(self, c: int) -> None:
        super().__init__()
        dilated = nn.Conv2d(c, c, 3, padding=2, dilation=2, groups=c, bias=False)
        self.ops = nn.ModuleList(
            [
                Zero(),
                nn.Identity(),
                separable(c, 3),
                separable(c, 5),
                nn.Sequential(nn.ReLU(), dilated, *conv_bn(c, c)),
                nn.AvgPool2d(3, 1, 1, count_include_pad=False),
                nn.MaxPool2d(3, 1, 1),
            ]
        )

    def forward(self, x: Tensor, alpha: Tensor) -> Tensor:
        weights = F.softmax(alpha, dim=-1)
        result = torch.zeros_like(x)
        for o, operation in enumerate(self.ops):
            result = result + weights[o] * operation(x)
        return result


class PlainCell(nn.Module):
    """Equation 1: each node is the sum over all edges (i, j) of o(i, j)(x(i)); the cell concatenates its nodes."""

    def __init__(self, c_in: int, c: int, steps: int) -> None:
        super().__init__()
        self.preprocess_p = nn.Sequential(nn.ReLU(), *conv_bn(c_in, c))
        self.preprocess_h = nn.Sequential(nn.ReLU(), *conv_bn(c_in, c))
        self.edges = nn.ModuleList([MixedOp(c) for j in range(steps) for _ in range(2 + j)])

    def forward(self, h: Tensor, p: Tensor, alphas: list[Tensor]) -> Tensor:
        states = [self.preprocess_p(p), self.preprocess_h(h)]
        edges = iter(zip(self.edges, alphas, strict=True))
        while (edge := next(edges, None)) is not None:
            node = edge[0](states[0], edge[1])
            for state in states[1:]:
                operation, alpha = next(edges)
                node = node + operation(state, alpha)
            states.append(node)
        return torch.cat(states[2:], dim=1)


@pytest.mark.parametrize("training", [True, False])
def test_a_relaxed_cell_is_that_of_the_paper(training: bool) -> None:
    cell = archdsl.space(Spec(Source("cell.arch", CELL)), "one_cell")
    supernet = cell.supernet()
    assert supernet.fixed == {}
    ours, plain = fresh(supernet).double().train(training), PlainCell(8, 4, steps=2).double().train(training)
    given = list(ours.state_dict().values())
    plain.load_state_dict(dict(zip(plain.state_dict(), given, strict=True)))
    alphas = {one.name: torch.randn(len(one.options), dtype=torch.double, requires_grad=True) for one in cell.decisions}
    h, p = torch.randn(2, 8, 6, 6).double(), torch.randn(2, 8, 6, 6).double()
    result = ours(h, p, {name: F.softmax(alpha, dim=0) for name, alpha in alphas.items()})
    expected = plain(h, p, [*alphas.values()])
    torch.testing.assert_close(result, expected, rtol=1e-10, atol=1e-10)
    seed = torch.randn_like(expected)
    gradients = torch.autograd.grad(result, [*alphas.values()], seed)
    for one, other in zip(gradients, torch.autograd.grad(expected, [*alphas.values()], seed), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("name", SPACES)
def test_weights_of_one_option_alone_are_a_path(name: str) -> None:
    compare_relaxed(space(name), 2)


def test_the_sum_of_a_chosen_tensor_is_linear_in_its_weights() -> None:
    text = "network n(x: [4]) { states = [x, x -> relu, x * 3.0]; return oneof(states) + (x -> oneof([tanh, id])) }"
    module = archdsl.space(Spec(Source("n.arch", text)), "n").supernet().build()
    x, a, b = torch.randn(5, 4), torch.tensor([0.25, 0.5, 2.0]), torch.tensor([0.75, -1.0])
    design: Mapping[str, Tensor] = {"out": a, "out_2": b}
    expected = 0.25 * x + 0.5 * x.relu() + 6 * x + 0.75 * x.tanh() - x
    torch.testing.assert_close(module(x, design), expected)
    torch.testing.assert_close(module(x, {"out": "1", "out_2": b}), x.relu() + 0.75 * x.tanh() - x)


def test_one_weight_for_each_option() -> None:
    module = space("nasbench").supernet().build()
    design = {f"{i}.ops": torch.ones(4) for i in range(6)}
    with pytest.raises(ValueError, match=r"for 0\.ops, .* or a weight for each"):
        module(torch.randn(1, 3, 8, 8), design)


REFUSED = {
    "x -> conv(oneof([4, 8])) -> conv(4)": {"out": "4 gives [4, 2, 2], 8 gives [8, 2, 2]"},
    "x -> conv(4, stride = oneof([1, 2])) -> global_avg_pool": {"stride": "1 gives [4, 2, 2], 2 gives [4, 1, 1]"},
    "x -> (relu -> conv(4)) * oneof([1, 2, 3])": {"out": "it decides what there is"},
    "[x] + oneof([[], [x -> relu]]) -> concat -> conv(4)": {"out": "it decides what there is"},
    "x -> oneof([conv(4), conv(4) -> conv(4, kernel = oneof([1, 3]))])": {},
}


@pytest.mark.parametrize("expression", REFUSED)
def test_what_cannot_be_weighed_and_why(expression: str) -> None:
    text = f"network n(x: [4, 2, 2]) = {expression}"
    supernet = archdsl.space(Spec(Source("n.arch", text)), "n").supernet()
    wanted = REFUSED[expression]
    assert set(supernet.fixed) == set(wanted)
    assert all(supernet.fixed[name].startswith(why) for name, why in wanted.items())
    assert [warning.code for warning in supernet.warnings] == ["not-relaxed"] * len(supernet.warnings)
    assert all(warning.span is not None and warning.span.line == 1 for warning in supernet.warnings)


def test_weights_where_an_option_must_be_picked_are_refused() -> None:
    text = "network n(x: [4, 2, 2]) = x -> oneof([relu, tanh]) -> (relu -> conv(4)) * oneof([1, 2, 3])"
    supernet = archdsl.space(Spec(Source("n.arch", text)), "n").supernet()
    assert [*supernet.fixed] == ["out_2"]
    module, x = supernet.build(), torch.randn(1, 4, 2, 2)
    module(x, {"out": torch.ones(2), "out_2": "3"})
    with pytest.raises(TypeError, match="out_2 can only be picked"):
        module(x, {"out": "relu", "out_2": torch.ones(3)})


OFFERING = {
    "k = oneof([1, 2]); return x -> conv(4) -> someof([conv(4), conv(4, 3), relu], k) -> add": {"k", "out"},
    "k = oneof([1, 2]); return x -> oneof([relu, conv(4)] if k == 1 else [tanh, relu])": {"k", "out"},
    "a, b = oneof([1, 2]), oneof([1, 2]); return x -> oneof([relu, id] if a == b else [tanh, id])": {"a", "b", "out"},
    "a, b = oneof([1, 2]), oneof([1, 2]); return x -> oneof([relu, id]) if a == 2 and b == 2 else x": set(),
    "a, b = oneof([1, 2]), oneof([1, 2]); op = oneof([relu, id] if a == 1 else [tanh, id]);"
    "return x -> op if a == b else x": {"a", "b", "op"},
    "i = oneof([0, 1]); j = oneof([0, 1] if i == 0 else [2, 1]); return oneof([x, x -> relu]) * (0.5 + i + j)": {
        "i",
        "j",
    },
}


@pytest.mark.parametrize("body", OFFERING)
def test_what_is_not_fixed_can_be_weighed_in_every_design(body: str) -> None:
    """What decides which options another decision has is fixed; what decides whether it is asked is not."""
    opened = archdsl.space(Spec(Source("n.arch", f"network n(x: [4, 2, 2]) {{ {body} }}")), "n")
    supernet = opened.supernet()
    assert set(supernet.fixed) == OFFERING[body]
    assert {one.message.partition(" can only")[0] for one in supernet.warnings} == OFFERING[body]
    module = supernet.build()
    weights = {one.name: torch.ones(len(one.options)) for one in opened.decisions if one.name not in supernet.fixed}
    for design in opened:
        assert module(torch.randn(1, 4, 2, 2), {**design, **weights}).isfinite().all()
