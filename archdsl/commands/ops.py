"""Turns the name of an op, or of a word of the standard library, into its page: `archdsl ops`."""

from __future__ import annotations

import click

from archdsl.command_line import unknown
from archdsl.lazy import load_module
from archdsl.terminal import say


@click.command()
@click.argument("name", required=False)
def ops(name: str | None) -> None:
    """List the ops and the standard library, or explain one: signature, shapes, cost, example."""
    reference, library = load_module("archdsl.emit.ops_reference"), load_module("archdsl.std_reference")
    if name is None:
        say(f"{reference.overview()}\n\n{library.overview()}\n\n`archdsl ops NAME` says more of one.")
        return
    known = load_module("archdsl.ops.registry").names()
    if name in known:
        say(reference.op_page(name))
    elif name in library.words():
        say(library.word_page(name))
    else:
        unknown("op", name, [*known, *library.words()], "archdsl ops")


COMMAND = ops
