"""Writes what a command found: as JSON on standard output, or to where `-o` or `--plot` says."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.lazy import load_module
from archdsl.terminal import hand_over, say, tell

if TYPE_CHECKING:
    from archdsl.network import Network
    from archdsl.pictured import Pictured
    from archdsl.supernet.supernet import Supernet

_LATEX_PAGE = b"\n\\begin{tikzpicture}"


def json_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """`--json`, which the command gets as `as_json`: its diagnostics are then JSON too, on stdout, exit code 1."""

    @wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except ArchError as error:
            if not kwargs["as_json"] or sys.stdout is None:  # closed, or full: that is told on stderr
                raise
            print_json({"diagnostics": diagnostics_json(error.diagnostics)})
            sys.exit(1)

    return click.option("--json", "as_json", is_flag=True, help="Print JSON: docs/json.md, `archdsl schema`.")(run)


def print_json(data: Any) -> None:
    """Write plain data to stdout as JSON: indented, in ASCII."""
    say(json.dumps(data, indent=2, allow_nan=False))


def diagnostics_json(diagnostics: Iterable[Diagnostic]) -> list[dict[str, Any]]:
    """Messages as plain data."""
    to_json = load_module("archdsl.diagnostics.json").to_json
    return [to_json(diagnostic) for diagnostic in diagnostics]


def output_option(help: str, required: bool = False) -> Callable[..., Any]:
    """`-o`: where to write, as it was given; `-` is stdout."""
    where = click.Path(dir_okay=False, allow_dash=True)
    return click.option("-o", "--output", type=where, required=required, help=help)


def plot_option(help: str) -> Callable[..., Any]:
    """`--plot`: a file; not stdout, whose form nothing would tell."""

    def checked(_ctx: click.Context, _param: click.Parameter, value: str | None) -> Path | None:
        if value == "-":
            raise click.BadParameter(
                "a plot goes to a file, whose ending decides its form: X.svg, X.pdf, X.png or X.tikz"
            )
        return None if value is None else Path(value)

    return click.option("--plot", type=click.Path(dir_okay=False), metavar="FILE", callback=checked, help=help)


def write_output(
    network: Pictured | Supernet,
    content: str | bytes,
    output: str | None,
    holds: tuple[str, str],
    other: Pictured | None = None,
) -> None:
    """What was made of the network, or of two, to `output` and told on stderr; to stdout where that is `-` or None.

    `holds` are the ending of files of such content, and what to call it.

    Raises:
        ArchError: it cannot be written, `output` is a file that a network was read from, or ends as something else.
    """
    if output is None or output == "-":
        hand_over(content)
        return
    read = (*network.files, *(other.files if other is not None else ()))
    load_module("archdsl.emit.endings").write_as(Path(output), content, read, *holds)
    size = f"{len(content.encode() if isinstance(content, str) else content):,} bytes"
    if isinstance(content, bytes):
        is_pdf = content.startswith(b"%PDF")
        pages = load_module("archdsl.emit.marks.pdf").page_count(content) if is_pdf else content.count(_LATEX_PAGE)
        size += f", {pages} pages" if pages > 1 else ""
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
