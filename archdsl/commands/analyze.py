"""Turns a network into a table of its numbers: `archdsl analyze`."""

from __future__ import annotations

from typing import Any

import click

from archdsl.command_line import load, load_open, network_options, terminal_width
from archdsl.command_output import json_option, print_json
from archdsl.lazy import load_module
from archdsl.presets.registry import names
from archdsl.terminal import say


@click.command()
@network_options
@click.option(
    "--by",
    type=click.Choice(["block", "op", "kind", "stage"]),
    default="block",
    help="One row per block, word, kind or size; a size is that of all axes but the first, of a map height and width.",
)
@click.option(
    "--sort", type=click.Choice(["order", "params", "macs", "memory"]), default="order", help="Order of the rows."
)
@click.option(
    "--depth", type=click.IntRange(1), default=1, show_default=True, help="How many levels of blocks to open."
)
@click.option(
    "--all", "everything", is_flag=True, help="Also every number that @expect knows: receptive field, memory, …"
)
@click.option("--kernels", is_flag=True, help="With --by kind: leave biases and norms out of the parameters.")
@click.option(
    "--count",
    "tool",
    type=click.Choice(names()),
    help="Instead, what this tool prints for the emitted module, and why that is not our number.",
)
@json_option
def analyze(
    target: str,
    by: str,
    sort: str,
    depth: int,
    everything: bool,
    kernels: bool,
    tool: str | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Count parameters, multiply-accumulates, memory access and depth, each tied to a line of the spec.

    Of a network that leaves choices open, numbers that depend on them say from where to where they go.
    """
    if kernels and by != "kind":
        raise click.UsageError("--kernels goes with --by kind")
    if tool is not None and (by != "block" or sort != "order" or depth != 1 or everything):
        raise click.UsageError("--count prints what the tool does: it goes without --by, --sort, --depth and --all")
    if tool is not None:
        counted = load(target, **options).count(tool)
        if as_json:
            print_json(counted.to_json())
        else:
            say(load_module("archdsl.presets.text").text(counted))
        return
    network, space = load_open(target, **options)
    width = terminal_width()
    if space is not None:
        ranges = space.analyze(depth, everything=everything)
        if as_json:
            print_json(ranges.to_json())
        else:
            shown = load_module("archdsl.spaces.ranges_table").text
            say(shown(ranges, by=by, sort=sort, width=width, kernels=kernels, of=target))
        return
    assert network is not None
    tables = load_module("archdsl.emit.tables")
    report = network.analyze()
    if as_json:
        found = report.to_json(depth) | ({"metrics": tables.metrics_json(report)} if everything else {})
        print_json(found)
        return
    say(tables.analysis_text(report, by=by, sort=sort, depth=depth, width=width, kernels=kernels))
    if everything:
        say("\n" + tables.metrics_text(report))


COMMAND = analyze
