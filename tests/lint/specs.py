"""Short specs for the tests of rules: a network from its stages, and the findings of one rule in it."""

from __future__ import annotations

from archdsl.lint.finding import Finding
from archdsl.lint.lint_file import lint_source
from archdsl.lint.settings import chosen
from archdsl.source import Source


def net(stages: str, size: str = "[8, 16, 16]", blocks: str = "") -> str:
    """A file with one network: `x -> stages`, below `blocks`."""
    return f"import std: conv_bn, cbr, se, relu_conv_bn\n{blocks}\nnetwork net(x: {size}) = x -> {stages}\n"


def findings(rule: str, text: str) -> tuple[Finding, ...]:
    """What the rule says of all networks of a file."""
    return lint_source(Source("test.arch", text), chosen({}, select=(rule,)))
