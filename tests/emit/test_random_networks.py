"""Emitted modules of random nested networks compute what a plain interpreter of the IR computes."""

from __future__ import annotations

from pathlib import Path

from hypothesis import HealthCheck, given, settings

from archdsl.emit.pytorch import source
from tests.emit.check import check_function, check_style
from tests.emit.random_networks import CALLS, RECIPES, Instruction, Maker, Recipe, calls
from tests.few import few


@settings(max_examples=few(60), deadline=None, suppress_health_check=list(HealthCheck))
@given(RECIPES)
def test_function(recipes: list[Recipe]) -> None:
    check_function(Maker(recipes).network())


@settings(
    max_examples=few(60),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    database=None,
)
@given(RECIPES, CALLS)
def _collect(recipes: list[Recipe], made: tuple[list[Instruction], list[tuple[int, bool]]]) -> None:
    _collected.append(source(Maker(recipes).network()))
    _collected.append(source(calls(*made)))


_collected: list[str] = []


def test_style(tmp_path: Path) -> None:
    _collected.clear()
    _collect()
    check_style(tmp_path, _collected)
