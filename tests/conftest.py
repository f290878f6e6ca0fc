"""Sets what every test shares: one torch thread a process, the collector, the table of networks against references."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator

import pytest
from hypothesis import settings

from archdsl import zoo
from tests.oracle.table import merged, table

# Before torch is first imported, wherever that is: the workers of pytest-xdist share the cores.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# `make test` draws the same examples each time, so that it fails for what changed; `make test-all` draws new ones.
settings.register_profile("same", derandomize=True)
settings.register_profile("new", derandomize=False)
settings.load_profile(os.environ.get("ARCHDSL_EXAMPLES_ARE", "same"))


@pytest.fixture(scope="session")
def entries() -> list[zoo.Entry]:
    """The whole zoo as a table, for the tests that read it; they stand side by side, so that one worker makes it."""
    return list(zoo.entries())


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keeps the collector from walking again and again through modules and tests, which stay to the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Prints one row per network from what the oracle tests recorded as the property "network"."""
    records = [
        facts
        for reports in terminalreporter.stats.values()
        for report in reports
        if getattr(report, "when", None) == "call"
        for key, facts in report.user_properties
        if key == "network"
    ]
    if records:
        terminalreporter.section("networks against their references")
        for line in table(merged(sorted(records, key=lambda facts: str(facts["network"])))):
            terminalreporter.write_line(line)
