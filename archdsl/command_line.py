"""Turns the words of a command line into networks, sizes and settings, and diagnostics into text and exit codes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NoReturn

import click

from archdsl.diagnostics.display import quoted
from archdsl.diagnostics.model import WARNING, ArchError, Diagnostic
from archdsl.diagnostics.unknown import CLOSE, several_names
from archdsl.lazy import load_module
from archdsl.source import Source
from archdsl.terminal import is_terminal, tell, tell_styled

if TYPE_CHECKING:
    from archdsl.explore.settings import NetworkFamily
    from archdsl.network import Network
    from archdsl.spaces.space import Space

Command = Callable[..., Any]
_FEW = 8  # names that a message lists
_MANY = 3  # picks that a message lists
_LIMIT = click.IntRange(1, 10**15)


class SizeType(click.ParamType[Any]):
    """`3x331x331`, or `name=3x331x331` for a network with several inputs."""

    name = "CxHxW"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[str, tuple[int, ...]]:
        """The input's name ("" when left out) and its shape."""
        name, equals, size = str(value).rpartition("=")
        parts = size.lower().replace("×", "x").split("x")
        if bool(equals) != bool(name) or not all(part.strip().isdecimal() and len(part) < 10 for part in parts):
            self.fail(f"{quoted(str(value))} is no size: write 3x331x331, or x=3x331x331 for the input x", param, ctx)
        return name, tuple(int(part) for part in parts)


class SettingType(click.ParamType[str]):
    """`NAME=VALUE` in one word; what a shell cut at a space is told so."""

    name = "NAME=VALUE"

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        """What was given."""
        text = str(value)
        if '"' not in text and any(text.count(a) > text.count(b) for a, b in ("[]", "()")):
            self.fail(f"{quoted(text)} breaks off: quote what has spaces, as in 'widths=[16, 32]'", param, ctx)
        return text


def completed(kind: str) -> Command:
    """What completes words of this kind, from `archdsl.completion`, which is loaded when it is asked."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> Any:
        return getattr(load_module("archdsl.completion"), kind)(ctx, param, incomplete)

    return complete


def input_option(flag: str = "--input", name: str = "inputs", whose: str = "") -> Command:
    """`--input`: the size of the input, or of the input of that name."""
    help = f"Size of the input{whose}, batch left out: 3x224x224. Of several inputs, the first; x=3x224x224 sets x."
    return click.option(flag, name, type=SizeType(), multiple=True, help=help, shell_complete=completed("inputs"))


def set_option(flag: str = "--set", name: str = "settings", whose: str = "", complete: Any = None) -> Command:
    """`--set`: a value for a parameter."""
    help = f"Override a parameter{whose}."
    metavar = SettingType.name
    return click.option(
        flag, name, type=SettingType(), multiple=True, metavar=metavar, help=help, shell_complete=complete
    )


def pick_option(flag: str = "--pick", name: str = "pick", whose: str = "") -> Command:
    """`--pick`: the option of a decision."""
    help = f"Decide what `oneof` leaves open{whose}: the option of the decision of that name."
    metavar = "NAME=OPTION"
    return click.option(flag, name, multiple=True, metavar=metavar, help=help, shell_complete=completed("decisions"))


def network_options(function: Command) -> Command:
    """The options that every command on one network takes."""
    options = [
        click.argument("target", metavar="FILE[:NETWORK]", shell_complete=completed("targets")),
        click.option("--network", "network_name", metavar="NAME", help="The network, where FILE is - for stdin."),
        input_option(),
        set_option(complete=completed("parameters")),
        pick_option(),
        click.option("--max-ops", type=_LIMIT, help="Raise the limit on ops, all calls expanded."),
        click.option("--max-steps", type=_LIMIT, help="Raise the limit on loop steps and calls."),
        click.option("--max-elements", type=_LIMIT, help="Raise the limit on list elements."),
    ]
    for option in reversed(options):
        function = option(function)
    return function


def unknown(what: str, name: str, known: Iterable[str], command: str) -> NoReturn:
    """Says that there is no such thing, with the nearest name.

    Raises:
        ArchError: always.
    """
    meant = load_module("archdsl.synonyms.names").meaning(name) if what == "op" else None
    known = list(known)
    if what == "op":
        near = load_module("archdsl.synonyms.spelling").slipped(name, known)
    else:
        near = next(iter(load_module("difflib").get_close_matches(name, known, 1, CLOSE)), None)
    few = known[: _FEW + 1]
    hint = f"`{command}` lists them all" if len(few) > _FEW else f"there are {', '.join(few)}"
    hint = f"did you mean {near}?" if near else hint
    if several := several_names(name, known):
        hint = f"one at a time, repeating the option: {', '.join(several)}"
    if meant is not None:
        hint = f"did you mean {meant.word}?" if meant.word else meant.text
    refuse(f"there is no {what} called {name}", hint)


def refuse(message: str, hint: str) -> NoReturn:
    """Says that a name on the command line is none that there is.

    Raises:
        ArchError: always.
    """
    raise ArchError([Diagnostic("unknown-name", message, None, help=hint)])


def load(
    target: str,
    which: str = "",
    *,
    network_name: str | None,
    inputs: Any,
    settings: tuple[str, ...],
    pick: tuple[str, ...],
    **limits: int | None,
) -> Network:
    """The network that a command line means; what it chose for `oneof` and its warnings go to stderr.

    `which` of two networks it is, "first" or "second", is said where something is said of it.

    Raises:
        ArchError: the spec or an override is wrong.
    """
    shapes, parameters = overrides(inputs, settings)
    spec, name = spec_of(target, network_name, limits)
    network: Network = load_module("archdsl.network").from_spec(spec, name, parameters, input=shapes, picks=picks(pick))
    _tell_made(network, shapes, parameters, which)
    return network


def load_open(target: str, **options: Any) -> tuple[Network, None] | tuple[None, Space]:
    """The network that a command line means, or, where that leaves choices open, its space.

    Of a space that is too large to be had it is the network of the first options, and the reason goes to stderr.

    Raises:
        ArchError: the spec or an override is wrong.
    """
    made = family(target, **options)
    asked = load_module("archdsl.elaborate.decisions").Decisions(made.picks)
    try:
        network: Network | ArchError = load_module("archdsl.network").from_spec(
            made.spec, made.network, made.fixed, input=made.sizes, picks=asked
        )
    except ArchError as error:  # of the first design; others may elaborate
        network = error
    if asked.open:
        try:
            found: Space = load_module("archdsl.spaces.space").space(made)
        except ArchError as error:  # one of its networks may be had all the same
            if isinstance(network, ArchError) or error.diagnostics[0].code != "space-too-large":
                raise
            show([replace(one, severity=WARNING) for one in error.diagnostics])
        else:
            if found.size + found.failing > 1:
                return None, found
    if isinstance(network, ArchError):  # now with when it asks what it does not
        network = made.at({})
    _tell_made(network, made.sizes, made.fixed)
    return network, None


def _tell_made(network: Network, shapes: Any, parameters: Mapping[str, Any], which: str = "") -> None:
    """Say what is odd in a network, what was chosen for `oneof`, and what was overridden."""
    show(network.warnings)
    of = f" in the {which} network" if which else ""
    tell_taken(network, of=of)
    if shapes or parameters:
        changed = [f"input {name} is {_size(given)}" for name, given in _by_name(shapes, network).items()]
        changed += [f"{name} = {value}" for name, value in parameters.items()]
        tell("{}: @expect is not judged" if network.claims else "{}", ", ".join(changed) + of)


def tell_taken(network: Network, varied: Sequence[str] = (), of: str = "") -> None:
    """Say what was chosen for `oneof`, but for decisions that are varied."""
    taken = [pick for name, pick in _taken(network).items() if name not in varied]
    if taken:
        what = "1 choice" if len(taken) == 1 else f"{len(taken)} choices"
        shown = load_module("shlex").join([word for pick in taken[:_MANY] for word in ("--pick", pick)])
        more = f" … and {len(taken) - _MANY} more (archdsl space)" if len(taken) > _MANY else ""
        tell("{}", f"{what} left open by `oneof` {'was' if len(taken) == 1 else 'were'} taken{of}: {shown}{more}")


def family(
    target: str,
    *,
    network_name: str | None,
    inputs: Any,
    settings: tuple[str, ...],
    pick: tuple[str, ...],
    **limits: int | None,
) -> NetworkFamily:
    """The network that a command line means, for commands that make it many times.

    Raises:
        ArchError: the spec cannot be read.
    """
    shapes, fixed = overrides(inputs, settings)
    spec, name = spec_of(target, network_name, limits)
    made: NetworkFamily = load_module("archdsl.explore.settings").NetworkFamily(spec, name, fixed, shapes, picks(pick))
    return made


def spec_of(target: str, network_name: str | None, limits: Mapping[str, int | None]) -> tuple[Any, str | None]:
    """The Spec that a command line names, with its limits, and the name of a network if there is one."""
    file, name = load_module("archdsl.target").split_target(target)
    names = {"max_ops": "flat_ops", "max_steps": "steps", "max_elements": "elements"}
    raised = {names[key]: value for key, value in limits.items() if value is not None}
    if "flat_ops" in raised:
        raised["nodes"] = raised["flat_ops"]
    if "steps" in raised:
        raised["evaluations"] = 2 * raised["steps"]
    spec = load_module("archdsl.elaborate.spec").Spec(
        read(file), load_module("archdsl.elaborate.budget").Limits(**raised)
    )
    if network_name and name and network_name != name:
        raise click.UsageError(f"{quoted(target)} names a network, and --network another: leave one out")
    return spec, name if network_name is None else network_name


def overrides(inputs: Any, settings: tuple[str, ...]) -> tuple[Any, dict[str, str]]:
    """What `--input` and `--set` say: a shape, or shapes by name, or None; and parameters as text of the language."""
    shapes: Any = None
    if inputs:
        shapes = inputs[0][1] if len(inputs) == 1 and not inputs[0][0] else _once("input", inputs)
    return shapes, _once("parameter", [_setting(setting) for setting in settings])


def _once(what: str, pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise click.UsageError(f"{what} {name} is given twice")
        found[name or _unnamed()] = value
    return found


def _by_name(shapes: Any, network: Network) -> dict[str, tuple[int, ...]]:
    """The shapes by input: one without a name is that of the first."""
    found: dict[str, tuple[int, ...]] = shapes if isinstance(shapes, dict) else {network.graph.input_names[0]: shapes}
    return found if shapes else {}


def _size(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))


def _unnamed() -> str:
    raise click.UsageError("name each of several inputs: --input x=3x224x224 --input ids=128")


def _setting(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise click.UsageError(f"{quoted(text)} sets nothing: write for example --set classes=10")
    return name.strip(), value.strip()


def picks(texts: Sequence[str]) -> dict[str, str]:
    """What `--pick` says: options by the names of decisions."""
    found = []
    for text in texts:
        pick = load_module("archdsl.elaborate.decisions").pick_of(text)
        if pick is None:
            raise click.UsageError(f"{quoted(text)} picks nothing: write for example --pick depth=3")
        found.append(pick)
    return _once("decision", found)


def _taken(network: Network) -> dict[str, str]:
    """What was chosen for `oneof`, and is not written in the spec, by decision, as `--pick` takes it."""
    written: Mapping[str, Any] = {}
    if network.choices and network.recipe is not None:
        written = load_module("archdsl.elaborate.written_picks").written_picks(network.recipe.spec, network.name)
    return {name: f"{name}={choice.picked}" for name, choice in network.choices.items() if name not in written}


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
