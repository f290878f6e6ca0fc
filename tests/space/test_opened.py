"""A space that is opened by one elaboration has the designs that plain enumeration finds, and the same ones fail.

`ARCHDSL_SPACES=2000 pytest tests/space/test_opened.py` tries that many random spaces.
"""

from __future__ import annotations

import os

import pytest

from archdsl.choices.nodes import value_of
from archdsl.diagnostics.model import Diagnostics
from archdsl.elaborate.open import elaborate_open
from archdsl.elaborate.spec import Spec
from archdsl.source import Source
from archdsl.spaces.designs import Designs
from tests.few import few
from tests.space.judge import Picks, check, judge
from tests.space.random_spaces import WAITING
from tests.space.test_random_spaces import KNOWN

COUNT = int(os.environ.get("ARCHDSL_SPACES", few(24)))
MOST = 5000  # designs that are listed: a space that has so many more than it should is wrong anyway


def opened(text: str, network: str) -> tuple[set[Picks], set[Picks]]:
    """The designs of a space as archdsl finds them, and those that fail."""
    diagnostics = Diagnostics()
    made = elaborate_open(Spec(Source("<text>", text)), network, diagnostics=diagnostics)
    assert made is not None, [diagnostic.message for diagnostic in diagnostics]
    found = Designs(made.asked)
    assert found.size <= MOST
    designs = [found.unrank(number) for number in range(found.size)]
    failing = [design for design in designs if value_of(made.asked.fails, design)]
    return {frozenset(design.items()) for design in designs}, {frozenset(design.items()) for design in failing}


@pytest.mark.parametrize("what", KNOWN)
def test_a_known_space(what: str) -> None:
    judge(KNOWN[what][0], "n", opened)


@pytest.mark.parametrize("seed", [*range(COUNT), *range(WAITING, WAITING + COUNT // 8)])
def test_a_random_space(seed: int) -> None:
    check(seed, opened)
