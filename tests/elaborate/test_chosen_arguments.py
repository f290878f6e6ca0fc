"""A cell whose options depend on an argument that is chosen asks under the names that each of the designs knows."""

from __future__ import annotations

from itertools import product

import pytest

from tests.elaborate.each_design import assert_agreement

OPTIONS = "[conv(8, 1, s), conv(8, 3, s)] + ([id] if s == 1 else [])"
CELLS = {
    "a condition on it": f"cell c(x; s) = x -> oneof({OPTIONS})",
    "a default": f"cell c(x; s = 2) = x -> oneof({OPTIONS})",
    "another argument, never used": f"cell c(x; s, t = oneof([1, 5])) = x -> oneof({OPTIONS})",
    "another argument, used later": f"cell c(x; s, t = oneof([1, 3])) = x -> oneof({OPTIONS}) -> conv(8, t)",
    "in a block of the cell": f"block b(x; s) = x -> oneof({OPTIONS})\ncell c(x; s) = x -> b(s)",
    "as many options as it says": "cell c(x; s) = x -> oneof([conv(8, 2 * i + 1) for i in range(s)])",
    "several decisions": f"cell c(x; s) = x -> oneof({OPTIONS}) -> oneof([relu, tanh][:s])",
    "no condition": "cell c(x; s) = x -> oneof([conv(8, 1, s), conv(8, 3, s)])",
    "a stage that is chosen": "cell c(x; s) { f = relu if s == 1 else tanh\n  return x -> d(f) }\n"
    "cell d(x; f) = x -> f -> oneof([conv(8)] + ([id] if f == relu else []))",
}
CALLS = {
    "chosen": "c(oneof([1, 2]))",
    "known, then chosen": "c(1) -> c(oneof([1, 2]))",
    "both, then chosen": "c(1) -> c(2) -> c(oneof([1, 2]))",
    "chosen, then known": "c(oneof([1, 2])) -> c(1)",
    "chosen, then both": "c(oneof([1, 2])) -> c(2) -> c(1)",
    "chosen twice": "c(1) -> c(oneof([1, 2])) -> c(oneof([1, 2]))",
    "chosen around": "c(oneof([1, 2])) -> c(1) -> c(oneof([1, 2]))",
    "of three": "c(oneof([1, 2, 3])) -> c(oneof([3, 1]))",
}


# Of each cell half of the calls, and of each way to call half of the cells; the other pairs are slow.
PAIRS = [
    pytest.param(CELLS[cell], CALLS[calls], id=f"{cell}-{calls}", marks=pytest.mark.slow if (i + j) % 2 else ())
    for (i, cell), (j, calls) in product(enumerate(CELLS), enumerate(CALLS))
]


@pytest.mark.parametrize(("cell", "calls"), PAIRS)
def test_a_cell_asks_as_it_does_in_each_design(cell: str, calls: str) -> None:
    assert_agreement(f"{cell}\nnetwork n(x: [8, 36, 36]) = x -> {calls}\n")


def test_an_instance_is_called_after_what_is_picked() -> None:
    text = f"cell c(x; s) = x -> oneof({OPTIONS})\nnetwork n(x: [8, 8, 8]) = x -> c(1) -> c(oneof([1, 2]))\n"
    assert [one.name for one in assert_agreement(text).decisions] == ["c.out", "s", "c(s = 2).out"]


STAGES = "block u(x; g) = x -> conv(g)\nblock op(x; f, g) = x -> f(g) -> f(g) -> f(3)\n"


@pytest.mark.parametrize("stage", ["conv", "u", "linear", "oneof([conv, u])"])
@pytest.mark.parametrize("argument", ["oneof([4, 8])", "2 * oneof([4, 8])", "(4 if oneof([true, false]) else 8)"])
def test_a_stage_that_a_name_holds_takes_what_is_chosen(stage: str, argument: str) -> None:
    assert_agreement(f"{STAGES}network n(x: [3, 8, 8]) = x -> op({stage}, {argument})\n")


@pytest.mark.parametrize("options", ["3, x", "x, 3", "5, x, 3"])
def test_a_tensor_among_the_options_of_an_argument(options: str) -> None:
    """It fails in the designs that use it, and nothing is asked where nobody does."""
    text = f"network n(x: [4, 8, 8]) = x -> conv(8, oneof([{options}]))\n"
    assert_agreement(text, failing=1)
    unread = "block b(x; k) = x -> conv(8)\n" + text.replace("conv(8, oneof", "b(oneof")
    assert assert_agreement(unread).decisions == ()
    assert_agreement(unread.replace("conv(8)", "conv(8, k)"), failing=1)


CONSTANTS = {
    "an op of the three": "c = constant(range(6)) -> oneof([exp, sigmoid, id])\n    return x * (c * 2.0 -> cos)",
    "one of them is learned": """c = oneof([constant(range(6)), constant([1] * 6), learned([6])])
    return x * (c * 2.0 -> exp)""",
    "of many shapes": """s = oneof([2, 3])
    c = constant(range(6)) -> reshape([s, -1]) -> exp
    return x * (c -> flatten)""",
    "in a list": """c = oneof([constant(range(6)), learned([6])])
    d = [c, constant([1, 2, 3, 4, 5, 7]) -> oneof([exp, sigmoid])] -> concat
    return x * ((d -> split(2))[0] -> tanh)""",
    "in turn with others": """for t in [constant(range(6)), learned([6]), x] { x = x * (t -> tanh -> sigmoid) }
    return x -> oneof([relu, id])""",
}


@pytest.mark.parametrize("body", CONSTANTS.values(), ids=CONSTANTS)
def test_what_is_made_of_chosen_constants(body: str) -> None:
    """Each design has the constants that it would have by itself."""
    assert_agreement(f"network n(x: [6]) {{\n    {body}\n}}\n")
