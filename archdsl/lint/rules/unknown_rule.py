"""The advice about ignore comments that name no rule; `archdsl.lint.ignores` finds them."""

from __future__ import annotations

from archdsl.lint.finding import WARNING, Rule

RULE = Rule(
    "unknown-rule",
    WARNING,
    "`# archdsl: ignore[…]` with a name that no rule has",
    "it hides nothing",
    "this page",
    None,
)
