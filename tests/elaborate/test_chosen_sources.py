"""What makes a tensor out of nothing, at sizes that are chosen, is in each design what it is by itself."""

from __future__ import annotations

import pytest

from tests.elaborate.each_design import assert_agreement

HEAD = """
block token(; d = 4) { return learned([4, d]) }
block two() = [learned([4, 4]), learned([4, oneof([4, 8])])] -> concat(1)
"""
# What is returned where `d` is 4 or 8 and `y` has that many elements in each of 4 rows, and how many designs there are.
RESULTS = {
    "an op": ("y + learned([4, d])", 2),
    "an op by another name": ("{ f = learned; return y + f([4, d]) }", 2),
    "an op that is labelled": ("y + (learned([4, d]) as position)", 2),
    "an op in a branch": ("y + learned([4, d]) if oneof([true, false]) else y", 4),
    "an op of which it is chosen what it makes": ("[y, learned(oneof([[1, d], [2, d]]))] -> concat(0)", 4),
    "a chosen op": ("y + oneof([learned([4, d]), learned([1, d])])", 4),
    "a block": ("y + token(d)", 2),
    "a block by another name": ("{ f = token; return y + f(d) }", 2),
    "a block that asks": ("[y, two()] -> concat(1)", 4),
    "an op by the size of what is chosen": ("y + learned([4, y.features])", 2),
    "twice": ("[y + learned([4, d]), y + learned([4, d])] -> concat", 2),
    "in a list that is chosen": ("[y] + oneof([[], [learned([4, d])]]) -> concat(0)", 4),
}


@pytest.mark.parametrize(("result", "designs"), RESULTS.values(), ids=RESULTS)
def test_each_design_is_what_it_is_alone(result: str, designs: int) -> None:
    body = result[1:-1] if result.startswith("{") else f"return {result}"
    space = assert_agreement(f"{HEAD}\nnetwork n(x: [4, 6]) {{ d = oneof([4, 8]); y = x -> linear(d); {body} }}\n")
    assert space.size == designs
