"""Turns the name of a command into the JSON Schema of what it prints with `--json`: `archdsl schema`."""

from __future__ import annotations

import click

from archdsl.command_line import completed, unknown
from archdsl.command_output import print_json
from archdsl.lazy import load_module
from archdsl.terminal import say


@click.command()
@click.argument("command", required=False, shell_complete=completed("schemas"))
def schema(command: str | None) -> None:
    """Print the JSON Schema of what a command prints with --json, or list those commands."""
    outputs = load_module("archdsl.schemas.outputs")
    if command is None:
        say("\n".join(outputs.commands()))
        return
    if command not in outputs.commands():
        unknown("command that prints JSON", command, outputs.commands(), "archdsl schema")
    print_json(outputs.schema(command))


COMMAND = schema
