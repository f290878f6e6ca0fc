"""Compares the small networks and the later Inceptions of the zoo with timm, torchvision and the papers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
import torch
from torch import Tensor, nn

import archdsl
from tests.oracle import test_networks
from tests.oracle.reference import timm, timm_model, torchvision_model
from tests.oracle.test_networks import SPECS, RecordProperty, Row, Shape

SMALL: tuple[Shape, ...] = ((3, 66, 101),)


@dataclass(frozen=True)
class ZooRow(Row):
    """A row at one small size; `ours` overrides parameters of our network."""

    sizes: tuple[Shape, ...] = SMALL
    ours: dict[str, Any] = field(default_factory=dict)

    def load(self, shape: Shape) -> archdsl.Network:
        """Our network at input `shape`."""
        return archdsl.load(str(SPECS / self.spec), self.network, input=shape, **self.ours)


class ShuffleUnit(nn.Module):
    """Figure 2 (b) and (c) of arXiv:1707.01083, written from the paper: no library has ShuffleNet v1."""

    def __init__(self, inputs: int, outputs: int, groups: int, first: bool) -> None:
        super().__init__()
        self.strided = inputs != outputs
        self.groups = groups
        middle = outputs // 4
        made = outputs - inputs if self.strided else outputs
        self.squeeze = nn.Conv2d(inputs, middle, 1, groups=1 if first else groups, bias=False)
        self.squeeze_norm = nn.BatchNorm2d(middle)
        self.filter = nn.Conv2d(middle, middle, 3, 2 if self.strided else 1, 1, groups=middle, bias=False)
        self.filter_norm = nn.BatchNorm2d(middle)
        self.expand = nn.Conv2d(middle, made, 1, groups=groups, bias=False)
        self.expand_norm = nn.BatchNorm2d(made)

    def forward(self, x: Tensor) -> Tensor:
        y = self.squeeze_norm(self.squeeze(x)).relu()
        y = y.unflatten(1, (self.groups, -1)).transpose(1, 2).flatten(1, 2)
        y = self.expand_norm(self.expand(self.filter_norm(self.filter(y))))
        if self.strided:
            return torch.cat([nn.functional.avg_pool2d(x, 3, 2, 1), y.relu()], 1)
        return (x + y).relu()


def shufflenet_v1(_: str, groups: int, width: int, stem: int = 24) -> nn.Module:
    """Table 1 of the paper, the linear layer without bias as in the authors' code."""
    layers: list[nn.Module] = [nn.Conv2d(3, stem, 3, 2, 1, bias=False), nn.BatchNorm2d(stem), nn.ReLU()]
    layers.append(nn.MaxPool2d(3, 2, 1))
    inputs = stem
    for outputs, repeats in ((width, 4), (2 * width, 8), (4 * width, 4)):
        for _index in range(repeats):
            layers.append(ShuffleUnit(inputs, outputs, groups, first=inputs == stem))
            inputs = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, 1000, bias=False))


def mobilenet_v1(_: str, width: float = 1.0) -> nn.Module:
    """timm's MobileNet at any width; timm registers the full one only."""
    model: nn.Module = timm.models.efficientnet._gen_mobilenet_v1("mobilenetv1_100", channel_multiplier=width)
    return model


def mnasnet_a1(name: str) -> nn.Module:
    """timm's MnasNet-A1 with torchvision's momentum of batch norm, and with dropout as a module."""
    model = timm_model(name, drop_rate=0.0, bn_momentum=1 - 0.9997)
    model.classifier = nn.Sequential(nn.Dropout(0.2), model.classifier)
    return model


def ghostnet(name: str) -> nn.Module:
    """timm's GhostNet, its functional dropout of 0.2 replaced by a module, so that it can be compared."""
    model = timm_model(name, drop_rate=0.0)
    model.flatten = nn.Sequential(model.flatten, nn.Dropout(0.2))
    return model


def _mobilenet_v1(network: str, width: float = 1.0, size: int = 224, fast: bool = False) -> ZooRow:
    facts: dict[str, Any] = {"make": mobilenet_v1, "kwargs": {"width": width}, "native": (3, size, size), "fast": fast}
    return ZooRow("mobilenet_v1.arch", network, **facts)


def _shufflenet_v1(variant: str, groups: int, width: int, stem: int = 24, fast: bool = False) -> ZooRow:
    facts = {"groups": groups, "width": width, "stem": stem}
    return ZooRow("shufflenet_v1.arch", f"shufflenet_v1_{variant}", make=shufflenet_v1, kwargs=facts, fast=fast)


def _efficientnet(number: int, size: int) -> ZooRow:
    """Without stochastic depth, which draws random numbers while training: test_stochastic_depth compares that."""
    return ZooRow(
        "efficientnet.arch",
        f"efficientnet_b{number}",
        kwargs={"stochastic_depth_prob": 0.0},
        ours={"drop": 0.0},
        native=(3, size, size),
        fast=number == 0,
        large=number > 5,
    )


EFFICIENTNET_SIZES = (224, 240, 260, 300, 380, 456, 528, 600)
INCEPTION: dict[str, Any] = {
    "make": timm_model,
    "native": (3, 299, 299),
    "sizes": ((3, 97, 119),),
    "kwargs": {"drop_rate": 0.2},
}

ROWS = [
    _mobilenet_v1("mobilenet_v1_100", fast=True),
    *(_mobilenet_v1(f"mobilenet_v1_0{percent}", percent / 100) for percent in (75, 50, 25)),
    *(_mobilenet_v1(f"mobilenet_v1_100_{size}", size=size) for size in (192, 160, 128)),
    *(
        _mobilenet_v1(f"mobilenet_v1_0{percent}_{size}", percent / 100, size, fast=(percent, size) == (25, 128))
        for percent in (75, 50, 25)
        for size in (192, 160, 128)
    ),
    ZooRow("mobilenet_v3.arch", "mobilenet_v3_large"),
    ZooRow("mobilenet_v3.arch", "mobilenet_v3_small", fast=True),
    *(_efficientnet(number, size) for number, size in enumerate(EFFICIENTNET_SIZES)),
    ZooRow("mnasnet.arch", "mnasnet_a1", make=mnasnet_a1, name="semnasnet_100"),
    *(ZooRow("mnasnet.arch", f"mnasnet{width}", fast=width == "0_5") for width in ("0_5", "0_75", "1_0", "1_3")),
    *(
        _shufflenet_v1(f"g{g}", g, width, fast=g == 3)
        for g, width in ((1, 144), (2, 200), (3, 240), (4, 272), (8, 384))
    ),
    *(_shufflenet_v1(f"x2_g{groups}", groups, width, 48) for groups, width in ((3, 480), (8, 768))),
    *(_shufflenet_v1(f"x1_5_g{groups}", groups, width) for groups, width in ((3, 360), (8, 576))),
    *(_shufflenet_v1(f"x0_5_g{groups}", groups, width, stem) for groups, width, stem in ((3, 120, 12), (8, 192, 16))),
    _shufflenet_v1("x0_25_g3", 3, 60, 12),
    *(ZooRow("ghostnet.arch", f"ghostnet_{w}", make=ghostnet, fast=w == "050") for w in ("050", "100", "130")),
    ZooRow("xception.arch", "xception", make=timm_model, name="legacy_xception", native=(3, 299, 299)),
    ZooRow("inception_v4.arch", "inception_v4", **INCEPTION),
    ZooRow("inception_v4.arch", "inception_resnet_v2", **INCEPTION, large=True),
]


@pytest.mark.parametrize("row", test_networks.counted(ROWS), ids=lambda row: row.network)
def test_counts(row: Row, record_property: RecordProperty) -> None:
    """Parameters and multiply-accumulates at the native size are the reference's, to the last digit."""
    test_networks.test_counts(row, record_property)


@pytest.mark.parametrize(("row", "shape"), test_networks.small_cases(ROWS))
def test_function(row: Row, shape: Shape, record_property: RecordProperty) -> None:
    """The built model is the reference's function: outputs, gradients and training steps."""
    test_networks.test_function(row, shape, record_property)


@pytest.mark.parametrize("number", [0, 3])
def test_stochastic_depth(number: int) -> None:
    """EfficientNet's blocks with a shortcut are skipped with torchvision's probabilities, which grow with depth."""
    name = f"efficientnet_b{number}"
    reference = torchvision_model(name)
    blocks = [block for block in reference.modules() if getattr(block, "use_res_connect", False)]
    expected = [block.stochastic_depth.p for block in blocks]
    model = archdsl.load(str(SPECS / "efficientnet.arch"), name).build()
    assert [m.p for m in model.modules() if type(m).__name__ == "DropPath"] == expected
    assert len(expected) > 5
