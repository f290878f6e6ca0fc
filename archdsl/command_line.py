"""Turns the words of a command line into networks, sizes and settings, and diagnostics into text and exit codes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.lazy import load_module
from archdsl.source import Source
from archdsl.terminal import is_terminal, tell, tell_styled

if TYPE_CHECKING:
    from archdsl.network import Network

Command = Callable[..., Any]


class Size(click.ParamType[Any]):
    """`3x331x331`, or `name=3x331x331` for a network with several inputs."""

    name = "CxHxW"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, tuple[int, ...]]:
        """The input's name ("" when left out) and its shape."""
        name, _, size = str(value).rpartition("=")
        parts = size.lower().replace("×", "x").split("x")
        if not all(part.strip().isdecimal() and len(part) < 10 for part in parts):
            self.fail(f"{value!r} is no size: write for example 3x331x331", param, ctx)
        return name, tuple(int(part) for part in parts)


def network_options(function: Command) -> Command:
    """The options that every command on one network takes."""
    options = [
        click.argument("target", metavar="FILE[:NETWORK]", shell_complete=complete_target),
        click.option("--network", "network_name", metavar="NAME", help="The network, where FILE is - for stdin."),
        click.option("--input", "inputs", type=Size(), multiple=True, help="Size of the input, batch left out."),
        click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Override a parameter."),
        click.option(
            "--pick", default="", metavar="I,J,…", help="Decide what `oneof` leaves open: indices in asked order."
        ),
        click.option("--max-ops", type=int, default=None, help="Raise the limit on ops, all calls expanded."),
        click.option("--max-steps", type=int, default=None, help="Raise the limit on loop steps and calls."),
        click.option("--max-elements", type=int, default=None, help="Raise the limit on list elements."),
    ]
    for option in reversed(options):
        function = option(function)
    return function


def complete_target(_ctx: Any, _param: Any, incomplete: str) -> list[str]:
    """Names of spec files, and after a colon the networks that the file defines."""
    file, colon, prefix = incomplete.partition(":")
    if colon and Path(file).is_file():
        try:
            names = load_module("archdsl.network").networks(file)
        except ArchError:
            return []
        return [f"{file}:{name}" for name in names if name.startswith(prefix)]
    folder = Path(incomplete).parent
    return [
        str(path) + ("/" if path.is_dir() else "")
        for path in sorted(folder.glob("*"))
        if str(path).startswith(incomplete) and (path.is_dir() or path.suffix == ".arch")
    ]


def unknown(what: str, name: str, known: Iterable[str], command: str) -> None:
    """Exit with 2: there is no such thing, with the nearest name."""
    meant = load_module("archdsl.elaborate.synonyms").meaning(name) if what == "op" else None
    near = load_module("difflib").get_close_matches(name, list(known), 1)
    hint = f"did you mean {near[0]}?" if near else f"`{command}` lists them all"
    if meant is not None:
        hint = f"did you mean {meant.word}?" if meant.word else meant.text
    tell("there is no {} {}; {}", what, name, hint)
    sys.exit(2)


def load(
    target: str, *, network_name: str | None, inputs: Any, settings: tuple[str, ...], pick: str, **limits: int | None
) -> Network:
    """The network that a command line means; what it chose for `oneof` and its warnings go to stderr.

    Raises:
        ArchError: the spec or an override is wrong.
    """
    module = load_module("archdsl.network")
    file, name = module.split_target(target)
    shapes, parameters = overrides(inputs, settings)
    names = {"max_ops": "flat_ops", "max_steps": "steps", "max_elements": "elements"}
    raised = {names[key]: value for key, value in limits.items() if value is not None}
    if "flat_ops" in raised:
        raised["nodes"] = raised["flat_ops"]
    if "steps" in raised:
        raised["evaluations"] = 2 * raised["steps"]
    made = module.Limits(**raised) if raised else None
    network: Network = module.from_source(
        read(file), network_name or name, parameters, input=shapes, pick=picks(pick), limits=made
    )
    show(network.warnings)
    if network.choices:
        taken = ",".join(str(choice.index) for choice in network.choices)
        tell(f"{len(network.choices)} choices left open by `oneof` were taken: --pick {taken}")
    if shapes or parameters:
        tell("sizes or parameters are overridden: @expect is not judged")
    return network


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


def overrides(inputs: Any, settings: tuple[str, ...]) -> tuple[Any, dict[str, str]]:
    """What `--input` and `--set` say: a shape, or shapes by name, or None; and parameters as text of the language."""
    shapes: Any = None
    if inputs:
        shapes = inputs[0][1] if len(inputs) == 1 and not inputs[0][0] else {n or _unnamed(): s for n, s in inputs}
    return shapes, dict(_setting(setting) for setting in settings)


def _unnamed() -> str:
    raise click.UsageError("name each of several inputs: --input x=3x224x224 --input ids=128")


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise click.UsageError(f"{text!r} sets nothing: write for example --set classes=10")
    return name.strip(), value.strip()


def picks(text: str) -> tuple[int, ...]:
    """What `--pick` says: indices, in asked order."""
    parts = [part for part in text.replace("[", "").replace("]", "").split(",") if part.strip()]
    if not all(part.strip().isdecimal() and len(part) < 10 for part in parts):
        raise click.UsageError(f"{text!r} is no list of picks: write for example --pick 0,2,1")
    return tuple(int(part) for part in parts)


def read(file: str) -> Source:
    """The Source of a file, or of stdin for `-`.

    Raises:
        ArchError: it cannot be read.
    """
    source: Source = load_module("archdsl.syntax.read").read_source(file)
    return source


def show(diagnostics: Iterable[Diagnostic]) -> None:
    """Write diagnostics to stderr, with colours on a terminal and a count below."""
    found = list(diagnostics)
    if found:
        module = load_module("archdsl.diagnostics.render")
        tell_styled(module.listing(found, color=is_terminal(stderr=True)))


def terminal_width() -> int:
    """Columns to print for: the terminal's, 80 when there is none."""
    return max(60, min(160, load_module("shutil").get_terminal_size((80, 24)).columns)) if is_terminal() else 80
