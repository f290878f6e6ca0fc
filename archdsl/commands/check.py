"""Turns specs into what is wrong in them: `archdsl check`."""

from __future__ import annotations

import json
import sys

import click

from archdsl.command_line import complete_target, read, show
from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.lazy import load_module
from archdsl.terminal import say


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…", shell_complete=complete_target)
@click.option("--json", "as_json", is_flag=True, help="Print diagnostics as JSON on stdout.")
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
        to_json = load_module("archdsl.diagnostics.json").to_json
        say(json.dumps([to_json(d) for d in found], indent=2))
    else:
        show(found)
        if not found:
            say(f"{len(files)} file{'' if len(files) == 1 else 's'} checked: nothing wrong")
    sys.exit(1 if failed else 0)


COMMAND = check
