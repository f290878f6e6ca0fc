"""Makes convolutional networks of sequences to compare with, in torch from papers and authors' code."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class _Causal(nn.Conv1d):
    """Nothing comes before the first place; every other sees only what came."""

    def __init__(self, channels: int, out: int, kernel: int, dilation: int) -> None:
        super().__init__(channels, out, kernel, dilation=dilation)
        self.far = (kernel - 1) * dilation

    def forward(self, x: Tensor) -> Tensor:
        before = x.new_zeros(len(x), x.shape[1], self.far)
        return super().forward(torch.cat([before, x], 2))


class TCN(nn.Module):
    """Bai et al. 2018, Figure 1, without weight norm: scores of the last place."""

    def __init__(self) -> None:
        super().__init__()
        self.convs, self.downs = nn.ModuleList(), nn.ModuleList()
        for i in range(8):
            self.convs.append(_Causal(25 if i else 1, 25, 7, 2**i))
            self.convs.append(_Causal(25, 25, 7, 2**i))
        self.down, self.drop, self.linear = nn.Conv1d(1, 25, 1), nn.Dropout(0.05), nn.Linear(25, 10)

    def forward(self, x: Tensor) -> Tensor:
        """[batch, 1, T] to scores [batch, 10]."""
        for i in range(8):
            y = x
            for conv in self.convs[2 * i : 2 * i + 2]:
                y = self.drop(conv(y).relu())
            x = (y + (x if i else self.down(x))).relu()
        scores: Tensor = self.linear(x[:, :, -1])
        return scores


def tcn(_: str) -> nn.Module:
    """For the pixels of a digit."""
    return TCN()


class WaveNet(nn.Module):
    """van den Oord et al. 2016, Figure 4, with the widths of ibab's TensorFlow code."""

    def __init__(self, stacks: int, doublings: int) -> None:
        super().__init__()
        self.first = _Causal(256, 32, 2, 1)
        dilations = [2**i for _ in range(stacks) for i in range(doublings)]
        self.layers = nn.ModuleList()
        for number, dilation in enumerate(dilations):
            parts = {"filter": _Causal(32, 32, 2, dilation), "gate": _Causal(32, 32, 2, dilation)}
            parts["skip"] = nn.Conv1d(32, 512, 1)
            if number < len(dilations) - 1:
                parts["dense"] = nn.Conv1d(32, 32, 1)
            self.layers.append(nn.ModuleDict(parts))
        self.last = nn.Sequential(nn.ReLU(), nn.Conv1d(512, 512, 1), nn.ReLU(), nn.Conv1d(512, 256, 1))

    def forward(self, x: Tensor) -> Tensor:
        """[batch, 256, T] to scores of the next level [batch, 256, T]."""
        x = self.first(x)
        skips = []
        for layer in self.layers:
            z = torch.tanh(layer["filter"](x)) * torch.sigmoid(layer["gate"](x))
            skips.append(layer["skip"](z))
            if "dense" in layer:
                x = x + layer["dense"](z)
        scores: Tensor = self.last(torch.stack(skips).sum(0))
        return scores


def wavenet(_: str, stacks: int = 5, doublings: int = 10) -> nn.Module:
    """WaveNet for 256 levels."""
    return WaveNet(stacks, doublings)
