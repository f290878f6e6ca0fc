"""Turns a diagnostic code into its page: `archdsl explain`."""

from __future__ import annotations

import click

from archdsl.command_line import unknown
from archdsl.lazy import load_module


@click.command()
@click.argument("code", required=False)
def explain(code: str | None) -> None:
    """Explain a diagnostic code, with a wrong and a right example."""
    catalog = load_module("archdsl.diagnostics.catalog")
    if code is None:
        click.echo("\n".join(catalog.codes()))
        return
    code = code.strip("[]").removeprefix("error[").removeprefix("warning[")
    if code not in catalog.codes():
        unknown("diagnostic code", code, catalog.codes(), "archdsl explain")
    click.echo(catalog.page(code))


COMMAND = explain
