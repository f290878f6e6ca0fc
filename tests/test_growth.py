"""Twice the network takes twice the work: joins of many operands, tensors that all later ones read, chains, bodies."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

import archdsl
from archdsl.network import Network
from tests.work import lines

WIDE = "network n(x: [4, 8, 8]) = x -> [conv(16, 3) -> relu for _ in range({n})] -> add"
DENSE = "network n(x: [4, 8, 8]) {{ xs = [x]\n for i in range({n}) {{ xs = xs + [xs -> add] }}\n return xs[{n} - 1] }}"
CHAIN = "network n(x: [4, 8, 8]) = x -> (conv(4, 3) -> relu) * {n}"
BODIES = """
block b(x; f) = x -> conv(f, 3) -> relu
network n(x: [4, 8, 8]) {{ for i in range({n}) {{ x = x -> b(i + 1) }}
    return x }}
"""
# A text, how many, and how much more work twice as many may be: of the dense one the edges are four times as many.
SHAPES = {"wide": (WIDE, 60, 2.1), "dense": (DENSE, 30, 3.7), "chain": (CHAIN, 60, 2.1), "bodies": (BODIES, 20, 2.1)}
ASKED: dict[str, Callable[[Network], object]] = {
    "spec": lambda network: network.spec(),
    "lint": lambda network: network.lint(),
    "source": lambda network: network.source(),
    "analyze": lambda network: str(network.analyze()),
    "sizes": lambda network: network.sizes().at(9).macs,
}


@pytest.mark.parametrize("what", ASKED)
@pytest.mark.parametrize("shape", SHAPES)
def test_work_grows_with_the_edges(shape: str, what: str) -> None:
    small, large = _alone(shape, what)
    assert large < SHAPES[shape][2] * small


def _alone(shape: str, what: str) -> list[int]:
    """`measured` in a process of its own: what others had done before would be remembered for one size and not both."""
    asked = f"from tests.test_growth import measured; print(*measured({shape!r}, {what!r}))"
    root = Path(__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", asked], cwd=root, capture_output=True, text=True, check=True)
    return list(map(int, done.stdout.split()))


def measured(shape: str, what: str) -> list[int]:
    """The work for a network and for one of twice its size."""
    text, n, _ = SHAPES[shape]
    n *= 8 if (shape, what) == ("wide", "lint") else 1
    ASKED[what](archdsl.loads(text.format(n=2)))  # imports
    networks = [archdsl.loads(text.format(n=count)) for count in (n, 2 * n)]
    return [lines(partial(ASKED[what], network)) for network in networks]
