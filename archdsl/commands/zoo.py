"""Turns the specs that come with archdsl into one table, or one plot: `archdsl zoo`."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import NoReturn

import click

from archdsl.command_line import show
from archdsl.command_output import diagnostics_json, json_option, plot_option, print_json
from archdsl.emit.endings import format_of
from archdsl.lazy import load_module
from archdsl.terminal import hand_over, say, tell

NUMBERS = ["params", "macs", "depth", "paths", "receptive_field", "fragments"]


@click.command()
@click.argument("text", default="", metavar="[TEXT]")
@click.option("--check", "only_check", is_flag=True, help="Verify every @expect instead.")
@click.option("--spaces", is_flag=True, help="The spaces that papers search, instead of networks.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "csv", "markdown"]), default="text", show_default=True
)
@json_option
@click.option(
    "--match",
    default="",
    metavar="TEXT",
    help="Only networks whose name, or file's name, contains TEXT; also without the option.",
)
@click.option("--sort", type=click.Choice(NUMBERS), help="The smallest first, instead of file by file.")
@plot_option("Instead of the table, plot parameters against macs: X.svg, X.pdf, X.png or X.tikz.")
def zoo(
    text: str,
    only_check: bool,
    spaces: bool,
    form: str,
    as_json: bool,
    match: str,
    sort: str | None,
    plot: Path | None,
) -> None:
    """List the published networks that come with archdsl; `archdsl analyze NAME` works for each.

    With --spaces the spaces that papers search; `archdsl space NAME` works for each.
    """
    module = load_module("archdsl.zoo_spaces" if spaces else "archdsl.zoo")
    match = match or text
    if as_json and form not in ("text", "json"):
        raise click.UsageError(f"take one of --json and --format {form}")
    as_json |= form == "json"
    if only_check:
        if match or sort or plot:
            raise click.UsageError("--check verifies the whole zoo and prints no table")
        _check(module, as_json)
    if spaces and (sort or plot):
        raise click.UsageError("--sort and --plot are for networks")
    entries = list(module.entries(match))
    if not entries:
        if as_json:
            print_json([])
        if not spaces and any(load_module("archdsl.zoo_spaces").entries(match)):
            hint = "; `archdsl zoo --spaces` has it"
        else:
            near = load_module("archdsl.target").near_networks(match)
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
        kind = "space" if spaces else "network"
        tell("no {} of the zoo, and no file of it, has '{}' in its name{}", kind, match, hint)
        sys.exit(1)
    if sort:
        entries = module.in_order(entries, sort)
    if plot is not None:
        picture = module.plot(entries, format_of(plot))
        load_module("archdsl.files").write(plot, picture, map(str, module.specs()))
        tell("wrote {}: {} bytes", plot, f"{len(picture):,}")
    elif as_json:
        print_json([module.as_json(entry) for entry in entries])
    else:
        write = {"text": module.text, "csv": module.csv_text, "markdown": module.markdown}[form]
        (say if form == "text" else hand_over)(write(entries))


def _check(module: ModuleType, as_json: bool) -> NoReturn:
    """Say what is wrong in all specs of a module, and end."""
    found = module.check()
    if as_json:
        print_json(diagnostics_json(found))
    else:
        show(found)
    if not found and not as_json:
        say(f"{len(module.specs())} specs checked: nothing wrong")
    sys.exit(1 if any(d.severity == "error" for d in found) else 0)


COMMAND = zoo
