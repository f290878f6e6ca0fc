"""Makes SegNet, and CycleGAN's and pix2pix's networks, to compare with: in torch, from the authors' tables."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


def _normed(channels: int, out: int, kernel: int) -> list[nn.Module]:
    return [nn.Conv2d(channels, out, kernel, padding=kernel // 2), nn.BatchNorm2d(out)]


class _SegNet(nn.Module):
    """What comes first, the stages between pools, those behind the places that pools found, and what comes last."""

    def __init__(self, first: nn.Module, down: list[list[Any]], up: list[list[Any]], last: nn.Module) -> None:
        super().__init__()
        self.first, self.last = first, last
        self.down = nn.ModuleList(nn.Sequential(*stage) for stage in down)
        self.up = nn.ModuleList(nn.Sequential(*stage) for stage in up)

    def forward(self, x: Tensor) -> Tensor:
        """Images [batch, 3, H, W] to scores [batch, classes, H, W]."""
        x = self.first(x)
        found = []
        for stage in self.down:
            x = stage(x)
            size = x.shape[2:]
            x, places = F.max_pool2d(x, 2, ceil_mode=True, return_indices=True)
            found.append((places, size))
        for stage, (places, size) in zip(self.up, reversed(found), strict=True):
            x = stage(F.max_unpool2d(x, places, 2, output_size=size))
        scores: Tensor = self.last(x)
        return scores


def segnet(_: str, width: int = 64) -> nn.Module:
    """The thirteen convolutions of VGG-16, and back."""
    down: list[list[Any]] = []
    up: list[list[Any]] = []
    channels = 3
    for times, depth in ((1, 2), (2, 2), (4, 3), (8, 3), (8, 3)):
        out = times * width
        there = [channels] + [out] * depth
        back = [out] * depth + [channels]
        for sizes, stages in ((there, down), (back, up)):
            stages.append([])
            for a, b in pairwise(sizes):
                stages[-1] += [*_normed(a, b, 3), nn.ReLU()]
        channels = out
    up[0] = [*up[0][:-3], nn.Conv2d(width, 11, 3, padding=1)]
    return _SegNet(nn.Identity(), down, up[::-1], nn.Identity())


def segnet_basic(_: str, width: int = 64) -> nn.Module:
    """Four stages of one 7 x 7 each, and back."""
    down = [[*_normed(3 if i == 0 else width, width, 7), nn.ReLU()] for i in range(4)]
    up = [_normed(width, width, 7) for _ in range(4)]
    return _SegNet(nn.LocalResponseNorm(5), down, up, nn.Conv2d(width, 11, 1))


class _Model(nn.Module):
    """A sequence under the name that the authors gave it."""

    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.model = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        """The sequence."""
        result: Tensor = self.model(x)
        return result


class _Residual(nn.Module):
    """Two convolutions with reflected borders, added to what they are given."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        half = [[nn.ReflectionPad2d(1), nn.Conv2d(channels, channels, 3), nn.InstanceNorm2d(channels)] for _ in "ab"]
        self.conv_block = nn.Sequential(*half[0], nn.ReLU(), *half[1])

    def forward(self, x: Tensor) -> Tensor:
        """[batch, C, H, W] to the same."""
        result: Tensor = x + self.conv_block(x)
        return result


def resnet_generator(_: str, width: int = 64, blocks: int = 9) -> nn.Module:
    """Zhu et al. 2017: c7s1-64, d128, d256, R256 nine times, u128, u64, c7s1-3."""
    layers: list[nn.Module] = [nn.ReflectionPad2d(3), nn.Conv2d(3, width, 7), nn.InstanceNorm2d(width), nn.ReLU()]
    for n in (width, 2 * width):
        layers += [nn.Conv2d(n, 2 * n, 3, 2, 1), nn.InstanceNorm2d(2 * n), nn.ReLU()]
    layers += [_Residual(4 * width) for _ in range(blocks)]
    for n in (2 * width, width):
        layers += [nn.ConvTranspose2d(2 * n, n, 3, 2, 1, 1), nn.InstanceNorm2d(n), nn.ReLU()]
    return _Model(*layers, nn.ReflectionPad2d(3), nn.Conv2d(width, 3, 7), nn.Tanh())


def patch_discriminator(name: str) -> nn.Module:
    """C64-C128-C256-C512, the last with stride 1: of images, or of two images and batch norm."""
    paired = name.startswith("pix2pix")
    norm = nn.BatchNorm2d if paired else nn.InstanceNorm2d
    layers: list[nn.Module] = [nn.Conv2d(6 if paired else 3, 64, 4, 2, 1), nn.LeakyReLU(0.2)]
    for n, stride in ((128, 2), (256, 2), (512, 1)):
        layers += [nn.Conv2d(n // 2, n, 4, stride, 1, bias=not paired), norm(n), nn.LeakyReLU(0.2)]
    return _Model(*layers, nn.Conv2d(512, 1, 4, 1, 1))


class _Level(nn.Module):
    """One step down, what is deeper, one step up; beside what it was given, except at the outermost level."""

    def __init__(self, outside: int, inside: int, deeper: nn.Module | None, drop: bool) -> None:
        super().__init__()
        self.down = nn.Sequential(nn.LeakyReLU(0.2), nn.Conv2d(outside, inside, 4, 2, 1, bias=False))
        if deeper is not None:
            self.down.append(nn.BatchNorm2d(inside))
        self.deeper = deeper
        given = inside if deeper is None else 2 * inside
        self.up = nn.Sequential(
            nn.ReLU(), nn.ConvTranspose2d(given, outside, 4, 2, 1, bias=False), nn.BatchNorm2d(outside)
        )
        if drop:
            self.up.append(nn.Dropout(0.5))

    def forward(self, x: Tensor) -> Tensor:
        """[batch, C, H, W] to twice the channels."""
        inner = self.down(x)
        return torch.cat([x, self.up(inner if self.deeper is None else self.deeper(inner))], 1)


def unet_generator(_: str, width: int = 64) -> nn.Module:
    """Isola et al. 2016: C64-C128-C256-C512 four times down, and up; dropout in three of them."""
    level = _Level(8 * width, 8 * width, None, False)
    for _ in range(3):
        level = _Level(8 * width, 8 * width, level, True)
    for times in (4, 2, 1):
        level = _Level(times * width, 2 * times * width, level, False)
    return nn.Sequential(
        nn.Conv2d(3, width, 4, 2, 1), level, nn.ReLU(), nn.ConvTranspose2d(2 * width, 3, 4, 2, 1), nn.Tanh()
    )
