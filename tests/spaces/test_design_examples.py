"""What a choice may be, one small space each: how many designs it has, and that these are networks that compile."""

from __future__ import annotations

from math import comb, prod
from random import Random

import pytest

import archdsl
from archdsl import Spec
from archdsl.analysis.registry import metric
from archdsl.source import Source

HEAD = """
block unit(x) = x -> conv(x.channels, oneof([3, 5, 7]))
block sep(x; kernel = 3) = x -> relu -> depthwise(kernel) -> conv(x.channels) -> bn
OPS = [sep, sep(5), max_pool(3, 1), id]
"""

# By what is written: the body of a network of 16 x 8 x 8, above which HEAD stands, and its designs.
BODIES = {
    "an op": ("return x -> oneof(OPS)", 4),
    "a choice in an option": ("return x -> oneof([conv(oneof([4, 8])), relu])", 3),
    "that has a name first": ("inner = oneof([4, 8])\n return x -> oneof([conv(inner), relu])", 3),
    "whose stage has a name first": ("first = conv(oneof([4, 8]))\n return x -> oneof([first, relu])", 3),
    "a choice that nobody uses": ("width = oneof([4, 8])\n return x -> oneof([relu, tanh])", 2),
    "some of a list": ("return x -> someof(OPS, 2) -> add", comb(4, 2)),
    "some inputs": (
        "states = [x, x -> relu, x -> tanh, x -> sigmoid]\n a, b = someof(states, 2)\n return a + b",
        comb(4, 2),
    ),
    "a depth": ("return x -> sep * oneof([2, 3, 4])", 3),
    "a depth of units that choose": ("return x -> (sep -> unit) * oneof([2, 3, 4])", 3**2 + 3**3 + 3**4),
    "a depth that may be none": ("return x -> unit * oneof([0, 1, 2])", 1 + 3 + 9),
    "an edge that may be there": (
        "t = x -> relu\n terms = [x] + oneof([[], [t]]) + oneof([[], [x]])\n return terms -> add",
        4,
    ),
    "a width": ("return x -> conv(oneof(range(16, 65, 16)))", 4),
    "an input": ("states = [x, x -> relu]\n return oneof(states) -> sep", 2),
    "inputs and ops of nodes": (
        """states = [x]
        for i in range(3) {
            from, op = oneof(states), oneof(OPS)
            states = states + [from -> op]
        }
        return states[-1]""",
        prod(4 * before for before in (1, 2, 3)),  # also of nodes that no other takes
    ),
    "a walk": (
        """level = 0
        for step in range(5) {
            level = oneof([l for l in [level - 1, level, level + 1] if l in range(4)])
            x = x -> conv(8 * 2 ** level)
        }
        return x""",
        89,
    ),
    "what a condition asks": ("if oneof([true, false]) { x = x -> unit }\n return x -> relu", 3 + 1),
}


def spec(body: str) -> str:
    return f"{HEAD}network n(x: [16, 8, 8]) {{\n {body}\n}}\n"


def opened(text: str, network: str = "n") -> archdsl.Space:
    return archdsl.space(Spec(Source("<text>", text)), network)


def wrong(text: str) -> list[str]:
    """Codes of messages, but for what HEAD has for other spaces."""
    return [one.code for one in archdsl.check_text(text) if one.code != "unused-definition"]


@pytest.mark.parametrize("name", BODIES)
def test_what_may_be_chosen(name: str) -> None:
    body, designs = BODIES[name]
    text = spec(body)
    assert wrong(text) == []
    space = opened(text)
    assert (space.size, space.failing) == (designs, 0)
    draw = Random(name)
    for design in (space.unrank(0), space.unrank(designs - 1), space.sample(draw), space.sample(draw)):
        compile(space.network(design).source(), "module.py", "exec")


CELL = """
cell c(x; stride) = x -> oneof([conv(8, 1, stride), conv(8, 3, stride)] + ([id] if stride == 1 else []))

network n(x: [8, 8, 8]) = x -> c(1) -> c(2) -> c(1) -> c(2)
"""


def test_a_cell_may_offer_other_options_at_other_arguments() -> None:
    """Those are two decisions, however many instances there are."""
    space = opened(CELL)
    assert {one.name: len(one.options) for one in space.decisions} == {"c.out": 3, "c(stride = 2).out": 2}
    assert space.size == 6


def test_what_must_hold_is_judged_exactly() -> None:
    """By any number, of each design."""
    text = spec("return x -> unit * oneof([1, 2, 3])").replace(
        "network n", "@require(macs <= 600k, params < 20k, receptive_field >= 5)\nnetwork n"
    )
    space = opened(text)
    within = [
        one.macs <= 600_000 and one.params < 20_000 and metric("receptive_field")(one.graph) >= 5
        for one in map(space.network, space)
    ]
    assert f"allowed   {sum(within)}, exact" in str(space.survey()) and 0 < sum(within) < space.size


def test_designs_that_are_no_networks_are_counted_apart() -> None:
    """They are mistakes of the spec, told with their picks."""
    text = spec("a, b = oneof([conv(4), conv(8)]), oneof([conv(4), conv(8)])\n return (x -> a) + (x -> b)")
    space = opened(text)
    assert (space.size, space.failing) == (2, 2)
    found = [one for one in archdsl.check_text(text) if one.severity == "error"]
    assert [(one.code, one.notes[-1].split(" designs ")[0]) for one in found] == [("shape-mismatch", "so it is in")]


def test_a_design_is_a_spec() -> None:
    """It stands above a variant of its space, and is a network like any other."""
    text = spec("return x -> unit * oneof([2, 3])") + (
        '@picks(out = 2, "unit[0].kernel" = 5, "unit[1].kernel" = 7)\n@expect(params = 18_976)\nnetwork found = n\n'
    )
    assert wrong(text) == []
    assert archdsl.loads(text, "found").params == 18_976
    assert opened(text, "found").size == 1
