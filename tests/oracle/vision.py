"""Makes networks for maps, warping and second-order statistics to compare with, from papers and torch functions."""

from __future__ import annotations

from torch import nn


def espcn(_: str, r: int) -> nn.Module:
    """Shi et al. 2016, section 3.1: 5-3-3 on one channel, tanh, sub-pixel convolution."""
    return nn.Sequential(
        nn.Conv2d(1, 64, 5, padding=2),
        nn.Tanh(),
        nn.Conv2d(64, 32, 3, padding=1),
        nn.Tanh(),
        nn.Conv2d(32, r * r, 3, padding=1),
        nn.PixelShuffle(r),
    )
