"""What a finding claims as its cost is what its edit saves: both specs are counted by `archdsl.analysis.cost`."""

from __future__ import annotations

import pytest

import archdsl
from archdsl.analysis.cost import Cost, cost
from archdsl.lint.measure import less
from tests.lint.specs import findings, net

# (rule, as it stands, after the edit): the function stays the same, so every number must agree.
SAME = [
    ("bias-before-norm", "conv(16, 3, 2) -> bn", "conv(16, 3, 2, bias = false) -> bn"),
    ("bias-before-norm", "depthwise(3) -> instance_norm", "depthwise(3, bias = false) -> instance_norm"),
    ("bias-before-norm", "conv_transpose(4, 2, 2) -> bn", "conv_transpose(4, 2, 2, bias = false) -> bn"),
    ("bias-before-norm", "flatten -> linear(10) -> bn", "flatten -> linear(10, bias = false) -> bn"),
    ("does-nothing", "relu -> relu", "relu"),
    ("does-nothing", "relu -> dropout(0) -> conv(4)", "relu -> conv(4)"),
    ("does-nothing", "relu -> max_pool(2) -> relu6 -> relu", "relu -> max_pool(2) -> relu6"),
    ("does-nothing", "sigmoid -> relu", "sigmoid"),
    ("does-nothing", "[relu, sigmoid -> conv(8) -> relu] -> concat -> global_avg_pool -> relu",
     "[relu, sigmoid -> conv(8) -> relu] -> concat -> global_avg_pool"),
    ("does-nothing", "[conv(8)] -> concat", "conv(8)"),
    ("does-nothing", "conv(8) * 1.0", "conv(8)"),
    ("does-nothing", "0 + conv(8)", "conv(8)"),
    ("does-nothing", "conv(8) / 1", "conv(8)"),
    ("does-nothing", "max_pool(1)", "id"),
    ("does-nothing", "conv(8) -> avg_pool(1, 1)", "conv(8)"),
    ("does-nothing", "channel_shuffle(1)", "id"),
    ("does-nothing", "channel_shuffle(8)", "id"),
    ("does-nothing", "pad(0)", "id"),
    ("does-nothing", "crop(0)", "id"),
    ("does-nothing", "flatten -> flatten", "flatten"),
    ("does-nothing", "upsample(1)", "id"),
    ("does-nothing", "upsample(1.01)", "id"),
    ("does-nothing", 'upsample(1.01, mode = "bilinear")', "id"),
    ("does-nothing", "permute((0, 1, 2))", "id"),
    ("does-nothing", "transpose(1, 1)", "id"),
    ("does-nothing", "drop_path(0)", "id"),
    ("does-nothing", "split(1)", "id"),
    ("does-nothing", "slice(0, 99)", "id"),
    ("does-nothing", "shift(1)", "id"),
    ("does-nothing", "power(1)", "id"),
    ("linear-pair", "conv(16, 3, 2) -> conv(16)", "conv(16, 3, 2)"),
    ("linear-pair", "conv(16, bias = false) -> conv(8, 3)", "conv(8, 3)"),
    ("linear-pair", "conv(16) -> conv(8, 3, padding = 0)", "conv(8, 3, padding = 0)"),
    ("linear-pair", "conv(16, bias = false) -> conv(8, bias = false)", "conv(8, bias = false)"),
    ("linear-pair", "conv(8, 3, 1) -> conv(8, 1, 2)", "conv(8, 3, 2)"),
    ("linear-pair", "flatten -> linear(64) -> linear(64)", "flatten -> linear(64)"),
    ("pool-after-pointwise", "conv(16) -> avg_pool(2)", "avg_pool(2) -> conv(16)"),
    ("pool-after-pointwise", "conv(4, bias = false) -> avg_pool(3, 2)", "avg_pool(3, 2) -> conv(4, bias = false)"),
    ("pool-after-pointwise", "conv(16) -> avg_pool(3, 2, count_padding = false)",
     "avg_pool(3, 2, count_padding = false) -> conv(16)"),
    ("pool-after-pointwise", "conv(16) -> global_avg_pool", "global_avg_pool -> conv(16)"),
    ("pool-after-pointwise", "conv(16) -> adaptive_avg_pool(4)", "adaptive_avg_pool(4) -> conv(16)"),
    ("relu-before-max-pool", "conv(8, 3) -> relu -> max_pool(3, 2)", "conv(8, 3) -> max_pool(3, 2) -> relu"),
    ("relu-before-max-pool", "leaky_relu(0.2) -> max_pool(2)", "max_pool(2) -> leaky_relu(0.2)"),
    ("repeated-norm", "conv(8, bias = false) -> bn -> bn", "conv(8, bias = false) -> bn"),
    ("repeated-norm", "instance_norm -> instance_norm(affine = true)", "instance_norm(affine = true)"),
    ("repeated-norm", "layer_norm(affine = false) -> layer_norm", "layer_norm"),
]  # fmt: skip


def measured(text: str) -> Cost:
    return cost(archdsl.loads(text).graph)


@pytest.mark.parametrize(("rule", "before", "after"), SAME)
def test_the_cost_is_what_the_edit_saves(rule: str, before: str, after: str) -> None:
    (finding,) = findings(rule, net(before))
    assert finding.cost == less(measured(net(before)), measured(net(after)))
    assert findings(rule, net(after)) == ()
    assert finding.applications == 1


def test_the_cost_of_all_applications_is_what_the_edit_saves() -> None:
    """Sixteen calls of one body, four of another, weights of a shared stage once."""
    text = """
block unit(x) {
    shared f = conv(x.channels, 3BIAS)
    return x -> conv(x.channels, 3BIAS) -> bn -> relu -> f -> bn -> f -> bn
}
network net(x: [8, 16, 16]) = x -> unit * 16 -> max_pool(2) -> conv(16) -> relu -> unit * 4
"""
    before, after = text.replace("BIAS", ""), text.replace("BIAS", ", bias = false")
    found = findings("bias-before-norm", before)
    total = Cost()
    for finding in found:
        total = total.plus(finding.cost)
    assert total == less(measured(before), measured(after))
    assert {(finding.span.line, finding.applications) for finding in found} == {(3, 40), (4, 20)}
    assert findings("bias-before-norm", after) == ()


def test_a_branch_times_0_costs_all_that_leads_there_only() -> None:
    """Two layers and a call; the one that something else reads too stays."""
    text = """
block f(x) = x -> conv(8, 3) -> relu
network net(x: [8, 16, 16]) {
    kept = x -> conv(8, 3)
    return kept -> relu, (kept -> f -> conv(8, 5) -> f) * 0.0
}
"""
    (finding,) = findings("dead-branch", text)
    after = "network net(x: [8, 16, 16]) = x -> conv(8, 3) -> relu"
    assert finding.cost == less(measured(text), measured(after))
    assert finding.notes == ("5 ops lead here only",)


@pytest.mark.parametrize("sizes", [(8, 32), (4, 64), (64, 4), (27, 3)])
def test_g1_is_the_distance_to_the_balanced_convolution(sizes: tuple[int, int]) -> None:
    into, out = sizes
    (finding,) = findings("g1-unequal-channels", net(f"conv({out}, bias = false)", f"[{into}, 14, 20]"))
    width = round((into * out) ** 0.5)
    assert width * width == into * out, "the widths have a whole mean, so that the bound is reached"
    balanced = measured(net(f"conv({width}, bias = false)", f"[{width}, 14, 20]"))
    actual = measured(net(f"conv({out}, bias = false)", f"[{into}, 14, 20]"))
    assert balanced.macs == actual.macs
    assert finding.cost == Cost(memory_access=actual.memory_access - balanced.memory_access)
    assert f"{width} to {width} channels" in finding.edit


def test_g1_bound_with_a_bias_and_without_a_whole_mean() -> None:
    """The bias is written either way; the bound is rounded up, so the claim never exceeds it."""
    (finding,) = findings("g1-unequal-channels", net("conv(40)"))
    bound = 2 * (256 * 256 * 8 * 40) ** 0.5 + 8 * 40
    assert 0 <= 256 * 48 + 8 * 40 - bound - finding.cost.memory_access < 1
    assert "18 to 18 channels cost as many multiply-accumulates (+1.2 %)" in finding.edit


@pytest.mark.parametrize(
    ("grouped", "ungrouped"),
    [("conv(16, 3, groups = 4, bias = false)", "conv(4, 3, bias = false)"),
     ("conv(16, 1, 2, groups = 2, bias = false)", "conv(8, 1, 2, bias = false)")],
)  # fmt: skip
def test_g2_is_the_distance_to_one_group(grouped: str, ungrouped: str) -> None:
    (finding,) = findings("g2-grouped", net(grouped))
    saved = less(measured(net(grouped)), measured(net(ungrouped)))
    assert (saved.macs, saved.params) == (0, 0)
    assert finding.cost == Cost(memory_access=saved.memory_access)


def test_g2_of_the_paper() -> None:
    """h w c1 + B g / c1 + B / (h w) against g = 1 at the same input (Ma et al. 2018, section 2)."""
    (finding,) = findings("g2-grouped", net("conv(180, groups = 2, bias = false)", "[180, 56, 56]"))
    area, into, macs = 56 * 56, 180, 56 * 56 * 180 * 180 // 2

    def access(groups: int) -> int:
        return area * into + macs * groups // into + macs // area

    assert finding.cost.memory_access == access(2) - access(1)


def test_channels_are_counted_as_if_filled_up() -> None:
    (finding,) = findings("channels-not-multiple-of-8", net("conv(50, 3) -> relu -> conv(16)"))
    first, filled = measured(net("conv(50, 3)")), measured(net("conv(56, 3)"))
    assert finding.cost == Cost(macs=filled.macs - first.macs)
    assert "make them 48" in finding.edit


def test_elementwise_access_and_its_share() -> None:
    (finding,) = findings("g4-elementwise", net("depthwise(3, bias = false) -> relu"))
    assert finding.cost == Cost(memory_access=2 * 2 * 8 * 16 * 16 + 8 * 9)
    assert finding.share == ("memory_access", 1.0)


def test_fragments_beyond_one() -> None:
    blocks = "block wide(x) = x -> [conv(8), conv(8), conv(8), conv(8), conv(8), conv(8), max_pool(3, 1)] -> concat\n"
    (finding,) = findings("g3-fragmented", net("wide -> wide", blocks=blocks))
    assert finding.message == "wide is made of 7 convolutions and pools, up to 7 side by side and 1 in a row"
    assert finding.cost == Cost(ops=2 * 6)
