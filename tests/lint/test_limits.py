"""Lint of changed and of large specs: advice or diagnostics, never a traceback, in time that follows the text."""

from __future__ import annotations

import gc
import time

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import archdsl
from archdsl.diagnostics.render import render
from archdsl.lint.lint_file import lint_source
from archdsl.lint.present import diagnostic
from archdsl.source import Source
from tests.fuzz.test_mutated_specs import SPECS, TOKENS, changes, mutated


@given(st.sampled_from(sorted(SPECS)), changes)
@settings(max_examples=100, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_a_changed_spec_gives_advice_or_diagnostics(name: str, how: list[tuple[str, int, int, str, str]]) -> None:
    text = mutated(TOKENS[name], how)
    try:
        found = lint_source(Source("spec.arch", text))
    except archdsl.ArchError as error:
        assert error.diagnostics
        return
    for finding in found:
        render(diagnostic(finding))


def seconds(text: str) -> float:
    """Processor time, the collector at rest: it looks through all that other tests have left in this process."""
    graph = archdsl.loads(text)
    gc.collect()
    gc.disable()
    try:
        start = time.process_time()
        graph.lint()
        return time.process_time() - start
    finally:
        gc.enable()


def test_calls_cost_nothing() -> None:
    """2 ** 16 applications of one block behind 16 levels of blocks."""
    levels = "\n".join(f"block b{i + 1}(x) = x -> b{i} -> b{i}" for i in range(16))
    text = f"block b0(x) = x -> conv(8, 3) -> bn -> relu\n{levels}\nnetwork net(x: [8, 8, 8]) = x -> b16\n"
    assert seconds(text) < 1
    (finding,) = [f for f in archdsl.loads(text).lint() if f.rule.name == "bias-before-norm"]
    assert (finding.applications, finding.cost.params) == (2**16, 8 * 2**16)


def test_long_bodies_take_time_in_proportion() -> None:
    """Thousands of applications of a shared stage, and as many branches times 0, in one body."""
    shared = "network net(x: [8, 8, 8]) { shared f = conv(8, 3); for i in range(COUNT) { x = x -> f -> bn }; return x }"
    zeros = "network net(x: [8, 8, 8]) { for i in range(COUNT) { x = x + (x -> conv(8) -> relu) * 0.0 }; return x }"
    for text in (shared, zeros):
        few, many = (seconds(text.replace("COUNT", str(count))) for count in (1000, 8000))
        assert many < 24 * few + 1  # in proportion: 8 times; with the square: 64 times
