"""Makes detectors to compare with, up to what their heads give, in torch from papers and the authors' tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

# --- YOLOv3 ----------------------------------------------------------------------------------------------------------


def _cbl(channels: int, out: int, kernel: int, stride: int = 1) -> nn.Sequential:
    conv = nn.Conv2d(channels, out, kernel, stride, kernel // 2, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(out), nn.LeakyReLU(0.1))


class Darknet53(nn.Module):
    """Redmon and Farhadi 2018, Table 1; also the maps of the last three stages."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = _cbl(3, 32, 3)
        self.downs, self.units = nn.ModuleList(), nn.ModuleList()
        for width, depth in ((64, 1), (128, 2), (256, 8), (512, 8), (1024, 4)):
            self.downs.append(_cbl(width // 2, width, 3, 2))
            pairs = [nn.Sequential(_cbl(width, width // 2, 1), _cbl(width // 2, width, 3)) for _ in range(depth)]
            self.units.append(nn.ModuleList(pairs))

    def forward(self, x: Tensor) -> list[Tensor]:
        """[batch, 3, H, W] to maps at strides of 8, 16 and 32."""
        x = self.stem(x)
        maps = []
        for down, units in zip(self.downs, self.units, strict=True):
            x = down(x)
            for unit in units:
                x = x + unit(x)
            maps.append(x)
        return maps[2:]


class _Classifier(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.trunk, self.fc = Darknet53(), nn.Linear(1024, 1000)

    def forward(self, x: Tensor) -> Tensor:
        scores: Tensor = self.fc(self.trunk(x)[-1].mean((2, 3)))
        return scores


class YOLOv3(nn.Module):
    """Section 2.3 and yolov3.cfg: the heads at three scales, the coarsest first, for 80 classes."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk = Darknet53()
        self.bodies, self.lasts, self.turns = nn.ModuleList(), nn.ModuleList(), nn.ModuleList()
        for channels, w in ((1024, 512), (768, 256), (384, 128)):
            if w < 512:
                self.turns.append(_cbl(2 * w, w, 1))
            ins = (channels, w, 2 * w, w, 2 * w)
            sizes = [(a, 2 * w if i % 2 else w, 3 if i % 2 else 1) for i, a in enumerate(ins)]
            self.bodies.append(nn.Sequential(*(_cbl(*size) for size in sizes)))
            self.lasts.append(nn.Sequential(_cbl(w, 2 * w, 3), nn.Conv2d(2 * w, 255, 1)))

    def forward(self, image: Tensor) -> list[Tensor]:
        """[batch, 3, H, W] to three maps of 255 numbers a place."""
        maps = self.trunk(image)
        x, outputs = maps.pop(), []
        for level, (body, last) in enumerate(zip(self.bodies, self.lasts, strict=True)):
            if level:
                turned = nn.functional.interpolate(self.turns[level - 1](x), scale_factor=2)
                x = torch.cat([turned, maps.pop()], 1)
            x = body(x)
            outputs.append(last(x))
        return outputs


def darknet(name: str) -> nn.Module:
    """Darknet-53 with its classifier, or YOLOv3."""
    return _Classifier() if name == "darknet53" else YOLOv3()


# --- YOLOv5 and YOLOv8, from rows (from, kind, widths and more) as in the authors' yaml files ------------------------


class _Conv(nn.Module):
    def __init__(self, c: int, out: int, k: int = 1, s: int = 1, p: int | None = None) -> None:
        super().__init__()
        self.conv = nn.Conv2d(c, out, k, s, k // 2 if p is None else p, bias=False)
        self.bn = nn.BatchNorm2d(out, eps=1e-3, momentum=0.03)

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.silu(self.bn(self.conv(x)))


class _Bottleneck(nn.Module):
    def __init__(self, c: int, k: int, add: bool) -> None:
        super().__init__()
        self.cv1, self.cv2, self.add = _Conv(c, c, k), _Conv(c, c, 3), add

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.cv2(self.cv1(x))
        return x + y if self.add else y


class _C3(nn.Module):
    def __init__(self, c: int, out: int, n: int, add: bool) -> None:
        super().__init__()
        self.cv1, self.cv2, self.cv3 = _Conv(c, out // 2), _Conv(c, out // 2), _Conv(out, out)
        self.m = nn.Sequential(*(_Bottleneck(out // 2, 1, add) for _ in range(n)))

    def forward(self, x: Tensor) -> Any:
        return self.cv3(torch.cat([self.m(self.cv1(x)), self.cv2(x)], 1))


class _C2f(nn.Module):
    def __init__(self, c: int, out: int, n: int, add: bool) -> None:
        super().__init__()
        self.cv1, self.cv2 = _Conv(c, out), _Conv((2 + n) * (out // 2), out)
        self.m = nn.ModuleList(_Bottleneck(out // 2, 3, add) for _ in range(n))

    def forward(self, x: Tensor) -> Any:
        parts = list(self.cv1(x).chunk(2, 1))
        for unit in self.m:
            parts.append(unit(parts[-1]))
        return self.cv2(torch.cat(parts, 1))


class _SPPF(nn.Module):
    def __init__(self, c: int, out: int) -> None:
        super().__init__()
        self.cv1, self.cv2 = _Conv(c, c // 2), _Conv(2 * c, out)

    def forward(self, x: Tensor) -> Any:
        x = self.cv1(x)
        return self.cv2(torch.cat([x, *(nn.functional.max_pool2d(x, k, 1, k // 2) for k in (5, 9, 13))], 1))


class _Detect5(nn.Module):
    def __init__(self, channels: Sequence[int]) -> None:
        super().__init__()
        self.m = nn.ModuleList(nn.Conv2d(c, 255, 1) for c in channels)

    def forward(self, *maps: Tensor) -> list[Tensor]:
        return [conv(x) for conv, x in zip(self.m, maps, strict=True)]


class _Detect8(nn.Module):
    def __init__(self, channels: Sequence[int]) -> None:
        super().__init__()
        wide = {"cv2": (max(16, channels[0] // 4, 64), 64), "cv3": (max(channels[0], 80), 80)}
        for name, (w, out) in wide.items():
            heads = [nn.Sequential(_Conv(c, w, 3), _Conv(w, w, 3), nn.Conv2d(w, out, 1)) for c in channels]
            self.add_module(name, nn.ModuleList(heads))

    def forward(self, *maps: Tensor) -> list[Tensor]:
        return [torch.cat([box(x), score(x)], 1) for box, score, x in zip(self.cv2, self.cv3, maps, strict=True)]


UP, CAT = "up", "cat"
V5: list[tuple[Any, ...]] = [
    (-1, "conv", 64, 6, 2, 2), (-1, "conv", 128, 3, 2), (-1, "csp", 128, 3, True), (-1, "conv", 256, 3, 2),
    (-1, "csp", 256, 6, True), (-1, "conv", 512, 3, 2), (-1, "csp", 512, 9, True), (-1, "conv", 1024, 3, 2),
    (-1, "csp", 1024, 3, True), (-1, "sppf", 1024),
    (-1, "conv", 512), (-1, UP), ((-1, 6), CAT), (-1, "csp", 512, 3, False),
    (-1, "conv", 256), (-1, UP), ((-1, 4), CAT), (-1, "csp", 256, 3, False),
    (-1, "conv", 256, 3, 2), ((-1, 14), CAT), (-1, "csp", 512, 3, False),
    (-1, "conv", 512, 3, 2), ((-1, 10), CAT), (-1, "csp", 1024, 3, False), ((17, 20, 23), _Detect5),
]  # fmt: skip
V8: list[tuple[Any, ...]] = [
    (-1, "conv", 64, 3, 2), (-1, "conv", 128, 3, 2), (-1, "csp", 128, 3, True), (-1, "conv", 256, 3, 2),
    (-1, "csp", 256, 6, True), (-1, "conv", 512, 3, 2), (-1, "csp", 512, 6, True), (-1, "conv", 1024, 3, 2),
    (-1, "csp", 1024, 3, True), (-1, "sppf", 1024),
    (-1, UP), ((-1, 6), CAT), (-1, "csp", 512, 3, False), (-1, UP), ((-1, 4), CAT), (-1, "csp", 256, 3, False),
    (-1, "conv", 256, 3, 2), ((-1, 12), CAT), (-1, "csp", 512, 3, False),
    (-1, "conv", 512, 3, 2), ((-1, 9), CAT), (-1, "csp", 1024, 3, False), ((15, 18, 21), _Detect8),
]  # fmt: skip
SCALES = {  # depth, width, most channels
    "yolov5n": (0.33, 0.25, 1024), "yolov5s": (0.33, 0.5, 1024), "yolov5m": (0.67, 0.75, 1024),
    "yolov5l": (1.0, 1.0, 1024), "yolov5x": (1.33, 1.25, 1024),
    "yolov8n": (0.33, 0.25, 1024), "yolov8s": (0.33, 0.5, 1024), "yolov8m": (0.67, 0.75, 768),
    "yolov8l": (1.0, 1.0, 512), "yolov8x": (1.0, 1.25, 512),
}  # fmt: skip


class YOLO(nn.Module):
    """The rows one after the other; `model.N` is the N-th of them."""

    def __init__(self, name: str) -> None:
        super().__init__()
        depth, width, most = SCALES[name]
        self.rows = V5 if name.startswith("yolov5") else V8
        csp = _C3 if name.startswith("yolov5") else _C2f
        self.model, channels = nn.ModuleList(), [3]
        for source, kind, *args in self.rows:
            came = [channels[i if i < 0 else i + 1] for i in (source if isinstance(source, tuple) else (source,))]
            out = int(min(args[0], most) * width) if args else sum(came)
            made: nn.Module = nn.Identity()
            if kind == "conv":
                made = _Conv(came[0], out, *args[1:])
            elif kind == "csp":
                made = csp(came[0], out, max(round(args[1] * depth), 1), args[2])
            elif kind == "sppf":
                made = _SPPF(came[0], out)
            elif not isinstance(kind, str):
                made = kind(came)
            self.model.append(made)
            channels.append(out)

    def forward(self, x: Tensor) -> Any:
        """[batch, 3, H, W] to the numbers of each place of three maps."""
        made: list[Any] = [x]
        for (source, kind, *_), layer in zip(self.rows, self.model, strict=True):
            came = [made[i if i < 0 else i + 1] for i in (source if isinstance(source, tuple) else (source,))]
            if kind == UP:
                made.append(nn.functional.interpolate(came[0], scale_factor=2))
            else:
                made.append(torch.cat(came, 1) if kind == CAT else layer(*came))
        return made[-1]


def yolo(name: str) -> nn.Module:
    """YOLOv5 (version 6) or YOLOv8, by the name of its size."""
    return YOLO(name)


# --- DSOD ------------------------------------------------------------------------------------------------------------


def _brc(channels: int, out: int, kernel: int = 1, stride: int = 1) -> nn.Sequential:
    conv = nn.Conv2d(channels, out, kernel, stride, kernel // 2, bias=False)
    return nn.Sequential(nn.BatchNorm2d(channels), nn.ReLU(), conv)


def _pool(x: Tensor) -> Tensor:
    return nn.functional.max_pool2d(x, 2, ceil_mode=True)


class _Dense(nn.Sequential):
    def forward(self, x: Tensor) -> Tensor:
        for layer in self:
            x = torch.cat([x, layer(x)], 1)
        return x


def _dense(channels: int, depth: int, growth: int) -> _Dense:
    ins = [channels + i * growth for i in range(depth)]
    return _Dense(*(nn.Sequential(_brc(c, 4 * growth), _brc(4 * growth, growth, 3)) for c in ins))


class _Scale(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(1, channels, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return x / (x.square().sum(1, keepdim=True) + 1e-10).sqrt() * self.weight


class DSOD(nn.Module):
    """Shen et al. 2017 as in the authors' Caffe model for 300 pixels and 20 classes and the background."""

    def __init__(self, growth: int) -> None:
        super().__init__()
        stem: list[nn.Module] = []
        for a, b, stride in ((3, 64, 2), (64, 64, 1), (64, 128, 1)):
            stem += [nn.Conv2d(a, b, 3, stride, 1, bias=False), nn.BatchNorm2d(b), nn.ReLU()]
        self.stem = nn.Sequential(*stem)
        c1, c2, c3 = 128 + 6 * growth, 128 + 14 * growth, 128 + 22 * growth
        self.one = nn.Sequential(_dense(128, 6, growth), _brc(c1, c1))
        self.two = nn.Sequential(_dense(c1, 8, growth), _brc(c2, c2))
        self.three = nn.Sequential(
            _dense(c2, 8, growth), _brc(c3, c3), _dense(c3, 8, growth), _brc(c3 + 8 * growth, 256)
        )
        self.beside = _brc(c2, 256)
        sizes = [(512, 256), (512, 128), (256, 128), (256, 128)]
        self.pooled = nn.ModuleList(_brc(a, b) for a, b in sizes)
        self.learned = nn.ModuleList(nn.Sequential(_brc(a, b), _brc(b, b, 3, 2)) for a, b in sizes)
        widths, boxes = [c2, 512, 512, 256, 256, 256], [4, 6, 6, 6, 4, 4]
        self.scales = nn.ModuleList(_Scale(w) for w in widths)
        self.heads = nn.ModuleList(
            nn.Sequential(nn.Conv2d(w, n * k, 3, 1, 1, bias=False), nn.BatchNorm2d(n * k, eps=1e-3))
            for w, k in zip(widths, boxes, strict=True)
            for n in (4, 21)
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        """[batch, 3, H, W] to boxes and scores of six maps."""
        x = nn.functional.max_pool2d(self.stem(x), 2)
        first = self.two(_pool(self.one(x)))
        maps = [first, torch.cat([self.three(_pool(first)), self.beside(_pool(first))], 1)]
        for pooled, learned in zip(self.pooled, self.learned, strict=True):
            maps.append(torch.cat([pooled(_pool(maps[-1])), learned(maps[-1])], 1))
        outputs = []
        for i, (scale, x) in enumerate(zip(self.scales, maps, strict=True)):
            x = scale(x)
            outputs.append(torch.cat([self.heads[2 * i](x), self.heads[2 * i + 1](x)], 1))
        return outputs


def dsod(_: str, growth: int = 48) -> nn.Module:
    """DSOD300 for Pascal VOC."""
    return DSOD(growth)


# --- PVANet ----------------------------------------------------------------------------------------------------------


class _CReLU(nn.Module):
    """Kim et al. 2016, Figure 1: both signs, each channel scaled and shifted."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1, 2 * channels, 1, 1))
        self.shift = nn.Parameter(torch.zeros(1, 2 * channels, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return (torch.cat([x, -x], 1) * self.scale + self.shift).relu()


def _cbr(channels: int, out: int, kernel: int = 1, stride: int = 1) -> nn.Sequential:
    conv = nn.Conv2d(channels, out, kernel, stride, kernel // 2, bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(out), nn.ReLU())


class _Branches(nn.ModuleList):
    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([branch(x) for branch in self], 1)


def _inception(c: int, first: tuple[int, int], five: tuple[int, int], stride: int) -> _Branches:
    branches = [_cbr(c, 64, 1, stride), nn.Sequential(_cbr(c, first[0], 1, stride), _cbr(first[0], first[1], 3))]
    branches.append(nn.Sequential(_cbr(c, five[0], 1, stride), _cbr(five[0], five[1], 3), _cbr(five[1], five[1], 3)))
    if stride > 1:
        branches.append(nn.Sequential(nn.MaxPool2d(3, stride, 1), _cbr(c, 128)))
    return _Branches(branches)


class _Preactivated(nn.Module):
    def __init__(self, c: int, body: nn.Module, made: int, out: int, stride: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(c)
        self.shortcut = None if c == out else nn.Conv2d(c, out, 1, stride)
        self.body, self.last = body, nn.Conv2d(made, out, 1)

    def forward(self, x: Tensor) -> Any:
        y = self.norm(x).relu()
        s = x if self.shortcut is None else self.shortcut(y)
        return s + self.last(self.body(y))


class PVANet(nn.Module):
    """Table 1, up to the 512 features."""

    def __init__(self) -> None:
        super().__init__()
        stem = (nn.Conv2d(3, 16, 7, 2, 3, bias=False), nn.BatchNorm2d(16), _CReLU(16), nn.MaxPool2d(3, 2, 1))
        self.stages = nn.ModuleList([nn.Sequential(*stem)])
        c = 32
        for width, out, depth, first in ((24, 64, 3, 1), (48, 128, 4, 2)):
            units = []
            for i in range(depth):
                stride = first if i == 0 else 1
                conv = nn.Conv2d(width, width, 3, padding=1, bias=False)
                body = nn.Sequential(_cbr(c, width, 1, stride), conv, nn.BatchNorm2d(width), _CReLU(width))
                units.append(_Preactivated(c, body, 2 * width, out, stride))
                c = out
            self.stages.append(nn.Sequential(*units))
        for out, reduced, three, five in ((256, (48, 64), 128, (24, 48)), (384, (96, 96), 192, (32, 64))):
            units = []
            for i in range(4):
                made = 64 + three + five[1] + (0 if i else 128)
                body = _inception(c, (reduced[min(i, 1)], three), five, 1 if i else 2)
                units.append(_Preactivated(c, body, made, out, 1 if i else 2))
                c = out
            self.stages.append(nn.Sequential(*units))
        self.up = nn.ConvTranspose2d(384, 384, 4, 2, 1, groups=384, bias=False)
        self.last = nn.Conv2d(768, 512, 1)

    def forward(self, x: Tensor) -> Any:
        """[batch, 3, H, W] to [batch, 512, H / 16, W / 16]."""
        maps = []
        for stage in self.stages:
            x = stage(x)
            maps.append(x)
        third = nn.functional.max_pool2d(maps[2], 3, 2, 1)
        return self.last(torch.cat([third, maps[3], self.up(maps[4])], 1))


def pvanet(_: str) -> nn.Module:
    """PVANet's features."""
    return PVANet()
