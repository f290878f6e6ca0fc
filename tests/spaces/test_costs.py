"""Numbers of designs, from tables or from graphs, are those of networks elaborated one by one, to the last digit."""

from __future__ import annotations

import os
from random import Random

import pytest

import archdsl
from archdsl.analysis import registry
from archdsl.elaborate.spec import Spec
from archdsl.explore.settings import measured
from archdsl.library import spaces
from archdsl.option_costs import FIELDS
from archdsl.source import Source
from archdsl.spaces.measuring import ByGraphs
from archdsl.spaces.space import Space
from bench._papers import SPACES
from tests.few import few
from tests.space.random_spaces import space as random_space
from tests.spaces.test_projection import SPACES as SMALL
from tests.spaces.test_space import space

COUNT = int(os.environ.get("ARCHDSL_SPACES", few(12)))
TABLES = (*FIELDS,)
ALL = registry.names()


def compare(found: Space, count: int, seed: int = 0) -> None:
    """Tables and, where there are none, graphs, with so many designs at random; of few all."""
    rng = Random(seed)
    numbers = range(found.size) if found.size <= count else [rng.randrange(found.size) for _ in range(count)]
    for number in numbers:
        design = found.unrank(number)
        graph = found.network(design).graph
        for metrics in (TABLES, ALL):
            assert found.costs.way(metrics).of(design, metrics) == measured(graph, metrics), design


@pytest.mark.parametrize("what", SMALL)
def test_small_spaces(what: str) -> None:
    compare(space(SMALL[what]), 40)


@pytest.mark.parametrize("seed", range(COUNT))
def test_random_spaces(seed: int) -> None:
    made = random_space(seed)
    compare(archdsl.space(Spec(Source("n.arch", made.text)), made.network), 12, seed)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.slow] if name == "ENAS, micro" else []) for name in SPACES]
)
def test_spaces_of_papers(name: str) -> None:
    found = SPACES[name].open()
    assert not isinstance(found.costs.way(("params", "macs")), ByGraphs)
    compare(found, 3)


# NAS-Bench-101 has tests of its own.
LIBRARY = [name for name in spaces() if not name.endswith("_found") and not name.startswith("nasbench101")]


@pytest.mark.slow
@pytest.mark.parametrize("name", LIBRARY)
def test_many_designs_of_spaces_of_papers(name: str) -> None:
    compare(archdsl.space(name), 1000)


def test_a_space_without_ops() -> None:
    """Sums of nothing."""
    found = space("network n(x: [3, 8, 8]) = x -> oneof([id, id -> id]) \nnetwork m(x: [3]) = x\n", network="m")
    assert found.costs.way(TABLES).of({}, TABLES) == (0,) * len(TABLES)
