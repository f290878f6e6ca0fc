"""Makes low-rank bilinear pooling, EDSR and the fabric to compare with, in torch from papers and authors' code."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tests.oracle.reference import torchvision_model


class _Bias(nn.Module):
    def __init__(self, size: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1, size))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.weight


class LowRankBilinear(nn.Module):
    """Kong and Fowlkes 2016 on the same VGG-16: for each class the squared norms of 4 directions less those of 4."""

    def __init__(self) -> None:
        super().__init__()
        self.features = torchvision_model("vgg16").features[:-1]
        self.common = nn.Conv2d(512, 100, 1, bias=False)
        self.directions = nn.Conv2d(100, 200 * 8, 1, bias=False)
        self.bias = _Bias(200)

    def forward(self, x: Tensor) -> Tensor:
        """[batch, 3, H, W] to scores [batch, 200]."""
        y = self.directions(self.common(self.features(x))).square().sum((2, 3)).unflatten(1, (200, 8))
        scores: Tensor = self.bias(y[:, :, :4].sum(2) - y[:, :, 4:].sum(2))
        return scores


def low_rank_bilinear(_: str) -> nn.Module:
    """LRBP with m = 100 and r = 8 for the 200 birds of CUB."""
    return LowRankBilinear()


class EDSR(nn.Module):
    """Lim et al. 2017, Figure 3, without the mean of the training images."""

    def __init__(self, times: int, width: int, depth: int, by: float) -> None:
        super().__init__()
        self.head, self.by, self.times = nn.Conv2d(3, width, 3, padding=1), by, times

        def pair() -> nn.Sequential:
            convs = [nn.Conv2d(width, width, 3, padding=1) for _ in range(2)]
            return nn.Sequential(convs[0], nn.ReLU(), convs[1])

        self.units = nn.ModuleList(pair() for _ in range(depth))
        self.last = nn.Conv2d(width, width, 3, padding=1)
        steps = {2: (2,), 3: (3,), 4: (2, 2)}[times]
        self.steps = nn.ModuleList(nn.Conv2d(width, width * s * s, 3, padding=1) for s in steps)
        self.tail = nn.Conv2d(width, 3, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """[batch, 3, H, W] to an image `times` as large."""
        first = x = self.head(x)
        for unit in self.units:
            x = x + self.by * unit(x)
        x = first + self.last(x)
        for step in self.steps:
            x = nn.functional.pixel_shuffle(step(x), 3 if self.times == 3 else 2)
        image: Tensor = self.tail(x)
        return image


def edsr(_: str, times: int, width: int = 256, depth: int = 32, by: float = 0.1) -> nn.Module:
    """EDSR, or its baseline with fewer and narrower units."""
    return EDSR(times, width, depth, by)


class Fabric(nn.Module):
    """Saxena and Verbeek 2016: what comes to a node is by names of where it comes from."""

    def __init__(self, layers: int, width: int) -> None:
        super().__init__()
        self.windows, self.norms = nn.ModuleDict(), nn.ModuleDict()
        self.layers = layers
        for layer in range(layers):
            for scale in range(6):
                for name in self.sources(layer, scale):
                    channels, stride = 1 if (layer, scale) == (0, 0) else width, 2 if name in ("finer", "beside") else 1
                    window: nn.Module = nn.Conv2d(channels, width, 3, stride, 1, bias=False)
                    if name == "coarser":
                        window = nn.ConvTranspose2d(width, width, 3, 2, 1, 1, bias=False)
                    self.windows[f"{layer} {scale} {name}"] = window
                self.norms[f"{layer} {scale}"] = nn.BatchNorm2d(width)
        self.scores = nn.Conv2d(width, 10, 1)

    def sources(self, layer: int, scale: int) -> list[str]:
        """From where a node has windows, in order."""
        there = {"same": layer > 0 or scale == 0, "finer": layer > 0 and scale > 0, "coarser": layer > 0 and scale < 5}
        there["beside"] = scale > 0 and layer in (0, self.layers - 1)
        return [name for name in there if there[name]]

    def forward(self, x: Tensor) -> Tensor:
        """[batch, 1, 32, 32] to scores [batch, 10, 1, 1]."""
        nodes: dict[tuple[int, int], Tensor] = {(-1, 0): x}
        for layer in range(self.layers):
            for scale in range(6):
                came = {
                    "same": (layer - 1, scale),
                    "finer": (layer - 1, scale - 1),
                    "coarser": (layer - 1, scale + 1),
                    "beside": (layer, scale - 1),
                }
                total: Tensor | float = 0.0
                for name in self.sources(layer, scale):
                    total = total + self.windows[f"{layer} {scale} {name}"](nodes[came[name]])
                nodes[layer, scale] = self.norms[f"{layer} {scale}"](total).relu()
        scores: Tensor = self.scores(nodes[self.layers - 1, 5])
        return scores


def fabric(_: str, layers: int = 8, width: int = 64) -> nn.Module:
    """The fabric for MNIST."""
    return Fabric(layers, width)
