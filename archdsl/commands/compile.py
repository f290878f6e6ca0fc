"""Turns a network into a PyTorch file: `archdsl compile`."""

from __future__ import annotations

from typing import Any

import click

from archdsl.command_line import load, network_options
from archdsl.command_output import fold_option, folded, output_option, write_output
from archdsl.emit.registry import SOURCES, names


@click.command()
@network_options
@output_option("Where to write; stdout when left out, or -.")
@click.option("--format", type=click.Choice(names(SOURCES)), default="pytorch", show_default=True, help="What to write")
@fold_option
def compile(target: str, output: str | None, format: str, fold_bn: bool, **options: Any) -> None:
    """Write the network as a PyTorch file that needs torch alone."""
    network = load(target, **options)
    source = (folded(network) if fold_bn else network).source(format)
    write_output(network, source, output, ("py", "Python"))


COMMAND = compile
