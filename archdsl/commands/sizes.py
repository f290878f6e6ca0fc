"""Turns a network into the input sizes that it takes: `archdsl sizes`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from archdsl.command_line import load, network_options, unknown
from archdsl.command_output import json_option, print_json
from archdsl.diagnostics.display import quoted
from archdsl.lazy import load_module
from archdsl.terminal import say

if TYPE_CHECKING:
    from archdsl.analysis.sizes.answer import Sizes

MOST = 4096


class SizeList(click.ParamType[Any]):
    """`160,192,224-256,224x320`."""

    name = "S,A-B,HxW,…"

    def convert(self, value: Any, param: Any, ctx: Any) -> list[tuple[int, ...]]:
        """One tuple of sizes per entry."""
        found: list[tuple[int, ...]] = []
        for part in str(value).replace("×", "x").split(","):
            bounds = [bound.strip() for bound in part.split("-")]
            numbers = [bound.strip() for bound in part.lower().split("x")]
            if len(bounds) == 2 and all(map(_is_size, bounds)) and int(bounds[0]) <= int(bounds[1]):
                found += [(size,) for size in range(int(bounds[0]), min(int(bounds[1]), int(bounds[0]) + MOST) + 1)]
            elif all(map(_is_size, numbers)):
                found.append(tuple(map(int, numbers)))
            else:
                self.fail(f"{quoted(part.strip())} is no size: write for example 224, 192-256 or 224x320", param, ctx)
        if len(found) > MOST:
            self.fail(f"{len(found):,} sizes are too many: at most {MOST:,}", param, ctx)
        return found


def _is_size(text: str) -> bool:
    return text.isdecimal() and len(text) < 7 and int(text) > 0


@click.command()
@network_options
@click.option("--axis", default=None, metavar="NAME", help="Only this axis: height, width, …; the others as declared.")
@click.option("--at", type=SizeList(), default=None, help="Tabulate exact numbers at these sizes.")
@click.option("--range", "tried", type=SizeList(), default=None, metavar="A-B", help="Sizes to try without formulas.")
@json_option
def sizes(
    target: str,
    axis: str | None,
    at: list[tuple[int, ...]] | None,
    tried: list[tuple[int, ...]] | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Tell which input sizes work, which lose pixels, and what they cost, by formulas that hold for every size."""
    network = load(target, **options)
    try:
        found: Sizes = network.sizes(None if tried is None else (min(tried)[0], max(tried)[0]))
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    table = load_module("archdsl.emit.sizes_table")
    number = None if axis is None else _axis_number(found, axis)
    points = [table.point_of(found, given, number) for given in at] if at else table.usual(found, number)
    for point in points:
        if len(point) != len(found.axes):
            wanted = "x".join(x.letter for x in found.axes)
            raise click.UsageError(f"{'x'.join(map(str, point))} is no input size: write one number, or {wanted}")
    if as_json:
        print_json(load_module("archdsl.emit.sizes_json").as_json(found, points, network.follows_size))
    elif at:
        say(table.at_text(found, points, network.source_name))
    else:
        say(table.text(found, points, number, network.source_name, network.follows_size))


def _axis_number(found: Sizes, name: str) -> int:
    for number, axis in enumerate(found.axes):
        if name in (axis.name, axis.letter):
            return number
    unknown("axis", name, [axis.name for axis in found.axes], "archdsl sizes")


COMMAND = sizes
