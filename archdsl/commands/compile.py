"""Turns a network into a PyTorch file: `archdsl compile`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from archdsl.command_line import fold_option, folded, load, network_options, text_output_option, write_text
from archdsl.emit.registry import SOURCES, names


@click.command()
@network_options
@text_output_option
@click.option("--form", type=click.Choice(names(SOURCES)), default="pytorch", show_default=True, help="What to write.")
@fold_option
def compile(target: str, output: Path | None, form: str, fold_bn: bool, **options: Any) -> None:
    """Write the network as a PyTorch file that needs torch alone."""
    network = load(target, **options)
    source = (folded(network) if fold_bn else network).source(form)
    write_text(network, source, output)


COMMAND = compile
