"""What is proposed for a tensor and a stage on the sides of an operator is the network that was meant.

`x -> f -> g + y` is `x -> f -> (g + y)` by the grammar; who writes it means `(x -> f -> g) + y`.
"""

from __future__ import annotations

import re

import pytest

from archdsl import loads
from archdsl.network import check_text
from archdsl.spaces.canonical import canonical_hash

STEPS = ("conv(8)", "relu", "(conv(8, 3) -> bn)", "[conv(8), id] -> add", "conv(8, 3)", "silu as act")
TENSORS = ("x", "(x -> conv(8))", "(x -> relu -> conv(8))", "skip")
STAGES = ("conv(8, 3)", "(relu -> conv(8))", "(id + conv(8))", "body", "conv(8) * 2", "conv(8) + relu")
NETWORK = "network n(x: [8, 8, 8]) {{\n    skip = x -> tanh\n    body = conv(8, 3)\n{}\n}}\n"


def proposed(text: str) -> str:
    (found,) = [d for d in check_text(text) if d.severity == "error"]
    assert found.code == "tensor-with-stage"
    (written,) = re.findall(r"`([^`]+)`", found.help)
    return written


def made(lines: str) -> str:
    return canonical_hash(loads(NETWORK.format(lines)).graph)


def one_sum(stage: str, symbol: str) -> bool:
    """Whether a stage is one operand also in front of the operator."""
    return symbol == "+" or stage not in STAGES[-1:]


@pytest.mark.parametrize("length", range(len(STEPS) + 1))
@pytest.mark.parametrize("symbol", "+-*/")
@pytest.mark.parametrize("behind", ["", " -> relu -> conv(4)"])
def test_a_chain_of_any_length_and_then_an_operator(length: int, symbol: str, behind: str) -> None:
    start = " -> ".join(["x", *STEPS[:length]])
    for number, stage in enumerate(STAGES):
        other = TENSORS[(number + length) % len(TENSORS)]
        sums = [(f"{stage} {symbol} {other}", f"y {symbol} {other}")] if one_sum(stage, symbol) else []
        if number < 4:  # behind it, the others are more than one operand
            sums.append((f"{other} {symbol} {stage}", f"{other} {symbol} y"))
        for wrong, right in sums:
            written = proposed(NETWORK.format(f"    return {start} -> {wrong}{behind}"))
            assert made(f"    return {written}") == made(f"    y = {start} -> {stage}\n    return {right}{behind}"), (
                written
            )


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("x -> conv(8) + skip + x -> relu", "(x -> conv(8)) + skip + … -> relu"),
        ("x -> conv(8) -> relu - tanh * skip", "(… -> tanh) * skip"),  # a part of a sum
        ("(x -> relu) + conv(8)", "(x -> relu -> conv(8)) + …"),
        ("x -> (conv(8) -> relu + skip)", "(… -> relu) + skip"),  # a chain of stages
    ],
)
def test_what_is_not_known_is_left_open(wrong: str, right: str) -> None:
    assert proposed(NETWORK.format(f"    return {wrong}")) == right


@pytest.mark.parametrize("step", ["conv(8, 3)", "conv(8, kernel = 3, bias = false)"])
def test_many_lines_with_comments(step: str) -> None:
    lines = "\n        -> ".join(["x", *[f"{step}  # again"] * 9, "relu + x"])
    chain = " -> ".join(["x", *[step] * 9]) if step == "conv(8, 3)" else "x -> …"
    assert proposed(NETWORK.format(f"    return ({lines})")) == f"({chain} -> relu) + x"
