"""Networks of hundreds of decisions: those that count do, the others are refused in seconds."""

from __future__ import annotations

import time
from pathlib import Path
from random import Random

import pytest

import archdsl
from archdsl.choices.diagram import Diagrams
from archdsl.choices.lookup import looked_up, lookup_of

HEAD = "network n(x: [4, 8, 8]) { "
MANY = 1000
COUNTED = {
    "ops": "for i in range(1000) { x = x -> oneof([relu, tanh]) }; return x }",
    "widths": "for i in range(1000) { x = x -> conv(oneof([4, 8])) }; return x }",
    "layers that may be left out": "for i in range(1000) { if oneof([true, false]) { x = x -> relu } }; return x }",
}
ENTANGLED = {
    "the largest of a list": "xs = [oneof([1, 2]) for i in range(1000)]; return x -> conv(max(xs)) }",
    "powers of two": "w = 1; for i in range(60) { w = w + oneof([0, 2 ** i]) }; return x -> conv(w) }",
    "one of all before": "f = relu; for i in range(1000) { f = oneof([f, tanh]) }; return x -> f }",
}


@pytest.mark.parametrize("what", COUNTED)
def test_independent_decisions_count(what: str, tmp_path: Path) -> None:
    path = tmp_path / "many.arch"
    path.write_text(HEAD + COUNTED[what])
    space = archdsl.space(path)
    assert space.size == 2**MANY
    design = space.sample(Random(1))
    assert len(design) == MANY and space.unrank(space.rank(design)) == design


def test_skipped_layers_are_as_their_first_picks_say(tmp_path: Path) -> None:
    path = tmp_path / "skip.arch"
    path.write_text(HEAD + "for i in range(60) { x = oneof([x, x -> conv(4)]) }; return x }")
    space = archdsl.space(path)
    for seed in range(3):
        design = space.sample(Random(seed))
        taken = sum(text != "0" for text in design.values())
        last = list(design)[::-1]
        assert space.size == 2**60 and last and space.network(design).params == taken * 20


@pytest.mark.slow
@pytest.mark.parametrize("what", ENTANGLED)
def test_entangled_decisions_are_refused(what: str, tmp_path: Path) -> None:
    path = tmp_path / "entangled.arch"
    path.write_text(HEAD + ENTANGLED[what])
    started = time.process_time()
    with pytest.raises(archdsl.ArchError, match="space-too-large"):
        _ = archdsl.space(path).size
    assert time.process_time() - started < 30


def test_deep_diagrams_are_read() -> None:
    diagrams = Diagrams(lambda value: value)
    decisions = [diagrams.decision(f"d{i}") for i in range(3000)]
    found = diagrams.true
    for decision in reversed(decisions):
        decision.texts.update(a=None, b=None)
        found = diagrams.branch(decision, {"a": found, "b": diagrams.false}) or found
    assert len(diagrams.support(found)) == len(decisions)
    table = lookup_of(found, {})
    assert looked_up(table, lambda _: "a") is True
    assert looked_up(table, lambda name: "b" if name == "d2999" else "a") is False
