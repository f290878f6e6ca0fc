"""Checks how decisions are asked: in which order, how often, with which options, and by whom they are answered."""

from __future__ import annotations

from textwrap import dedent
from typing import Any

import pytest

from archdsl.diagnostics.model import ArchError, Diagnostics
from archdsl.elaborate.decisions import Decisions
from archdsl.elaborate.elaborator import elaborate
from archdsl.elaborate.spec import Spec
from archdsl.network import loads
from archdsl.source import Source

CELL = dedent("""
    block unit(x; f) = x -> oneof([conv(f), conv(f, 3), conv(f, 5)])
    cell c(h, p; f) {
        states = [h, p]
        for i in range(2) { states = states + [oneof(states) -> unit(f)] }
        return loose(inputs = true) -> concat
    }
    cell d = c()
    network n(x: [8, 4, 4]) {
        h = [x, x] -> c(8)
        h = [h, x] -> c(16)
        return [h, x] -> d(8)
    }
""")

PICKS = {"c.0.states": "p", "c.0.unit.out": "conv(f, 5)", "c.1.states": "2", "c.1.unit.out": "conv(f, 3)"}


def test_choices_come_in_first_asked_order_with_their_options() -> None:
    choices = list(loads(CELL, picks={"c.0.states": "p", "c.0.unit.out": "conv(f, 5)"}).choices.values())
    assert [len(choice.options) for choice in choices] == [2, 3, 3, 3] * 2
    assert [choice.index for choice in choices] == [1, 2, 0, 0, 0, 0, 0, 0]
    assert choices[1].options == ("conv(f)", "conv(f, 3)", "conv(f, 5)")
    assert choices[1].span.line == 2


def test_both_widths_of_a_cell_are_one_design() -> None:
    graph = loads(CELL, picks=PICKS).graph
    first, second = (node.body for node in graph.nodes[:2])
    assert first is not None and second is not None and first is not second
    assert [n.operands for n in first.nodes] == [n.operands for n in second.nodes]
    assert [n.site for n in first.nodes] == [n.site for n in second.nodes]
    assert (first.decisions, graph.decisions) == (4, 12)


def test_equal_picks_twice_give_equal_graphs() -> None:
    once, again = loads(CELL, picks=PICKS), loads(CELL, picks=PICKS)
    assert (once.params, once.macs) == (again.params, again.macs)
    assert once.params != loads(CELL, picks={**PICKS, "c.0.unit.out": "conv(f)"}).params


@pytest.mark.parametrize(
    "picks",
    [{"c.0.states": "x"}, {"c.0.states": ""}, {"c.1.unit.out": 3}, {"c.2.states": "h"}, {"states": "h"}, {"": "h"}],
)
def test_picks_that_do_not_fit(picks: dict[str, Any]) -> None:
    with pytest.raises(ArchError) as caught:
        loads(CELL, picks=picks)
    assert [d.code for d in caught.value.diagnostics] == ["bad-pick"]


@pytest.mark.parametrize(
    ("open_", "hint"),
    [
        ("", "it leaves nothing open: `oneof` in a spec does"),
        (" -> oneof([relu, sigmoid])", "it decides out"),
        (" -> oneof([relu, sigmoid])" * 25, f"it decides out, {', '.join(f'out_{i}' for i in range(2, 21))}, …"),
    ],
)
def test_a_pick_for_no_decision_is_told_those_that_there_are(open_: str, hint: str) -> None:
    with pytest.raises(ArchError) as caught:
        loads(f"network n(x: [3, 8, 8]) = x -> relu{open_}", picks={"depth": 1})
    (found,) = caught.value.diagnostics
    assert (found.message, found.help) == ("no decision of this network is called depth", hint)


def test_the_nearest_name_and_option_are_told() -> None:
    with pytest.raises(ArchError) as caught:
        loads(CELL, picks={"c.1.unit.op": "conv(f)"})
    assert caught.value.diagnostics[0].help == "did you mean c.1.unit.out?"
    with pytest.raises(ArchError) as caught:
        loads(CELL, picks={"c.1.unit.out": "conv(f, 7)"})
    assert caught.value.diagnostics[0].help.endswith("it has: conv(f), conv(f, 3), conv(f, 5)")


@pytest.mark.parametrize(
    ("options", "value", "index"),
    [
        ("[8, 32]", 32, 1),
        ("[8, 32]", "32", 1),
        ("[0.5, 1e-5]", 1e-5, 1),
        ("[true, false]", False, 1),
        ('["a", "b"]', "b", 1),
        ("[[1, 2], [3]]", [3], 1),
        ("[[1, 2], [3]]", (1, 2), 0),
    ],
)
def test_options_are_picked_as_values_of_python(options: str, value: Any, index: int) -> None:
    text = f"network n(x: [3, 8, 8]) {{\n    it = oneof({options})\n    return x -> (relu if it == 1 else tanh)\n}}"
    assert loads(text, picks={"it": value}).choices["it"].index == index


@pytest.mark.parametrize("picks", [{1: "a"}, {"it": None}, {"it": {}}, {"it": object()}, {"it": [None]}])
def test_what_can_be_no_pick_is_refused_at_once(picks: dict[Any, Any]) -> None:
    with pytest.raises(TypeError, match="not"):
        loads(CELL, picks=picks)


class Last(Decisions):
    """Takes the last option always."""

    def pick(self, name: str, options: tuple[str, ...]) -> int:
        return len(options) - 1


def test_whoever_searches_answers_the_questions_itself() -> None:
    diagnostics = Diagnostics()
    decisions = Last()
    spec = Spec(Source("<text>", CELL))
    assert elaborate(spec, "n", diagnostics=diagnostics, decisions=decisions) is not None
    assert [choice.index for choice in decisions.choices.values()] == [1, 2, 2, 2] * 2


def test_many_cells_ask_once() -> None:
    """Bodies come and go while a space is elaborated; their questions must not be told apart by reused identities."""
    text = "cell c(x; i) = x -> oneof([relu, tanh]) -> oneof([relu, tanh])\n"
    text += "network n(x: [8]) { for i in range(200) { x = x -> c(i) }\n return x }"
    assert len(loads(text).choices) == 2
