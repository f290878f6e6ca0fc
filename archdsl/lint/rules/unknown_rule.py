"""The advice about ignore comments that name no rule; `archdsl.lint.ignores` finds them."""

from __future__ import annotations

from archdsl.diagnostics.model import WARNING
from archdsl.lint.finding import Rule

RULE = Rule(
    "unknown-rule",
    WARNING,
    "`# archdsl: ignore[…]` with a name that no rule has",
    "it hides nothing",
    "this page",
    None,
)
