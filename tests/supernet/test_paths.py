"""A path of a supernet computes what the network of its design computes with the same weights, bit for bit."""

from __future__ import annotations

import pytest

from tests.supernet.paths import compare_some
from tests.supernet.small_spaces import SPACES, space


@pytest.mark.parametrize("name", SPACES)
def test_a_few_paths(name: str) -> None:
    compare_some(space(name), 4)


@pytest.mark.slow
@pytest.mark.parametrize("name", SPACES)
def test_many_paths(name: str) -> None:
    compare_some(space(name), 200, seed=1)
