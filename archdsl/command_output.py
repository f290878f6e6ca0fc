"""Writes what a command made of a network to where `-o` or `--plot` says: a file, or standard output."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archdsl.lazy import load_module
from archdsl.terminal import hand_over, tell

if TYPE_CHECKING:
    from archdsl.network import Network


def output_option(help: str, required: bool = False) -> Callable[..., Any]:
    """`-o`: where to write, as it was given; `-` is stdout."""
    where = click.Path(dir_okay=False, allow_dash=True)
    return click.option("-o", "--output", type=where, required=required, help=help)


def plot_option(help: str) -> Callable[..., Any]:
    """`--plot`: a file; not stdout, whose form nothing would tell."""

    def checked(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Path | None:
        if value == "-":
            raise click.BadParameter("a plot goes to a file, whose ending decides its form: X.svg, X.png or X.pdf")
        return None if value is None else Path(value)

    return click.option("--plot", type=click.Path(dir_okay=False), metavar="FILE", callback=checked, help=help)


def write_output(network: Network, content: str | bytes, output: str | None) -> None:
    """What was made of the network, to `output` and told on stderr; to stdout where that is `-` or None.

    Raises:
        ArchError: it cannot be written, or `output` is a file that the network was read from.
    """
    if output is None or output == "-":
        hand_over(content)
        return
    load_module("archdsl.files").write(Path(output), content, network.files)
    size = f"{len(content.splitlines())} lines" if isinstance(content, str) else f"{len(content):,} bytes"
    tell("wrote {}: {}", output, size)


fold_option = click.option(
    "--fold-bn", is_flag=True, help="Fold batch norms into the layers before them, for evaluation; see docs/python.md."
)


def folded(network: Network) -> Network:
    """The network with its batch norms folded, as `--fold-bn` asks; how many is told on stderr.

    Raises:
        ArchError: none folds.
    """
    count = load_module("archdsl.transform.fold_batch_norm").batch_norms
    before, made = count(network.graph), network.fold_batch_norm()
    done = before - count(made.graph)
    tell(f"{done} of {before} batch norms are folded: fold the weights too, with Network.weights_from")
    return made
