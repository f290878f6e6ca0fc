"""Turns a network that leaves choices open into its designs, how many there are and what they cost: `archdsl space`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archdsl.command_line import completed, family, network_options, show, terminal_width, unknown
from archdsl.command_output import json_option, plot_option, print_json
from archdsl.diagnostics.display import quoted
from archdsl.diagnostics.model import WARNING, ArchError, Diagnostic
from archdsl.emit.endings import format_of
from archdsl.lazy import load_module
from archdsl.terminal import hand_over, say, tell

if TYPE_CHECKING:
    from archdsl.spaces.space import Space
    from archdsl.spaces.survey import Survey

MOST_DRAWN = 1_000_000


class RangeType(click.ParamType[Any]):
    """`0:1000000`, the second left out."""

    name = "FIRST:LAST"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[int, int]:
        """Both numbers."""
        ends = [end.strip().replace("_", "") for end in str(value).split(":")]
        if (
            len(ends) != 2
            or not all(end.isdecimal() and len(end) < 1000 for end in ends)
            or int(ends[0]) >= int(ends[1])
        ):
            self.fail(f"{quoted(str(value))} is no range of designs: write for example 0:1000", param, ctx)
        return int(ends[0]), int(ends[1])


@click.command()
@network_options
@click.option(
    "--sample", type=click.IntRange(1, 1_000_000), metavar="N", help="Look at N designs at random, within bounds."
)
@click.option(
    "--draws",
    type=click.IntRange(1, MOST_DRAWN),
    metavar="N",
    help="To find those of --sample, draw at most N [default: as many as take some seconds].",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of --sample.")
@click.option("--enumerate", "enumerate_", is_flag=True, help="Look at all designs.")
@click.option("--range", "between", type=RangeType(), help="Look at those of these numbers, LAST left out.")
@click.option(
    "--design",
    "number",
    type=click.IntRange(0),
    metavar="NUMBER",
    help="Print the design of that number as a spec: @picks above a variant.",
)
@click.option(
    "--where",
    metavar="BOUNDS",
    default="",
    help="Keep those within: 'macs <= 100M and params < 5M'.",
    shell_complete=completed("metrics"),
)
@click.option(
    "--pareto",
    metavar="METRIC,…",
    default="",
    help="List those that none beats in all; METRIC:max: large.",
    shell_complete=completed("metric_lists"),
)
@click.option("--networks", is_flag=True, help="Count how many networks the designs are: two may be one.")
@click.option("--jobs", type=click.IntRange(1, 1024), default=1, metavar="N", help="Share the work among N processes.")
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    metavar="NAME",
    help="What to count [default: params, macs].",
    shell_complete=completed("metrics"),
)
@json_option
@click.option("--csv", "as_csv", is_flag=True, help="Print comma-separated values, a line per design.")
@plot_option("Also draw the designs looked at: X.svg, X.pdf, X.png or X.tikz.")
def space(
    target: str,
    sample: int | None,
    draws: int | None,
    seed: int,
    enumerate_: bool,
    between: tuple[int, int] | None,
    number: int | None,
    metrics: tuple[str, ...],
    as_json: bool,
    as_csv: bool,
    plot: Path | None,
    where: str,
    pareto: str,
    networks: bool,
    jobs: int,
    **options: Any,
) -> None:
    """Say what a network leaves open, how many designs there are, exactly, and what they cost.

    A network that asks `oneof` is a space; each way to answer is a design, with a number. docs/spaces.md tells all.
    `archdsl space nasbench201_space --enumerate --pareto params,macs`.
    """
    if sum((sample is not None, enumerate_, between is not None, number is not None)) > 1:
        raise click.UsageError("take one of --sample, --enumerate, --range and --design")
    if sum((as_json, as_csv, number is not None)) > 1 or (plot and number is not None):
        raise click.UsageError("take one of --json, --csv and --design, and --plot without --design")
    _refuse_unreadable(metrics, where, pareto)
    asked: dict[str, Any] = {"metrics": metrics or ("params", "macs"), "where": where, "pareto": pareto, "seed": seed}
    asked |= {"networks": networks, "jobs": jobs, "draws": draws}
    opened: Space = load_module("archdsl.spaces.space").space(family(target, **options))
    if number is not None:
        _hand_over_design(opened, number)
        return
    listed = sample is not None or enumerate_ or between is not None
    if not listed:
        asks = bool(where or pareto or networks or as_csv or plot or opened.required)
        sample = asked["draws"] = _sample(opened, _numbers(opened, asked["metrics"], where, pareto), asks)
    found: Survey = opened.survey(sample, between=between, **asked)
    _tell_failures(opened)
    found.refuse_nothing()
    if listed:
        _tell_few(found)
    drawn = load_module("archdsl.spaces.plot").picture(found, format_of(plot)) if plot else b""
    table = load_module("archdsl.spaces.table")
    if as_json:
        print_json(table.as_json(found, listed))
    elif as_csv:
        hand_over(table.csv_text(found))
    else:
        say(table.text(found, terminal_width(), listed))
    if plot:
        load_module("archdsl.files").write(plot, drawn, opened.family.spec.files)
        tell("wrote {}", plot)


def _refuse_unreadable(metrics: tuple[str, ...], where: str, pareto: str) -> None:
    registry = load_module("archdsl.analysis.registry")
    for metric in metrics:
        if metric not in registry.names():
            unknown("metric", metric, registry.names(), "archdsl analyze --all")
    try:
        load_module("archdsl.spaces.bounds").read_bounds(where)
        load_module("archdsl.spaces.front").read_goals(pareto)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _numbers(opened: Space, metrics: tuple[str, ...], where: str, pareto: str) -> tuple[str, ...]:
    """All numbers that are read of a design: those shown, and what is within bounds or best by them."""
    bounds = [*opened.required, *load_module("archdsl.spaces.bounds").read_bounds(where)]
    goals = load_module("archdsl.spaces.front").read_goals(pareto)
    return tuple(dict.fromkeys([*metrics, *[one.metric for one in (*bounds, *goals)]]))


def _sample(opened: Space, metrics: tuple[str, ...], asks: bool) -> int | None:
    """How many designs are looked at where nobody says how many, with what `asks` for a look; None: all."""
    most = opened.costs.way(metrics).a_second
    if opened.size <= most:
        return None
    if asks:
        return most
    return most // 10 if load_module("archdsl.spaces.ends").proven(opened, metrics) is None else 0


def _hand_over_design(opened: Space, number: int) -> None:
    number_text = load_module("archdsl.emit.cells").number_text
    try:
        design = opened.unrank(number)
    except IndexError:
        message = f"{opened.name} has no design {number_text(number)}"
        hint = f"they are numbered from 0 to {number_text(opened.size - 1)}"
        raise ArchError([Diagnostic("bad-argument", message, None, help=hint)]) from None
    numbers = opened.numbers(design, [one.metric for one in opened.required])
    for one in opened.required:
        if not load_module("archdsl.spaces.bounds").within([one], numbers):
            tell(
                "@require({}) does not allow this design: {} is {}",
                one.text,
                one.metric,
                number_text(numbers[one.metric]),
            )
    if not load_module("archdsl.spaces.as_spec").importable(opened):
        file = opened.family.spec.root.source.name
        tell("no spec can import {}, whose name is none of the language: put this design into it, or rename it", file)
    hand_over(opened.spec(design, "found" if opened.name != "found" else "found_2"))


def _tell_few(found: Survey) -> None:
    """Say on stderr where a sample has fewer designs than are asked for."""
    if found.wanted is None or len(found.seen) >= found.wanted:
        return
    few = f"{len(found.seen):,} of {found.looked:,} drawn fit, and {found.wanted:,} are asked for"
    tell("{}: {}", few, "--draws N looks at more" if found.looked < MOST_DRAWN else "another --seed draws others")


def _tell_failures(opened: Space) -> None:
    """Say on stderr how many designs do not elaborate, and why the first does not."""
    if not opened.failing:
        return
    design = opened.failure
    try:
        opened.network(design)
    except ArchError as error:
        count = f"{opened.failing:,} design{'s do' if opened.failing > 1 else ' does'}"
        picks = ", ".join(f"{name} = {text}" for name, text in design.items())
        tell("{} not elaborate; of the first, which picks {}:", count, picks)
        show([replace(one, severity=WARNING) for one in error.diagnostics])  # the answer is right


COMMAND = space
