"""What stands where no design comes asks nothing: behind what fails, and where picks are none of what is offered."""

from __future__ import annotations

import pytest

import archdsl
from archdsl.source import Source
from tests.elaborate.each_design import assert_agreement

# What fails in each design, before something is chosen.
FAILING = {
    "an op at each option": "x -> conv(0, oneof([1, 3])) -> oneof([relu, id])",
    "an op at each option, and a chosen argument": "x -> conv(8, oneof([3, 5]), groups = 3) -> conv(oneof([4, 8]))",
    "a sum of chosen tensors": "(x -> conv(oneof([3, 5]))) + x -> oneof([relu, id])",
    "one side of a sum": "(x -> conv(0, oneof([1, 3]))) + (x -> oneof([relu, id]))",
    "one of a list": "[x -> conv(0, oneof([1, 3])), x -> oneof([relu, id])] -> add",
    "a block": "x -> wrong(oneof([1, 3])) -> oneof([relu, id])",
    "a block in a loop": "[x -> wrong(oneof([1, 3])) -> oneof([relu, id]) for i in range(oneof([1, 2]))] -> add",
    "a repetition": "x -> wrong(oneof([1, 3])) * oneof([1, 2]) -> oneof([relu, id])",
    "what a condition reads": "(x -> wrong(oneof([1, 3])) -> oneof([relu, id])) if x.channels > 9 - 8 else x",
}
# `w` is one of 3 and what `max` gives, which picks tell: under those that give 1 there is no option 2.
WIDTH = "w = oneof([3, max(oneof([2, 1]), oneof([3, 1]))]); y = x -> conv(w)"
READING = {
    "a function of a size": "y -> conv(max(y.channels, 2))",
    "a function of the value": "y -> conv(max(w, 2))",
    "a condition": "y -> relu if y.channels > 1 else y",
    "two conditions": "(y -> conv(2) if y.channels > 1 else y) -> conv(3 if w < 3 else 4)",
    "a loop": "[y -> conv(i + 1) for i in range(y.channels)] -> concat",
    "a text": '{ c = y.channels; return y -> conv(4) as "of_{c}" }',
    "a block": "y -> again(y.channels)",
    "an operand": "y + x if y.channels == 4 else y",
    "a choice of options": "y -> conv(oneof(range(1, y.channels + 1)))",
    "a repetition": "y -> relu * y.channels",
}
HEAD = "block wrong(x; k) = x -> conv(8, k, groups = 5)\nblock again(x; n) = x -> relu -> conv(max(n, 2))\n"


@pytest.mark.parametrize("result", FAILING.values(), ids=FAILING)
def test_a_mistake_of_all_designs_is_told(result: str) -> None:
    text = f"{HEAD}network n(x: [4, 8, 8]) = {result}\n"
    with pytest.raises(archdsl.ArchError) as raised:
        archdsl.space(archdsl.Spec(Source("<text>", text)))
    assert raised.value.diagnostics[0].code in ("bad-argument", "shape-mismatch", "channels-not-divisible")


@pytest.mark.parametrize("result", READING.values(), ids=READING)
def test_picks_that_nothing_offers_are_no_way(result: str) -> None:
    body = result[1:-1] if result.startswith("{") else f"return {result}"
    assert_agreement(f"{HEAD}network n(x: [4, 8, 8]) {{ {WIDTH}; {body} }}\n")


# What is taken of a list that an asked condition chose, and used by nothing: it fails in designs as it does by itself.
UNUSED = {
    "the last of none": ("k = ([] if l[0] == 2 else [1])[-1]", 1),
    "what a filter leaves": ("k = [v for v in l + [4] if 2 < v][1]", 1),
    "a quotient": ("k = 1 / (0 if l[0] == 2 else 1)", 1),
    "an item of what is not asked": ("k = l[1]", 0),
    "a quotient by what is not asked": ("k = 1 / (l[0] - 2)", 0),
    "an item by what a condition chose": ("m = 5 if l[0] == 2 else 0; k = [1, 2][m]", 1),
}


@pytest.mark.parametrize(("statement", "failing"), UNUSED.values(), ids=UNUSED)
def test_what_fails_unused_fails_as_in_its_design(statement: str, failing: int) -> None:
    assert_agreement(
        f"network n(x: [8, 4, 4]) {{ l = oneof([[2], [3]]); {statement}; return x -> conv(8) }}\n", failing
    )
