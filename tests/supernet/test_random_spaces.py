"""Supernets of random spaces, with all kinds of steering: each path equals the network of its design, bit for bit.

`ARCHDSL_SUPERNETS=2000 pytest -m 'slow or not slow' tests/supernet/test_random_spaces.py` tries that many.
"""

from __future__ import annotations

import os
from random import Random

import pytest

import archdsl
from archdsl.diagnostics.model import ArchError
from archdsl.elaborate.spec import Spec
from archdsl.source import Source
from tests.few import few
from tests.space.random_spaces import space as random_space
from tests.supernet.paths import compare, fresh

QUICK = 12
COUNT = int(os.environ.get("ARCHDSL_SUPERNETS", few(200)))


def check(seed: int, designs: int) -> bool:
    """Whether the space has a supernet; some of its paths are compared."""
    made = random_space(seed)
    try:
        space = archdsl.space(Spec(Source("random.arch", made.text)), made.network)
    except ArchError:  # all designs fail, or too many decisions hang together
        return False
    try:
        supernet = space.supernet()
        whole = fresh(supernet, seed)
    except ArchError as error:
        assert {diagnostic.code for diagnostic in error.diagnostics} <= {"no-supernet", "shared-mismatch"}
        return False
    rng = Random(seed)
    for _ in range(designs):
        compare(space, supernet, whole, space.sample(rng))
    return True


def test_a_few_random_spaces() -> None:
    assert sum(check(seed, 3) for seed in range(QUICK)) >= QUICK - 1


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(COUNT))
def test_random_spaces(seed: int) -> None:
    check(seed, 10)
