"""Turns a network into a page to walk through it: `archdsl view`."""

from __future__ import annotations

import tempfile
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archdsl.command_line import completed, load, network_options, overrides, picks, read, spec_of
from archdsl.command_output import output_option, write_output
from archdsl.command_sides import need_two, of_sides, side_options
from archdsl.diagnostics.model import ArchError
from archdsl.lazy import load_module
from archdsl.target import split_target
from archdsl.terminal import say, tell

if TYPE_CHECKING:
    from archdsl.emit.view.live import Attempt


@click.command()
@network_options
@click.argument("other", metavar="[OTHER]", required=False, shell_complete=completed("targets"))
@side_options("the first of two networks", "OTHER")
@output_option("Where to write the page, - is stdout; without, it is shown in the browser.")
@click.option(
    "--color",
    type=click.Choice(("kind", "params", "macs", "memory")),
    help="What colours tell at first; without, the kind.",
)
@click.option("--theme", type=click.Choice(("light", "dark")), help="How it looks at first; else as the browser asks.")
@click.option("--watch", is_flag=True, help="Serve the page to this machine alone, and make it again on every save.")
@click.option("--port", type=click.IntRange(1, 65535), help="Where to serve; without, any port that is free.")
def view(
    target: str,
    other: str | None,
    output: str | None,
    color: str | None,
    theme: str | None,
    watch: bool,
    port: int | None,
    **options: Any,
) -> None:
    """Make one HTML file to walk through the network in: blocks unfold, the spec stands beside.

    It needs nothing else: no network, no server. Press ? in it for its keys.

    With OTHER, a second network, both stand beside each other, and what was added, removed and changed is marked,
    aligned as `archdsl diff` aligns; --set, --input and --pick are for both, --set-old and the like for the first,
    --set-new and the like for OTHER.
    """
    need_two(other, options)
    if other == target == "-":
        raise click.UsageError("only one of the two networks can come from stdin")
    if watch and (output is not None or "-" in (target, other)):
        raise click.UsageError("--watch shows what a file says as it is saved: give a file, and no -o")
    if port is not None and not watch:
        raise click.UsageError("--port is for --watch: a file needs no port")
    if watch:
        sides = [
            (name, side) for name, side in zip((target, other), of_sides(options), strict=True) if name is not None
        ]
        _serve(sides, port or 0, load_module("archdsl.emit.view.page").start_of(color, theme))
        return
    look = {"color": color, "theme": theme}
    old, new = of_sides(options)
    network = load(target, "" if other is None else "first", **old)
    second = None if other is None else load(other, "second", **new)
    if output is not None:
        write_output(network, network.view(other=second, **look), output, ("html", "a page"), second)
        return
    path = Path(tempfile.mkdtemp(prefix="archdsl-")) / f"{network.name}.html"
    network.view(path, second, **look)
    shown = webbrowser.open(path.as_uri())
    tell("{} is shown by the browser" if shown else "{} is written; there is no browser to show it", path)


def _serve(sides: list[tuple[str, Any]], port: int, start: str) -> None:
    """Serves the page of what `sides` call and how they set it, until Ctrl-C.

    Raises:
        ArchError: there is no such file.
    """
    for target, _ in sides:
        read(split_target(target)[0])
    try:
        live = load_module("archdsl.emit.view.live").LivePage(lambda: attempt(sides), port)
    except OSError as error:
        reason = error.strerror or str(error)
        raise click.UsageError(
            f"cannot serve at port {port}: {reason}; without --port one is taken that is free"
        ) from None
    say(live.url)
    tell("made again on every save of the spec; Ctrl-C ends it")
    webbrowser.open(live.url + (f"#{start}" if start else ""))
    try:
        live.run()
    except KeyboardInterrupt:
        tell("stopped")


def attempt(sides: list[tuple[str, Any]]) -> Attempt:
    """Reads the specs once more."""
    mistakes: dict[str, None] = {}  # one for both where they are of one file
    found = [_one(target, mistakes, **side) for target, side in sides]
    for mistake in mistakes:
        tell("{}", mistake)
    graphs = tuple(graph for one in found for graph in one.graphs)
    if len(graphs) == len(sides):
        names = load_module("archdsl.emit.titles").titles(*graphs) if len(graphs) > 1 else [graphs[0].name]
        tell("{} is drawn", " → ".join(names))
    files = dict.fromkeys(file for one in found for file in one.files)
    problems = dict.fromkeys(one.problems for one in found if one.problems)
    made = load_module("archdsl.emit.view.live").Attempt
    result: Attempt = made(graphs if len(graphs) == len(sides) else (), "\n".join(problems), tuple(files))
    return result


def _one(
    target: str,
    mistakes: dict[str, None],
    *,
    network_name: str | None,
    inputs: Any,
    settings: tuple[str, ...],
    pick: tuple[str, ...],
    **limits: int | None,
) -> Attempt:
    made, listing = load_module("archdsl.emit.view.live").Attempt, load_module("archdsl.diagnostics.render").listing
    file, _ = split_target(target)
    files: tuple[str, ...] = (file,)
    try:
        shapes, parameters = overrides(inputs, settings)
        spec, name = spec_of(target, network_name, limits)
        files = spec.files
        from_spec = load_module("archdsl.network").from_spec
        network = from_spec(spec, name, parameters, input=shapes, picks=picks(pick))
    except ArchError as error:
        found: Attempt = made((), listing(error.diagnostics), files)
        mistakes |= {f"{item.span or file}: {item.message}": None for item in error.diagnostics[:20]}
    else:
        found = made((network.graph,), listing(network.warnings) if network.warnings else "", files)
    return found


COMMAND = view
