"""Turns a network into a picture: `archdsl draw`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from archdsl.command_line import completed, load, load_open, network_options, refuse, show
from archdsl.command_output import output_option, write_output
from archdsl.command_pictures import dpi_option, tell_unused, width_option
from archdsl.command_sides import need_two, of_sides, side_options
from archdsl.diagnostics.model import ArchError
from archdsl.diagnostics.unknown import UnknownName
from archdsl.emit.endings import format_of, picture_as
from archdsl.emit.figure.look import COLORS, MOST_DEPTH, OPTIONS, THEMES
from archdsl.emit.registry import PICTURES, names
from archdsl.lazy import load_module
from archdsl.terminal import tell

if TYPE_CHECKING:
    from archdsl.network import Network
    from archdsl.pictured import Pictured


_IN_QUOTES = 'the variant of a block stands in quotes: --block "{}"'


class _DrawCommand(click.Command):
    """A command that says of words too many behind a block that the variant of a block stands in quotes."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does."""
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            if "--block" not in given or "extra argument" not in error.message:
                raise
            raise click.UsageError(f"{error.message}; {_IN_QUOTES.format('basic b')}", ctx) from None


@click.command(cls=_DrawCommand)
@network_options
@click.argument("other", metavar="[OTHER]", required=False, shell_complete=completed("targets"))
@side_options("the first of two networks", "OTHER")
@output_option("Where to draw; - is stdout.", required=True)
@click.option("--format", type=click.Choice(names(PICTURES)), help="The format; else the ending of -o says, for - svg.")
@width_option
@click.option("--block", metavar="NAME", multiple=True, help="Only this block, or variant ('basic a'); repeatable.")
@click.option("--inline", metavar="NAME", multiple=True, help="Open this block where it is called; repeatable.")
@click.option("--depth", type=click.IntRange(0, MOST_DEPTH), default=0, help="Open so many levels of blocks in place.")
@click.option("--cells", is_flag=True, help="Cells as papers on architecture search draw them: inputs below.")
@click.option(
    "--color",
    type=click.Choice(COLORS),
    default="kind",
    show_default=True,
    help="What colours say: the kind of op, or a share of the cost.",
)
@click.option("--theme", type=click.Choice(THEMES), default="light", show_default=True)
@click.option("--left-to-right", is_flag=True, help="Let wires lead to the right.")
@dpi_option
@click.option("--bare", is_flag=True, help="Leave out name, caption and legend: a paper has its own caption.")
@click.option("--first", is_flag=True, help="Where choices are open draw the network of the first options.")
@click.option("--verify", is_flag=True, help="Prove that the figure shows every op and operand, else fail.")
def draw(
    target: str, other: str | None, output: str, format: str | None, first: bool, verify: bool, **options: Any
) -> None:
    """Draw the network as a paper would print it: its skeleton, and one panel per block.

    Of a network that leaves choices open all is drawn that its designs consist of, with each decision where they part.

    With OTHER, a second network, draw both beside each other and mark what was added, removed and changed, aligned as
    `archdsl diff` aligns; --set, --input and --pick are for both, --set-old and the like for the first, --set-new and
    the like for OTHER.
    """
    looks = {name: options.pop(name) for name in OPTIONS}
    need_two(other, options)
    if other is not None and (looks["color"] != "kind" or verify):
        raise click.UsageError("two networks are drawn without --color, since colours say what differs, and --verify")
    if other == target == "-":
        raise click.UsageError("only one of the two networks can come from stdin")
    old, new = of_sides(options)
    network = _first(target, other, first, looks["color"], old)
    second = None if other is None else _other(other, new, looks["block"])
    chosen = format or ("svg" if output == "-" else format_of(output))
    try:
        proof = network.figure_proof(chosen, **looks) if verify else ""
        picture, odd = network.figure(chosen, second, **looks)
    except UnknownName as error:
        refuse(error.message, error.hint)
    show(odd)
    write_output(network, picture, output, picture_as(chosen), second)
    if proof:
        tell("{}", proof)
    tell_unused(chosen, OPTIONS)


def _first(target: str, other: str | None, first: bool, color: str, options: dict[str, Any]) -> Pictured:
    """The network, or the first of two; or the space that is drawn of it.

    Raises:
        ArchError: the spec or an override is wrong.
    """
    if first or other is not None:
        return load(target, "" if other is None else "first", **options)
    network, space = load_open(target, **options)
    if space is None:
        assert network is not None
        return network
    if color != "kind":
        raise click.UsageError("what a box costs depends on what is picked: draw with --first, or without --color")
    drawn: Pictured = load_module("archdsl.spaces.figure").SpaceFigure(space)
    return drawn


def _other(target: str, options: dict[str, Any], blocks: Sequence[str]) -> Network:
    """The second network.

    Raises:
        ArchError: there is none; it may be the variant of a block that was meant.
    """
    try:
        return load(target, "second", **options)
    except ArchError as error:
        found = error.diagnostics[0]
        if not blocks or found.code != "file-not-found":
            raise
        help = _IN_QUOTES.format(f"{blocks[-1]} {target}")
        raise ArchError([replace(found, help=f"{help}; of a second network: {found.help}")]) from None


COMMAND = draw
