"""Random nested networks with shared weights, options, loops and unread results, counted by each tool."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings

from tests.emit.random_networks import CALLS, RECIPES, Instruction, Maker, Recipe, calls
from tests.few import few
from tests.presets.test_ops import check


@settings(max_examples=few(40), deadline=None, suppress_health_check=list(HealthCheck))
@given(RECIPES)
def test_nested(recipes: list[Recipe]) -> None:
    check(Maker(recipes).network())


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(CALLS)
def test_instances_of_one_class(made: tuple[list[Instruction], list[tuple[int, bool]]]) -> None:
    check(calls(*made))
