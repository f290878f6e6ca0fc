"""Turns specs into what is wrong in them: `archdsl check`."""

from __future__ import annotations

import sys

import click

from archdsl.command_line import completed, diagnostics_json, json_option, print_json, read, show
from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.lazy import load_module
from archdsl.terminal import say


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…", shell_complete=completed("files"))
@json_option
def check(files: tuple[str, ...], as_json: bool) -> None:
    """Say what is wrong in specs: names, shapes, and what @expect claims."""
    found: list[Diagnostic] = []
    for file in files:
        try:
            found += load_module("archdsl.network").check_source(read(file))
        except ArchError as error:
            found += error.diagnostics
    failed = any(d.severity == "error" for d in found)
    if as_json:
        print_json(diagnostics_json(found))
    else:
        show(found)
        if not found:
            say(f"{len(files)} file{'' if len(files) == 1 else 's'} checked: nothing wrong")
    sys.exit(1 if failed else 0)


COMMAND = check
