"""Turns a diagnostic code into its page: `archdsl explain`."""

from __future__ import annotations

import click

from archdsl.command_line import unknown
from archdsl.lazy import load_module
from archdsl.terminal import say


@click.command()
@click.argument("code", required=False)
def explain(code: str | None) -> None:
    """Explain a diagnostic code or a rule of `archdsl lint`, with a wrong and a right example."""
    catalog, rules = load_module("archdsl.diagnostics.catalog"), load_module("archdsl.lint.registry")
    known = (*catalog.codes(), *rules.rules())
    if code is None:
        say("\n".join(sorted(known)))
        return
    code = code.strip("[]:").removeprefix("error[").removeprefix("warning[").removeprefix("info[")
    if code not in known:
        unknown("diagnostic code", code, known, "archdsl explain")
    say(rules.page(code) if code in rules.rules() else catalog.page(code))


COMMAND = explain
