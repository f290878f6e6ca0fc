"""A list of which it is chosen what is in it is unpacked and gone through in each design as it is there."""

from __future__ import annotations

import pytest

from tests.elaborate.each_design import assert_agreement

BOOL = "oneof([true, false])"
# The statements before `return x -> conv(a)`, and how many designs fail.
UNPACKED = {
    "a slice": ("a, b = [1, 2, 3][:oneof([2, 3])]", 1),
    "one list or another": ("a, b = oneof([[4, 8], [8]])", 1),
    "a sum of lists": ("a, b = [4] + oneof([[], [8]])", 1),
    "what a filter keeps": (f"a, b = [i + 1 for i in range(3) if {BOOL}]", 5),
    "an open list among others": ("a, b = oneof([[4, 8] + oneof([[], [1]]), [2, 3]])", 1),
    "no list": ("a, b = oneof([[4, 8], 5])", 1),
    "a range": ("a, b = range(oneof([1, 2]), 3)", 1),
    "a list with a choice in it": ("a, b = [oneof([4, 8]), 1]", 0),
    "three names": (f"a, b, c = [4] + [8 for i in range(2) if {BOOL}]", 3),
    "in a branch": (f"a = 4\n    if {BOOL} {{ a, b = [1, 2, 3][:oneof([2, 3])] }}", 1),
    "in a loop": ("a = 1\n    for i in range(2) { a, b = [a + 1] + oneof([[], [8]]) }", 2),
    "steps of a loop": ("a = 1\n    for b, c in [[1, 2], [3] + oneof([[], [4]])] { a = a + b * c }", 1),
    "steps of a comprehension": ("a = sum([b * c for b, c in [[1, 2], [3] + oneof([[], [4]])]])", 1),
    "tensors": (f"y, z = [x -> conv(4)] + [x for i in range(2) if {BOOL}]\n    a = y.channels", 2),
    "parts of a tensor": ("y, z = x -> split(oneof([2, 4]))\n    a = y.channels", 1),
    "through a list or none": ("a = 1\n    for i in oneof([[1, 2], 3]) { a = a + i }", 1),
    "through an open list or another": ("a = 1\n    for i in oneof([[1] + oneof([[], [2]]), [3]]) { a = a + i }", 0),
    "through an open list or none": ("a = 1\n    for i in oneof([[1] + oneof([[], [2]]), 5]) { a = a + i }", 1),
    "a comprehension of a list or none": ("a = sum([i for i in oneof([[1, 2], 3])])", 1),
    "a quotient that fails": ("a = 1\n    for i in oneof([[1, 2], [1 / oneof([0, 1])]]) { a = a + int(i) }", 1),
    "a list that fails to be made": ("a = 1\n    for i in [[1, 2], [3]][oneof([0, 2])] { a = a + i }", 1),
    "an option is what a filter keeps": (
        f"xs = [i for i in [1, 2] if {BOOL}]\n    a = sum([1] + oneof([xs, [5]]))",
        0,
    ),
    "an option is a sum of lists": ("xs = [1] + oneof([[], [2]])\n    a = sum(oneof([xs, [5]]))", 0),
    "an option is a sum of lists that grew": (
        f"xs = [1]\n    if {BOOL} {{ xs = xs + oneof([[], [2]]) }}\n    a = sum(oneof([xs, [5]]))",
        0,
    ),
    "how many items an option has": ("a = 1 + len(oneof([[4] + oneof([[], [1]]), [2, 3]]))", 0),
    "an item of an option": ("a = oneof([[4] + oneof([[], [1]]), [2, 3]])[1]", 1),
    "an option of an option": ("a = sum(oneof([oneof([[4] + oneof([[], [1]]), [2, 3]]), [7]]))", 0),
    "nothing but no lists": ("a = 1\n    if oneof([true, false]) { for i in oneof([2, 3]) { a = a + i } }", 2),
}


@pytest.mark.parametrize(("statements", "failing"), UNPACKED.values(), ids=UNPACKED)
def test_it_fails_in_the_designs_where_it_does_not_fit(statements: str, failing: int) -> None:
    assert_agreement(f"network n(x: [8, 4, 4]) {{\n    {statements}\n    return x -> conv(a)\n}}\n", failing)


NEEDED = {
    "a default of the network": "network n(x: [8, 4, 4]; w = max(oneof([4, 8]), 6)) = x -> conv(w)",
    "a default of a block": "block b(x; w = max(oneof([4, 8]), 6)) = x -> conv(w)\nnetwork n(x: [8, 4, 4]) = x -> b",
    "a default that takes another": "block b(x; v, w = max(v, 6)) = x -> conv(w)\n"
    "network n(x: [8, 4, 4]) = x -> b(oneof([4, 8]))",
    "a constant": "W = max(oneof([4, 8]), 6)\nnetwork n(x: [8, 4, 4]) = x -> conv(W)",
    "a type": "network n(x: [c, 4, 4]; w = oneof([4, 8]), c = max(w, 6)) = x -> conv(w)",
    "an argument of a variant": "network m(x: [8, 4, 4]; w) = x -> conv(w)\nnetwork n = m(w = max(oneof([4, 8]), 6))",
    "what a fn returns": "fn f(w) = max(w, 6)\nnetwork n(x: [8, 4, 4]) = x -> conv(f(oneof([4, 8])))",
}


@pytest.mark.parametrize("text", NEEDED.values(), ids=NEEDED)
def test_one_value_may_be_needed_anywhere(text: str) -> None:
    assert assert_agreement(f"{text}\n").size == 2


LOOSE = {  # what an input is bound to again is chosen, and no loose end: the statements, and how many designs fail
    "one of two": ("a = x -> conv(2)\n    b = x -> conv(3)\n    x = oneof([a, b])\n    return loose() -> concat", 0),
    "itself, or all there is": (
        "a = x -> conv(2)\n    x = oneof([a, x])\n    return loose() -> concat -> conv(x.channels)",
        1,
    ),
    "of a list that grew": (
        "l = [x -> conv(2)]\n    l = l + [x, x -> conv(3)]\n    x = oneof(l)\n    return loose() -> concat",
        0,
    ),
    "used before": (
        "a = x -> conv(2)\n    b = x -> conv(2, 3)\n    x = oneof([a, b])\n"
        "    y = x -> relu\n    return loose() -> concat",
        0,
    ),
    "inputs besides": ("a = x -> conv(2)\n    x = oneof([a, x])\n    return loose(inputs = true) -> concat", 0),
}


@pytest.mark.parametrize("kind", LOOSE)
def test_what_stands_for_an_input_is_asked_by_loose(kind: str) -> None:
    body, failing = LOOSE[kind]
    assert_agreement(f"cell c(x) {{\n    {body}\n}}\nnetwork n(x: [4, 8, 8]) = x -> c\n", failing)


# Items of comprehensions that fail at one step, which not all designs have, and how many designs fail.
STEPS = {
    "an argument": ("[conv(8, 1, groups = 8 // v) for v in oneof([[1], [1, 0]])] -> add", 1),
    "an item": ("[[relu, tanh][v] for v in oneof([[1], [1, 4]])] -> add", 1),
    "a choice of none": ("[oneof([relu, tanh][v:]) for v in oneof([[1], [1, 4]])] -> add", 1),
    "more of a list than there are": ("[someof([relu, tanh, id], v) -> add for v in oneof([[1], [1, 4]])] -> add", 1),
    "a condition": ("[relu for v in oneof([[1], [1, 0]]) if 1 / v > 0] -> add", 1),
    "a step that keeps nothing": ("[conv(8 // v) for v in oneof([[1], [1, 0]]) if v > 0] -> concat", 0),
    "names": ("[conv(a + b) for a, b in oneof([[[1, 2]], [[1, 2], [3]]])] -> concat", 1),
    "within another": ("[conv(8 // v) for l in oneof([[[1]], [[1], [2, 0]]]) for v in l] -> concat", 1),
    "each step": ("[conv(8 // v) for v in oneof([[0], [1, 0], [2]])] -> concat", 2),
}


@pytest.mark.parametrize(("stage", "failing"), STEPS.values(), ids=STEPS)
def test_a_step_fails_where_it_is(stage: str, failing: int) -> None:
    assert_agreement(f"network n(x: [8, 4, 4]) = x -> {stage}\n", failing)


# Lists of stages of which it is chosen what is in them, composed with a stage, and how many designs there are.
COMPOSED = {
    "none or one, unused": ("f = oneof([[], [relu]]) -> maximum; return x", 1),
    "none or one, unused in a list": ("f = [oneof([[], [relu]]) -> maximum]; return x", 1),
    "one more or not, unused": ("f = [[relu, tanh] + oneof([[], [id]]) -> maximum]; return x", 1),
    "one more or not": ("f = [relu, tanh] + oneof([[], [id]]) -> maximum; return x -> f", 2),
    "what a filter keeps": (f"f = [relu] + [tanh for i in range(2) if {BOOL}] -> add; return x -> f", 4),
    "one or two": ("return x -> (oneof([[relu], [relu, tanh]]) -> add)", 2),
}


@pytest.mark.parametrize(("body", "designs"), COMPOSED.values(), ids=COMPOSED)
def test_lists_of_stages_are_composed(body: str, designs: int) -> None:
    assert assert_agreement(f"network n(x: [8, 4, 4]) {{ {body} }}\n").size == designs
