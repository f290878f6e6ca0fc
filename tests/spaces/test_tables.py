"""Numbers of designs by tables, and their extremes, against the reference of random spaces and plain enumeration."""

from __future__ import annotations

import os
from collections import Counter

import pytest

import archdsl
from archdsl.elaborate.spec import Spec
from archdsl.option_costs import ByTables
from archdsl.source import Source
from archdsl.spaces.ends import proven
from tests.space.random_spaces import space

COUNT = int(os.environ.get("ARCHDSL_SPACES", "10"))
METRICS = ("params", "macs")


@pytest.mark.parametrize("seed", range(COUNT))
def test_tables_are_what_each_design_costs_and_the_ends_are_found(seed: int) -> None:
    made = space(seed)
    designs = [design for design in made.designs() if not design.fails]
    found = archdsl.space(Spec(Source("<text>", made.text)), made.network)
    tables = ByTables(found.made)
    assert found.size == len(designs)
    costs = Counter(tables.of(found.unrank(number), METRICS) for number in range(found.size))
    assert costs == Counter((design.params, design.macs) for design in designs), made.text
    ends = proven(found, METRICS)
    assert ends is not None
    for place, metric in enumerate(METRICS):
        numbers = [getattr(design, metric) for design in designs]
        assert tuple([end.numbers[place] for end in ends[metric]]) == (min(numbers), max(numbers)), made.text


def test_the_ends_of_a_space_whose_parts_hang_together() -> None:
    """Two of three kernels at each of 10 places, of which one costs more the more of those before are large."""
    text = """
network n(x: [4, 8, 8]) {
    large = 0
    for i in range(10) {
        kernel = oneof([1, 3, 5])
        large = large + (1 if kernel == 5 else 0)
        x = x -> conv(4, kernel)
    }
    return x -> conv(1 + large)
}
"""
    found = archdsl.space(Spec(Source("<text>", text)), "n")
    assert found.size == 3**10
    found_ends = proven(found, METRICS)
    assert found_ends is not None
    ends = found_ends["params"]
    one, other = (found.unrank(end.design) for end in ends)
    assert set(one.values()) == {"1"} and set(other.values()) == {"5"}
    assert [end.numbers[0] for end in ends] == [10 * 20 + 5, 10 * 404 + 11 * 5]
