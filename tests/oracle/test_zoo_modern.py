"""Compares networks of 2020 to 2022 with timm and torchvision: whole ones, and miniatures of them in `make test`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
import torch
from torch import nn

import archdsl
from tests.oracle import test_networks
from tests.oracle.equality import compare, relative_error, two_inputs
from tests.oracle.grouped import ChannelLocal, clcnet
from tests.oracle.modern import (
    beit,
    convnext,
    convnext_v2,
    deployed,
    efficientnet_v2,
    fused,
    mixer,
    mobileone,
    repvgg,
    res2net_tree,
    se_res2net,
    splat,
    swin,
    undropped,
)
from tests.oracle.redraw import redraw
from tests.oracle.reference import timm_model
from tests.oracle.test_networks import RecordProperty, Row, Shape
from tests.oracle.test_zoo_small import ZooRow
from tests.oracle.vision import Encoding, GeM, encnet, retrieval

SMALL: tuple[Shape, ...] = ((3, 64, 96),)


def _timm(spec: str, network: str, name: str = "", **facts: Any) -> Row:
    facts.setdefault("sizes", SMALL)
    return Row(f"{spec}.arch", network, facts.pop("make", timm_model), name, **facts)


def _deployed(spec: str, name: str, **facts: Any) -> Row:
    return _timm(spec, f"{name}_deployed", name, make=deployed, **facts)


def _efficientnet_v2(letter: str, size: int, **facts: Any) -> Row:
    """Without stochastic depth, which draws random numbers while training."""
    without = {"stochastic_depth_prob": 0.0}
    name = f"efficientnet_v2_{letter}"
    shape = (3, size, size)
    return ZooRow("efficientnet_v2.arch", name, kwargs=without, ours={"drop": 0.0}, native=shape, sizes=SMALL, **facts)


def _mixer(name: str, **facts: Any) -> Row:
    """A perceptron over places takes one size of image."""
    return _timm("mlp_mixer", f"mixer_{name}", f"mixer_{name}_224", sizes=((3, 224, 224),), **facts)


def _stochastic(spec: str, name: str, **facts: Any) -> Row:
    """torchvision's, without stochastic depth, as above."""
    facts.setdefault("sizes", ((3, 224, 224),))
    return ZooRow(f"{spec}.arch", name, undropped, ours={"drop": 0.0}, **facts)


ROWS = [
    *(_timm("regnet", f"regnet{letter}_002", fast=letter == "y") for letter in "xy"),
    *(_timm("regnet", f"regnet{letter}_{size}") for letter in "xy" for size in ("004", "008", "016", "040")),
    *(_timm("regnet", f"regnet{letter}_160", sizes=()) for letter in "xy"),
    *(_timm("repvgg", f"repvgg_{name}") for name in ("a0", "a1", "a2", "b0", "b1g4")),
    *(_timm("repvgg", f"repvgg_{name}", sizes=()) for name in ("b1", "b2", "b3")),
    *(_deployed("repvgg", f"repvgg_{name}") for name in ("a0", "b1g4")),
    *(_deployed("repvgg", f"repvgg_{name}", sizes=()) for name in ("a1", "a2", "b0", "b1", "b2", "b3")),
    *(_timm("mobileone", f"mobileone_s{number}") for number in range(5)),
    *(_deployed("mobileone", f"mobileone_s{number}") for number in (0, 4)),
    *(_deployed("mobileone", f"mobileone_s{number}", sizes=()) for number in (1, 2, 3)),
    _timm("res2net", "se_res2net50_26w_4s", "res2net50_26w_4s", make=se_res2net),
    *(_timm("res2net", f"dla60_{name}") for name in ("res2net", "res2next")),
    *(_timm("hrnet", f"hrnet_{name}") for name in ("w18_small", "w18_small_v2", "w18")),
    *(_timm("hrnet", f"hrnet_w{width}", sizes=()) for width in (32, 48)),
    _timm("clcnet", "clcnet_a", make=clcnet, kwargs={"depths": (1, 1, 5, 2)}),
    _timm("clcnet", "clcnet_b", make=clcnet, kwargs={"depths": (1, 1, 7, 3)}, sizes=()),
    _timm("encnet", "encnet_resnet50", make=encnet, kwargs={"backbone": "resnet50"}, native=(3, 480, 480)),
    _timm("encnet", "encnet_resnet101", make=encnet, kwargs={"backbone": "resnet101"}, native=(3, 480, 480), sizes=()),
    _timm("gem", "gem_resnet50", make=retrieval, kwargs={"backbone": "resnet50"}, native=(3, 362, 362)),
    _timm("gem", "gem_resnet101", make=retrieval, kwargs={"backbone": "resnet101"}, native=(3, 362, 362), sizes=()),
    _timm("condconv", "tf_efficientnet_cc_b0_4e"),
    _timm("condconv", "tf_efficientnet_cc_b0_8e", sizes=()),
    _timm("condconv", "tf_efficientnet_cc_b1_8e", native=(3, 240, 240), sizes=()),
    _efficientnet_v2("s", 384),
    _efficientnet_v2("m", 480, large=True),
    replace(_efficientnet_v2("l", 480), sizes=()),
    *(_timm("resnest", f"resnest{name}") for name in ("14d", "26d", "50d", "101e", "50d_4s2x40d")),
    _mixer("s32"),
    *(replace(_mixer(name), sizes=()) for name in ("s16", "b32", "b16", "l32", "l16")),
    _timm("mobilevit", "mobilevit_xxs", native=(3, 256, 256), sizes=((3, 64, 128),), fast=True),
    *(_timm("mobilevit", f"mobilevit_{n}", native=(3, 256, 256), sizes=((3, 64, 128),)) for n in ("xs", "s")),
    _stochastic("swin", "swin_t"),
    *(_stochastic("swin", name, sizes=()) for name in ("swin_s", "swin_b")),
    _stochastic("convnext", "convnext_tiny", sizes=SMALL),
    *(_stochastic("convnext", f"convnext_{name}", sizes=()) for name in ("small", "base", "large")),
    _timm("convnext_v2", "convnextv2_tiny"),
    *(_timm("convnext_v2", f"convnextv2_{name}", sizes=()) for name in ("atto", "base")),
    _timm("beit", "beit_base_patch16", "beit_base_patch16_224", sizes=((3, 224, 224),)),
    _timm("beit", "beit_large_patch16", "beit_large_patch16_224", sizes=()),
]


@pytest.mark.parametrize(
    "row",
    [pytest.param(row, marks=[] if row.fast else [pytest.mark.slow], id=row.network) for row in ROWS],
)
def test_counts(row: Row, record_property: RecordProperty) -> None:
    """Parameters and multiply-accumulates at the native size are the reference's, to the last digit."""
    test_networks.test_counts(row, record_property)


@pytest.mark.parametrize(("row", "shape"), test_networks.small_cases(ROWS))
def test_function(row: Row, shape: Shape, record_property: RecordProperty) -> None:
    """The built model is the reference's function: outputs, gradients and training steps."""
    test_networks.test_function(row, shape, record_property)


@dataclass(frozen=True)
class Miniature:
    """A small network of a spec's own parts, and the reference's classes with the same facts."""

    text: str
    make: Callable[[], nn.Module]
    shape: Shape = (3, 32, 48)
    own_keys: bool = False


REPVGG = Miniature(
    "import repvgg: repvgg\n"
    "network small = repvgg(a = 0.25, b = 0.125, depths = [1, 2, 2, 1], groups = 4, classes = 7)",
    repvgg,
)
MOBILEONE = Miniature(
    "import mobileone: mobileone\nnetwork small = mobileone(widths = [0.25, 0.25, 0.25, 0.25], branches = 2, "
    "gated = [0, 0, 0, 1], depths = [1, 2, 1, 2], classes = 7)",
    mobileone,
)
MINIATURES = {
    "repvgg": REPVGG,
    "mobileone": MOBILEONE,
    "efficientnet_v2": Miniature(
        "import efficientnet: mbconv\nimport efficientnet_v2: efficientnet_v2, fused_mbconv\n"
        "network small = efficientnet_v2(size = 32, dropped = 0.2, drop = 0.0, classes = 7, table = [\n"
        "(fused_mbconv, 1, 3, 8, 2, 1), (fused_mbconv, 4, 3, 16, 2, 2), (mbconv, 4, 3, 24, 2, 2)])",
        efficientnet_v2,
    ),
    "resnest": Miniature(
        "import resnest: splat_bottleneck\nblock unit = splat_bottleneck(radix = 4, groups = 2, "
        'pool_first = true)\nnetwork small(x: [8, 9, 12]) = x -> unit(16) as "0" -> unit(16, 2) as "1"',
        splat,
        (8, 9, 12),
    ),
    "res2net": Miniature(
        "import dla: tree\nimport res2net: dla_unit\nblock unit = dla_unit(base = 32, cardinality = 2)\n"
        "network small(x: [8, 12, 16]) = x -> tree(unit, 1, 64, 2, false, false)",
        res2net_tree,
        (8, 12, 16),
        own_keys=True,
    ),
    "clcnet": Miniature(
        'import clcnet: clc\nnetwork small(x: [8, 9, 12]) = x -> clc(16, 2) as "0" -> clc(12) as "1"',
        lambda: nn.Sequential(ChannelLocal(8, 16, 2), ChannelLocal(16, 12, 1)),
        (8, 9, 12),
        own_keys=True,
    ),
    "gem": Miniature(
        'import gem: gem\nnetwork small(x: [3, 5, 7]) = x -> conv(6) as "0" -> relu -> gem -> flatten',
        lambda: nn.Sequential(nn.Conv2d(3, 6, 1), nn.ReLU(), GeM()),
        (3, 5, 7),
        own_keys=True,
    ),
    "encnet": Miniature(
        'import encnet: encoding\nnetwork small(x: [3, 5, 7]) = x -> conv(6) as "0" -> encoding(4) as "1"',
        lambda: nn.Sequential(nn.Conv2d(3, 6, 1), Encoding(6, 4)),
        (3, 5, 7),
    ),
    "mlp_mixer": Miniature(
        "import mlp_mixer: mlp_mixer\nnetwork small = mlp_mixer(patch = 8, width = 12, depth = 2, classes = 7)",
        mixer,
        (3, 32, 32),
    ),
    "swin": Miniature(
        "import swin: swin\n"
        "network small = swin(width = 12, depths = [2, 2], heads = 2, m = 4, drop = 0.0, classes = 7)",
        swin,
        (3, 32, 32),
    ),
    "convnext": Miniature(
        "import convnext: convnext\n"
        "network small = convnext(widths = [8, 12], depths = [1, 2], drop = 0.0, classes = 7)",
        convnext,
    ),
    "convnext_v2": Miniature(
        "import convnext_v2: convnext_v2\n"
        "network small = convnext_v2(widths = [8, 12, 16, 20], depths = [1, 1, 2, 1], classes = 7)",
        convnext_v2,
        (3, 64, 96),
    ),
    "beit": Miniature(
        "import beit: beit\n"
        "network small = beit(patch = 8, width = 12, depth = 2, heads = 2, scale = 0.1, classes = 7)",
        beit,
        (3, 32, 32),
    ),
}


@pytest.mark.parametrize("small", MINIATURES.values(), ids=list(MINIATURES))
def test_miniature(small: Miniature) -> None:
    """The same function as the reference's, of timm and torchvision under the same keys."""
    report = compare(archdsl.loads(small.text, input=small.shape).build(), small.make(), small.shape)
    assert report.problems == []
    assert small.own_keys or report.mapping == "names"


def test_keys_of_hrnet() -> None:
    """Those of timm; no small one has its head of 2048 channels, so the function is compared in `make test-all`."""
    row = _timm("hrnet", "hrnet_w18_small")
    with torch.device("meta"):
        expected = {key: tensor.shape for key, tensor in row.reference().state_dict().items()}
    assert {key: tensor.shape for key, tensor in row.load((3, 64, 64)).build().state_dict().items()} == expected


@pytest.mark.parametrize("small", [REPVGG, MOBILEONE], ids=["repvgg", "mobileone"])
def test_form_to_run_is_the_form_to_train(small: Miniature) -> None:
    """Trained weights, fused by timm, are those of the form to run, which is then the same function."""
    reference = small.make()
    inputs = two_inputs(small.shape, seed=0)
    redraw(reference, 0, inputs)
    base = small.text.split("import ")[1].split(":")[0]
    text = small.text.replace(f": {base}", f": {base}, plain").replace("classes = 7", "unit = plain, classes = 7")
    branched = archdsl.loads(small.text, input=small.shape).build().double().eval()
    plain = archdsl.loads(text, input=small.shape).build().double().eval()
    branched.load_state_dict(reference.state_dict())
    plain.load_state_dict(fused(reference).state_dict())
    with torch.no_grad():
        expected = branched(inputs)
        assert relative_error(expected[:1], expected[1:]) > 0.1
        assert relative_error(plain(inputs), expected) < 1e-12
