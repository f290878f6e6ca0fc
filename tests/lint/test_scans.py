"""Lint of networks with scans: nothing is taken to be known across their border, and numbers count their steps."""

from __future__ import annotations

import pytest

import archdsl
from archdsl.lint.subject import Subject
from tests.lint.specs import findings

# Its result is never negative, and yet nobody knows of the first state: only the second relu does nothing.
RELUS = """
block unit(x, h: [4]) = (x -> linear(4)) + (h -> relu -> relu) -> relu
network net(x: [6, 3]) = x -> relu -> scan(unit) -> relu
"""


def test_signs_do_not_pass_the_border_of_a_scan() -> None:
    (finding,) = findings("does-nothing", RELUS)
    assert (finding.span.text, finding.span.line, finding.applications) == ("relu", 2, 6)
    assert RELUS[: finding.span.start].endswith("h -> relu -> ")


def test_a_cell_that_is_called_too_is_given_what_its_scan_gives() -> None:
    text = """
block unit(x, h: [4]) = (x -> linear(4)) + (h -> relu)
network net(x: [6, 3], y: [3], h: [4]) {
    a = x -> scan(unit)
    return a, [y, h -> relu] -> unit
}
"""
    assert findings("does-nothing", text) == ()
    called = "network net(y: [3], h: [4]) = [y, h -> relu] -> unit"
    (finding,) = findings("does-nothing", text[: text.index("network")] + called)
    assert finding.span.line == 2


def test_ops_are_no_neighbours_across_the_border_of_a_scan() -> None:
    """A layer before a scan and the first of its cell, a last one and a layer behind it, one step and the next."""
    text = """
block unit(x, h: [4]) { y = x -> linear(4); h = h -> linear(4); return y, h }
network net(x: [6, 8], h: [8]) {
    y, h = [x -> linear(4), h -> linear(4)] -> scan(unit, last = true)
    return y -> linear(4), h -> linear(4)
}
"""
    assert findings("linear-pair", text) == ()


def test_a_pair_inside_of_a_cell_counts_once_a_step() -> None:
    text = """
block unit(x, h: [4]) = (x -> linear(9) -> linear(4)) + h
network net(x: [6, 3]) = x -> scan(unit)
"""
    (finding,) = findings("linear-pair", text)
    assert finding.applications == 6
    assert finding.cost.macs == 6 * (3 * 9 + 9 * 4 - 3 * 4)
    assert finding.cost.params == (3 * 9 + 9) + (9 * 4 + 4) - (3 * 4 + 4)


def test_a_scan_that_is_thrown_away_costs_its_steps() -> None:
    text = """
block unit(x, h: [4]) = (x -> linear(4)) + h
network net(x: [6, 4]) = x -> [id, scan(unit) * 0.0] -> add
"""
    (finding,) = findings("dead-branch", text)
    assert (finding.cost.macs, finding.cost.params) == (6 * 4 * 4, 4 * 4 + 4)


def test_a_cell_of_the_library_is_told_once_a_step() -> None:
    subject = Subject(archdsl.load("lstm_lm_small").graph)
    (cell,) = [body for body in subject.bodies if body.name == "lstm"]
    ((place, applications, weight_sets),) = subject.places(cell, cell.span)
    assert "lstm(d)" in place.text
    assert (applications, weight_sets) == (2 * 20, 2)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("lstm_lm_small", {"does-nothing"}), ("lstm_lm_medium", set()), ("darts_v1_rnn", set()), ("enas_rnn", set())],
)
def test_language_models(name: str, expected: set[str]) -> None:
    """Split features are no places that could lie apart."""
    assert {finding.rule.name for finding in archdsl.load(name).lint()} == expected
