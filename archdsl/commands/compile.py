"""Turns a network into a PyTorch file: `archdsl compile`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from archdsl.command_line import family, load, network_options, show
from archdsl.command_output import fold_option, folded, output_option, write_output
from archdsl.emit.registry import SOURCES, names
from archdsl.lazy import load_module

if TYPE_CHECKING:
    from archdsl.supernet.supernet import Supernet


@click.command()
@network_options
@output_option("Where to write; stdout when left out, or -.")
@click.option("--format", type=click.Choice(names(SOURCES)), default="pytorch", show_default=True, help="What to write")
@fold_option
@click.option("--supernet", is_flag=True, help="Write all networks of a space as one module; see docs/supernets.md.")
@click.option("--relaxed", is_flag=True, help="A supernet in which each decision can be weighed, or none.")
def compile(
    target: str, output: str | None, format: str, fold_bn: bool, supernet: bool, relaxed: bool, **options: Any
) -> None:
    """Write the network as a PyTorch file that needs torch alone."""
    if supernet or relaxed:
        if fold_bn or format != "pytorch":
            raise click.UsageError("--supernet goes with neither --fold-bn nor another --format")
        opened = load_module("archdsl.spaces.space").space(family(target, **options))
        made: Supernet = opened.supernet(relaxed=relaxed)
        show(made.warnings)
        write_output(made, made.source(), output, ("py", "Python"))
        return
    network = load(target, **options)
    source = (folded(network) if fold_bn else network).source(format)
    write_output(network, source, output, ("py", "Python"))


COMMAND = compile
