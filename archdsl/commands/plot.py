"""Turns a network into plots of its numbers along depth: `archdsl plot`."""

from __future__ import annotations

from typing import Any

import click

from archdsl.command_line import completed, load, network_options, show, unknown
from archdsl.command_output import output_option, write_output
from archdsl.command_pictures import dpi_option, tell_unused, width_option
from archdsl.diagnostics.model import Diagnostics
from archdsl.emit.endings import format_of, picture_as
from archdsl.emit.marks.formats import FORMATS
from archdsl.emit.marks.palettes import PALETTES
from archdsl.lazy import load_module


@click.command()
@network_options
@output_option("Where to draw; - is stdout.", required=True)
@click.option(
    "--what",
    multiple=True,
    metavar="cost|field|memory|share",
    help="What to plot; repeat [default: all].",
    shell_complete=completed("plots"),
)
@width_option
@click.option("--format", type=click.Choice(FORMATS), help="The format; else the ending of -o says, for - svg.")
@click.option("--theme", type=click.Choice(list(PALETTES)), default="light", show_default=True, help="Its colours.")
@dpi_option
def plot(target: str, output: str, what: tuple[str, ...], format: str | None, **options: Any) -> None:
    """Plot cost, receptive field and memory along depth, and where the cost lies, on one page, or on those of --width.

    cost: multiply-accumulates and parameters per layer. field: receptive field of each op. memory: bytes in use while
    each op runs. share: cost by kind of op and by module. In an svg, pointing at a mark shows its module and line.
    """
    look = load_module("archdsl.emit.figure.look").look(
        **{name: options.pop(name) for name in ("theme", "width", "dpi")}
    )
    page = load_module("archdsl.emit.plots.page")
    for name in what:
        if name not in page.SUBJECTS:
            unknown("plot", name, page.SUBJECTS, "archdsl plot --help")
    network = load(target, **options)
    chosen = format or ("svg" if output == "-" else format_of(output))
    odd = Diagnostics()
    picture = page.picture(network.graph, what, chosen, look, odd)
    show(odd)
    write_output(network, picture, output, picture_as(chosen))
    tell_unused(chosen, ["dpi"])


COMMAND = plot
