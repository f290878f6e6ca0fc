"""Turns a network into a picture: `archdsl draw`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from archdsl.command_line import load, network_options
from archdsl.command_output import output_option, write_output
from archdsl.emit.registry import PICTURES, names


@click.command()
@network_options
@output_option("Where to draw; - is stdout.", required=True)
@click.option("--form", type=click.Choice(names(PICTURES)), help="What to draw; else the ending of -o says, for - svg.")
def draw(target: str, output: str, form: str | None, **options: Any) -> None:
    """Draw the network as a paper would print it: its skeleton, and one panel per block."""
    network = load(target, **options)
    ending = "svg" if output == "-" else Path(output).suffix.lstrip(".").lower()
    write_output(network, network.draw(format=form or ending), output)


COMMAND = draw
