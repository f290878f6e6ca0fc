"""Turns the name of an op into its page: `archdsl ops`."""

from __future__ import annotations

import click

from archdsl.command_line import unknown
from archdsl.lazy import load_module


@click.command()
@click.argument("name", required=False)
def ops(name: str | None) -> None:
    """List the ops, or explain one: signature, shapes, cost, example."""
    reference = load_module("archdsl.emit.ops_reference")
    if name is None:
        click.echo(reference.overview())
        return
    known = load_module("archdsl.ops.registry").names()
    if name not in known:
        unknown("op", name, known, "archdsl ops")
    click.echo(reference.op_page(name))


COMMAND = ops
