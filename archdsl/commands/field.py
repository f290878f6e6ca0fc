"""Turns a network into the receptive fields of its outputs and of every node: `archdsl field`."""

from __future__ import annotations

from typing import Any

import click

from archdsl.command_line import load, network_options, unknown
from archdsl.command_output import json_option, print_json
from archdsl.lazy import load_module
from archdsl.terminal import say


@click.command()
@network_options
@click.option(
    "--depth", type=click.IntRange(1), default=1, show_default=True, help="How many levels of blocks to open."
)
@click.option("--at", "path", metavar="MODULE", help="Only this module, as in layer4.0.conv2.")
@json_option
def field(target: str, depth: int, path: str | None, as_json: bool, **options: Any) -> None:
    """Print receptive field, effective stride and padding, and where paths meet that are not aligned.

    Rows leave global ops (pools, gates, attention) out; a star says that one lies on a path, so that all is seen.
    """
    graph = load(target, **options).graph
    module = load_module("archdsl.emit.field_table")
    try:
        rows = module.rows_at(graph, depth, path)
    except KeyError:
        names = [row.path for row in load_module("archdsl.analysis.receptive_field").field_rows(graph)]
        unknown("module", str(path), names, f"archdsl field {target} --depth 9")
    if as_json:
        print_json(module.as_json(graph, rows))
    else:
        say(module.text(graph, rows))


COMMAND = field
