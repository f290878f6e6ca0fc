"""Turns a network into the memory that its activations take, and an order of its ops: `archdsl memory`."""

from __future__ import annotations

from typing import Any

import click

from archdsl.command_line import load, network_options
from archdsl.command_output import json_option, print_json
from archdsl.lazy import load_module
from archdsl.terminal import say


@click.command()
@network_options
@click.option(
    "--order",
    type=click.Choice(["written", "minimal"]),
    default="written",
    show_default=True,
    help="The order whose peak and steps are shown: as written, or the one that needs least.",
)
@click.option("--steps", is_flag=True, help="List every op in that order with the bytes in use.")
@json_option
def memory(target: str, order: str, steps: bool, as_json: bool, **options: Any) -> None:
    """Say how much memory activations take at their peak, what is held then, and the order that needs least."""
    graph = load(target, **options).graph
    module = load_module("archdsl.emit.memory_table")
    if as_json:
        print_json(module.as_json(graph, order=order, steps=steps))
    else:
        say(module.text(graph, order=order, steps=steps))


COMMAND = memory
