"""Turns a network into the shape of its computation: `archdsl structure`."""

from __future__ import annotations

from typing import Any

import click

from archdsl.command_line import load, network_options
from archdsl.command_output import json_option, print_json
from archdsl.lazy import load_module
from archdsl.terminal import say


@click.command()
@network_options
@json_option
def structure(target: str, as_json: bool, **options: Any) -> None:
    """Count paths and their lengths, what can run side by side, and the fragments of each building block."""
    graph = load(target, **options).graph
    module = load_module("archdsl.emit.structure_table")
    if as_json:
        print_json(module.as_json(graph))
    else:
        say(module.text(graph))


COMMAND = structure
