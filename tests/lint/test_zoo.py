"""The whole zoo: no rule fails, the time is short, and every warning is one that was looked at."""

from __future__ import annotations

from collections import Counter

import pytest

from archdsl.diagnostics.render import render
from archdsl.library import specs
from archdsl.lint.finding import Finding
from archdsl.lint.lint_file import lint_source
from archdsl.lint.present import as_json, diagnostic
from archdsl.syntax.read import read_source

# What each warning is, and why it is right; a new one here is a false positive until it has been looked at.
WARNINGS = {
    # The 1x1 convolution of a transition comes before its average pool, as in the paper: 4 times the work it needs.
    ("densenet.arch", "pool-after-pointwise"): 1,
    ("densenet_cifar.arch", "pool-after-pointwise"): 2,  # its own transition, and that of densenet.arch
    # The reference keeps the biases of all convolutions before its norms.
    ("bn_inception.arch", "bias-before-norm"): 1,
    # The authors' code keeps the biases of all convolutions before its norms.
    ("nnunet.arch", "bias-before-norm"): 2,
    # The authors' code keeps the biases of all convolutions before its norms, SegNet in Caffe, CycleGAN where they are
    # norms of one image.
    ("segnet.arch", "bias-before-norm"): 3,
    ("cyclegan.arch", "bias-before-norm"): 5,
    # timm's HRNet keeps biases before the norms of the convolutions that lead to its classifier.
    ("hrnet.arch", "bias-before-norm"): 2,
    # In model B a 1x1 convolution takes the place of a strided layer, as published.
    ("all_cnn.arch", "unread-positions"): 1,
    # What EncNet gates is not negative and its gate is positive; the authors have a ReLU all the same.
    ("encnet.arch", "does-nothing"): 1,
    # timm's split attention keeps the bias of its first convolution before the norm.
    ("resnest.arch", "bias-before-norm"): 1,
    # torchvision's vgg*_bn has biases before its norms.
    ("vgg.arch", "bias-before-norm"): 1,
    # The reference's non-local block keeps the bias of its last convolution before the norm.
    ("nonlocal.arch", "bias-before-norm"): 1,
    # Strided 1x1 convolutions read the result of an activation alone, or at the head of both branches (Caffe's ResNet).
    ("dpn.arch", "unread-positions"): 1,
    ("pnasnet.arch", "unread-positions"): 1,
    ("senet.arch", "unread-positions"): 1,
    # One group needs no shuffle: only shufflenet_v1_g1 of Table 2 has it.
    ("shufflenet_v1.arch", "does-nothing"): 1,
    # Both branches of these bottlenecks begin with a strided 1x1 convolution, as first published.
    ("resnet_v1.arch", "unread-positions"): 1,
    ("deep_roots.arch", "unread-positions"): 1,
    ("isqrt_cov.arch", "unread-positions"): 1,
    ("multi_resnet.arch", "unread-positions"): 1,
    # A shift stands for the 3x3 window, and the stride is on the 1x1 convolution that follows it.
    ("shiftnet.arch", "unread-positions"): 1,
    # Thin units stride in their first 1x1 convolution: the macs are the paper's then.
    ("pvanet.arch", "unread-positions"): 1,
    # 100 pixels of padding, so that images of any size pass fc6: half of the first convolution's windows see none.
    ("fcn.arch", "padding-only-windows"): 1,
    # The small model is not regularised (section 4.1): both dropouts have probability 0 there, and only there.
    ("lstm_lm.arch", "does-nothing"): 2,
}


@pytest.fixture(scope="module")
def zoo() -> dict[str, tuple[Finding, ...]]:
    return {path.name: lint_source(read_source(path)) for path in specs()}


def test_every_warning_was_looked_at(zoo: dict[str, tuple[Finding, ...]]) -> None:
    found = Counter(
        (file, finding.rule.name) for file, all_ in zoo.items() for finding in all_ if finding.severity != "info"
    )
    assert found == WARNINGS


def test_every_finding_can_be_told(zoo: dict[str, tuple[Finding, ...]]) -> None:
    for finding in (finding for found in zoo.values() for finding in found):
        message = diagnostic(finding)
        assert message.help
        assert finding.applications >= 1
        assert as_json(finding)["line"] == finding.span.line
        assert not finding.span.source.name.endswith("std.arch"), "the reader cannot mend the library"
        lines = render(message).split("\n")
        assert all(len(line) <= 80 for line in lines[1:] if "--> " not in line), "\n".join(lines)  # but for the path


def test_no_line_is_told_twice(zoo: dict[str, tuple[Finding, ...]]) -> None:
    for found in zoo.values():
        places = Counter((finding.rule.name, finding.place) for finding in found)
        assert max(places.values(), default=1) == 1


def test_shares_are_shares(zoo: dict[str, tuple[Finding, ...]]) -> None:
    """No finding costs more than the network, but for channels that are filled up."""
    for found in zoo.values():
        for finding in found:
            if finding.share is not None and finding.rule.name != "channels-not-multiple-of-8":
                assert 0 < finding.share[1] <= 1, finding


def test_the_published_blocks_are_among_the_findings(zoo: dict[str, tuple[Finding, ...]]) -> None:
    """ShuffleNet V2, section 2: NASNet-A has 13 fragments, ResNet 2 or 3; its own units have equal widths."""
    told = {f.message for f in zoo["nasnet.arch"] if f.rule.name == "g3-fragmented"}
    assert any(message.startswith("normal is made of 13 convolutions and pools") for message in told)
    assert not [f for f in zoo["resnet.arch"] if f.rule.name == "g3-fragmented"]
    assert not [f for f in zoo["shufflenet_v2.arch"] if f.rule.name in ("g2-grouped", "g3-fragmented")]
    assert [f for f in zoo["mobilenet_v2.arch"] if f.rule.name == "g1-unequal-channels"]
