"""Turns a network into a PyTorch file: `archdsl compile`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from archdsl.command_line import load, network_options
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
@click.option(
    "--fold-bn", is_flag=True, help="Fold batch norms into the layers before them, for evaluation; see docs/python.md."
)
def compile(target: str, output: Path | None, fold_bn: bool, **options: Any) -> None:
    """Write the network as a PyTorch file that needs torch alone."""
    network = load(target, **options)
    if fold_bn:
        count = load_module("archdsl.transform.fold_batch_norm").batch_norms
        before, network = count(network.graph), network.fold_batch_norm()
        folded = before - count(network.graph)
        tell(f"{folded} of {before} batch norms are folded: fold the weights too, with Network.weights_from")
    source = network.source()
    if output is None:
        hand_over(source)
        return
    load_module("archdsl.files").write(output, source, network.files)
    tell("wrote {}: {} lines", output, len(source.splitlines()))


COMMAND = compile
