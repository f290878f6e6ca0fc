"""Turns specs into what is wrong in them: `archdsl check`."""

from __future__ import annotations

import sys

import click

from archdsl.command_line import completed, read, show
from archdsl.command_output import diagnostics_json, json_option, print_json
from archdsl.diagnostics.display import safe
from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.lazy import load_module
from archdsl.target import split_target
from archdsl.terminal import say, tell


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…", shell_complete=completed("targets"))
@json_option
def check(files: tuple[str, ...], as_json: bool) -> None:
    """Say what is wrong in specs: names, shapes, and what @expect and @require say.

    The name of a network that comes with archdsl stands for its file.
    """
    found: list[Diagnostic] = []
    not_run: list[Diagnostic] = []
    for file in files:
        try:
            source = read(split_target(file)[0] if ":" not in file else file)
            checked = load_module("archdsl.checking").checked(source)
        except ArchError as error:
            found += error.diagnostics
        else:
            found += checked.diagnostics
            not_run += checked.not_run
    failed = any(d.severity == "error" for d in found)
    if as_json:
        print_json(diagnostics_json([*found, *not_run]))
    else:
        show(found)
        if not found:
            say(
                "; ".join(
                    [f"{len(files)} file{'' if len(files) == 1 else 's'} checked: nothing wrong", *_open(not_run)]
                )
            )
        else:
            list(map(tell, _open(not_run)))
    sys.exit(1 if failed else 0)


def _open(not_run: list[Diagnostic]) -> list[str]:
    """The networks of which nothing is known, in one line; none if there are none."""
    if len(not_run) < 2:
        return [f"{safe(d.message)} ({safe(d.help.rpartition('run it: ')[2])})" for d in not_run]
    first = ", ".join(d.message.partition(" ")[0] for d in not_run[:3])
    more = ", …" if len(not_run) > 3 else ""
    return [f"{len(not_run)} networks were not run, as parameters have no value: {safe(first)}{more} (why: --json)"]


COMMAND = check
