"""Turns the specs that come with archdsl into one table: `archdsl zoo`."""

from __future__ import annotations

import json
import sys

import click

from archdsl.command_line import guarded, show
from archdsl.lazy import load_module


@click.command()
@click.option("--check", "only_check", is_flag=True, help="Verify every @expect instead.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "csv", "markdown"]), default="text", show_default=True
)
@guarded
def zoo(only_check: bool, form: str) -> None:
    """List the published networks that come with archdsl; `archdsl analyze NAME` works for each."""
    module = load_module("archdsl.zoo")
    if only_check:
        found = module.check()
        show(found)
        if not found:
            click.echo(f"{len(module.specs())} specs checked: nothing wrong")
        sys.exit(1 if any(d.severity == "error" for d in found) else 0)
    entries = list(module.entries())
    if form == "json":
        click.echo(json.dumps([module.as_json(entry) for entry in entries], indent=2))
    else:
        write = {"text": module.text, "csv": module.csv_text, "markdown": module.markdown}[form]
        click.echo(write(entries), nl=False)


COMMAND = zoo
