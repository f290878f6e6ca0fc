"""Turns a network back into a spec: `archdsl spec`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from archdsl.command_line import fold_option, folded, load, network_options
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
@fold_option
def spec(target: str, output: Path | None, fold_bn: bool, **options: Any) -> None:
    """Write the network as a spec of its own: picks, overrides and sizes decided, all it uses in one file."""
    network = load(target, **options)
    text = (folded(network) if fold_bn else network).spec()
    if output is None:
        hand_over(text)
        return
    load_module("archdsl.files").write(output, text, network.files)
    tell("wrote {}: {} lines", output, len(text.splitlines()))


COMMAND = spec
