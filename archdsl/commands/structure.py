"""Turns a network into the shape of its computation: `archdsl structure`."""

from __future__ import annotations

import json
from typing import Any

import click

from archdsl.command_line import load, network_options
from archdsl.lazy import load_module
from archdsl.terminal import say


@click.command()
@network_options
@click.option("--json", "as_json", is_flag=True, help="Print everything as JSON.")
def structure(target: str, as_json: bool, **options: Any) -> None:
    """Count paths and their lengths, what can run side by side, and the fragments of each building block."""
    graph = load(target, **options).graph
    module = load_module("archdsl.emit.structure_table")
    say(json.dumps(module.as_json(graph), indent=2) if as_json else module.text(graph))


COMMAND = structure
