"""Bodies that differ in labels alone, of which the class reads nothing, are made by calls without arguments."""

from __future__ import annotations

import pytest
import torch

import archdsl

# What `b` does at `which` 1 and at 2.
BRANCHES = {
    "by a label": ("relu", "relu as g"),
    "in a container": ("relu", "(relu as a) * 1"),
    "two, of which the first is alike": ("relu -> tanh", "(relu as g) -> sigmoid"),
    "two in a row": ("relu -> tanh", "(relu as g) -> (tanh as h)"),
    "beside a module": ("conv(8) -> relu", "conv(8) -> relu as g"),
    "in a sum": ("[relu, tanh] -> add", "[relu as g, tanh] -> add"),
    "without a counterpart": ("relu", "(relu as g) -> tanh"),
}


@pytest.mark.parametrize(("one", "other"), BRANCHES.values(), ids=BRANCHES)
def test_a_module_is_made(one: str, other: str) -> None:
    body = f"x -> (({one}) if which == 1 else ({other}))"
    text = f"block b(x; which) {{ return {body} }}\nnetwork n(x: [8, 4, 4]) = x -> b(1) -> b(2) -> b(1)\n"
    module = archdsl.loads(text).build()
    assert module(torch.zeros(2, 8, 4, 4)).shape == (2, 8, 4, 4)
