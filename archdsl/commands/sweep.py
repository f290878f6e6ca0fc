"""Turns a network and values of its parameters into a table of numbers: `archdsl sweep`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from archdsl.command_line import completed, family, network_options, tell_taken, unknown
from archdsl.command_output import json_option, plot_option, print_json
from archdsl.emit.endings import format_of
from archdsl.lazy import load_module
from archdsl.terminal import hand_over, say, tell


@click.command()
@network_options
@click.option(
    "--vary",
    multiple=True,
    required=True,
    metavar="NAME=VALUES",
    help="a,b,c or start:stop:step; repeat.",
    shell_complete=completed("variations"),
)
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    metavar="NAME",
    help="What to count [default: params, macs].",
    shell_complete=completed("metrics"),
)
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="Print comma-separated values.")
@plot_option("Also draw it: X.svg, X.pdf, X.png or X.tikz.")
def sweep(
    target: str,
    vary: tuple[str, ...],
    metrics: tuple[str, ...],
    as_json: bool,
    as_csv: bool,
    plot: Path | None,
    **options: Any,
) -> None:
    """Count a network for every combination of values.

    NAME is a parameter, `input`, the size of the input: 128, 128x160 or 3x128x160, or a decision of `oneof`. What else
    is left open takes its first option; `archdsl space` looks at all. The resolutions and widths of
    MobileNet: `archdsl sweep mobilenet_v1_100 --vary width=0.25:1.0:0.25 --vary input=128,160,192,224`.
    """
    if as_json and as_csv:
        raise click.UsageError("take one of --json and --csv")
    module = load_module("archdsl.explore.settings")
    try:
        variations = [module.read_variation(text) for text in vary]
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    registry = load_module("archdsl.analysis.registry")
    for metric in metrics:
        if metric not in registry.names():
            unknown("metric", metric, registry.names(), "archdsl analyze --all")
    networks = family(target, **options)
    made = load_module("archdsl.explore.sweep").sweep(networks, variations, metrics or ("params", "macs"))
    table = load_module("archdsl.explore.table")
    drawn = table.picture(made, format_of(plot)) if plot else b""
    if as_json:
        print_json(table.as_json(made))
    else:
        (hand_over if as_csv else say)(table.csv_text(made) if as_csv else table.text(made))
    right = next((point for point in made.points if not point.problem), None)
    if right is not None:
        tell_taken(networks.at(dict(zip(made.varied, right.values, strict=True))), made.varied)
    if made.problems:
        tell(f"{len(made.problems)} of {len(made.points)} points do not elaborate")
    for text in dict.fromkeys(point.remark for point in made.points if point.remark and as_csv):
        tell(f"at {sum(point.remark == text for point in made.points)} points {text}")
    if plot:
        load_module("archdsl.files").write(plot, drawn, networks.spec.files)
        tell("wrote {}", plot)


COMMAND = sweep
