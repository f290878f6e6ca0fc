"""Checks what can be set from outside: parameters, input sizes, picks; and what is said when that does not fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from archdsl.diagnostics.model import ArchError
from archdsl.elaborate.budget import Limits
from archdsl.network import check_text, loads

SIZED = "network n(x: [3, size, size]; size = 32, width = 8) = x -> conv(width, size // 8, 2)"
PAIR = "network n(x: [3, 8, 8], y: [3, 8, 8]; w = 2, act = relu) = [x, y] -> concat -> conv(w) -> act"


def code(run: Callable[[], Any]) -> str:
    """The one code that loading fails with."""
    with pytest.raises(ArchError) as caught:
        run()
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.help
    return diagnostic.code


def test_parameters() -> None:
    assert loads(SIZED, width=16).graph.output_types[0].shape == (16, 16, 16)
    assert loads(SIZED, size=64).graph.inputs[0].shape == (3, 64, 64)


def test_an_axis_written_as_a_parameter_sets_it() -> None:
    graph = loads(SIZED, input=(3, 64, 64)).graph
    assert graph.inputs[0].shape == (3, 64, 64)
    assert dict(graph.arguments)["size"] == 64


def test_a_parameter_wins_over_the_axis() -> None:
    graph = loads(SIZED, input=(3, 64, 64), size=24).graph
    assert graph.inputs[0].shape == (3, 64, 64)
    assert dict(graph.arguments)["size"] == 24


def test_a_shape_of_other_sizes_is_taken_as_it_is() -> None:
    assert loads(SIZED, input=(1, 40, 56)).graph.inputs[0].shape == (1, 40, 56)


def test_inputs_by_name() -> None:
    graph = loads(PAIR, input={"x": (1, 8, 8), "y": (4, 8, 8)}).graph
    assert [t.shape for t in graph.inputs] == [(1, 8, 8), (4, 8, 8)]


def test_values_as_text_of_the_language() -> None:
    network = loads(PAIR, w="2 ** 3", act="sigmoid")
    assert network.graph.output_types[0].shape == (8, 8, 8)
    assert network.graph.nodes[-1].word == "sigmoid"


def test_lists() -> None:
    spec = "network n(x: [3, 8, 8]; widths) { for w in widths { x = x -> conv(w) }\n return x }"
    assert len(loads(spec, widths=[1, 2, 3]).graph.nodes) == 3
    assert len(loads(spec, widths="[8] * 5").graph.nodes) == 5


@pytest.mark.parametrize(
    ("expected", "options"),
    [
        ("unknown-parameter", {"depth": 3}),
        ("bad-argument", {"w": object()}),
        ("bad-argument", {"w": float("nan")}),
        ("bad-argument", {"w": [float("inf")]}),
        ("reserved-word", {"w": "network"}),
        ("unknown-name", {"w": "ghost"}),
        ("unknown-input", {"input": {"z": (1, 2)}}),
        ("bad-input-size", {"input": (0, 8, 8)}),
        ("bad-input-size", {"input": (3, -8, 8)}),
        ("bad-input-size", {"input": ()}),
        ("unknown-network", {"network": "m"}),
        ("shape-mismatch", {"input": (3, 9, 8)}),
        ("bad-argument", {"w": 2.5}),
        ("bad-pick", {"picks": {"out": 0}}),
    ],
)
def test_what_does_not_fit(expected: str, options: dict[str, Any]) -> None:
    assert code(lambda: loads(PAIR.replace("[x, y] -> concat", "x + y"), **options)) == expected


@pytest.mark.parametrize("value", ["ghosts_of", "[8, ghosts_of]", "ghosts_of + 1", "max(1, ghosts_of)"])
def test_a_name_in_a_value_from_outside_is_not_to_be_defined_above(value: str) -> None:
    with pytest.raises(ArchError) as caught:
        loads(PAIR, w=value)
    [found] = [one for one in caught.value.diagnostics if one.code == "unknown-name"]
    assert found.help.startswith("a value is a number") and "above" not in found.help
    with pytest.raises(ArchError, match="define it above"):  # as a name in the spec is
        loads("network n(x: [3, 8, 8]) = x -> conv(ghosts_of)")


@pytest.mark.parametrize(
    ("written", "arrows"),
    [
        ("relu(x)", "x -> relu"),
        ("relu(conv(x, 4))", "x -> conv(4) -> relu"),
        ("relu(bn(conv(x, 4, bias = false)))", "x -> conv(4, bias = false) -> bn -> relu"),
        ("twice(conv(x, 4))", "x -> conv(4) -> twice"),
        ("relu(w)", ""),  # no tensor
        ("relu(conv(w, 3))", ""),
    ],
)
def test_calls_as_in_python_are_told_in_arrows_at_once(written: str, arrows: str) -> None:
    spec = f"block twice(x) = x -> relu -> relu\nnetwork n(x: [3, 8, 8]; w = 4) = x -> id + {written}"
    first = check_text(spec)[0]
    assert first.help.endswith(f"write `{arrows}`") if arrows else "arrow" not in first.help


def test_which_network() -> None:
    assert code(lambda: loads("")) == "no-network"
    assert code(lambda: loads("network a(x: [1]) = x\nnetwork b(x: [1]) = x")) == "which-network"
    assert code(lambda: loads("block a(x) = x", "a")) == "unknown-network"
    assert code(lambda: loads("network a(x: [1]; w) = x -> linear(w)")) == "missing-argument"


def test_limits_can_be_raised_and_lowered() -> None:
    spec = "network n(x: [3, 8, 8]) = x -> relu * 100"
    assert code(lambda: loads(spec, limits=Limits(flat_ops=50))) == "too-many-ops"
    assert len(loads(spec, limits=Limits(flat_ops=100)).graph.nodes) == 100
    loop = "network n(x: [3, 8, 8]) { for _ in range(100) { x = x -> relu }\n return x }"
    assert code(lambda: loads(loop, limits=Limits(steps=50))) == "too-many-steps"
    assert code(lambda: loads(loop.replace("range(100)", "[0] * 100"), limits=Limits(elements=50))) == "list-too-long"
    assert code(lambda: loads(loop, limits=Limits(evaluations=50))) == "too-many-evaluations"


@pytest.mark.parametrize("owner", ["network n(x: [3, 8, 8]; PARAMS) = x -> conv(c)",
                                   "block b(x; PARAMS) = x -> conv(c)\nnetwork n(x: [3, 8, 8]) = x -> b",
                                   "fn f(PARAMS) = c\nnetwork n(x: [3, 8, 8]) = x -> conv(f())"])  # fmt: skip
def test_a_default_may_be_a_comprehension(owner: str) -> None:
    """Its names live inside it, and defaults behind it still see all parameters before them."""
    params = "a = [i + 1 for i in range(3)], b = sum(a), c = sum([b * k for k in a])"
    assert loads(owner.replace("PARAMS", params)).graph.output_types[0].shape == (36, 8, 8)
    assert "unknown-name" in [d.code for d in check_text(owner.replace("PARAMS", "a = [i for i in range(3)], c = i"))]


def test_a_default_that_fails_is_said_once() -> None:
    spec = "block f(x; a = b, b = 1) = x -> conv(a)\nnetwork n(x: [8, 4, 4]) = x -> f"
    assert code(lambda: loads(spec)) == "unknown-name"


def test_an_unknown_name_in_a_branch_not_taken_is_no_network() -> None:
    spec = "network n(x: [3, 8, 8]; plain = true) { return x if plain else x -> cnov(3) }"
    assert code(lambda: loads(spec)) == "unknown-name"


def test_a_body_that_holds_something_unknown_is_not_judged() -> None:
    spec = """C = 1 // 0
cell c(x) {
    a = x -> conv(4)
    b = x -> conv(C)
    return loose() -> concat
}
@expect(params = 999)
network n(x: [3, 4, 4]) = x -> c
"""
    assert [d.code for d in check_text(spec)] == ["division-by-zero"]


def test_a_scalar_input_has_no_axes() -> None:
    """Who gives the sizes of all inputs gives a scalar's, too; other inputs have axes."""
    text = "network n(a: [], x: [2, h, h]; h = 4) = [a, x] -> mul"
    assert [t.shape for t in loads(text, input={"a": (), "x": (2, 6, 6)}).graph.inputs] == [(), (2, 6, 6)]
    assert code(lambda: loads(text, input={"a": (3,)})) == "bad-input-size"
    assert code(lambda: loads(text, input={"x": ()})) == "bad-input-size"
    assert "forward" in loads(text).source()
