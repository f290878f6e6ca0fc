"""Makes U-Net, V-Net, C3D and the ResNets of clips to compare with: in torch from papers, and torchvision's own."""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import Tensor, nn

from tests.oracle.reference import torchvision


def video(name: str) -> nn.Module:
    """torchvision's network of clips, untrained."""
    model: nn.Module = getattr(torchvision.models.video, name)(weights=None)
    return model


def c3d(_: str, places: int = 16) -> nn.Module:
    """Tran et al. 2014, Figure 3, for clips whose last map has so many places."""
    layers: list[nn.Module] = []
    channels = 3
    for width, pool in (
        (64, nn.MaxPool3d((1, 2, 2))),
        (128, nn.MaxPool3d(2)),
        (256, None),
        (256, nn.MaxPool3d(2)),
        (512, None),
        (512, nn.MaxPool3d(2)),
        (512, None),
        (512, nn.MaxPool3d(2, padding=(0, 1, 1))),
    ):
        layers += [nn.Conv3d(channels, width, 3, padding=1), nn.ReLU(), *([pool] if pool else [])]
        channels = width
    layers.append(nn.Flatten())
    for out, features in ((4096, 512 * places), (4096, 4096)):
        layers += [nn.Linear(features, out), nn.ReLU(), nn.Dropout(0.5)]
    return nn.Sequential(*layers, nn.Linear(4096, 487))


class LRCN(nn.Module):
    """Donahue et al. 2014, section 4, with Caffe's reference network, for frames whose last map has so many places."""

    def __init__(self, places: int = 36, width: int = 256) -> None:
        super().__init__()
        layers: dict[str, nn.Module] = {}
        channels = 3
        for number, (out, window, groups) in enumerate(
            ((96, 11, 1), (256, 5, 2), (384, 3, 1), (384, 3, 2), (256, 3, 2)), 1
        ):
            stride, padding = (4, 0) if number == 1 else (1, window // 2)
            layers[f"conv{number}"] = nn.Conv2d(channels, out, window, stride, padding, groups=groups)
            layers[f"relu{number}"] = nn.ReLU()
            if number in (1, 2, 5):
                layers[f"pool{number}"] = nn.MaxPool2d(3, 2)
            if number in (1, 2):
                layers[f"norm{number}"] = nn.LocalResponseNorm(5)
            channels = out
        layers |= {"flat": nn.Flatten(), "fc6": nn.Linear(256 * places, 4096), "relu6": nn.ReLU()}
        self.cnn = nn.Sequential(OrderedDict(layers | {"drop6": nn.Dropout(0.9)}))
        self.lstm = nn.ModuleDict({"gates": nn.Linear(4096 + width, 4 * width)})
        self.drop = nn.Dropout(0.5)
        self.fc = nn.Linear(width, 101)

    def forward(self, clips: Tensor) -> Tensor:
        """[batch, T, 3, H, W] to the mean of the frames' probabilities."""
        features = self.cnn(clips.flatten(0, 1)).unflatten(0, clips.shape[:2])
        h = c = clips.new_zeros(len(clips), self.fc.in_features)
        found = []
        for x in features.unbind(1):
            i, f, o, g = self.lstm["gates"](torch.cat([x, h], 1)).chunk(4, 1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
            found.append(h)
        return self.fc(self.drop(torch.stack(found, 1))).softmax(-1).mean(1)


def lrcn(_: str, places: int = 36) -> nn.Module:
    """As `LRCN`."""
    return LRCN(places)


def _pair(channels: int, out: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(channels, out, 3), nn.ReLU(), nn.Conv2d(out, out, 3), nn.ReLU())


class UNet(nn.Module):
    """Ronneberger et al. 2015, Figure 1, its first pair of convolutions with `width` channels."""

    def __init__(self, width: int) -> None:
        super().__init__()
        widths = [width * 2**i for i in range(5)]
        self.down = nn.ModuleList(_pair(a, b) for a, b in zip([1, *widths], widths, strict=False))
        self.up = nn.ModuleList(nn.ConvTranspose2d(2 * w, w, 2, 2) for w in reversed(widths[:-1]))
        self.joined = nn.ModuleList(_pair(2 * w, w) for w in reversed(widths[:-1]))
        self.drop = nn.Dropout(0.5)
        self.scores = nn.Conv2d(width, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        """[batch, 1, H, W] to scores [batch, 2, H - 184, W - 184]."""
        left = []
        for level, pair in enumerate(self.down):
            x = pair(x if level == 0 else nn.functional.max_pool2d(x, 2))
            if level >= 3:
                x = self.drop(x)
            left.append(x)
        for level, (up, pair) in enumerate(zip(self.up, self.joined, strict=True)):
            x, beside = up(x).relu(), left[3 - level]
            high, wide = ((a - b) // 2 for a, b in zip(beside.shape[2:], x.shape[2:], strict=True))
            x = pair(torch.cat([beside[:, :, high : high + x.shape[2], wide : wide + x.shape[3]], x], 1))
        scores: Tensor = self.scores(x)
        return scores


def unet(_: str, width: int = 64) -> nn.Module:
    """U-Net for two classes."""
    return UNet(width)


class _Residual(nn.Module):
    def __init__(self, channels: int, depth: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.Conv3d(channels, channels, 5, padding=2) for _ in range(depth))
        self.acts = nn.ModuleList(nn.PReLU(channels) for _ in range(depth))

    def forward(self, x: Tensor) -> Tensor:
        y = x
        for i, (layer, act) in enumerate(zip(self.layers, self.acts, strict=True), 1):
            y = act(layer(y) + x if i == len(self.layers) else layer(y))
        return y


class VNet(nn.Module):
    """Milletari et al. 2016, Figure 2, with the depths of the authors' Caffe model."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.act = nn.Conv3d(1, width, 5, padding=2), nn.PReLU(width)
        widths = [width * 2**i for i in range(5)]
        self.downs = nn.ModuleList(
            nn.Sequential(nn.Conv3d(a, 2 * a, 2, 2), nn.PReLU(2 * a), _Residual(2 * a, depth))
            for a, depth in zip(widths, (1, 2, 3, 3), strict=False)
        )
        came = [16 * width, *(2 * w for w in reversed(widths[1:4]))]
        self.ups = nn.ModuleList(
            nn.Sequential(nn.ConvTranspose3d(a, w, 2, 2), nn.PReLU(w))
            for a, w in zip(came, reversed(widths[:4]), strict=True)
        )
        self.joined = nn.ModuleList(
            _Residual(2 * w, depth) for w, depth in zip(reversed(widths[:4]), (3, 2, 1, 1), strict=True)
        )
        self.last = nn.Sequential(nn.Conv3d(2 * width, 2, 5, padding=2), nn.PReLU(2), nn.Conv3d(2, 2, 1))

    def forward(self, x: Tensor) -> Tensor:
        """[batch, 1, D, H, W] to how likely each of two classes is, [batch, 2, D, H, W]."""
        left = [self.act(self.first(x) + x.expand(-1, self.first.out_channels, -1, -1, -1))]
        for down in self.downs:
            left.append(down(left[-1]))
        x = left.pop()
        for up, stage in zip(self.ups, self.joined, strict=True):
            x = stage(torch.cat([up(x), left.pop()], 1))
        return torch.softmax(self.last(x), 1)


def vnet(_: str, width: int = 16) -> nn.Module:
    """V-Net for two classes."""
    return VNet(width)


class NNUNet(nn.Module):
    """Isensee et al. 2019, generic_UNet.py: norms per sample, strides instead of pools, scores of every size."""

    def __init__(self, width: int, most: int) -> None:
        super().__init__()

        def pair(a: int, b: int, stride: int) -> nn.Sequential:
            layers: list[nn.Module] = []
            for c, s in ((a, stride), (b, 1)):
                layers += [nn.Conv3d(c, b, 3, s, 1), nn.InstanceNorm3d(b, affine=True), nn.LeakyReLU(0.01)]
            return nn.Sequential(*layers)

        widths = [min(width * 2**i, most) for i in range(6)]
        self.down = nn.ModuleList(
            pair(a, b, 1 + (i > 0)) for i, (a, b) in enumerate(zip([4, *widths], widths, strict=False))
        )
        backwards = [*zip(widths[:0:-1], widths[-2::-1], strict=True)]
        self.up = nn.ModuleList(nn.ConvTranspose3d(a, b, 2, 2, bias=False) for a, b in backwards)
        self.joined = nn.ModuleList(pair(2 * b, b, 1) for _, b in backwards)
        self.scores = nn.ModuleList(nn.Conv3d(b, 4, 1, bias=False) for _, b in backwards)

    def forward(self, x: Tensor) -> list[Tensor]:
        """[batch, 4, D, H, W] to scores [batch, 4, ...] of five sizes, the largest first."""
        left = []
        for pair in self.down:
            x = pair(x)
            left.append(x)
        maps = []
        for level, (up, pair) in enumerate(zip(self.up, self.joined, strict=True), 2):
            x = pair(torch.cat([up(x), left[-level]], 1))
            maps.append(x)
        return [self.scores[i](maps[i]) for i in (4, 3, 2, 1, 0)]


def nnunet(_: str, width: int = 32, most: int = 320) -> nn.Module:
    """The network for brain tumours."""
    return NNUNet(width, most)
