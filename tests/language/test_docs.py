"""Runs every example of the language's description, and those of the pages beside this file."""

from __future__ import annotations

from pathlib import Path

import pytest

from archdsl.elaborate.budget import Limits
from tests.language.examples import CODE, Example, Row, read_page
from tests.language.run_example import actual, mismatches, never_run, row_result, sources

HERE = Path(__file__).parent
PAGES = sorted((HERE.parents[1] / "docs" / "language").glob("*.md")) + sorted(HERE.glob("*.md"))
READ = [read_page(page) for page in PAGES]
EXAMPLES = [example for examples, _ in READ for example in examples]
ROWS = [row for _, rows in READ for row in rows]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.id)
def test_example(example: Example, tmp_path: Path) -> None:
    wrong, reported = mismatches(example, tmp_path)
    assert not wrong, "\n".join(wrong)
    if not any(d.severity == "error" for d in reported):
        unused = never_run(sources(example, tmp_path)[0])
        assert not unused, f"no network of this example calls {', '.join(sorted(unused))}"
    for check in example.checks:
        assert actual(example, check, tmp_path, reported).rstrip() == check.text.rstrip(), f"line {check.line}"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_row(row: Row) -> None:
    assert row_result(row) == (", ".join(CODE.findall(row.expected)) or row.expected), row.code


def test_the_page_on_budgets_has_the_limits() -> None:
    text = next(page for page in PAGES if page.name == "08-budgets.md").read_text(encoding="utf-8")
    limits = Limits()
    rows = {
        "list-too-long": limits.elements,
        "too-many-ops": limits.flat_ops,
        "too-many-steps": limits.steps,
        "too-many-evaluations": limits.evaluations,
        "recursion-too-deep": limits.depth,
        "nested-too-deep": limits.nesting,
    }
    assert f"each body once | {limits.nodes:,} |" in text
    for code, limit in rows.items():
        assert f"| {limit:,} | `{code}` |" in text, code
    assert limits.integer == 2**63


def test_pages_hold_examples() -> None:
    assert len(EXAMPLES) > 60
    assert len(ROWS) > 100
