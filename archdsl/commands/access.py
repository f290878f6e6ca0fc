"""Turns a network into what it reads and writes: `archdsl access`."""

from __future__ import annotations

from typing import Any

import click

from archdsl.command_line import load, network_options
from archdsl.command_output import json_option, print_json
from archdsl.lazy import load_module
from archdsl.terminal import say


@click.command()
@network_options
@click.option("--most", type=click.IntRange(0), default=12, show_default=True, help="How many convolutions to list.")
@json_option
def access(target: str, most: int, as_json: bool, **options: Any) -> None:
    """Count memory access, ShuffleNet v2's cost: in all, per kind of op, and per convolution beside its lower bound."""
    graph = load(target, **options).graph
    module = load_module("archdsl.emit.access_table")
    if as_json:
        print_json(module.as_json(graph))
    else:
        say(module.text(graph, most))


COMMAND = access
