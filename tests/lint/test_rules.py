"""Where rules keep silent, and what they say in harder places: across calls, in shared stages, in the library."""

from __future__ import annotations

import pytest

import archdsl
import archdsl.lint.registry
from archdsl.lint.lint_file import lint_source
from archdsl.lint.registry import rules
from archdsl.lint.settings import chosen
from archdsl.source import Source
from tests.diagnostics.test_pages import arch_blocks
from tests.lint.specs import findings, net

SILENT = [
    ("bias-before-norm", net("conv(8, 3) -> relu -> bn")),
    ("bias-before-norm", net("conv(8, 3, bias = false) -> bn")),
    ("bias-before-norm", net("conv(8) -> layer_norm")),  # along the last axis: the bias is per channel
    ("bias-before-norm", net("conv(8) -> group_norm(2)")),  # channels of a group keep their differences
    ("bias-before-norm", net("linear(8) -> bn", "[4, 8]")),  # bias along features, mean along positions
    ("bias-before-norm", net("[conv(8), id] -> add -> bn")),
    ("bias-before-norm", "network net(x: [8, 4, 4]) { y = x -> conv(8); z = y -> bn; return y, z }"),
    ("bias-before-norm", "network net(x: [8, 4, 4]) { y = x -> conv(8); return y + (y -> bn) }"),
    ("bias-before-norm", "network net(x: [8, 4, 4]) { shared f = conv(8); return (x -> f -> bn) + (x -> f) }"),
    (
        "bias-before-norm",  # one line, used with a norm behind it and without
        "block part(x; last) = x -> conv(8) -> (last)\n"
        "network net(x: [8, 4, 4]) = x -> part(last = bn) -> part(last = relu)",
    ),
    ("repeated-norm", net("bn -> relu -> bn")),
    ("repeated-norm", net("bn -> instance_norm")),
    ("repeated-norm", net("layer_norm -> layer_norm")),
    ("repeated-norm", "network net(x: [8, 4, 4]) { y = x -> bn; return y + (y -> bn) }"),
    ("linear-pair", net("conv(2) -> conv(8)")),  # narrow in between: cheaper than one
    ("linear-pair", net("conv(8, 3) -> conv(8, 3)")),  # differs at the border
    ("linear-pair", net("conv(8) -> conv(8, 3)")),  # the first bias is missing in the padding
    ("linear-pair", net("depthwise(3) -> conv(8)")),
    ("linear-pair", net("conv(8) -> depthwise(3)")),
    ("linear-pair", net("conv(8, groups = 2) -> conv(8)")),
    ("linear-pair", net("conv(8) -> relu -> conv(8)")),
    ("linear-pair", net("conv(8, 1, 2) -> conv(8, 3)")),
    ("does-nothing", net("conv(8) -> relu")),
    ("does-nothing", net("[relu, conv(8)] -> add -> relu")),
    ("does-nothing", net("conv(8) -> max_pool(2) -> relu")),
    ("does-nothing", net("relu -> bn -> relu")),
    ("does-nothing", net("max_pool(1, 2)")),
    ("does-nothing", net("conv(8) * 0.5 + 1.0")),
    ("does-nothing", net("1.0 - sigmoid -> relu")),
    ("does-nothing", net("relu * -1.0 -> relu")),
    ("does-nothing", net("adaptive_avg_pool(16)")),
    ("does-nothing", net("upsample(1.25)", "[8, 3]")),  # torch copies elements 0, 0 and 1
    ("does-nothing", net("upsample(1.25)", "[8, 3, 3, 3]")),
    (
        "does-nothing",  # a schedule that begins at 0
        "network net(x: [8, 4, 4]) { for i in range(3) { x = x -> conv(8) -> drop_path(0.1 * i) }; return x }",
    ),
    (
        "does-nothing",  # the first call is given what may be negative
        "block unit(x) = x -> relu -> conv(8) -> relu\nnetwork net(x: [8, 4, 4]) = x -> unit -> unit",
    ),
    ("dead-branch", net("conv(8) * 0.5")),
    ("dead-branch", net("[id, id * 0.0] -> concat")),  # channels are filled with zeros
    ("dead-branch", net("conv(8) * 0 -> relu")),  # a stage times the int 0 is no stage at all
    ("relu-before-max-pool", net("relu -> max_pool(3, 1)")),
    ("relu-before-max-pool", net("gelu -> max_pool(2)")),
    ("relu-before-max-pool", net("silu -> max_pool(2)")),
    ("relu-before-max-pool", net("leaky_relu(-0.2) -> max_pool(2)")),
    ("relu-before-max-pool", net("relu -> avg_pool(2)")),
    ("relu-before-max-pool", "network net(x: [8, 4, 4]) { y = x -> relu; return y -> max_pool(2), y }"),
    ("pool-after-pointwise", net("conv(8) -> max_pool(2)")),
    ("pool-after-pointwise", net("conv(8, 3) -> avg_pool(2)")),
    ("pool-after-pointwise", net("conv(8) -> relu -> avg_pool(2)")),
    ("pool-after-pointwise", net("conv(8) -> avg_pool(3, 2)")),  # a bias, and padding that counts as zeros
    ("pool-after-pointwise", net("conv(8) -> avg_pool(3, 1, count_padding = false)")),  # as many positions
    ("g1-unequal-channels", net("conv(8)")),
    ("g1-unequal-channels", net("conv(12)")),  # 2 % above the bound
    ("g1-unequal-channels", net("conv(64, 3)")),
    ("g1-unequal-channels", net("depthwise(1, multiplier = 4)")),
    ("g1-unequal-channels", net("conv(64, 1, 2)")),
    ("g1-unequal-channels", net("global_avg_pool -> conv(64)")),  # on one position the weights are all
    ("g2-grouped", net("conv(8)")),
    ("g2-grouped", net("depthwise(3)")),
    ("g2-grouped", net("conv(8, 3, groups = 8)")),
    ("g4-elementwise", net("conv(8, 3) -> bn -> relu -> conv(8, 3) -> bn")),
    ("channels-not-multiple-of-8", net("conv(64) -> relu -> conv(10) -> global_avg_pool")),  # classes
    ("channels-not-multiple-of-8", net("[conv(1) -> sigmoid, id] -> mul")),
    ("small-receptive-field", net("(conv(8, 3) -> relu) * 8 -> global_avg_pool")),
    ("small-receptive-field", net("conv(8, 3) -> flatten -> linear(10)")),
    ("small-receptive-field", net("conv(8, 3)")),
    ("misaligned-join", "network net(x: [8, 16, 16]) = (x -> conv(8, 3, 2)) + (x -> conv(8, 1, 2))"),
    ("even-kernel-half-padding", net("conv(8, 4, 2)")),
    ("even-kernel-half-padding", net("max_pool(2)")),
    ("even-kernel-half-padding", net("conv(8, 3)")),
    ("even-kernel-half-padding", net("conv(8, 2, padding = 0)")),
    ("padding-only-windows", net("conv(8, 3, padding = 2)")),  # every window reaches the input
    ("padding-only-windows", net("conv(8, 3, padding = 4, dilation = 4)")),
    ("unread-positions", net("conv(8, 1, 2)")),  # the network's input is not computed
    ("unread-positions", net("relu -> conv(8, 3, 2)")),
    ("unread-positions", net("relu -> [conv(8, 1, 2), conv(8, 3, 2)] -> add")),
    ("unread-positions", net("relu -> [conv(8, 1, 2), conv(8, 1, 4) -> upsample(2)] -> add")),  # not all the same
    ("unread-positions", net("crop(((1, 0), (1, 0))) -> conv(8, 1, 2)")),
    ("unread-positions", "network net(x: [8, 4, 4]) { y = x -> relu; return y -> conv(8, 1, 2), y }"),
    ("unread-positions", "block b(x) = x -> conv(8, 1, 2), x\nnetwork net(x: [8, 4, 4]) = x -> relu -> b"),
    (
        "unread-positions",  # the caller reads it once more
        "block b(x) = x -> conv(8, 1, 2)\nnetwork net(x: [8, 4, 4]) { y = x -> relu; return y -> b, y -> bn }",
    ),
    ("strided-pointwise", net("conv(8, 3, 2)")),
    ("strided-pointwise", net("conv(8, 2, 2)")),
    ("strided-pointwise", net("conv(8, 1, 2)", "[8, 1, 1]")),
    ("strided-pointwise", net("factorized_reduction(8)").replace("cbr", "factorized_reduction")),
    ("misaligned-join", net("factorized_reduction(8)").replace("cbr", "factorized_reduction")),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "text"), SILENT)
def test_nothing_is_said(rule: str, text: str) -> None:
    assert [finding.message for finding in findings(rule, text)] == []


@pytest.mark.parametrize("rule", [name for name, rule in rules().items() if rule.check is not None])
def test_a_comment_hides_the_finding_of_its_page(rule: str) -> None:
    """Behind the line and above it; another rule's name hides nothing."""
    text = arch_blocks(archdsl.lint.registry.page(rule))[0]
    (finding,) = findings(rule, text)
    lines = text.split("\n")
    at = finding.span.line - 1
    code = lines[at].split("#")[0]
    for comment, hidden in ((rule, True), (f"other, {rule}", True), ("other", False)):
        behind = [*lines[:at], f"{code}# archdsl: ignore[{comment}]", *lines[at + 1 :]]
        above = [*lines[:at], f"  # archdsl: ignore[{comment}] because", "", "# more", code, *lines[at + 1 :]]
        for changed in (behind, above):
            assert (findings(rule, "\n".join(changed)) == ()) is hidden


def test_bare_words_of_one_stage_are_told_apart() -> None:
    """`bn` and `relu` without parentheses have the place where the whole stage is applied."""
    text = """
network net(x: [8, 16, 16]) {
    layer = conv(8, 3) -> relu
    return x -> layer * 2 -> max_pool(2)
}
"""
    assert findings("relu-before-max-pool", text) == (), "the first relu stands before a convolution"
    (finding,) = findings("relu-before-max-pool", text.replace("layer * 2", "(conv(8, 3) -> bn -> relu)"))
    assert finding.applications == 1


def test_neighbours_are_found_across_calls() -> None:
    """The convolution ends one block, the norm begins the next; a third reads an input that it hands on."""
    text = """
block ends(x) = x -> relu -> conv(8, 3)
block begins(x) = x -> bn -> relu
block hands_on(x; f) = x -> f
network net(x: [8, 4, 4]) = x -> ends -> hands_on(f = id) -> begins -> ends -> begins
"""
    (finding,) = findings("bias-before-norm", text)
    assert (finding.span.text, finding.applications) == ("conv(8, 3)", 2)


def test_a_result_that_the_caller_drops_is_read_inside_alone() -> None:
    """Found by the flat twin: an output of a block that its caller does not use."""
    text = """
block makes(x) { y = x -> conv(8, 3); return y, y -> bn }
network net(x: [8, 4, 4]) = (x -> makes)[1] -> relu
"""
    (finding,) = findings("bias-before-norm", text)
    assert finding.applications == 1


def test_the_norm_may_be_used_elsewhere_too() -> None:
    """Only the convolution's line is changed; where both are moved, both must be used in such pairs only."""
    text = """
block norm(x) = x -> bn -> relu
network net(x: [8, 4, 4]) = x -> relu -> norm -> conv(8, 3) -> norm
"""
    (finding,) = findings("bias-before-norm", text)
    assert finding.span.text == "conv(8, 3)"
    text = """
block pool(x) = x -> max_pool(2)
block act(x) = x -> relu
network net(x: [8, 16, 16]) = x -> act -> pool -> conv(8, 3) -> pool
"""
    assert findings("relu-before-max-pool", text) == ()
    assert len(findings("relu-before-max-pool", text.replace("-> pool -> conv(8, 3) -> pool", "-> pool"))) == 1


def test_a_branch_that_reads_too_is_seen_across_calls() -> None:
    text = """
block makes(x) { y = x -> conv(8, 3); return y, y -> relu }
network net(x: [8, 4, 4]) { a, b = x -> makes; return (a -> bn) + b }
"""
    assert findings("bias-before-norm", text) == ()


def test_what_the_library_does_is_told_where_it_is_called() -> None:
    text = """import std: conv_bn
block unit(x; stride = 1) = x -> conv_bn(8, 1, stride) -> relu
network net(x: [8, 16, 16]) = x -> unit(2) -> unit -> unit(2) -> unit
"""
    (finding,) = findings("strided-pointwise", text)
    assert (finding.span.text, finding.applications, finding.variants) == ("conv_bn(8, 1, stride)", 2, 2)
    text = text.replace("conv_bn(8, 1, stride) -> relu", "conv_bn(8, 3) -> bn -> relu")
    (finding,) = findings("repeated-norm", text)
    assert (finding.span.text, finding.applications) == ("conv_bn(8, 3)", 4)


def test_one_line_is_one_finding() -> None:
    (finding,) = findings("bias-before-norm", net("conv(8, 3) -> bn -> relu -> conv(16, 3) -> bn"))
    assert [span.text for span in finding.spans] == ["conv(16, 3)", "conv(8, 3)"]
    assert (finding.cost.params, finding.applications, finding.variants) == (24, 2, 1)


def test_networks_of_a_file_are_told_together() -> None:
    """The numbers are those of the network in which the finding weighs most; the base of variants is not run."""
    text = """
block unit(x; width) = x -> conv(width, 3) -> bn -> relu
network base(x: [3, 32, 32]; widths) { for w in widths { x = x -> unit(w) }; return x }
network big = base(widths = [64, 64, 64])
network small = base(widths = [8])
"""
    (finding,) = findings("bias-before-norm", text)
    assert finding.networks == ("big", "small") or finding.networks == ("small", "big")
    alone = {name: archdsl.loads(text, name).lint(chosen({}, select=["bias-before-norm"])) for name in ("big", "small")}
    shares = {name: found[0].share[1] for name, found in alone.items() if found[0].share}
    assert finding.networks[0] == max(shares, key=shares.__getitem__)
    assert finding.cost == alone[finding.networks[0]][0].cost


def test_unused_results_are_told_once() -> None:
    text = """
block unit(x) { y = x -> conv(8, 3); return x -> relu }
network one(x: [8, 4, 4]) = x -> unit
network two(x: [8, 8, 8]) = x -> unit
"""
    (finding,) = findings("dead-branch", text)
    assert finding.span.text == "conv(8, 3)"
    (finding,) = archdsl.loads(text, "one").lint(chosen({}, select=["dead-branch"]))
    assert finding.networks == ("one",)


def test_findings_come_worst_first() -> None:
    text = net("conv(8, 3) -> bn -> relu -> relu -> max_pool(1, 2)")
    found = lint_source(Source("test.arch", text), {"strided-pointwise": "error"})
    assert [finding.severity for finding in found] == sorted(
        (finding.severity for finding in found), key=["error", "warning", "info"].index
    )
    assert found[0].rule.name == "strided-pointwise"


def test_a_file_with_errors_is_not_advised() -> None:
    with pytest.raises(archdsl.ArchError):
        findings("dead-branch", "network net(x: [8, 4, 4]) = x -> nothing")
