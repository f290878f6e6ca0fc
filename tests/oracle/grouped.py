"""Makes networks of filter groups and of shifts to compare with: from the papers' figures, or out of pytorchcv's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from pytorchcv.models.nin_cifar import nin_cifar10
from pytorchcv.models.resnet import ResBottleneck, resnet50
from torch import Tensor, nn
from torch.nn import functional as F

from tests.oracle.classic import conv3, stages, unpooled


def grouped(conv: nn.Conv2d, groups: int) -> nn.Conv2d:
    """A new convolution like `conv`, in groups."""
    facts = {"padding": conv.padding, "stride": conv.stride, "bias": conv.bias is not None}
    return nn.Conv2d(conv.in_channels, conv.out_channels, conv.kernel_size, groups=groups, **facts)


def nin_cifar(_: str, middle: int = 1, last: int = 1) -> nn.Module:
    """pytorchcv's network in network for CIFAR-10, its second and third spatial convolutions in groups."""
    model: nn.Module = nin_cifar10()
    for stage, groups in ((model.features.stage2, middle), (model.features.stage3, last)):
        stage.unit1.conv = grouped(stage.unit1.conv, groups)
    model.output.final_pool = nn.AdaptiveAvgPool2d(1)
    return model


def resnet50_root(_: str, root: int) -> nn.Module:
    """pytorchcv's ResNet-50 with `root` groups in each 3x3 of the first stage, half as many in those of the next."""
    model = unpooled(resnet50())
    for index in range(4):
        for module in getattr(model.features, f"stage{index + 1}").modules():
            if isinstance(module, ResBottleneck):
                module.conv2.conv = grouped(module.conv2.conv, max(1, root >> index))
    return model


class Interleaved(nn.Module):
    """Zhang et al. 2017, Figure 1: primary groups convolve 3x3, groups of their i-th channels convolve 1x1."""

    def __init__(self, inputs: int, outputs: int, stride: int, primary: int) -> None:
        super().__init__()
        self.primary = primary
        self.spatial = nn.Conv2d(inputs, outputs, 3, stride, 1, groups=primary, bias=False)
        self.point = nn.Conv2d(outputs, outputs, 1, groups=outputs // primary, bias=False)
        self.norm = nn.BatchNorm2d(outputs, 2e-5)

    def forward(self, x: Tensor) -> Tensor:
        y = self.spatial(x)
        across = y.unflatten(1, (self.primary, -1)).transpose(1, 2).flatten(1, 2)
        back = self.point(across).unflatten(1, (-1, self.primary)).transpose(1, 2).flatten(1, 2)
        normed: Tensor = self.norm(back)
        return normed


class InterleavedUnit(nn.Module):
    """Two interleaved convolutions and a shortcut, projected in the primary groups where the channels change."""

    def __init__(self, inputs: int, outputs: int, stride: int, primary: int) -> None:
        super().__init__()
        self.first = Interleaved(inputs, outputs, stride, primary)
        self.second = Interleaved(outputs, outputs, 1, primary)
        self.shortcut: nn.Module = nn.Identity()
        if inputs != outputs:
            project = nn.Conv2d(inputs, outputs, 1, stride, groups=primary, bias=False)
            self.shortcut = nn.Sequential(project, nn.BatchNorm2d(outputs, 2e-5))

    def forward(self, x: Tensor) -> Tensor:
        return (self.second(self.first(x).relu()) + self.shortcut(x)).relu()


def igcnet(_: str, primary: int, secondary: int, grows: str) -> nn.Module:
    """The networks of the authors' MXNet symbols: four stages of two units; from each to the next `grows` doubles."""
    inputs = primary * secondary
    layers: list[nn.Module] = [nn.Conv2d(3, inputs, 7, 2, 3, bias=False), nn.BatchNorm2d(inputs, 2e-5), nn.ReLU()]
    layers.append(nn.MaxPool2d(3, 2, 1))
    for stage in range(4):
        outputs = primary * secondary * 2**stage
        groups = primary * 2**stage if grows == "primary" else primary
        layers.append(InterleavedUnit(inputs, outputs, 2 if stage else 1, groups))
        layers.append(InterleavedUnit(outputs, outputs, 1, groups))
        inputs = outputs
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, 1000))


class ShiftUnit(nn.Module):
    """Wu et al. 2017, Figure 3: 1x1, shift, 1x1. Each ninth of the channels takes one neighbour; the rest stays."""

    def __init__(self, inputs: int, outputs: int, stride: int, e: int) -> None:
        super().__init__()
        inner = e * outputs
        self.widen = nn.Sequential(nn.Conv2d(inputs, inner, 1, bias=False), nn.BatchNorm2d(inner), nn.ReLU())
        self.narrow = nn.Sequential(nn.Conv2d(inner, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
        self.shortcut: nn.Module = nn.Identity()
        if stride > 1 or inputs != outputs:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x: Tensor) -> Tensor:
        return (self.narrow(shifted(self.widen(x), 3)) + self.shortcut(x)).relu()


def shifted(x: Tensor, kernel: int) -> Tensor:
    """Equal groups of channels, each moved so that another tap of the window is in its middle; the rest stays."""
    taps = kernel * kernel
    size = x.shape[1] // taps
    windows = F.unfold(x, kernel, padding=kernel // 2).unflatten(1, (-1, taps)).unflatten(3, x.shape[2:])
    return torch.stack([windows[:, c, c // size if c < taps * size else taps // 2] for c in range(x.shape[1])], 1)


class ConvShiftConv(nn.Module):
    """The pre-activation unit of ShiftNet; a strided one puts its pooled input beside what it makes."""

    def __init__(self, inputs: int, outputs: int, stride: int, kernel: int, e: int) -> None:
        super().__init__()
        self.kernel, self.strided = kernel, stride == 2
        new = outputs - inputs if self.strided else outputs
        self.norm1, self.conv1 = nn.BatchNorm2d(inputs), nn.Conv2d(inputs, e * new, 1, bias=False)
        self.norm2, self.conv2 = nn.BatchNorm2d(e * new), nn.Conv2d(e * new, new, 1, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        y = shifted(self.conv1(self.norm1(x).relu()), self.kernel)
        y = self.conv2(self.norm2(y).relu())
        return torch.cat([y, F.avg_pool2d(x, 3, 2, 1)], 1) if self.strided else x + y


def shiftnet(_: str, width: int) -> nn.Module:
    """ShiftNet for ImageNet; A has a width of 32."""
    layers: list[nn.Module] = [nn.Conv2d(3, width, 7, 2, 3, bias=False)]
    for stage, (units, kernel, first, others) in enumerate(((5, 5, 4, 4), (6, 5, 4, 3), (7, 3, 3, 2), (3, 3, 2, 1))):
        inputs = width * 2**stage
        layers.append(ConvShiftConv(inputs, 2 * inputs, 2, kernel, first))
        layers += [ConvShiftConv(2 * inputs, 2 * inputs, 1, kernel, others) for _unit in range(units - 1)]
    last = 16 * width
    return nn.Sequential(
        *layers, nn.BatchNorm2d(last), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(last, 1000)
    )


def shift_resnet(_: str, n: int, e: int) -> nn.Module:
    """ShiftResNet with n units a stage."""

    def unit(*facts: Any) -> nn.Module:
        return ShiftUnit(*facts, e=e)

    stem = [conv3(3, 16), nn.BatchNorm2d(16), nn.ReLU()]
    return nn.Sequential(*stem, *stages(unit, n, 16, 16), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


class ChannelLocal(nn.Module):
    """Zhang 2017's block: 3x3 in groups of two channels, 1x1 in two groups; between them channels go by turns."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        groups = inputs // 2
        self.filter = nn.Conv2d(inputs, inputs, 3, stride, 1, groups=groups, bias=False)
        self.filter_norm = nn.BatchNorm2d(inputs)
        self.register_buffer("turns", torch.arange(inputs).unflatten(0, (groups, 2)).T.flatten(), persistent=False)
        self.point = nn.Conv2d(inputs, outputs, 1, groups=2, bias=False)
        self.point_norm = nn.BatchNorm2d(outputs)

    def forward(self, x: Tensor) -> Tensor:
        y = self.filter_norm(self.filter(x)).index_select(1, self.turns)
        normed: Tensor = self.point_norm(self.point(y))
        return normed.relu()


def clcnet(_: str, depths: Sequence[int]) -> nn.Module:
    """The author's networks."""
    layers: list[nn.Module] = [nn.Conv2d(3, 32, 3, 2, 1, bias=False), nn.BatchNorm2d(32), nn.ReLU()]
    layers.append(ChannelLocal(32, 64, 1))
    for stage, depth in enumerate(depths):
        layers.append(ChannelLocal(64 << stage, 128 << stage, 2))
        layers += [ChannelLocal(128 << stage, 128 << stage, 1) for _index in range(depth)]
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64 << len(depths), 1000))
