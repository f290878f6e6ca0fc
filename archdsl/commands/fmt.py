"""Turns specs into their canonical form: `archdsl fmt`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from archdsl.command_line import completed, read
from archdsl.command_output import json_option, print_json
from archdsl.diagnostics.display import safe
from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.lazy import load_module
from archdsl.terminal import hand_over, tell


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE…", shell_complete=completed("files"))
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit with 1 when a file would change.")
@json_option
def fmt(files: tuple[str, ...], only_check: bool, as_json: bool) -> None:
    """Write specs in their canonical form, comments kept."""
    found = []
    for file in files:
        source = read(file)
        formatted = load_module("archdsl.syntax.format").format_source(source)
        changed = formatted != source.text
        if changed and len(formatted.encode("utf-8", "replace")) > load_module("archdsl.syntax.parse").MAX_BYTES:
            message = f"{safe(file)} would be larger than 1 MiB in its canonical form, and could not be read again"
            help = "split it, and use `import`; it is left as it is"
            raise ArchError([Diagnostic("file-too-large", message, None, help=help)])
        shown = file == "-" and not only_check
        if shown and not as_json:
            hand_over(formatted)
        elif changed and not only_check and file != "-":
            load_module("archdsl.files").write(Path(file), formatted)
        found.append({"file": file, "changed": changed, "text": formatted if shown else None})
    names = [safe(str(one["file"])) for one in found if one["changed"] and one["file"] != "-"]
    if as_json:
        print_json(found)
    elif names:
        tell(f"{'would change' if only_check else 'changed'}: {', '.join(names)}")
    sys.exit(1 if only_check and any(one["changed"] for one in found) else 0)


COMMAND = fmt
