"""Turns a network into a PyTorch file: `archdsl compile`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from archdsl.command_line import fold_option, folded, load, network_options
from archdsl.emit.registry import SOURCES, names
from archdsl.lazy import load_module
from archdsl.terminal import hand_over, tell


@click.command()
@network_options
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help="Where to write; stdout when left out.",
)
@click.option("--form", type=click.Choice(names(SOURCES)), default="pytorch", show_default=True, help="What to write.")
@fold_option
def compile(target: str, output: Path | None, form: str, fold_bn: bool, **options: Any) -> None:
    """Write the network as a PyTorch file that needs torch alone."""
    network = load(target, **options)
    source = (folded(network) if fold_bn else network).source(form)
    if output is None:
        hand_over(source)
        return
    load_module("archdsl.files").write(output, source, network.files)
    tell("wrote {}: {} lines", output, len(source.splitlines()))


COMMAND = compile
