"""docs/lint.md is fresh and lists every rule; rules say what they must."""

from __future__ import annotations

import re
from pathlib import Path

from archdsl.lint.finding import SEVERITIES
from archdsl.lint.reference import reference
from archdsl.lint.registry import rules

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_is_fresh() -> None:
    assert (DOCS / "lint.md").read_text(encoding="utf-8") == reference(), "run `python -m docs`"


def test_every_rule_is_listed() -> None:
    listed = re.findall(r"^\| \[([a-z0-9-]+)\]", reference(), re.MULTILINE)
    assert listed == sorted(rules())


def test_rules_are_declared_in_full() -> None:
    for rule in rules().values():
        assert rule.severity in SEVERITIES[:3]
        assert rule.summary
        assert rule.reason
        assert rule.source
        assert not re.search(r"[|\n]|\.$", rule.summary + rule.reason), "they stand in a table"
