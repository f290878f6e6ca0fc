"""Checks `@picks`: a network that takes its design out of a space."""

from __future__ import annotations

import pytest

import archdsl
from archdsl.diagnostics.model import ArchError
from archdsl.explore.settings import NetworkFamily
from archdsl.source import Source
from archdsl.syntax.format import format_source

SPACE = """
WIDTH = oneof([4, 8])
fn k() = oneof([1, 3])
cell c(x; f = 8) {
    for i in range(2) { x = x -> oneof([conv(f, k()), relu, "identity" if f == 0 else tanh]) }
    return x
}
network space(x: [8, 4, 4]; d = oneof([1, 2])) {
    pair = someof([relu, tanh, sigmoid], 2)
    return x -> c * d -> conv(WIDTH) -> pair -> add
}
"""
UNITS = """
block unit(x) = x -> oneof([relu, tanh])
network space(x: [3, 8, 8]) = x -> oneof([relu, unit])
"""
WAYS = {
    "a number": ("d = 2", "d", "2"),
    "a constant": ("WIDTH = 8", "WIDTH", "8"),
    "a name with dots": ('"c.1.x" = relu', "c.1.x", "relu"),
    "single quotation marks": ("'c.1.x' = relu", "c.1.x", "relu"),
    "a call, however it is spaced": ('"c.0.x" = conv( f,k() )', "c.0.x", "conv(f, k())"),
    "a text": ('"c.0.x" = "conv(f, k())"', "c.0.x", "conv(f, k())"),
    "some of a list": ("pair = relu + sigmoid", "pair", "relu + sigmoid"),
    "a function": ('"c.0.k.out" = 3', "c.0.k.out", "3"),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_network_takes_the_design_that_stands_above_it(way: str) -> None:
    written, name, option = WAYS[way]
    text = f"{SPACE}\n@picks({written})\nnetwork found = space\n"
    assert archdsl.check_text(text) == []
    found, by_hand = archdsl.loads(text, "found"), archdsl.loads(text, "space", picks={name: option})
    assert found.choices[name].picked == by_hand.choices[name].picked == option
    assert (found.params, found.macs) == (by_hand.params, by_hand.macs)
    formatted = archdsl.loads(format_source(Source("x", text)), "found")
    assert formatted.choices[name].picked == option


def test_picks_of_the_caller_go_before_those_of_the_spec_and_of_a_variant_before_its_base() -> None:
    text = (
        f"{SPACE}\n@picks(d = 2, WIDTH = 8)\nnetwork one = space\n@picks(d = 1)\nnetwork two = one\nnetwork three = two"
    )
    taken = {}
    for name, picks in (("one", {}), ("two", {}), ("three", {}), ("three", {"WIDTH": 4})):
        choices = archdsl.loads(text, name, picks=picks).choices
        taken[name, *picks] = choices["d"].picked + choices["WIDTH"].picked
    assert list(taken.values()) == ["28", "18", "18", "14"]


def test_each_network_of_a_file_has_its_own_picks() -> None:
    """Also of constants, whose values others of the file share."""
    text = "WIDTH = oneof([4, 8])\nblock b(x) = x -> conv(WIDTH)\nnetwork space(x: [3, 8, 8]) = x -> b\n"
    for width, params in ((8, 32), (4, 16)):
        text += f"@picks(WIDTH = {width})\n@expect(params = {params})\nnetwork w{width} = space\n"
    assert archdsl.check_text(text) == []
    assert archdsl.check_text(text.replace("params = 32", "params = 16")) != []


@pytest.mark.parametrize(
    ("written", "line", "message"),
    [
        ('"c.0.y" = relu', 13, "no decision of this network is called c.0.y"),
        ('"c.0.x" = conv(f)', 13, "c.0.x has no option conv(f)"),
        ('"c.0.x" = relu,\n    "c.2.x" = relu', 14, "no decision of this network is called c.2.x"),
    ],
)
def test_what_fits_nothing_is_told_at_its_line(written: str, line: int, message: str) -> None:
    text = f"{SPACE}\n@picks({written})\nnetwork found = space\n"
    (found,) = archdsl.check_text(text)
    assert (found.code, found.message) == ("bad-pick", message)
    assert found.span is not None
    assert found.span.line == line
    with pytest.raises(ArchError) as caught:
        archdsl.loads(text, "found")
    assert caught.value.diagnostics[0].message == message


def test_what_is_overridden_may_ask_less() -> None:
    """A pick that a network has no use for any more is no mistake of whoever sets a parameter or another pick."""
    text = f'{SPACE}\n@picks("c.1.x" = conv(f, k()), "c.1.k.out" = 3, d = 2)\nnetwork found = space\n'
    deep = f'{UNITS}@picks(out = unit, "unit.out" = tanh)\nnetwork found = space\n'
    assert archdsl.loads(deep, picks={"out": "relu"}, network="found").graph.nodes[0].word == "relu"
    assert archdsl.loads(deep, "found").graph.nodes[0].word == "unit"
    assert "d" not in archdsl.loads(text, "found", d=1).choices
    assert archdsl.loads(text, "found", input=(8, 5, 5)).choices["d"].picked == "2"
    assert NetworkFamily.of(archdsl.loads(text, "found")).at({"input": "6"}).choices["c.1.k.out"].picked == "3"
    assert archdsl.loads(text, "found").sizes().at(9).outputs == ((4, 9, 9),)
