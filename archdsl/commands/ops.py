"""Turns the name of an op, or of a word of the standard library, into its page: `archdsl ops`."""

from __future__ import annotations

import click

from archdsl.command_line import completed, refuse, unknown
from archdsl.command_output import json_option, print_json
from archdsl.lazy import load_module
from archdsl.terminal import say, tell


@click.command()
@click.argument("name", required=False, shell_complete=completed("words"))
@json_option
def ops(name: str | None, as_json: bool) -> None:
    """List the ops and the standard library, or explain one, called as here or elsewhere: signature, cost, example."""
    reference, library = load_module("archdsl.emit.ops_reference"), load_module("archdsl.std_reference")
    if name is None and as_json:
        print_json([*reference.overview_json(), *library.overview_json()])
        return
    if name is None:
        say(f"{reference.overview()}\n\n{library.overview()}\n\n`archdsl ops NAME` says more of one.")
        return
    registry = load_module("archdsl.ops.registry")
    known = registry.names()
    if name not in (*known, *library.words()):
        known = registry.names(plugins=True)
    if name not in (*known, *library.words()):
        if name in load_module("archdsl.elaborate.advice").BUILTIN_WORDS:
            refuse(f"{name} is no op but a built-in of the language", "docs/language/ tells what it does")
        meant = load_module("archdsl.synonyms.names").meaning(name)
        if meant is None or meant.word not in (*known, *library.words()):
            unknown("op", name, [*known, *library.words()], "archdsl ops")
        tell("{} is called {} here", name, meant.word)
        name = meant.word
    if as_json:
        print_json(reference.op_json(name) if name in known else library.word_json(name))
    else:
        say(reference.op_page(name) if name in known else library.word_page(name))


COMMAND = ops
