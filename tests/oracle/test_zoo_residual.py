"""Compares the residual and dense families of the zoo with timm and torchvision, where those have the network."""

from __future__ import annotations

from typing import Any

import pytest
from torch import nn

import archdsl
from tests.oracle import test_networks
from tests.oracle.equality import relative_error, two_inputs
from tests.oracle.redraw import redraw
from tests.oracle.reference import timm_model, torchvision_model
from tests.oracle.test_networks import SPECS, RecordProperty, Row, Shape

SMALL: tuple[Shape, ...] = ((3, 66, 101),)


def _timm(spec: str, network: str, name: str = "", **facts: Any) -> Row:
    return Row(spec, network, make=timm_model, name=name, sizes=SMALL, **facts)


def _resnext(depth: int, cardinality: int, base: int, network: str = "", large: bool = False) -> Row:
    """torchvision's ResNet of `depth` layers with the paper's C and d."""
    return Row(
        "resnext.arch",
        network or f"resnext{depth}_{cardinality}x{base}d",
        name=f"resnet{depth}",
        kwargs={"groups": cardinality, "width_per_group": base},
        sizes=SMALL,
        large=large,
    )


def senet(name: str, p: float = 0.0) -> nn.Module:
    """timm's SENet, its functional dropout of 0.2 replaced by a module that drops `p`, so that it can be compared."""
    model = timm_model(name, drop_rate=0.0)
    model.global_pool = nn.Sequential(model.global_pool, nn.Dropout(p))
    return model


def densenet(_: str, **kwargs: Any) -> nn.Module:
    """torchvision's DenseNet of any depth."""
    return type(torchvision_model("densenet121"))(**kwargs)


def densenet_cifar(_: str, growth_rate: int, block_config: tuple[int, ...]) -> nn.Module:
    """torchvision's DenseNet-BC with the stem that the paper has for CIFAR."""
    first = 2 * growth_rate
    facts = {"growth_rate": growth_rate, "block_config": block_config, "num_init_features": first, "num_classes": 10}
    model = densenet("", **facts)
    model.features.conv0 = nn.Conv2d(3, first, 3, padding=1, bias=False)
    model.features.norm0 = model.features.relu0 = model.features.pool0 = nn.Identity()
    return model


ROWS = [
    _timm("preresnet.arch", "resnetv2_50", fast=True),
    _timm("preresnet.arch", "resnetv2_101"),
    _timm("preresnet.arch", "resnetv2_152", large=True),
    _timm("bit.arch", "resnetv2_50x1_bit", fast=True),
    _timm("bit.arch", "resnetv2_101x1_bit"),
    *(_timm("bit.arch", f"resnetv2_{name}_bit", large=True) for name in ("50x3", "101x3", "152x2", "152x4")),
    *(_resnext(50, *setting) for setting in ((2, 40), (4, 24), (8, 14))),
    *(_resnext(101, *setting) for setting in ((2, 40), (4, 24), (8, 14), (32, 4))),
    *(_resnext(101, *setting, large=True) for setting in ((2, 64), (64, 4))),
    _resnext(101, 1, 100, "resnet101_1x100d", large=True),
    Row("senet.arch", "se_resnet50", make=senet, name="legacy_seresnet50", sizes=SMALL, fast=True),
    Row("senet.arch", "se_resnet101", make=senet, name="legacy_seresnet101", sizes=SMALL),
    Row("senet.arch", "se_resnet152", make=senet, name="legacy_seresnet152", sizes=SMALL, large=True),
    Row("senet.arch", "se_resnext50", make=senet, name="legacy_seresnext50_32x4d", sizes=SMALL),
    Row("senet.arch", "se_resnext101", make=senet, name="legacy_seresnext101_32x4d", sizes=SMALL),
    Row("senet.arch", "senet154", make=senet, name="legacy_senet154", kwargs={"p": 0.2}, sizes=SMALL, large=True),
    _timm("res2net.arch", "res2net50_26w_4s", fast=True),
    *(_timm("res2net.arch", f"res2net50_{setting}") for setting in ("26w_6s", "26w_8s", "48w_2s", "14w_8s")),
    *(_timm("res2net.arch", name) for name in ("res2net101_26w_4s", "res2next50", "res2net50d", "res2net101d")),
    _timm("resnet_d.arch", "resnet18d", fast=True),
    *(_timm("resnet_d.arch", f"resnet{depth}d") for depth in (26, 34, 50, 101)),
    *(_timm("resnet_d.arch", f"resnet{depth}d", large=True) for depth in (152, 200)),
    _timm("dpn.arch", "dpn68", fast=True),
    *(_timm("dpn.arch", name) for name in ("dpn68b", "dpn92")),
    *(_timm("dpn.arch", name, large=True) for name in ("dpn98", "dpn131", "dpn107")),
    # Where a size is odd, a tree's pool and its strided convolution disagree: timm has no such size either.
    Row("dla.arch", "dla34", make=timm_model, sizes=((3, 64, 96),), fast=True),
    *(Row("dla.arch", name, make=timm_model, sizes=((3, 64, 96),)) for name in ("dla46_c", "dla60", "dla102")),
    Row("dla.arch", "dla169", make=timm_model, sizes=((3, 64, 96),), large=True),
    Row("densenet_cifar.arch", "densenet264", make=densenet, kwargs={"block_config": (6, 12, 64, 48)}, sizes=SMALL),
    Row("densenet_cifar.arch", "densenet161", sizes=SMALL),
    Row(
        "densenet_cifar.arch",
        "densenet_bc100_k12",
        make=densenet_cifar,
        kwargs={"growth_rate": 12, "block_config": (16, 16, 16)},
        native=(3, 32, 32),
        sizes=((3, 28, 36),),
        fast=True,
    ),
]


@pytest.mark.parametrize("row", test_networks.counted(ROWS), ids=lambda row: row.network)
def test_counts(row: Row, record_property: RecordProperty) -> None:
    """Parameters and multiply-accumulates at the native size are the reference's, to the last digit."""
    test_networks.test_counts(row, record_property)


@pytest.mark.parametrize(("row", "shape"), test_networks.small_cases(ROWS))
def test_function(row: Row, shape: Shape, record_property: RecordProperty) -> None:
    """The built model is the reference's function: outputs, gradients and training steps."""
    test_networks.test_function(row, shape, record_property)


def test_three_forms_of_a_resnext_block() -> None:
    """ResNeXt, Figure 3: with the weights of the grouped form (c) cut into paths, (a) and (b) are the same function."""
    a, b, c = (archdsl.load(str(SPECS / "resnext.arch"), f"resnext_form_{form}").build().double() for form in "abc")
    inputs = two_inputs((256, 14, 14), seed=0)
    redraw(c, 0, inputs)
    state = c.state_dict()
    last = state.pop("conv_bn.conv.weight")
    norm = {key.removeprefix("conv_bn."): state.pop(key) for key in list(state) if key.startswith("conv_bn.")}
    of_a = dict(norm)
    of_b = {"conv_bn.conv.weight": last} | {f"conv_bn.{key}": tensor for key, tensor in norm.items()}
    for i in range(32):
        path = f"path_{i}" if i else "path"
        of_a[f"{path}.conv.weight"] = last.chunk(32, dim=1)[i]
        for key, tensor in state.items():
            layer, rest = key.split(".", 1)
            number = 2 * i + (layer == "cbr_1")
            of_a[f"{path}.{key}"] = piece = tensor.chunk(32)[i] if tensor.ndim else tensor
            of_b[f"cbr_{number}.{rest}" if number else f"cbr.{rest}"] = piece
    a.load_state_dict(of_a)
    b.load_state_dict(of_b)
    for train in (False, True):
        expected = c.train(train)(inputs)
        assert relative_error(expected[:1], expected[1:]) > 0.1
        for other in (a, b):
            assert relative_error(other.train(train)(inputs), expected) < 1e-12
