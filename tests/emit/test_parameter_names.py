"""What the parameters of emitted classes are called: after what they are used for, and where, if two are used alike."""

from __future__ import annotations

import re

import pytest

import archdsl

# Blocks called in two ways, and what their constructors take.
CASES = {
    "a learned factor per channel": (
        "block unit(x; dim) = x -> conv(dim, 3) -> mul_by(dim)\nblock mul_by(x; dim) = x * learned([dim, 1, 1])",
        ["unit(8)", "unit(16)"],
        {"MulBy": ["channels"], "Unit": ["dim"]},
    ),
    "a learned row per feature": (
        "block unit(x; n) { y = x -> flatten -> linear(n)\n z = y + learned([n])\n return x + (z -> sum_all) }\n"
        "block sum_all(x) = x -> linear(1) -> reshape([1, 1, 1])",
        ["unit(8)", "unit(12)"],
        {"Unit": ["n"], "SumAll": ["in_channels"]},
    ),
    "two dilations": (
        "block unit(x; ds) = x -> (conv(8, 3, dilation = ds[0]) as first) -> (conv(8, 3, dilation = ds[1]) as second)",
        ["unit([1, 2])", "unit([2, 3])"],
        {"Unit": ["padding", "dilation", "second_padding", "second_dilation"]},
    ),
    "two lists of sizes": (
        "block unit(x; a) { p, q = x -> split(a[0])\n r, s = p -> split(a[1])\n return [r, s, q] -> concat }",
        ["unit([[5, 3], [1, 4]])", "unit([[6, 2], [2, 4]])"],
        {"Unit": ["sizes", "split_1_sizes"]},
    ),
    "groups of a shuffle": (
        "block unit(x; g) = x -> conv(8, 1, groups = g) -> channel_shuffle(g)",
        ["unit(2)", "unit(4)"],
        {"Unit": ["g"]},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_parameters(name: str) -> None:
    """No made-up names such as `zeros_1`, and no parameter for what another one says."""
    blocks, calls, expected = CASES[name]
    text = f"{blocks}\nnetwork net(x: [8, 8, 8]) = x -> {' -> '.join(calls)}"
    source = archdsl.loads(text).source()
    found = dict(re.findall(r"class (\w+)\(.*?def __init__\(\s*self,? ?(.*?)\) ->", source, re.DOTALL))
    assert {c: re.findall(r"(\w+):", found[c]) for c in expected} == expected
