"""Turns a network and a budget into the largest network within it: `archdsl fit`."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import click

from archdsl.command_line import completed, family, network_options, unknown
from archdsl.command_output import json_option, print_json
from archdsl.diagnostics.display import quoted, safe
from archdsl.lazy import load_module
from archdsl.terminal import say


class CountType(click.ParamType[Any]):
    """A whole number, as in a paper: `600M`, `5.3M`, `25_557_032`."""

    name = "N"

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        """The number; what it says beyond whole numbers is cut off."""
        if isinstance(value, int):
            return value
        claim = load_module("archdsl.expect").read_claim(str(value))
        numerals = load_module("archdsl.numerals")
        if claim is None or claim.high >= numerals.BEYOND:
            what = "no number" if claim is None and not numerals.is_out_of_range(str(value)) else "out of range"
            self.fail(f"{quoted(value)} is {what}: write for example 600M or 25_557_032", param, ctx)
        return int((claim.low + claim.high) / 2)


@click.command()
@network_options
@click.option(
    "--over",
    required=True,
    metavar="NAME",
    help="A parameter, `input`, or `phi`: EfficientNet's rule.",
    shell_complete=completed("knobs"),
)
@click.option("--macs", type=CountType(), help="At most so many multiply-accumulates.")
@click.option("--params", type=CountType(), help="At most so many parameters.")
@click.option(
    "--at-most",
    multiple=True,
    metavar="METRIC=N",
    help="At most so much of any number; repeat.",
    shell_complete=completed("budgets"),
)
@click.option("--between", metavar="LOW:HIGH", help="Where to search [default: up to 16 times the network's own].")
@click.option("--step", metavar="N", help="Distance of the values tried [default: 1 for whole numbers, else 0.001].")
@click.option("--rule", metavar="NAME=BASE,…", help="What phi grows [default: depth=1.2,width=1.1,input=1.15].")
@json_option
def fit(
    target: str,
    over: str,
    macs: int | None,
    params: int | None,
    at_most: tuple[str, ...],
    between: str | None,
    step: str | None,
    rule: str | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Find the largest value of a parameter for which a network stays within a budget, counting exactly.

    `archdsl fit mobilenet_v1_100 --macs 300M --over width`; `archdsl fit efficientnet_b0 --macs 4G --over phi`.
    """
    budgets = {name: most for name, most in (("macs", macs), ("params", params)) if most is not None}
    budgets |= dict(_budget(text) for text in at_most)
    if not budgets:
        raise click.UsageError("say what must not be exceeded: --macs 600M, --params 5M or --at-most METRIC=N")
    low, high = (None, None) if between is None else _ends(between)
    search: dict[str, Any] = {"low": low, "high": high, "step": None if step is None else _fraction(step)}
    if step is not None and search["step"] <= 0:
        raise click.UsageError("--step is a positive number, as in 0.05")
    if rule is not None:
        search["rule"] = dict(_base(part) for part in rule.split(","))
    networks = family(target, **options)
    found = load_module("archdsl.explore.fit").fit(networks, budgets, over, **search)
    table = load_module("archdsl.explore.table")
    if as_json:
        print_json(table.fit_json(found))
    else:
        say(table.fit_text(found, safe(_again(target, **options))))


def _again(target: str, network_name: str | None, **options: Any) -> str:
    """The network in the words of a command line, and the limits that it needs."""
    named = (
        target if network_name is None else f"{load_module('archdsl.target').split_target(target)[0]}:{network_name}"
    )
    limits = [f"--{key.replace('_', '-')} {most}" for key, most in options.items() if key.startswith("max_") and most]
    return " ".join([named, *limits])


def _budget(text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    registry = load_module("archdsl.analysis.registry")
    if name not in registry.names():
        unknown("metric", name, registry.names(), "archdsl analyze --all")
    return name, CountType().convert(number, None, None)


def _ends(text: str) -> tuple[Fraction, Fraction]:
    low, colon, high = text.partition(":")
    ends = _fraction(low), _fraction(high)
    if not colon or ends[0] > ends[1]:
        raise click.UsageError(f"{quoted(text)} is no range: write for example 0.25:2.0")
    return ends


def _fraction(text: str) -> Fraction:
    try:
        found: Fraction = load_module("archdsl.numerals").exact(text)
    except ValueError as reason:
        raise click.UsageError(str(reason)) from None
    return found


def _base(text: str) -> tuple[str, float]:
    name, _, number = text.partition("=")
    base = _fraction(number)
    if base <= 0:
        raise click.UsageError(f"{quoted(text)}: what phi grows has a base above 0, as in width=1.1")
    return name.strip(), float(base)


COMMAND = fit
