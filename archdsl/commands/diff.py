"""Turns two networks into what changed from one to the other: `archdsl diff`."""

from __future__ import annotations

from typing import Any

import click

from archdsl.command_line import completed, input_option, load, set_option, terminal_width
from archdsl.command_output import json_option, print_json
from archdsl.command_sides import of_sides, side_options
from archdsl.lazy import load_module
from archdsl.terminal import say


@click.command()
@click.argument("old", metavar="OLD", shell_complete=completed("targets"))
@click.argument("new", metavar="NEW", shell_complete=completed("targets"))
@set_option(whose=" of both")
@input_option(whose=" of both")
@side_options("OLD", "NEW")
@click.option("--depth", type=click.IntRange(1), default=1, show_default=True, help="Levels of changed blocks to open.")
@json_option
def diff(old: str, new: str, depth: int, as_json: bool, **options: Any) -> None:
    """Compare two networks: their numbers, and the blocks that are added, removed or changed.

    OLD and NEW are FILE[:NETWORK] or names of the zoo: `archdsl diff resnet50 resnet101`. One network with two
    settings: `archdsl diff mobilenet_v1 mobilenet_v1 --set-new width=0.5`.
    """
    if old == new == "-":
        raise click.UsageError("only one of the two networks can come from stdin")
    sides = of_sides({"network_name": None, "pick": (), **options})
    graphs = [
        load(target, which, **side).graph
        for target, which, side in zip((old, new), ("first", "second"), sides, strict=True)
    ]
    changes = load_module("archdsl.analysis.compare").compare(*graphs, depth=depth)
    module = load_module("archdsl.emit.comparison")
    if as_json:
        print_json(module.as_json(*graphs, changes))
    else:
        say(module.text(*graphs, changes, terminal_width()))


COMMAND = diff
