"""Turns a network back into a spec: `archdsl spec`."""

from __future__ import annotations

from typing import Any

import click

from archdsl.command_line import load, network_options
from archdsl.command_output import fold_option, folded, output_option, write_output


@click.command()
@network_options
@output_option("Where to write; stdout when left out, or -.")
@fold_option
def spec(target: str, output: str | None, fold_bn: bool, **options: Any) -> None:
    """Write the network as a spec of its own: picks, overrides and sizes decided, all it uses in one file."""
    network = load(target, **options)
    text = (folded(network) if fold_bn else network).spec()
    write_output(network, text, output, ("arch", "a spec"))


COMMAND = spec
