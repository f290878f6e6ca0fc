"""Makes EfficientDet, on torchvision's EfficientNet, and SSD on MobileNet to compare with."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor, nn

from tests.oracle.reference import torchvision_model

Norm = partial(nn.BatchNorm2d, eps=1e-3, momentum=0.01)


def _separable(channels: int, out: int, bias: bool = False) -> nn.Sequential:
    layers = nn.Sequential()
    layers.add_module("depthwise", nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False))
    layers.add_module("pointwise", nn.Conv2d(channels, out, 1, bias=bias))
    return layers


def _fit(channels: int, width: int) -> nn.Sequential:
    layers = nn.Sequential()
    layers.add_module("conv", nn.Conv2d(channels, width, 1, bias=False))
    layers.add_module("norm", Norm(width))
    return layers


class _Learned(nn.Module):
    positive = True  # below 0 a map is not taken

    def __init__(self, count: int) -> None:
        super().__init__()
        self.learned = nn.Parameter(torch.ones(1, count))

    def forward(self) -> Tensor:
        return self.learned[0].relu()


class _Shares(nn.Module):
    def __init__(self, count: int) -> None:
        super().__init__()
        self.w = _Learned(count)

    def forward(self, maps: list[Tensor]) -> Tensor:
        w = self.w()
        return torch.stack([m * (w[i] / (w.sum() + 1e-4)) for i, m in enumerate(maps)]).sum(0)


class _Node(nn.Module):
    """Tan et al. 2019, section 3.3: fast normalized fusion, swish, a separable convolution, a norm.

    At most the first of its maps is brought to its width.
    """

    def __init__(self, channels: int, count: int, width: int) -> None:
        super().__init__()
        self.shares = _Shares(count)
        self.fit = nn.Identity() if channels == width else _fit(channels, width)
        self.separable, self.norm = _separable(width, width), Norm(width)

    def forward(self, first: Tensor, *others: Tensor) -> Tensor:
        mixed = nn.functional.silu(self.shares([self.fit(first), *others]))
        made: Tensor = self.norm(self.separable(mixed))
        return made


class _Cell(nn.Module):
    """Figure 2 (d) for levels 3 to 7."""

    def __init__(self, channels: list[int], width: int) -> None:
        super().__init__()
        for name in ("t6", "t5", "t4", "y3", "y4", "y5", "y6", "y7"):
            three = name in ("y4", "y5", "y6")
            node = _Node(channels[int(name[1]) - 3], 3 if three else 2, width)
            self.add_module(name, nn.ModuleDict({"fuse_three" if three else "fuse": node}))

    def forward(self, maps: list[Tensor]) -> list[Tensor]:
        made = {f"p{level}": m for level, m in enumerate(maps, 3)} | {"t7": maps[4], "t3": maps[0]}
        for level in (6, 5, 4, 3):
            name = f"{'y' if level == 3 else 't'}{level}"
            above = nn.functional.interpolate(made[f"t{level + 1}"], scale_factor=2)
            made[name] = self.get_submodule(f"{name}.fuse")(made[f"p{level}"], above)
        for level in (4, 5, 6):
            below = nn.functional.max_pool2d(made[f"y{level - 1}"], 3, 2, 1)
            node = self.get_submodule(f"y{level}.fuse_three")
            made[f"y{level}"] = node(made[f"p{level}"], made[f"t{level}"], below)
        made["y7"] = self.get_submodule("y7.fuse")(maps[4], nn.functional.max_pool2d(made["y6"], 3, 2, 1))
        return [made[f"y{level}"] for level in range(3, 8)]


class _Head(nn.Module):
    def __init__(self, width: int, out: int) -> None:
        super().__init__()
        self.first, self.second, self.third = (_separable(width, width) for _ in range(3))
        self.last = _separable(width, out, True)
        for i in range(15):
            self.add_module(f"norm_{i}" if i else "norm", Norm(width))

    def forward(self, maps: list[Tensor]) -> list[Tensor]:
        outputs, number = [], 0
        for x in maps:
            for conv in (self.first, self.second, self.third):
                x = nn.functional.silu(self.get_submodule(f"norm_{number}" if number else "norm")(conv(x)))
                number += 1
            outputs.append(self.last(x))
        return outputs


class EfficientDet(nn.Module):
    """Table 1: the maps of three stages and two pooled ones, BiFPN cells, two heads."""

    def __init__(self, backbone: str, width: int, cells: int, drop: float) -> None:
        super().__init__()
        self.backbone = torchvision_model(backbone, norm_layer=Norm, stochastic_depth_prob=drop).features[:8]
        ins = [self.backbone[i][-1].out_channels for i in (3, 5, 7)]
        self.p6 = nn.ModuleDict({"fit": _fit(ins[2], width)})
        first = [*ins, width, width]
        self.bifpn = nn.ModuleList(_Cell(first if i == 0 else [width] * 5, width) for i in range(cells))
        self.classes, self.boxes = _Head(width, 810), _Head(width, 36)

    def forward(self, x: Tensor) -> list[Tensor]:
        """[batch, 3, H, W] to the scores of five levels, then their boxes."""
        maps = []
        for i, stage in enumerate(self.backbone):
            x = stage(x)
            if i in (3, 5, 7):
                maps.append(x)
        maps.append(nn.functional.max_pool2d(self.p6["fit"](x), 3, 2, 1))
        maps.append(nn.functional.max_pool2d(maps[-1], 3, 2, 1))
        for cell in self.bifpn:
            maps = cell(maps)
        return [*self.classes(maps), *self.boxes(maps)]


def efficientdet(name: str, drop: float = 0.2) -> nn.Module:
    """EfficientDet-D0, D1 or D2."""
    backbone, width, cells = {
        "efficientdet_d0": ("efficientnet_b0", 64, 3),
        "efficientdet_d1": ("efficientnet_b1", 88, 4),
        "efficientdet_d2": ("efficientnet_b2", 112, 5),
    }[name]
    return EfficientDet(backbone, width, cells, drop)


def _conv(channels: int, out: int, kernel: int = 1, stride: int = 1, groups: int = 1) -> nn.Sequential:
    conv = nn.Conv2d(channels, out, kernel, stride, kernel // 2, groups=groups, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(out), nn.ReLU6())


class SSDMobileNet(nn.Module):
    """Howard et al. 2017, Table 1, and the maps that TensorFlow's ssd_mobilenet_v1_coco.config names."""

    def __init__(self, width: float) -> None:
        super().__init__()
        layers, c = [_conv(3, int(32 * width), 3, 2)], int(32 * width)
        for out, stride in [
            (64, 1),
            (128, 2),
            (128, 1),
            (256, 2),
            (256, 1),
            (512, 2),
            *[(512, 1)] * 5,
            (1024, 2),
            (1024, 1),
        ]:
            out = int(out * width)
            layers.append(nn.Sequential(_conv(c, c, 3, stride, c), _conv(c, out)))
            c = out
        self.layers = nn.ModuleList(layers)
        widths = [int(512 * width), c]
        self.extras = nn.ModuleList()
        for out in (512, 256, 256, 128):
            self.extras.append(nn.Sequential(_conv(widths[-1], out // 2), _conv(out // 2, out, 3, 2)))
            widths.append(out)
        boxes = (3, 6, 6, 6, 6, 6)
        sizes = [(w, k * n) for w, k in zip(widths, boxes, strict=True) for n in (4, 91)]
        self.heads = nn.ModuleList(nn.Conv2d(*size, 1) for size in sizes)

    def forward(self, x: Tensor) -> list[Tensor]:
        """[batch, 3, H, W] to boxes and scores of six maps."""
        maps = []
        for i, layer in enumerate(self.layers):
            x = layer(x)
            if i in (11, 13):
                maps.append(x)
        for extra in self.extras:
            maps.append(extra(maps[-1]))
        return [torch.cat([self.heads[2 * i](x), self.heads[2 * i + 1](x)], 1) for i, x in enumerate(maps)]


def ssd_mobilenet(_: str, width: float = 1.0) -> nn.Module:
    """SSD300 on MobileNet for COCO."""
    return SSDMobileNet(width)
