"""Makes residual, dense and polynomial networks from the papers, independently of specs/, and adapts pytorchcv's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from pytorchcv.models.condensenet import CondenseNet
from pytorchcv.models.resnext_cifar import get_resnext_cifar
from pytorchcv.models.shakeshakeresnet_cifar import ShakeShakeResUnit, get_shakeshakeresnet_cifar
from torch import Tensor, nn
from torch.nn import functional as F


def unpooled(model: nn.Module) -> nn.Module:
    """pytorchcv's network, its last pool global, so that it takes inputs of other sizes too."""
    model.features.final_pool = nn.AdaptiveAvgPool2d(1)
    return model


def resnext29(_: str, cardinality: int, base: int) -> nn.Module:
    """pytorchcv's ResNeXt-29 for CIFAR-10; some settings have no name there."""
    return unpooled(get_resnext_cifar(10, 29, cardinality, base))


def shake_shake26(_: str, width: int) -> nn.Module:
    """pytorchcv's Shake-Shake-26, halves in place of the random factors while training, too.

    Its ReLUs move from the sums to where the author's code has them: before branches, projections and the last pool.
    """
    model = unpooled(get_shakeshakeresnet_cifar(10, 26, False, width))
    model.features.init_block.activ = nn.Identity()
    model.features.final_pool = nn.Sequential(nn.ReLU(), model.features.final_pool)
    for unit in [module for module in model.modules() if isinstance(module, ShakeShakeResUnit)]:
        unit.activ = nn.Identity()
        unit.shake_shake = lambda a, b, alpha: 0.5 * (a + b)
        for name in ("branch1", "branch2", "identity_branch"):
            if hasattr(unit, name):
                setattr(unit, name, nn.Sequential(nn.ReLU(), getattr(unit, name)))
    return model


def condensenet(_: str, depths: Sequence[int], growth: int, groups: int = 4, cifar: bool = False) -> nn.Module:
    """pytorchcv's converted CondenseNet, which selects random channels: it leaves them to the weights that it loads."""
    channels, width = [], 2 * growth
    for block, depth in enumerate(depths):
        channels.append([width + (layer + 1) * growth * 2**block for layer in range(depth)])
        width = channels[-1][-1]
    model = unpooled(CondenseNet(channels, 2 * growth, groups, num_classes=10 if cifar else 1000))
    model.features.init_block.conv.stride = (1, 1) if cifar else (2, 2)
    random = torch.Generator().manual_seed(0)
    for name, index in model.named_buffers():
        if name.endswith("index"):
            read = model.get_submodule(name.removesuffix(".index"))
            read_from = width if name == "output.index" else read.bn.num_features
            index.copy_(torch.randint(read_from, index.shape, generator=random, device=index.device))
    return model


def conv3(inputs: int, outputs: int, stride: int = 1) -> nn.Conv2d:
    """3x3 without bias."""
    return nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)


class OptionA(nn.Module):
    """Two 3x3 convolutions; the shortcut takes every other pixel and pads channels with zeros (He et al. 2015, 4.2)."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.stride, self.more = stride, outputs - inputs
        self.first, self.second = conv3(inputs, outputs, stride), conv3(outputs, outputs)
        self.norms = nn.ModuleList(nn.BatchNorm2d(outputs) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        y = self.norms[1](self.second(self.norms[0](self.first(x)).relu()))
        return (y + F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, 0, self.more))).relu()


class MultiUnit(nn.Module):
    """k residual functions beside the identity (Abdi and Nahavandi 2016, Figure 1), before any of them a BN-ReLU.

    Where the channels change, one BN-ReLU serves all k and the projection. `wide` functions have two 3x3 convolutions.
    """

    def __init__(self, inputs: int, outputs: int, stride: int, k: int, wide: bool) -> None:
        super().__init__()
        self.same = inputs == outputs
        self.before = nn.ModuleList(
            nn.Sequential(nn.BatchNorm2d(inputs), nn.ReLU()) for _ in range(k if self.same else 1)
        )
        make = self._wide if wide else self._bottleneck
        self.functions = nn.ModuleList(make(inputs, outputs, stride) for _ in range(k))
        if not self.same:
            self.project = nn.Conv2d(inputs, outputs, 1, stride, bias=False)

    @staticmethod
    def _bottleneck(inputs: int, outputs: int, stride: int) -> nn.Sequential:
        inner = outputs // 4
        first = nn.Conv2d(inputs, inner, 1, stride, bias=False)
        middle = [nn.BatchNorm2d(inner), nn.ReLU(), conv3(inner, inner), nn.BatchNorm2d(inner), nn.ReLU()]
        return nn.Sequential(first, *middle, nn.Conv2d(inner, outputs, 1, bias=False))

    @staticmethod
    def _wide(inputs: int, outputs: int, stride: int) -> nn.Sequential:
        first = conv3(inputs, outputs, stride)
        return nn.Sequential(first, nn.BatchNorm2d(outputs), nn.ReLU(), conv3(outputs, outputs))

    def forward(self, x: Tensor) -> Tensor:
        if self.same:
            return sum((f(b(x)) for b, f in zip(self.before, self.functions, strict=True)), start=x)
        y = self.before[0](x)
        return sum((f(y) for f in self.functions), start=self.project(y))


def stages(unit: Callable[[int, int, int], nn.Module], n: int, inputs: int, width: int) -> list[nn.Module]:
    """Three stages of n units; the first unit of the second and of the third halves the size."""
    layers = []
    for stage in range(3):
        for index in range(n):
            outputs = width * 2**stage
            layers.append(unit(inputs, outputs, 2 if stage and not index else 1))
            inputs = outputs
    return layers


def resnet_cifar(_: str, n: int) -> nn.Module:
    """He et al. 2015, section 4.2, with option A."""
    stem = [conv3(3, 16), nn.BatchNorm2d(16), nn.ReLU()]
    return nn.Sequential(*stem, *stages(OptionA, n, 16, 16), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def multi_resnet(_: str, n: int, k: int, width: int = 64, wide: bool = False) -> nn.Module:
    """Multi-ResNet with n units a stage, `width` output channels in the first. Its classifier is a 1x1 convolution."""

    def unit(*facts: Any) -> nn.Module:
        return MultiUnit(*facts, k=k, wide=wide)

    layers = [conv3(3, 16), *stages(unit, n, 16, width), nn.BatchNorm2d(4 * width), nn.ReLU()]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Conv2d(4 * width, 10, 1), nn.Flatten())


class Inception(nn.Module):
    """Inception-ResNet-B of PolyNet, linear at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.long = nn.Sequential(_cbr(1152, 128, (1, 1)), _cbr(128, 160, (1, 7)), _cbr(160, 192, (7, 1)))
        self.short = _cbr(1152, 192, (1, 1))
        self.up = nn.Sequential(nn.Conv2d(384, 1152, 1, bias=False), nn.BatchNorm2d(1152))

    def forward(self, x: Tensor) -> Tensor:
        up: Tensor = self.up(torch.cat([self.long(x), self.short(x)], 1))
        return up


def _cbr(inputs: int, outputs: int, kernel: tuple[int, int]) -> nn.Sequential:
    padding = (kernel[0] // 2, kernel[1] // 2)
    conv = nn.Conv2d(inputs, outputs, kernel, padding=padding, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outputs), nn.ReLU())


class PolyModule(nn.Module):
    """A polynomial of Inceptions (Zhang et al. 2016, section 3.2), of order 2 or 3.

    `kind`: poly, I + F + F F + …; mpoly, I + F + G F + …; way, I + F + G + ….
    """

    def __init__(self, kind: str, order: int) -> None:
        super().__init__()
        self.kind, self.order = kind, order
        self.f = nn.ModuleList(Inception() for _ in range(1 if kind == "poly" else order))

    def forward(self, x: Tensor) -> Tensor:
        f, g, h = (list(self.f) * 3)[:3]
        first = f(x)
        if self.kind == "way":
            total = x + first + g(x)
            return (total + h(x) if self.order == 3 else total).relu()
        second = g(first.relu())
        total = x + first + second
        return (total + h(second.relu()) if self.order == 3 else total).relu()
