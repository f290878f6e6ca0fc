"""Designs that fail when all are followed at once are believed to fail only where one does by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

import archdsl
from archdsl.diagnostics.model import ArchError, Diagnostic, Diagnostics
from archdsl.elaborate.doubted import see_failures
from archdsl.elaborate.open import OpenNetwork, elaborate_open
from archdsl.elaborate.spec import Spec
from archdsl.source import Source

TEXT = """arch 1
network n(x: [3, 8, 8]) {
    a = x -> conv(oneof([4, 8]))
    b = x -> conv(oneof([4, 8]))
    return a + b
}
"""


def _opened(spec: Spec) -> OpenNetwork:
    found = elaborate_open(spec, "n", diagnostics=Diagnostics())
    assert found is not None
    return found


def test_what_fails_by_itself_is_believed() -> None:
    """Two of four do not add."""
    spec = Spec(Source("n.arch", TEXT))
    see_failures(_opened(spec), spec, "n")
    assert archdsl.space(spec).failing == 2


def test_what_elaborates_by_itself_is_not() -> None:
    """A mistake in following all ways is no number, but said, with the line and a design."""
    spec = Spec(Source("n.arch", TEXT))
    made = _opened(spec)
    (failure, condition), *_ = made.failures
    sound = made.asked.diagrams.negate(condition)
    wrong = replace(made, failures=((Diagnostic("wrong-rank", "never", failure.span), sound),))
    with pytest.raises(ArchError) as raised:
        see_failures(wrong, spec, "n")
    (told,) = raised.value.diagnostics
    assert told.code == "space-too-large" and told.span == failure.span and "wrong-rank" in told.message
    assert told.notes == ("one of them: out = 4, out_2 = 4",) and "report" in (told.help or "")
