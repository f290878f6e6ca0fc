"""Whether an emitted module is for its input size alone: what its docstring says beside what the module does."""

from __future__ import annotations

import os
import random
import re

import pytest
import torch

import archdsl
from archdsl.diagnostics.model import ArchError
from archdsl.network import Network, loads
from tests.few import few

SAID = "alone; for other sizes compile the spec again"
COUNT = int(os.environ.get("ARCHDSL_NETWORKS", few(60)))
OTHERS = [(1, 1), (7, 7), (8, 8), (12, 12), (15, 16), (16, 15), (16, 16), (17, 17), (20, 33), (24, 24), (32, 32)]
WIDE = (*range(1, 49, 3), 100, 200, 400, 800)
MAPS = (  # from [c, h, w] to such a map
    "conv(4, 3)",
    "conv(4, 3, 2)",
    "conv(x.channels, 3, dilation = 2)",
    "max_pool(2)",
    "avg_pool(3, 2)",
    "upsample(2)",
    "upsample(size = (x.height, x.width))",
    "upsample(size = (first.height, first.width))",
    "upsample(size = (9, 9))",
    "adaptive_avg_pool(4)",
    "adaptive_avg_pool((x.height // 2 + 1, 3))",
    "reshape([x.channels, -1, x.width])",
    "reshape([x.channels, 1, -1])",
    "permute([0, 2, 1])",
    "linear(5)",
    "layer_norm",
    "pad(1)",
    "place",
    "tall",
    "scaled",
    "idle",
    "(conv(4, 3) if x.height > 6 else conv(4, 1))",
    "(relu if x.height > 40 else sigmoid)",
    "(global_avg_pool -> sigmoid)",
)
ENDS = (
    "id",
    "global_avg_pool",
    "global_avg_pool -> linear(3)",
    "flatten",
    "flatten -> linear(3)",
    "flatten(1) -> linear(2)",
)
BLOCKS = """
block place(x) = x + learned(x.shape)
block tall(x) { c, h, w = x.shape
    return x -> reshape([c * h, w]) -> reshape([c, h, w]) }
block scaled(x) = x * (1 / x.size)
block idle(x) { h = x.height
    return x -> relu if h > 0 else x }
"""


def spec(seed: int) -> str:
    picked = random.Random(seed)
    lines = [f"    x = x -> {picked.choice(MAPS)}" for _ in range(picked.randint(1, 4))]
    return BLOCKS + "\n".join(
        [
            "network n(first: [3, 16, 16]) {",
            "    x = first -> relu",
            *lines,
            f"    return x -> {picked.choice(ENDS)}",
            "}",
        ]
    )


def made(text: str, sizes: tuple[int, int]) -> Network | None:
    try:
        return loads(text, input=(3, *sizes))
    except ArchError:
        return None


def code(network: Network) -> str:
    """The source without its docstrings."""
    return re.sub(r'"""(?:.|\n)*?"""', "", network.source())


def equal(native: Network, other: Network, sizes: tuple[int, int]) -> bool:
    """Whether the module made at the native size computes at `sizes` what the one made there does, with its weights."""
    module, fresh = native.build().double().eval(), other.build().double().eval()
    state = module.state_dict()
    if {k: v.shape for k, v in state.items()} != {k: v.shape for k, v in fresh.state_dict().items()}:
        return False
    fresh.load_state_dict(state)
    x = torch.randn(2, 3, *sizes, dtype=torch.float64)
    given, wanted = module(x), fresh(x)
    return given.shape == wanted.shape and torch.allclose(given, wanted, atol=1e-9)


def test_what_the_docstring_does_not_say_does_not_happen() -> None:
    said = silent = 0
    for seed in range(COUNT):
        text = spec(seed)
        native = made(text, (16, 16))
        if native is None:
            continue
        others = [(sizes, other) for sizes in OTHERS if (other := made(text, sizes)) is not None]
        if SAID in native.source():
            said += 1
            wide = (made(text, (h, w)) for h in WIDE for w in (h, 16))
            known = code(native)
            assert any(other is not None and code(other) != known for other in [*(o for _, o in others), *wide]), text
            continue
        silent += 1
        for sizes, other in others:
            assert equal(native, other, sizes), (text, sizes)
    assert min(said, silent) >= COUNT // 10


@pytest.mark.parametrize(
    ("name", "follows"),
    [
        ("fcn_resnet50", True),
        ("resnet50", False),
        ("vit_base_patch16", True),
        ("lstm_lm_small", False),
        ("vgg16", False),
    ],
)
def test_the_zoo(name: str, follows: bool) -> None:
    assert archdsl.load(name).follows_size == follows


def test_a_folded_network_says_it_too() -> None:
    text = "network n(x: [3, 16, 16]) = x -> conv(4) -> bn -> upsample(size = (x.height, x.width))"
    assert SAID in loads(text).fold_batch_norm().source()
    assert SAID in (loads(text).build().__doc__ or "")
    assert SAID not in loads(text.replace("x.height, x.width", "8, 8")).source()
