"""The advice about ignore comments that hide nothing; `archdsl.lint.ignores` finds them."""

from __future__ import annotations

from archdsl.diagnostics.model import INFO
from archdsl.lint.finding import Rule

RULE = Rule(
    "unused-ignore",
    INFO,
    "`# archdsl: ignore[…]` where the rule has nothing to say",
    "it hides nothing now, and may hide something later",
    "this page",
    None,
)
