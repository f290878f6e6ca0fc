"""Turns a network back into a spec: `archdsl spec`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from archdsl.command_line import fold_option, folded, load, network_options, text_output_option, write_text


@click.command()
@network_options
@text_output_option
@fold_option
def spec(target: str, output: Path | None, fold_bn: bool, **options: Any) -> None:
    """Write the network as a spec of its own: picks, overrides and sizes decided, all it uses in one file."""
    network = load(target, **options)
    text = (folded(network) if fold_bn else network).spec()
    write_text(network, text, output)


COMMAND = spec
