"""Lint of changed and of large specs: advice or diagnostics, never a traceback, with work that follows the text."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import archdsl
from archdsl.diagnostics.render import render
from archdsl.lint.lint_file import lint_source
from archdsl.lint.present import diagnostic
from archdsl.source import Source
from tests.few import few
from tests.fuzz.test_mutated_specs import SPECS, TOKENS, changes, mutated
from tests.work import work


@given(st.sampled_from(sorted(SPECS)), changes)
@settings(max_examples=few(100), deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_a_changed_spec_gives_advice_or_diagnostics(name: str, how: list[tuple[str, int, int, str, str]]) -> None:
    text = mutated(TOKENS[name], how)
    try:
        found = lint_source(Source("spec.arch", text))
    except archdsl.ArchError as error:
        assert error.diagnostics
        return
    for finding in found:
        render(diagnostic(finding))


def effort(text: str) -> int:
    """The calls that advice on a network takes."""
    return work(archdsl.loads(text).lint)


def test_calls_cost_nothing() -> None:
    """2 ** 16 applications of one block behind 16 levels of blocks."""

    def towering(levels: int) -> str:
        blocks = "\n".join(f"block b{i + 1}(x) = x -> b{i} -> b{i}" for i in range(levels))
        return f"block b0(x) = x -> conv(8, 3) -> bn -> relu\n{blocks}\nnetwork net(x: [8, 8, 8]) = x -> b{levels}\n"

    effort(towering(1))  # what is done once in a process
    assert effort(towering(16)) < 20 * effort(towering(8))  # 256 times as many applications
    (finding,) = [f for f in archdsl.loads(towering(16)).lint() if f.rule.name == "bias-before-norm"]
    assert (finding.applications, finding.cost.params) == (2**16, 8 * 2**16)


def test_long_bodies_take_work_in_proportion() -> None:
    """Thousands of applications of a shared stage, and as many branches times 0, in one body."""
    shared = "network net(x: [8, 8, 8]) { shared f = conv(8, 3); for i in range(COUNT) { x = x -> f -> bn }; return x }"
    zeros = "network net(x: [8, 8, 8]) { for i in range(COUNT) { x = x + (x -> conv(8) -> relu) * 0.0 }; return x }"
    for text in (shared, zeros):
        few, many = (effort(text.replace("COUNT", str(count))) for count in (60, 480))
        assert many < 9 * few  # in proportion: 8 times
