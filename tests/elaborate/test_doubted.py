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


CARRIED = {  # what fails by a value that is chosen and not used yet: designs that elaborate, and that do not
    "a call of a chosen block": ("op = oneof([b, c])\n    return x -> op(8)", "", 1, 1),
    "a call in a cell that is called twice": (
        "return x -> cell_ -> cell_",
        "cell cell_(x) { op = oneof([b, c])\n return x -> op(8) }\n",
        1,
        1,
    ),
    "a call behind another choice": ("k = oneof([8, 16])\n    op = oneof([b, c, d])\n    return x -> op(k)", "", 4, 1),
    "what is known of a chosen value": ("y = oneof([x, 3])\n    return x -> conv(y.channels)", "", 1, 1),
}


@pytest.mark.parametrize("kind", CARRIED)
def test_designs_that_fail_by_what_is_carried_ask_for_it(kind: str) -> None:
    body, above, sound, failing = CARRIED[kind]
    blocks = "block b(x; n) = x -> conv(n)\nblock c(x; n, m) = x -> conv(n)\nblock d(x; n) = x -> conv(n, 3)\n"
    spec = Spec(Source("n.arch", f"{blocks}{above}network n(x: [3, 8, 8]) {{\n    {body}\n}}\n"))
    found = archdsl.space(spec)
    assert (found.size, found.failing) == (sound, failing)
    with pytest.raises(ArchError):
        found.network(found.failure)
    for design in found:
        assert {name: choice.picked for name, choice in found.network(design).choices.items()} == design
