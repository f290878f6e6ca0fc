"""Checks diagrams against the functions that they are: where they must hold, and what they may depend on."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from random import Random
from typing import Any

import pytest

from archdsl.choices.diagram import Diagrams
from archdsl.choices.nodes import Diagram, value_of

TEXTS = ("a", "b", "c")
NAMES = ("one", "two", "three", "four")
Design = dict[str, str]
DESIGNS = [dict(zip(NAMES, texts, strict=True)) for texts in product(TEXTS, repeat=len(NAMES))]


def made(diagrams: Diagrams, names: tuple[str, ...], say: Callable[[Design], Any]) -> Diagram:
    """The diagram of a function of some decisions."""

    def below(at: int, design: Design) -> Diagram:
        if at == len(names):
            return diagrams.leaf(say(design))
        ways = {text: below(at + 1, {**design, names[at]: text}) for text in TEXTS}
        found = diagrams.branch(diagrams.decision(names[at]), ways)
        assert found is not None
        return found

    return below(0, {})


def drawn(diagrams: Diagrams, draw: Random, values: list[Any], names: tuple[str, ...]) -> Diagram:
    known: dict[tuple[str, ...], Any] = {}
    return made(diagrams, names, lambda design: known.setdefault((*design.values(),), draw.choice(values)))


@pytest.mark.parametrize("seed", range(20))
def test_under_a_condition(seed: int) -> None:
    """A value is the same where the condition holds, takes no other values, and depends on no further decision."""
    draw, diagrams = Random(seed), Diagrams(lambda value: (type(value), value))
    for name in NAMES:
        diagrams.decision(name).texts.update(dict.fromkeys(TEXTS))
    value = drawn(diagrams, draw, [1, 2, 3, 4], NAMES[1:3])
    held = drawn(diagrams, draw, [True, False, False], NAMES)
    condition = diagrams.where(held, bool)
    where = [design for design in DESIGNS if value_of(condition, design)]
    ways = (
        diagrams.within(value, condition),
        diagrams.map(lambda one: one, value, under=condition),
        diagrams.map(min, value, value, under=condition),
    )
    for found in ways:
        assert found is not None
        assert diagrams.support(found) <= diagrams.support(value)
        assert all(value_of(found, design) == value_of(value, design) for design in where)
        occurs = {value_of(value, design) for design in where}
        assert {one for one, _ in diagrams.cases(found, diagrams.true)} == occurs
    assert diagrams.within(value, diagrams.false) is None


@pytest.mark.parametrize("seed", range(20))
def test_values_that_are_diagrams(seed: int) -> None:
    draw, diagrams = Random(seed), Diagrams(lambda value: (type(value), value))
    for name in NAMES:
        diagrams.decision(name).texts.update(dict.fromkeys(TEXTS))
    which = drawn(diagrams, draw, [0, 1, 2], NAMES[1:3])
    parts = [drawn(diagrams, draw, [5, 6, 7], names) for names in (NAMES[:2], NAMES[2:], ())]
    found = diagrams.replaced(which, parts.__getitem__)
    assert found is not None
    for design in DESIGNS:
        assert value_of(found, design) == value_of(parts[value_of(which, design)], design)
