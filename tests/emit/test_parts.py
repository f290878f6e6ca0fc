"""A list of one: torch gives a tuple for one part too; the emitted module a tensor, beside instances of more."""

from __future__ import annotations

from itertools import product

import pytest

import archdsl
from tests.emit.check import check_function


@pytest.mark.parametrize("cut", ["split(n)", "chunk(n)", "slice(0, n, axis = 0) -> unbind"])
@pytest.mark.parametrize("use", ["ys[0]", "ys[len(ys) - 1] -> linear(3)", "ys -> add -> relu", "ys -> stack"])
def test_parts_of_instances_that_differ(cut: str, use: str) -> None:
    for one, two in product([1, 2, 4], repeat=2):
        block = f"block f(x; n) {{\n    ys = x -> {cut}\n    return {use}\n}}"
        check_function(archdsl.loads(f"{block}\nnetwork n(x: [4, 4]) = x -> f({one}), x -> f({two})").graph)
