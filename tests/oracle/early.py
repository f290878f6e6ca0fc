"""Makes networks of 2012 to 2015 from the papers and pytorchcv, independently of specs/."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from pytorchcv.models.alexnet import AlexNet
from pytorchcv.models.zfnet import get_zfnet
from torch import Tensor, nn
from torch.nn import functional as F

from tests.oracle.classic import OptionA, conv3, stages
from tests.oracle.reference import torchvision


def perceptron(inputs: int, act: type[nn.Module] = nn.ReLU, classes: int = 1000) -> list[nn.Module]:
    """Two layers of 4096 with dropout, and the scores."""
    layers: list[nn.Module] = []
    for size in (inputs, 4096):
        layers += [nn.Linear(size, 4096), act(), nn.Dropout()]
    return [*layers, nn.Linear(4096, classes)]


def alexnet_two_towers(_: str) -> nn.Module:
    """Krizhevsky et al. 2012, section 3: two GPUs as groups, responses normalised with the paper's constants."""
    layers: list[nn.Module] = []
    for inputs, outputs, kernel, stride, groups in (
        (3, 96, 11, 4, 1),
        (96, 256, 5, 1, 2),
        (256, 384, 3, 1, 1),
        (384, 384, 3, 1, 2),
        (384, 256, 3, 1, 2),
    ):
        padding = 0 if stride == 4 else kernel // 2
        layers += [nn.Conv2d(inputs, outputs, kernel, stride, padding, groups=groups), nn.ReLU()]
        if kernel > 3:
            layers += [nn.LocalResponseNorm(5, 5 * 1e-4, 0.75, 2.0), nn.MaxPool2d(3, 2)]
    return nn.Sequential(*layers, nn.MaxPool2d(3, 2), nn.Flatten(), *perceptron(256 * 36))


def zfnet(name: str) -> nn.Module:
    """pytorchcv's ZFNet or its wide form."""
    model: nn.Module = get_zfnet("b" if name == "zfnet_wide" else "a")
    return model


def zf_features(widths: Sequence[int]) -> nn.Module:
    """pytorchcv's ZFNet of other widths, without its last pool and classifier."""
    facts = ([[7], [5], [3, 3, 3]], [[2], [2], [1, 1, 1]], [[1], [0], [1, 1, 1]])
    features: nn.Module = AlexNet([[widths[0]], [widths[1]], [*widths[2:]]], *facts, use_lrn=True).features
    features.stage3.pool3 = nn.Identity()
    return features


class Pyramid(nn.Module):
    """He et al. 2014, appendix A: bin i of n reaches from floor((i - 1) / n) to ceil(i / n) of the map."""

    def __init__(self, *bins: int) -> None:
        super().__init__()
        self.bins = bins

    def forward(self, x: Tensor) -> Tensor:
        levels = []
        for n in self.bins:
            ends = [[(math.floor(i * a / n), math.ceil((i + 1) * a / n)) for i in range(n)] for a in x.shape[2:]]
            bins = [x[:, :, top:bottom, left:right].amax((2, 3)) for top, bottom in ends[0] for left, right in ends[1]]
            levels.append(torch.stack(bins, 2).flatten(1))
        return torch.cat(levels, 1)


def spp_zf5(_: str) -> nn.Module:
    """ZF-5 with 50 bins."""
    return nn.Sequential(zf_features((96, 256, 384, 384, 256)), Pyramid(6, 3, 2, 1), *perceptron(256 * 50))


def prelu_net(_: str, widths: Sequence[int], depth: int) -> nn.Module:
    """He et al. 2015, Table 3: three stages of 3x3 convolutions; a slope for each channel, one for a whole layer."""
    layers: list[nn.Module] = [nn.Conv2d(3, 96, 7, 2, 3), nn.PReLU(96)]
    inputs = 96
    for width in widths:
        layers.append(nn.MaxPool2d(2))
        for _index in range(depth):
            layers += [nn.Conv2d(inputs, width, 3, padding=1), nn.PReLU(width)]
            inputs = width
    return nn.Sequential(*layers, Pyramid(7, 3, 2, 1), *perceptron(63 * inputs, nn.PReLU))


def all_cnn(_: str, kernels: Sequence[int], end: str) -> nn.Module:
    """Springenberg et al. 2014, Tables 1 and 2; how each of the two stages ends is the table's column."""
    layers: list[nn.Module] = [nn.Dropout(0.2)]
    inputs = 3
    for width in (96, 192):
        rows = [(kernel, 1) for kernel in kernels]
        if end == "strided":
            rows[-1] = (kernels[-1], 2)
        if end in ("conv_pool", "all"):
            rows.append((3, 2 if end == "all" else 1))
        for kernel, stride in rows:
            layers += [nn.Conv2d(inputs, width, kernel, stride, kernel // 2), nn.ReLU()]
            inputs = width
        if end in ("base", "conv_pool"):
            layers.append(nn.MaxPool2d(3, 2, 1))
        layers.append(nn.Dropout())
    for outputs, kernel in ((192, 3), (192, 1), (10, 1)):
        layers += [nn.Conv2d(192, outputs, kernel), nn.ReLU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())


class Highway(nn.Module):
    """Srivastava et al. 2015, equation 3, with convolutions."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.plain = nn.Conv2d(width, width, 3, padding=1)
        self.transform = nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return torch.lerp(x, F.relu(self.plain(x)), torch.sigmoid(self.transform(x)))


def highway_mnist(_: str, width: int) -> nn.Module:
    """The authors' mnist-10layers."""
    layers: list[nn.Module] = [nn.Dropout(0.2), nn.Conv2d(1, width, 5), nn.ReLU()]
    for count, kernel, p in ((2, 3, 0.3), (3, 3, 0.4), (3, 2, 0.5)):
        layers += [Highway(width) for _index in range(count)]
        layers += [nn.MaxPool2d(kernel, 2, ceil_mode=True), nn.Dropout(p)]
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(9 * width, 10))


def highway_cifar(_: str) -> nn.Module:
    """The authors' cifar10-19layers."""
    layers: list[nn.Module] = []
    for inputs, width, count in ((3, 32, 4), (32, 80, 5), (80, 128, 5)):
        layers += [nn.MaxPool2d(2)] if inputs > 3 else []
        layers += [nn.Dropout(0.2), nn.Conv2d(inputs, width, 3, padding=1), nn.ReLU()]
        layers += [Highway(width) for _index in range(count)]
    layers += [nn.Conv2d(128, 100, 1), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()]
    return nn.Sequential(*layers, nn.Dropout(0.2), nn.Linear(100, 10))


class Plain(nn.Module):
    """torchvision's basic unit without its shortcut."""

    def __init__(self, inputs: int, width: int, stride: int) -> None:
        super().__init__()
        unit = torchvision.models.resnet.BasicBlock(inputs, width, stride)
        self.layers = nn.Sequential(unit.conv1, unit.bn1, unit.relu, unit.conv2, unit.bn2, unit.relu)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.layers(x)
        return y


def projected(inputs: int, width: int, stride: int) -> nn.Module:
    """torchvision's basic unit with a projection, also where nothing changes."""
    shortcut = nn.Sequential(nn.Conv2d(inputs, width, 1, stride, bias=False), nn.BatchNorm2d(width))
    unit: nn.Module = torchvision.models.resnet.BasicBlock(inputs, width, stride, shortcut)
    return unit


class EluUnit(nn.Module):
    """Conv-ELU-Conv-BN beside every other pixel and zeros (Shah et al. 2016)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.stride, self.more = stride, outputs - inputs
        norm = nn.BatchNorm2d(outputs)
        self.residual = nn.Sequential(conv3(inputs, outputs, stride), nn.ELU(), conv3(outputs, outputs), norm)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.residual(x)
        return y + F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.more))


def elu_resnet(_: str, n: int) -> nn.Module:
    """6n + 2 layers."""
    stem = (conv3(3, 16), nn.BatchNorm2d(16), nn.ELU())
    return nn.Sequential(*stem, *stages(EluUnit, n, 16, 16), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


UNITS = {"plain": Plain, "a": OptionA, "c": projected}


def basic_units(kind: str, inputs: int, width: int, stride: int, depth: int) -> nn.Sequential:
    """A stage of units without shortcuts, or with shortcuts A or C of He et al. 2015, Table 3."""
    unit = UNITS[kind]
    return nn.Sequential(unit(inputs, width, stride), *(unit(width, width, 1) for _index in range(depth - 1)))


def resnet(_: str, depths: Sequence[int], kind: str) -> nn.Module:
    """torchvision's ResNet of such stages."""
    model: nn.Module = torchvision.models.resnet18(weights=None)
    for i, depth in enumerate(depths):
        stage = basic_units(kind, 64 << max(0, i - 1), 64 << i, 1 if i == 0 else 2, depth)
        setattr(model, f"layer{i + 1}", stage)
    return model


class Naive(nn.Module):
    """Szegedy et al. 2014, Figure 2 (a): three convolutions and a pool side by side."""

    def __init__(self, inputs: int, *rows: tuple[int, int]) -> None:
        super().__init__()
        self.branches = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False),
                nn.BatchNorm2d(outputs, 1e-3),
                nn.ReLU(),
            )
            for outputs, kernel in rows
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([*(branch(x) for branch in self.branches), F.max_pool2d(x, 3, 1, 1)], 1)


def inception_naive(_: str) -> nn.Module:
    """With the widths of module 3a."""
    return Naive(192, (64, 1), (128, 3), (32, 5))
