"""Checks which parameters are found to decide what a body consists of, against bodies that are made with others."""

from __future__ import annotations

import pytest

import archdsl
from archdsl.ir.graph import bodies

CASES = {
    "x -> conv(a, b)": "",
    "x -> conv(8) if a == 3 else x": "a",
    "x -> (conv(b) if a > 1 else conv(c))": "a",
    "x -> conv(a) * b": "b",
    "x -> a -> conv(b)": "a",
    "x -> id + a * 0.5 -> conv(b)": "a",
    "x -> (a if b > 2 else relu) -> conv(c)": "a b",
    "[x -> conv(8, k) for k in range(1, a, 2)] -> concat": "a",
    "[x -> conv(8, k) for k in (1, 3) if k < a] -> concat": "a",
    "{\n    wide = a > 8 and b\n    return x -> conv(c) if wide else x\n}": "a b",
    "{\n    for i in range(a) { x = x -> conv(b) }\n    return x\n}": "a",
    "{\n    if x.channels == a { return x }\n    elif b == 4 { return x -> relu }\n    return x -> conv(c)\n}": "a b",
    "{\n    y = x -> conv(a)\n    return y if y.channels == b else y -> conv(b)\n}": "b",
    "{\n    f = conv(a) if b < 5 else relu\n    return x -> f\n}": "b",
    "{\n    n = a // 2\n    return x -> conv(n) * n\n}": "a",
}
VALUES = {"a": "3", "b": "3", "c": "3"}


@pytest.mark.parametrize(("body", "expected"), CASES.items())
def test_what_a_body_asks_for_steers_it(body: str, expected: str) -> None:
    values = VALUES | ({"a": "relu"} if any(use in body for use in ("-> a ->", "(a if", "+ a *")) else {})
    given = ", ".join(f"{name} = {value}" for name, value in values.items())
    text = (
        f"block f(x; a, b, c) {'' if body.startswith('{') else '= '}{body}\nnetwork n(x: [8, 4, 4]) = x -> f({given})"
    )
    (block,) = [body for body in bodies(archdsl.loads(text).graph) if body.name == "f"]
    assert " ".join(block.steered_by) == expected
