"""What is evaluated in a branch that only some designs take says nothing of the others."""

from __future__ import annotations

import pytest

from tests.elaborate.each_design import assert_agreement

# Each needs the value of w in a branch that not every w takes; `{w}` are its options.
BRANCHES = {
    "max in a ternary": "conv(4 if w == 0 else max(w, 4))",
    "max in the first branch": "conv(max(w, 4) if w != 0 else 4)",
    "another choice in the branch": "conv(4 if w == 0 else max(w, oneof([4, 10])))",
    "both branches": "conv(max(w, 3) if w == 0 else max(w, 4))",
    "ternaries in ternaries": "conv(1 if w == 0 else 2 if max(w, 9) == 9 else abs(w) - min(w, 3))",
    "a sum": "conv(4 if w == 0 else sum([w, 1]))",
    "a range": "conv(4 if w == 0 else len(range(w)))",
    "a list": "conv(4 if w == 0 else [1, 2, 3][:w][0])",
    "and": "conv(1 if w != 0 and max(w, 3) > 8 else 2)",
    "or": "conv(1 if w == 0 or max(w, 3) > 8 else 2)",
    "not": "conv(1 if not (w == 0 or max(w, 3) > 8) else 2)",
    "a chain of comparisons": "conv(1 if 0 < w < max(w, 9) else 2)",
    "text": 'conv(len("{w}") if w != 0 else 7)',
    "the tensor flows on": "(id if w == 0 else conv(max(w, 4)))",
    "a fn": "conv(4 if w == 0 else wide(w))",
    "a fn with a return in an if": "conv(early(w))",
    "a block": "(id if w == 0 else unit(max(w, 4)))",
    "a block that takes it": "(id if w == 0 else unit(w))",
    "options": "conv(oneof([4, 5]) if w == 0 else oneof([max(w, 4), 5]))",
    "a filter": "conv(len([i for i in range(3) if i == 0 or max(w, i) > 8]))",
    "one item of a comprehension": "conv(sum([1 if w == 0 else max(w, i) for i in range(2)]))",
    "a comprehension of a chosen length": "conv(1 + len([i for i in range(2) if w != 0 and max(w, i) > 8]))",
    "repetition": "(id if w == 0 else relu * min(w, 2))",
    "a stage that is chosen": "oneof([conv(4), conv(1 if w == 0 else max(w, 4))])",
    "a list of stages": "[conv(4), conv(4 if w == 0 else max(w, 4))] -> concat",
    "a tensor of several types": "conv(w + 1) -> tall",
}
HEAD = """
fn wide(w) = max(w, 4)
fn early(w) {
    if w == 0 { return 4 }
    return max(w, 4)
}
block unit(x; w) = x -> conv(max(w, 2)) if w != 8 else x -> relu
block tall(x) = x -> conv(1 if x.channels == 1 else max(x.channels, 12))
network n(x: [8, 4, 4]) {
    w = oneof([0, 8, 16])
"""


@pytest.mark.parametrize("branch", BRANCHES.values(), ids=BRANCHES)
def test_a_branch_is_evaluated_where_it_is_taken(branch: str) -> None:
    assert_agreement(f"{HEAD}    return x -> {branch}\n}}\n")


VALUES = [one.removeprefix("conv(")[:-1] for one in BRANCHES.values() if one.startswith("conv(") and "->" not in one]


@pytest.mark.parametrize("value", VALUES)
def test_what_it_gives_is_carried_on(value: str) -> None:
    assert_agreement(f"{HEAD}    k = {value}\n    return x -> conv(k) -> linear(1 + k)\n}}\n")


def test_tensors_of_a_branch_are_those_of_the_designs_that_take_it() -> None:
    space = assert_agreement("""
network n(x: [8, 8, 8]) {
    d = oneof([1, 2, 3])
    p = d == 1 or max(d, 2) == 3
    q = not (d == 1 or max(d, 0) == 3)
    y = x -> conv(8) if q else (x -> conv(len("a" * d)) if d == 1 else x)
    return y -> conv(1 if p else 2)
}
""")
    assert space.size == 3
