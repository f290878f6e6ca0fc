"""A residual network of 10 to 10,000 equal blocks: load and analyze cost, which must grow with call nodes only."""

from __future__ import annotations

import archdsl
from bench.timing import best, row

SPEC = """
import std: conv_bn
block basic(x; width) = x -> id + (conv_bn(width, 3) -> relu -> conv_bn(width, 3)) -> relu
network resnet(x: [16, 32, 32]; n) = x -> basic(16) * n -> global_avg_pool -> linear(10)
"""


def run() -> None:
    """Measure growing depths; the last column is the cost per block."""
    for blocks in (10, 100, 1_000, 10_000):
        seconds = best(lambda blocks=blocks: archdsl.loads(SPEC, "resnet", n=blocks).analyze(), runs=3)
        row(f"{blocks:,} blocks ({seconds / blocks * 1e6:.1f} µs a block)", seconds)
