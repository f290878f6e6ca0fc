"""Turns a diagnostic code into its page: `archdsl explain`."""

from __future__ import annotations

import click

from archdsl.command_line import completed, unknown
from archdsl.command_output import json_option, print_json
from archdsl.lazy import load_module
from archdsl.terminal import say


@click.command()
@click.argument("code", required=False, shell_complete=completed("codes"))
@json_option
def explain(code: str | None, as_json: bool) -> None:
    """Explain a diagnostic code or a rule of `archdsl lint`, with a wrong and a right example."""
    catalog, rules = load_module("archdsl.diagnostics.catalog"), load_module("archdsl.lint.registry")
    known = {**dict.fromkeys(catalog.codes(), "diagnostic"), **dict.fromkeys(rules.rules(), "rule")}
    if code is None:
        if as_json:
            print_json([{"name": name, "kind": known[name]} for name in sorted(known)])
        else:
            say("\n".join(sorted(known)))
        return
    code = code.strip("[]:").removeprefix("error[").removeprefix("warning[").removeprefix("info[")
    if code not in known:
        unknown("diagnostic code", code, known, "archdsl explain")
    page = rules.page(code) if code in rules.rules() else catalog.page(code)
    if as_json:
        print_json({"name": code, "kind": known[code], "page": page})
    else:
        say(page)


COMMAND = explain
