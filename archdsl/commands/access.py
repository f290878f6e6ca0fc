"""Turns a network into what it reads and writes: `archdsl access`."""

from __future__ import annotations

import json
from typing import Any

import click

from archdsl.command_line import load, network_options
from archdsl.lazy import load_module
from archdsl.terminal import say


@click.command()
@network_options
@click.option("--most", type=click.IntRange(0), default=12, show_default=True, help="How many convolutions to list.")
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def access(target: str, most: int, as_json: bool, **options: Any) -> None:
    """Count memory access, ShuffleNet v2's cost: in all, per kind of op, and per convolution beside its lower bound."""
    graph = load(target, **options).graph
    module = load_module("archdsl.emit.access_table")
    say(json.dumps(module.as_json(graph), indent=2) if as_json else module.text(graph, most))


COMMAND = access
