"""When decisions are asked, in words: short where they can be, right as far as they go, and cut where they are long."""

from __future__ import annotations

import os
from random import Random

import pytest

from archdsl.choices.nodes import value_of
from archdsl.choices.wording import Conditions, Said
from tests.few import few
from tests.spaces.made import Made, Picks, listed, program, walk

SEEDS = int(os.environ.get("ARCHDSL_SPACES", few(60)))


def holds(text: str, picks: Picks) -> bool:
    """Reads words back: whether they are so of these picks."""

    def one(part: str) -> bool:
        name, texts = part.split(" is ")
        if texts.startswith("not "):
            return name in picks and picks[name] != texts.removeprefix("not ")
        return picks.get(name) in texts.replace(" or ", ", ").split(", ")

    cases = text.replace("; or more", "").split("; or ")
    return text == "" or any(all(one(part) for part in case.split(", and ")) for case in cases)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_words_say_what_is_asked(seed: int) -> None:
    """Of each decision and each design; where words are cut, what they say is right but not all."""
    asked, found, failing = listed(program(Random(seed)))
    conditions = Conditions(asked)
    for decision, domain in asked.domains.items():
        said = conditions.when(decision)
        offers = conditions.offers(decision)
        for picks in found + failing:
            offered = value_of(domain, picks)
            if holds(said.text, picks) or said.whole:
                assert holds(said.text, picks) == (decision.name in picks)
            for texts, when in offers:
                if holds(when.text, picks) or when.whole:
                    assert holds(when.text, picks) == (offered == texts)


def test_what_follows_is_left_out() -> None:
    """`op` is asked at some depths: that it is `conv` says so already."""
    made = Made()
    depth = made.ask("depth", (2, 3, 4))
    op = made.ask("op", ("conv", "pool"), made.diagrams.negate(made.diagrams.picked(depth, "2")))
    asked = made.diagrams.where(made.domains[op], bool)
    kernel = made.ask("kernel", (3, 5), made.diagrams.both(asked, made.diagrams.picked(op, "conv")))
    conditions = Conditions(made.asked())
    assert conditions.when(depth) == Said("", True)
    assert conditions.when(op) == Said("depth is 3 or 4", True)
    assert conditions.when(kernel) == Said("op is conv", True)


def test_options_that_change() -> None:
    """The third step of a walk offers what lies beside the second."""
    conditions = Conditions(walk(3))
    last = [*conditions.asked.domains][-1]
    assert conditions.offers(last) == [
        (("0", "1"), Said("level[1] is 0", True)),
        (("0", "1", "2"), Said("level[1] is 1", True)),
        (("1", "2", "3"), Said("level[1] is 2", True)),
    ]


def test_long_ones_are_cut() -> None:
    """Many cases, and many texts of one: the words say that there is more."""
    made = Made()
    some = [made.ask(f"d[{k}]", range(9)) for k in range(6)]
    any_ = made.ask("any", "ab", made.diagrams.either(*(made.diagrams.picked(one, "3") for one in some)))
    many = made.ask("many", "ab", made.diagrams.either(*(made.diagrams.picked(some[0], str(n)) for n in range(6))))
    but = made.ask("but", "ab", made.diagrams.negate(made.diagrams.picked(some[0], "8")))
    conditions = Conditions(made.asked())
    assert conditions.when(any_) == Said("d[0] is 3; or d[1] is 3; or d[2] is 3; or more", False)
    assert conditions.when(many) == Said("d[0] is 0, 1, 2, 3 or …", False)
    assert conditions.when(but) == Said("d[0] is not 8", True)
