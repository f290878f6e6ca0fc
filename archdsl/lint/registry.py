"""Turns the folder of rules into the list of all rules, and the folder of pages into the text that explains each."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from archdsl.lazy import load_module
from archdsl.lint.finding import Rule

_RULES = Path(__file__).parent / "rules"
_PAGES = Path(__file__).parent / "pages"


@cache
def rules() -> dict[str, Rule]:
    """Every rule by name, sorted: what the modules of `archdsl/lint/rules` export as RULE.

    Raises:
        ValueError: a rule's module is not called as the rule is.
    """
    found: dict[str, Rule] = {}
    for stem in sorted(path.stem for path in _RULES.glob("*.py")):
        if stem != "__init__":
            rule: Rule = load_module(f"archdsl.lint.rules.{stem}").RULE
            if rule.name != stem.replace("_", "-"):
                raise ValueError(f"the rule in {stem}.py is called {rule.name}")
            found[rule.name] = rule
    return found


def names() -> tuple[str, ...]:
    """The names of all rules, without loading them."""
    return tuple(sorted(path.stem.replace("_", "-") for path in _RULES.glob("*.py") if path.stem != "__init__"))


def page(name: str) -> str:
    """The page of the rule called `name`, in Markdown; what the rule says of itself where nobody wrote one.

    Raises:
        KeyError: there is no such rule.
    """
    rule, path = rules()[name], _PAGES / f"{name}.md"
    if path.is_file():
        return path.read_text(encoding="utf-8")
    return f"# {name}\n\n{rule.summary}.\n\n{rule.reason} ({rule.source})\n"
