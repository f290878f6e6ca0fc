"""Checks `@require`: what it says, of which networks, and where a network that breaks it is told so."""

from __future__ import annotations

import operator
from fractions import Fraction
from pathlib import Path

import pytest

import archdsl
from archdsl.source import Source
from archdsl.syntax.format import format_source

NET = "network n(x: [3, 8, 8]) = x -> conv(8, 3)\n"  # 224 parameters
SYMBOLS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq}


@pytest.mark.parametrize("symbol", SYMBOLS)
@pytest.mark.parametrize("bound", [223, 224, 225])
def test_each_comparison_is_exact(symbol: str, bound: int) -> None:
    text = f"@require(params {symbol} {bound})\n{NET}"
    (wanted,) = archdsl.loads(text).requirements
    assert (wanted.metric, wanted.symbol, wanted.bound) == ("params", symbol, bound)
    assert wanted.holds(224) == SYMBOLS[symbol](224, bound)
    assert (archdsl.check_text(text) == []) == SYMBOLS[symbol](224, bound)


@pytest.mark.parametrize(
    ("written", "bound"),
    [("600M", 600_000_000), ("4.09G", 4_090_000_000), ("0.5k", 500), ("1e3", 1000), ("0.25", Fraction(1, 4))],
)
def test_a_bound_is_the_number_itself_and_no_rounding(written: str, bound: Fraction) -> None:
    (wanted,) = archdsl.loads(f"@require(macs <= {written})\n{NET}").requirements
    assert wanted.bound == bound
    assert wanted.holds(bound)
    assert not wanted.holds(bound + Fraction(1, 10**9))


def test_an_equal_number_rounds_to_what_is_written() -> None:
    (wanted,) = archdsl.loads(f"@require(macs == 4.09G)\n{NET}").requirements
    assert wanted.holds(4_089_184_256)
    assert not wanted.holds(4_095_000_000)


def test_any_number_of_an_analysis_can_be_required() -> None:
    for name in archdsl.analysis.registry.names():
        (wanted,) = archdsl.loads(f"@require({name} >= 0)\n{NET}").requirements
        assert wanted.metric == name


BASE = """@require(params <= 100, macs < 1M)
network space(x: [3, 8, 8]; width = 8) = x -> oneof([conv(width, 3), conv(4)]) -> oneof([relu, tanh])
"""


@pytest.mark.parametrize(
    ("below", "allowed"),
    [
        ("", True),  # a space is not judged
        ("network v = space()", True),
        ("@picks(out = conv(width, 3), out_2 = relu)\nnetwork v = space", False),
        ("@picks(out = conv(4), out_2 = relu)\nnetwork v = space", True),
        ("@picks(out = conv(width, 3), out_2 = relu)\nnetwork v = space(width = 2)", True),
        ("@picks(out = conv(width, 3), out_2 = relu)\n@require(params > 60)\nnetwork v = space(width = 2)", False),
        ("@picks(out = conv(4), out_2 = relu)\nnetwork u = space\n@picks(out = conv(width, 3))\nnetwork v = u", False),
    ],
)
def test_a_requirement_holds_for_single_networks_and_their_variants(below: str, allowed: bool) -> None:
    found = archdsl.check_text(BASE + below)
    assert [one.code for one in found] == ([] if allowed else ["not-allowed"])


def test_a_space_of_which_nothing_is_allowed() -> None:
    """Still open, but none of what is left."""
    found = archdsl.check_text(BASE + "@picks(out = conv(width, 3))\nnetwork v = space")
    assert [(one.code, one.notes[:1]) for one in found] == [("nothing-fits", ("@require stands at <text>:1:10",))]


def test_it_is_told_where_the_reader_can_change_something(tmp_path: Path) -> None:
    """At its own line above the network; of a base, which may be in another file, at the network's name."""
    (own,) = archdsl.check_text(f"@require(macs > 0,\n    params < 100)\n{NET}")
    assert own.span is not None
    assert (own.span.line, own.span.text) == (2, "params < 100")
    assert own.message == "params of n is 224, and @require(params < 100) does not allow that"
    (tmp_path / "base.arch").write_text(BASE)
    text = "import base: space\n@picks(out = conv(width, 3), out_2 = tanh)\nnetwork found = space\n"
    (inherited,) = archdsl.check_text(text, str(tmp_path / "found.arch"))
    assert inherited.span is not None
    assert (inherited.span.line, inherited.span.text) == (3, "found")
    assert inherited.notes == (f"@require stands at {tmp_path / 'base.arch'}:1:10",)


def test_a_number_that_a_network_does_not_have_is_not_satisfied() -> None:
    text = "@require(receptive_field >= 3)\nnetwork n(words: int[5]) = words -> embedding(10, 4)\n"
    (found,) = archdsl.check_text(text)
    assert found.code == "not-allowed"
    assert "receptive_field of n" in found.message


def test_the_format_of_a_requirement() -> None:
    text = f"@require( params<=600M ,macs>1 )\n{NET}"
    assert format_source(Source("x", text)).startswith("@require(params <= 600M, macs > 1)\n")
