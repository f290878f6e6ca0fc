"""A path of a supernet computes what the network of its design computes with the same weights, bit for bit."""

from __future__ import annotations

import pytest

import archdsl
from archdsl.elaborate.spec import Spec
from archdsl.ops import registry
from archdsl.source import Source
from archdsl.supernet.module_forms import list_function
from tests.supernet.paths import compare_some
from tests.supernet.small_spaces import SPACES, space


@pytest.mark.parametrize("name", SPACES)
def test_a_few_paths(name: str) -> None:
    compare_some(space(name), 4)


@pytest.mark.parametrize("join", ["add", "mul", "mean", "maximum", "minimum"])
def test_joins_of_what_may_be_missing(join: str) -> None:
    """Written as a function of a list, of the op's own arithmetic."""
    optional = "[x -> f for f in [conv(3), tanh, relu] if oneof([true, false])]"
    spec = f"network n(x: [3, 4, 4]) = [x] + {optional} -> {join}"
    some = archdsl.space(Spec(Source("n.arch", spec)), "n")
    op = registry.load(join)
    assert op is not None
    assert f" {list_function(op())}(\n" in some.supernet().source()
    compare_some(some, 4)


@pytest.mark.slow
@pytest.mark.parametrize("name", SPACES)
def test_many_paths(name: str) -> None:
    compare_some(space(name), 200, seed=1)
