"""A choice in one of several parts or steps has one name, however many are before it, or whatever the step is at."""

from __future__ import annotations

import pytest

from tests.elaborate.each_design import assert_agreement

HEAD = """
block b(x) = x -> oneof([conv(8), id])
block c(x; k = 1) = x -> conv(8, oneof([1, k]))
"""
# What is done to x, and the names of the decisions besides that of what is before.
PARTS = {
    "behind one stage or two": ("x = x -> (oneof([relu, relu -> tanh]) -> b)", {"b.out"}),
    "behind a stage or none": ("x = x -> (oneof([relu, id]) -> b)", {"b.out"}),
    "behind a list of stages": ("x = x -> (oneof([[relu, tanh] -> add, relu]) -> b)", {"b.out"}),
    "in a stage with a name": ("p = oneof([relu, relu -> tanh]); f = p -> b; x = x -> f", {"f.b.out"}),
    "twice": ("x = x -> (oneof([relu, id]) -> b -> oneof([relu, id]) -> b)", {"b.out", "b_2.out"}),
    "behind itself or not": ("x = x -> (oneof([b, id]) -> b)", {"b.out", "b_2.out"}),
    "of one written block": ("f = b; x = x -> (oneof([f, id]) -> f)", None),
    "in a sum": ("x = x -> (oneof([relu, relu -> tanh]) + b)", {"b.out"}),
    "in a repetition": ("x = x -> (oneof([relu, id]) -> b) * 2", {"b[0].out", "b[1].out"}),
    "of a shared stage": ("shared f = oneof([relu, id]) -> b; x = x -> f -> f", {"f.b.out"}),
    "in a cell's default": ("x = x -> (oneof([relu, id]) -> c(3))", {"c.kernel"}),
}
# What a loop runs through, where what is chosen in it may depend on the step.
LOOPS = ("oneof([[6, 6], [2]])", "oneof([[6, 7], [2]])", "[6] + oneof([[6], [2]])", "oneof([[1, 2], [2, 1], [2, 2]])")
STEPS = ("x -> oneof([conv(i), conv(4)])", "x -> conv(oneof([i, 4])) -> b", "x -> c(i) -> conv(oneof([3, i]))")


@pytest.mark.parametrize(("statement", "names"), PARTS.values(), ids=PARTS)
def test_what_is_before_does_not_matter(statement: str, names: set[str] | None) -> None:
    space = assert_agreement(f"{HEAD}network n(x: [8, 4, 4]) {{ {statement}; return x }}\n")
    found = {decision.name for decision in space.decisions if "." in decision.name}
    assert names is None or found == names


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("through", LOOPS)
def test_a_step_is_called_as_in_its_design(through: str, step: str) -> None:
    assert_agreement(f"{HEAD}network n(x: [8, 4, 4]) {{ for i in {through} {{ x = {step} }}; return x }}\n")


# Options that hold what an asked condition chose, of which `l` is one and `m` is not asked.
HOLDING = (
    "x -> conv(oneof([[l], [4]])[0])",
    "x -> conv(oneof([[l, m], [4, 4]])[0])",
    "x -> conv(oneof([[[l], [m]], [[4], [3]]])[0][0])",
    "x -> oneof([[conv(8, l), relu], [tanh]])[0]",
    "x -> oneof([c(l) * l, c(1) -> c(l)])",
)


@pytest.mark.parametrize("result", HOLDING)
def test_an_option_is_called_as_in_its_design(result: str) -> None:
    body = f"k, m = oneof([1, 3]), oneof([1, 3]); l = 1 if k == 1 else 3; return {result}"
    assert_agreement(f"{HEAD}network n(x: [8, 4, 4]) {{ {body} }}\n")
