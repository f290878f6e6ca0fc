"""Compares networks of 2012 to 2015 with pytorchcv, torchvision and builders made from papers."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

import archdsl
from tests.oracle import test_networks
from tests.oracle.early import (
    Pyramid,
    alexnet_two_towers,
    all_cnn,
    basic_units,
    elu_resnet,
    highway_cifar,
    highway_mnist,
    inception_naive,
    prelu_net,
    resnet,
    spp_zf5,
    zf_features,
    zfnet,
)
from tests.oracle.equality import compare, relative_error, two_inputs
from tests.oracle.test_networks import RecordProperty, Row, Shape

ONE: Shape = (3, 224, 224)
CIFAR: Shape = (3, 32, 32)


def _row(spec: str, network: str, make: Any, name: str = "", **facts: Any) -> Row:
    facts.setdefault("sizes", (facts.get("native", ONE),))
    return Row(f"{spec}.arch", network, make, name, **facts)


def _all_cnn(model: str, *kernels: int, **facts: Any) -> list[Row]:
    names = {"base": "base_cnn", "strided": "strided_cnn", "conv_pool": "conv_pool_cnn", "all": "all_cnn"}
    rows = []
    for end, name in names.items():
        kwargs = {"kernels": kernels, "end": end}
        fast = end in facts.get("fast", ())
        rows.append(_row("all_cnn", f"{name}_{model}", all_cnn, kwargs=kwargs, native=CIFAR, fast=fast))
    return rows


def _prelu(letter: str, depth: int, *widths: int, **facts: Any) -> Row:
    """Only counted where `sizes` are none: the perceptron alone has up to 250 million weights."""
    kwargs = {"widths": list(widths), "depth": depth}
    return _row("prelu_net", f"prelu_net_{letter}", prelu_net, kwargs=kwargs, arguments=kwargs, **facts)


def _resnet(network: str, kind: str, *depths: int) -> Row:
    kwargs = {"kind": kind, "depths": depths}
    return _row("resnet_v1", network, resnet, kwargs=kwargs, sizes=((3, 66, 101),))


ROWS = [
    _row("alexnet", "alexnet_two_towers", alexnet_two_towers, native=(3, 227, 227), large=True),
    _row("zfnet", "zfnet", zfnet, sizes=()),
    _row("zfnet", "zfnet_wide", zfnet, sizes=()),
    _row("spp_net", "spp_zf5", spp_zf5, large=True),
    _prelu("a", 5, 256, 512, 512, sizes=()),
    _prelu("a", 2, 4, 6, 8, native=(3, 113, 130)),
    _prelu("b", 6, 256, 512, 512, sizes=()),
    _prelu("c", 6, 384, 768, 896, sizes=()),
    *_all_cnn("a", 5, fast=("strided",)),
    *_all_cnn("b", 5, 1),
    *_all_cnn("c", 3, 3, fast=("all",)),
    *(
        _row("highway", f"highway10_{n}_mnist", highway_mnist, kwargs={"width": n}, native=(1, 28, 28), fast=n == 16)
        for n in (16, 32)
    ),
    _row("highway", "highway19_cifar", highway_cifar, native=CIFAR),
    _row("elu_resnet", "elu_resnet20_cifar", elu_resnet, kwargs={"n": 3}, native=CIFAR, fast=True),
    _row("elu_resnet", "elu_resnet110_cifar", elu_resnet, kwargs={"n": 18}, native=CIFAR, sizes=()),
    _row("inception", "inception_naive", inception_naive, native=(192, 28, 28), sizes=((192, 7, 9),), fast=True),
    _resnet("plain18", "plain", 2, 2, 2, 2),
    _resnet("plain34", "plain", 3, 4, 6, 3),
    _resnet("resnet18_a", "a", 2, 2, 2, 2),
    _resnet("resnet34_a", "a", 3, 4, 6, 3),
    _resnet("resnet34_c", "c", 3, 4, 6, 3),
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


def pyramid() -> nn.Module:
    """Behind a convolution, since a pyramid has no weights."""
    return nn.Sequential(nn.Conv2d(2, 4, 1), Pyramid(6, 3, 2, 1))


PARTS = {
    "zfnet": (
        "import zfnet: convolutions\nnetwork small(x: [3, 75, 66]) = x -> convolutions([4, 6, 6, 4, 4])",
        lambda: zf_features((4, 6, 6, 4, 4)),
        (3, 75, 66),
    ),
    "pyramid": (
        "import spp_net: pyramid\nnetwork small(x: [2, 13, 17]) = x -> conv(4) -> pyramid([6, 3, 2, 1])",
        pyramid,
        (2, 13, 17),
    ),
    **{
        kind: (
            f"import resnet_v1: {unit}\nnetwork small(x: [4, 9, 12]) = x -> {unit}(8, 2) -> {unit}(8)",
            lambda kind=kind: basic_units(kind, 4, 8, 2, 2),
            (4, 9, 12),
        )
        for kind, unit in (("plain", "plain"), ("c", "projected"))
    },
}


@pytest.mark.parametrize(("text", "make", "shape"), PARTS.values(), ids=list(PARTS))
def test_parts(text: str, make: Any, shape: Shape) -> None:
    """What the large ones are made of, small."""
    assert compare(archdsl.loads(text, input=shape).build(), make(), shape).problems == []


@pytest.mark.parametrize("extreme", [False, True])
def test_forms_of_a_simplified_inception_module(extreme: bool) -> None:
    """Xception, Figures 2 to 4: the towers' 1x1 as one, the 3x3 on segments; one channel each is the extreme."""
    towers, width = (8, 1) if extreme else (3, 4)
    shape = (6, 5, 7)

    def form(name: str, **parameters: int) -> nn.Module:
        return archdsl.load(f"inception_{name}", input=shape, **parameters).build().double()

    simplified = form("simplified", towers=towers, width=width)
    segments = form("segments", towers=towers, width=width)
    layers = list(simplified.state_dict().values())
    squeeze = [torch.cat([layers[4 * tower + i] for tower in range(towers)]) for i in range(2)]
    filters = [layers[4 * tower + i] for tower in range(towers) for i in (2, 3)]
    segments.load_state_dict(dict(zip(segments.state_dict(), [*squeeze, *filters], strict=True)))
    forms = [segments]
    if extreme:
        forms.append(form("extreme", width=towers))
        joined = [torch.cat(filters[i::2]) for i in range(2)]
        forms[1].load_state_dict(dict(zip(forms[1].state_dict(), [*squeeze, *joined], strict=True)))
    inputs = two_inputs(shape, seed=0)
    expected = simplified(inputs)
    assert relative_error(expected[:1], expected[1:]) > 0.1
    for other in forms:
        assert relative_error(other(inputs), expected) < 1e-12
