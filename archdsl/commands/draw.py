"""Turns a network into a picture: `archdsl draw`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from archdsl.command_line import load, network_options
from archdsl.emit.registry import PICTURES, names
from archdsl.terminal import tell


@click.command()
@network_options
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help=f"The ending decides the form: {', '.join(names(PICTURES))}.",
)
def draw(target: str, output: Path, **options: Any) -> None:
    """Draw the network as a paper would print it: its skeleton, and one panel per block."""
    picture = load(target, **options).draw(output)
    tell("wrote {}: {} bytes", output, f"{len(picture):,}")


COMMAND = draw
