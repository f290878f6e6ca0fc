"""Checks how decisions are asked: in which order, how often, with which options, and by whom they are answered."""

from __future__ import annotations

from textwrap import dedent

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


def test_choices_come_in_first_asked_order_with_their_options() -> None:
    choices = loads(CELL, pick=[1, 2]).choices
    assert [len(choice.options) for choice in choices] == [2, 3, 3, 3] * 2
    assert [choice.index for choice in choices] == [1, 2, 0, 0, 0, 0, 0, 0]
    assert choices[1].options == ("conv(f)", "conv(f, 3)", "conv(f, 5)")
    assert choices[1].span.line == 2


def test_both_widths_of_a_cell_are_one_design() -> None:
    graph = loads(CELL, pick=[1, 2, 2, 1]).graph
    first, second = (node.body for node in graph.nodes[:2])
    assert first is not None and second is not None and first is not second
    assert [n.operands for n in first.nodes] == [n.operands for n in second.nodes]
    assert [n.site for n in first.nodes] == [n.site for n in second.nodes]
    assert (first.decisions, graph.decisions) == (4, 12)


def test_equal_picks_twice_give_equal_graphs() -> None:
    once, again = loads(CELL, pick=[1, 2, 0, 1]), loads(CELL, pick=[1, 2, 0, 1])
    assert (once.params, once.macs) == (again.params, again.macs)
    assert once.params != loads(CELL, pick=[1, 0, 0, 1]).params


@pytest.mark.parametrize("pick", [[2], [-1], [0, 3], [0] * 9])
def test_picks_that_do_not_fit(pick: list[int]) -> None:
    with pytest.raises(ArchError) as caught:
        loads(CELL, pick=pick)
    assert [d.code for d in caught.value.diagnostics] == ["bad-pick"]


@pytest.mark.parametrize("open_", [0, 1, 2])
@pytest.mark.parametrize("more", [1, 2])
def test_picks_too_many_are_told_beside_the_choices(open_: int, more: int) -> None:
    """One of a thing is told as one."""
    text = "network n(x: [3, 8, 8]) = x -> relu" + " -> oneof([relu, sigmoid])" * open_
    with pytest.raises(ArchError) as caught:
        loads(text, pick=[0] * (open_ + more))
    picks = "1 pick is" if open_ + more == 1 else f"{open_ + more} picks are"
    choices = ["nothing", "1 choice", "2 choices"][open_]
    assert caught.value.diagnostics[0].message == f"{picks} given, but this network leaves {choices} open"


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
