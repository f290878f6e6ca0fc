"""Turns specs into their canonical form: `archdsl fmt`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from archdsl.command_line import complete_target, read
from archdsl.diagnostics.display import safe
from archdsl.lazy import load_module
from archdsl.terminal import hand_over, tell


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…", shell_complete=complete_target)
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit with 1 when a file would change.")
def fmt(files: tuple[str, ...], only_check: bool) -> None:
    """Write specs in their canonical form, comments kept."""
    changed = []
    for file in files:
        source = read(file)
        formatted = load_module("archdsl.syntax.format").format_source(source)
        if file == "-":
            if not only_check:
                hand_over(formatted)
        elif formatted != source.text and not only_check:
            load_module("archdsl.files").write(Path(file), formatted)
        if formatted != source.text:
            changed.append(file)
    if names := [safe(file) for file in changed if file != "-"]:
        tell(f"{'would change' if only_check else 'changed'}: {', '.join(names)}")
    sys.exit(1 if only_check and changed else 0)


COMMAND = fmt
