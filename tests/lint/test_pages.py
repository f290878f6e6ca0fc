"""Every rule has a page, and every page does what it says: the first spec has the finding it marks, the others none."""

from __future__ import annotations

from pathlib import Path

import pytest

from archdsl.lint.lint_file import lint_source
from archdsl.lint.present import diagnostic
from archdsl.lint.registry import page, rules
from archdsl.lint.settings import chosen
from archdsl.source import Source
from tests.diagnostics.test_pages import arch_blocks, marks, unmatched

PAGES = Path(__file__).parents[2] / "archdsl" / "lint" / "pages"


def found(name: str, text: str) -> list[str]:
    """Marks without a finding and findings of the rule `name` without a mark."""
    select = () if rules()[name].check is None else (name,)
    ignore = () if select else [rule for rule in rules() if rule[0] == "g"]
    findings = lint_source(Source("example.arch", text), chosen({}, select=select, ignore=ignore))
    return unmatched(text, [diagnostic(finding) for finding in findings])


@pytest.mark.parametrize("name", rules())
def test_a_page_shows_its_finding_and_how_to_mend_it(name: str) -> None:
    text = page(name)
    assert text.startswith(f"# {name}\n\n"), "the title is the rule"
    first, *others = arch_blocks(text)
    assert others, "one block with the finding, one without"
    assert [mark[1] for mark in marks(first)] == [name]
    assert found(name, first) == []
    for block in others:
        assert not marks(block)
        assert found(name, block) == []


def test_every_page_is_of_a_rule() -> None:
    assert {path.stem for path in PAGES.glob("*.md")} == set(rules())


def test_a_missing_and_an_extra_finding_are_seen() -> None:
    text = "network net(x: [3, 8, 8]) = x -> conv(8) -> bn\n"
    assert found("bias-before-norm", text)[0].startswith("extra")
    marked = "network net(x: [3, 8, 8]) = x -> conv(8)  # warning[bias-before-norm]: the bias\n"
    assert found("bias-before-norm", marked)[0].startswith("missing")
