"""Turns a network into a PyTorch file: `archdsl compile`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from archdsl.command_line import load, network_options
from archdsl.lazy import load_module


@click.command()
@network_options
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=None,
    help="Where to write; stdout when left out.",
)
def compile(target: str, output: Path | None, **options: Any) -> None:
    """Write the network as a PyTorch file that needs torch alone."""
    source = load(target, **options).source()
    if output is None:
        click.echo(source, nl=False)
        return
    load_module("archdsl.files").write(output, source)
    click.echo(f"wrote {output}: {len(source.splitlines())} lines", err=True)


COMMAND = compile
