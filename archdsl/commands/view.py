"""Turns a network into a page to walk through it: `archdsl view`."""

from __future__ import annotations

import tempfile
import webbrowser
from pathlib import Path
from typing import Any

import click

from archdsl.command_line import load, network_options
from archdsl.command_output import output_option, write_output
from archdsl.terminal import tell


@click.command()
@network_options
@output_option("Where to write the page, - is stdout; without, it is shown in the browser.")
def view(target: str, output: str | None, **options: Any) -> None:
    """Make one HTML file to walk through the network in: blocks unfold, the spec stands beside.

    It needs nothing else: no network, no server. Press ? in it for its keys.
    """
    network = load(target, **options)
    if output is not None:
        write_output(network, network.view(), output)
        return
    folder = Path(tempfile.mkdtemp(prefix="archdsl-"))
    path = folder / f"{network.name}.html"
    network.view(path)
    shown = webbrowser.open(path.as_uri())
    tell("{} shows {}" if shown else "{1} is written to {0}; there is no browser to show it", path, network.name)


COMMAND = view
