"""The quick way through a chain gives what the long way gives, which an observer of every expression takes.

The long way makes a stage of each item, labels it and lets the tensor flow into it; the quick way (`steps.py`) does all
that at once, and remembers what it found. Random specs, right and wrong ones, and the zoo, each elaborated several
times from one `Spec`.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from archdsl.diagnostics.model import ArchError, Diagnostics
from archdsl.elaborate.budget import Limits
from archdsl.elaborate.elaborator import elaborate
from archdsl.elaborate.spec import Spec
from archdsl.ir.text import print_graph
from archdsl.source import Source
from tests.emit.random_variants import spec as random_spec
from tests.few import few
from tests.fuzz.mutate import mutant, read_specs
from tests.zoo_sample import swept

LIMITS = Limits(elements=100_000, flat_ops=50_000, nodes=20_000, steps=100_000, evaluations=200_000)
BUDGETS = ("too-many-", "recursion-too-deep")  # the ways count differently
COUNT = int(os.environ.get("ARCHDSL_EXAMPLES", few(60)))


def outcome(spec: Spec, network: str, observed: bool, shapes: object = None) -> str:
    """The graph with places, names and all, and what was reported."""
    diagnostics = Diagnostics()
    made = elaborate(
        spec, network, None, shapes, diagnostics=diagnostics, observe=(lambda *_: None) if observed else None
    )
    graph = "" if made is None else print_graph(made.graph, spans=True)
    return graph + "\n".join(f"{d.code} {d.span} {d.message} {d.notes} {d.help}" for d in diagnostics)


def differences(text: str, most: int = 3) -> list[str]:
    """Networks of a text for which the two ways differ, at first or once things are remembered."""
    try:
        spec = Spec(Source("<text>", text), LIMITS)
    except ArchError:
        return []
    found = []
    for name in spec.networks[-most:]:
        outcomes = {outcome(spec, name, observed) for observed in (False, True, False)}
        if len(outcomes) > 1 and not any(code in text for text in outcomes for code in BUDGETS):
            found.append(name)
    return found


@pytest.mark.parametrize("part", range(6))
def test_random_specs(part: int) -> None:
    for seed in range(part, COUNT, 6):
        text = random_spec(seed)
        assert not differences(text), text


@pytest.mark.parametrize("part", range(6))
def test_specs_with_mistakes(part: int) -> None:
    specs = read_specs()
    for seed in range(part, COUNT, 6):
        text = mutant(specs, f"steps:{seed}")
        assert not differences(text), text


@pytest.mark.parametrize("path", swept())
def test_zoo(path: Path) -> None:
    assert not differences(path.read_text(encoding="utf-8"))
