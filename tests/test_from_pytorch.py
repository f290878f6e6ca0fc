"""Runs both sides of docs/from-pytorch.md with the same weights in float64, and compares; and the page of synonyms."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from archdsl import loads, synonyms_reference
from archdsl.std_reference import words
from archdsl.synonyms.names import meaning

DOCS = Path(__file__).parents[1] / "docs"
TEXT = (DOCS / "from-pytorch.md").read_text(encoding="utf-8")
ROWS = [re.findall(r"`([^`]+)`", line) for line in TEXT.splitlines() if line.startswith("| `")]
PAIRS = re.findall(r"```python\n(.*?)```\s+```arch\n(.*?)```", TEXT, re.DOTALL)
NAMES = {"nn": nn, "F": F, "torch": torch}


def inputs() -> Tensor:
    """Two samples of the map that the page speaks of."""
    return torch.randn(2, 8, 12, 12, dtype=torch.float64, generator=torch.Generator().manual_seed(1))


def torch_side(code: str) -> tuple[Any, list[Tensor]]:
    """What a PyTorch expression of x gives, and the weights of its module."""
    x = inputs()
    made = eval(code, {**NAMES, "x": x})
    if not isinstance(made, nn.Module):
        return made, []
    made = made.double().eval()
    _scatter(made)
    return made(x), list(made.state_dict().values())


def _scatter(module: nn.Module) -> None:
    """Other statistics and scales than the first ones, so that forgetting them would show."""
    generator = torch.Generator().manual_seed(2)
    for value in module.state_dict().values():
        if value.is_floating_point():
            value.copy_(torch.rand(value.shape, dtype=torch.float64, generator=generator) + 0.1)


def our_side(spec: str, weights: list[Tensor]) -> Tensor:
    """What the network of `spec` gives with these weights, in order."""
    module = loads(spec).build().double().eval()
    own = list(module.state_dict().values())
    if [v.shape for v in own] != [v.shape for v in weights]:
        return torch.empty(0)
    for mine, theirs in zip(own, weights, strict=True):
        mine.copy_(theirs)
    with torch.no_grad():
        return module(inputs())  # type: ignore[no-any-return]


def one(expression: str) -> str:
    imported = [word for word in words() if re.search(rf"\b{word}\b", expression)]
    head = f"import std: {', '.join(imported)}\n" if imported else ""
    return f"{head}network n(x: [8, 12, 12]) = {expression}\n"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_both_sides_of_a_row(row: list[str]) -> None:
    wanted, weights = torch_side(row[0])
    made = our_side(one(row[1]), weights)
    assert made.shape == wanted.shape
    assert torch.allclose(made, wanted, rtol=1e-9, atol=1e-9)
    for other in row[2:]:
        made = our_side(one(other), weights)
        assert made.shape != wanted.shape or not torch.allclose(made, wanted)


@pytest.mark.parametrize("python, spec", PAIRS)
def test_both_sides_of_a_pair(python: str, spec: str) -> None:
    scope = dict(NAMES)
    exec(python, scope)
    theirs = scope["Net"]().double().eval()  # type: ignore[operator]
    _scatter(theirs)
    ours = loads(spec).build().double().eval()
    ours.load_state_dict(theirs.state_dict())  # the same keys
    with torch.no_grad():
        assert torch.allclose(ours(inputs()), theirs(inputs()), rtol=1e-9, atol=1e-9)


# Where a short form and PyTorch's own are equal: the defaults that the page says not to differ.
EQUAL = {
    "nn.BatchNorm2d(8)": "bn", "nn.InstanceNorm2d(8)": "instance_norm", "nn.GroupNorm(2, 8)": "group_norm(2)",
    "nn.LayerNorm(12)": "layer_norm", "nn.MaxPool2d(2)": "max_pool(2)", "nn.AvgPool2d(3, 3, 1)": "avg_pool(3, 3, 1)",
    "nn.LeakyReLU()": "leaky_relu", "nn.ELU()": "elu", "nn.GELU()": "gelu", "nn.PReLU()": "prelu",
    "nn.Upsample(scale_factor=3)": "upsample(3)", "nn.Conv2d(8, 4, 1)": "conv(4)", "nn.LPPool2d(2, 3)": "lp_pool(2, 3)",
    "nn.Upsample(scale_factor=2, mode='bilinear')": 'upsample(2, mode = "bilinear")',
    "nn.Conv2d(8, 8, 3, padding=1, groups=8)": "depthwise", "nn.LocalResponseNorm(3)": "local_response_norm(3)",
}  # fmt: skip


@pytest.mark.parametrize("python", EQUAL)
def test_defaults_that_do_not_differ(python: str) -> None:
    test_both_sides_of_a_row([python, f"x -> {EQUAL[python]}"])


def test_defaults_of_training() -> None:
    module = loads(one("x -> bn -> dropout")).build()
    norm = next(m for m in module.modules() if isinstance(m, nn.BatchNorm2d))
    drop = next(m for m in module.modules() if isinstance(m, nn.Dropout))
    assert (norm.momentum, drop.p) == (nn.BatchNorm2d(1).momentum, nn.Dropout().p)


def test_the_names_of_the_page_lead_to_what_stands_beside_them() -> None:
    for row in ROWS:
        for name in re.findall(r"(?:nn|F)\.(\w+)", row[0]):
            meant = meaning(name)
            assert meant is not None
            assert meant.word in (*re.findall(r"\w+", row[1]), "adaptive_avg_pool", "conv", "") or len(row[0]) > 60, row


def test_the_page_of_synonyms_is_fresh() -> None:
    assert (DOCS / "synonyms.md").read_text(encoding="utf-8") == synonyms_reference.reference()
