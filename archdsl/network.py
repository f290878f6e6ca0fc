"""Turns a spec into a Network: the object that holds its numbers, its model and its picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from archdsl import attributes, expect, require
from archdsl.analysis import registry
from archdsl.checking import check_source as check_source
from archdsl.checking import check_text as check_text
from archdsl.checking import obstacles
from archdsl.diagnostics.model import ArchError, Diagnostic, Diagnostics
from archdsl.elaborate.budget import Limits
from archdsl.elaborate.decisions import Choice, Decisions, as_picks
from archdsl.elaborate.elaborator import elaborate, elaborates, graph_at, only_network
from archdsl.elaborate.overrides import Shapes
from archdsl.elaborate.session import Session
from archdsl.elaborate.spec import Spec
from archdsl.ir.graph import Graph
from archdsl.lazy import load_module
from archdsl.measured import Measured
from archdsl.numerals import as_int
from archdsl.pictured import Pictured
from archdsl.require import Requirement
from archdsl.source import Source
from archdsl.takes import MAPPING, NAME, RANGE, SETTINGS, TEXT, ArgumentKind, takes
from archdsl.target import split_target

if TYPE_CHECKING:
    import networkx
    from torch import nn

    from archdsl.analysis.report import Report
    from archdsl.analysis.sizes.answer import Sizes
    from archdsl.lint.present import Findings
    from archdsl.presets.result import Count
    from archdsl.transform.carry import Formulas

SPEC = ArgumentKind("a path or a Spec", lambda value: isinstance(value, (str, PathLike, Spec)))
_ARGUMENTS = ("network", "input", "picks", "limits")
LIMITS = ArgumentKind("Limits or None", lambda value: value is None or isinstance(value, Limits))


class Recipe(NamedTuple):
    """What a network is made from: its name in a spec, and what it is given, as `load` takes it."""

    spec: Spec
    network: str
    params: Mapping[str, Any]
    input: Shapes | None
    picks: Mapping[str, str]


class Network(Pictured, Measured):
    """An elaborated network: numbers without a forward pass, PyTorch source, an nn.Module, a picture.

    `graph` is its IR; `warnings` what is odd in it; `choices` the decisions taken where the spec says `oneof`, by name;
    `files` the paths of the spec and of all that it imports; `claims` what its `@expect` says, as written; `recipe`
    what it was made from, None where that is no spec; `requirements` what it must satisfy by `@require`.
    """

    def __init__(
        self,
        graph: Graph,
        source_name: str,
        warnings: Sequence[Diagnostic] = (),
        choices: Mapping[str, Choice] | None = None,
        at: Callable[[Shapes, bool], tuple[Graph | Diagnostic, int]] | None = None,
        formulas: Formulas | None = None,
        files: Sequence[str] = (),
        claims: str = "",
        recipe: Recipe | None = None,
        requirements: Sequence[Requirement] = (),
    ) -> None:
        self.graph = graph
        self.source_name = source_name
        self._warnings = tuple(warnings)
        self.choices = dict(choices or {})
        self.files = tuple(files)
        self.claims = claims
        self.recipe = recipe
        self.requirements = tuple(requirements)
        self._at = at  # the network at other input shapes, which may be symbolic
        self._formulas = formulas or {}

    @property
    def name(self) -> str:
        """The network's name in the spec."""
        return self.graph.name

    @cached_property
    def warnings(self) -> list[Diagnostic]:
        """What is legal in it but odd: results that nobody uses, and what is likely not meant."""
        found = Diagnostics()
        found.extend(self._warnings)
        found.extend(load_module("archdsl.analysis.misreadings").misreadings(self.graph))
        return found.items

    @property
    def params(self) -> int:
        """Trainable parameters, shared ones once."""
        return int(registry.metric("params")(self.graph))

    @property
    def macs(self) -> int:
        """Multiply-accumulates of conv, linear and matmul at batch 1."""
        return int(registry.metric("macs")(self.graph))

    @takes(name=TEXT)
    def metric(self, name: str) -> int | float:
        """Any number that `@expect` knows: params, macs, depth, …; `archdsl.analysis.registry.names()` lists them.

        Raises:
            KeyError: there is no such number; the message says which name is near.
            ValueError: this network has none, with the reason (the receptive field of an embedding).
        """
        return registry.metric(name)(self.graph)

    def analyze(self) -> Report:
        """Totals and rows per block and op, tied to source lines; `print` shows them as `archdsl analyze` does."""
        report: Report = load_module("archdsl.emit.tables").PrintedReport.of(self.graph)
        return report

    @takes(severities=SETTINGS)
    def lint(self, severities: Mapping[str, str] | None = None) -> Findings:
        """Advice on the network, worst first: what it costs, why, and what to write instead; see docs/lint.md.

        `severities` sets those of rules: "error", "warning", "info" or "off". What `# archdsl: ignore[rule]` hides is
        left out.

        Raises:
            KeyError: there is no such rule; the message says which name is near.
            ValueError: there is no such severity.
        """
        chosen = load_module("archdsl.lint.settings").checked(severities or {})
        found = load_module("archdsl.lint.driver").lint(self.graph, chosen, self.warnings)
        kept = load_module("archdsl.lint.ignores").without_ignored(found)
        said: Findings = load_module("archdsl.lint.present").Findings(kept)
        return said

    @takes(tool=TEXT)
    def count(self, tool: str) -> Count:
        """What a counting tool prints for the module that `build` makes, without torch: "fvcore", "thop", ….

        Raises:
            KeyError: there is no preset for this tool; the message says which there are.
            ArchError: no module can be made.
        """
        found: Count = load_module("archdsl.presets.count").count(self.graph, tool)
        return found

    @takes(tried=RANGE)
    def sizes(self, tried: tuple[int, int] | None = None) -> Sizes:
        """Which input sizes work, and all numbers as formulas of the size; see `archdsl.analysis.sizes.answer`.

        `tried` is the range of sizes to elaborate one by one should there be no formula (1 to twice the native size).

        Raises:
            ValueError: no input has an axis whose size may change, one is declared beyond 2**30, or the network was not
                made from a spec.
        """
        if self._at is None:
            raise ValueError(f"{self.name} was not made from a spec, so it cannot be made at other sizes")
        found = load_module("archdsl.analysis.sizes.input_sizes").input_sizes(
            self.graph, self._at, tried and [*map(as_int, tried)]
        )
        printed: Sizes = load_module("archdsl.emit.sizes_table").PrintedSizes.of(found, self.source_name)
        return printed

    @cached_property
    def follows_size(self) -> bool:
        """Whether `source` and `build` make something else at another input size that works; `load` it again for that.

        False where the network was not made from a spec, so that it has no other sizes.
        """
        follows = load_module("archdsl.analysis.sizes.follows")
        return self._at is not None and bool(follows.follows_size(self.graph, self._at))

    def fold_batch_norm(self) -> Network:
        """The network with each batch norm in the convolution or linear layer before it: equal in evaluation mode.

        `weights_from` gives the weights with which it is equal. `archdsl.transform.fold_batch_norm` says what folds.

        Raises:
            ArchError: no batch norm folds; the diagnostics say why, for each.
        """
        found = load_module("archdsl.transform.fold_batch_norm").fold_some(self.graph)
        made = Network(found.graph, self.source_name, self.warnings, self.choices, None, found.formulas, self.files)
        made.follows_size = self.follows_size  # a norm takes no size, so what is left follows it as before
        return made

    @takes(state=MAPPING)
    def weights_from(self, state: Mapping[str, Any]) -> dict[str, Any]:
        """The state_dict with which this network computes what the one it was made from computes with `state`.

        For a network that `fold_batch_norm` gave; for any other it is `state` in this network's order. Takes tensors of
        torch or arrays of numpy, and works in their precision.

        Raises:
            KeyError: `state` lacks a weight.
        """
        made: dict[str, Any] = load_module("archdsl.transform.carry").carry(state, self.graph, self._formulas)
        return made

    def spec(self) -> str:
        """This network as the text of a spec: what was picked, overridden or rewritten is written down.

        `loads` makes the same network of it: equal by `ir.hashing.exact_hash` and in the keys of its weights, which is
        checked here. `archdsl.write.spec` says what a text cannot keep.

        Raises:
            ArchError: the language has no words for something in it.
        """
        made = load_module("archdsl.write.spec").proven_spec(self.graph, lambda text: loads(text).graph)
        return str(made)

    @takes(format=TEXT)
    def source(self, format: str = "pytorch") -> str:
        """Standalone source of the network, in one of the forms of `archdsl/emit/sources/`.

        Raises:
            ArchError: there is no such format.
        """
        forms = load_module("archdsl.emit.registry")
        return str(forms.writer(forms.SOURCES, format)(self.graph, **self._origin()))

    def _origin(self) -> dict[str, Any]:
        """What the emitted docstrings say: spec, network, hash of the IR, and whether it is for this size alone.

        Only the file's name: the same network gives the same text wherever it lies.
        """
        digest = load_module("archdsl.ir.hashing").exact_hash(self.graph)[:12]
        return {
            "origin": f"{Path(self.source_name).name}:{self.name}",
            "digest": digest,
            "follows_size": self.follows_size,
        }

    def build(self) -> nn.Module:
        """The network as an nn.Module with fresh weights; its tracebacks show the emitted source.

        Raises:
            ImportError: torch is not installed.
        """
        return load_module("archdsl.emit.pytorch").build(self.graph, **self._origin())

    def to_networkx(self) -> networkx.MultiDiGraph[Any]:
        """The IR as a networkx graph, lossless."""
        view: networkx.MultiDiGraph[Any] = load_module("archdsl.ir.networkx_view").to_networkx(self.graph)
        return view

    def __repr__(self) -> str:
        inputs = ", ".join(map(str, self.graph.inputs))
        return f"<Network {self.name}: input {inputs}, {self.params:,} params, {self.macs:,} macs>"


@takes(path=SPEC, network=NAME, picks=SETTINGS, limits=LIMITS)
def load(
    path: str | Path | Spec,
    network: str | None = None,
    *,
    input: Shapes | None = None,
    picks: Mapping[str, Any] | None = None,
    limits: Limits | None = None,
    **params: Any,
) -> Network:
    """The network called `network` of the spec at `path` ("FILE" or "FILE:NETWORK"); a file with one needs no name.

    `input` overrides the input's shape, batch left out: `(3, 331, 331)`, or a dict by input name. `picks` decides what
    `oneof` leaves open, by the names of decisions: `{"normal.0.left": "h", "depth": 3}`. `params` override the
    network's parameters. A `Spec` is read and parsed once for any number of networks; it has its own limits.

    Raises:
        ArchError: the spec has errors; `.diagnostics` lists them.
    """
    if isinstance(path, Spec):
        return _called(path, network, params, input, picks)
    file, named = split_target(str(path))
    return _called(Spec.read(file, limits), named if network is None else network, params, input, picks)


@takes(text=TEXT, network=NAME, picks=SETTINGS, limits=LIMITS)
def loads(
    text: str,
    network: str | None = None,
    *,
    input: Shapes | None = None,
    picks: Mapping[str, Any] | None = None,
    limits: Limits | None = None,
    **params: Any,
) -> Network:
    """Like `load`, from the text of a spec. Imports are looked up in the current folder, in `std`, then in the zoo.

    Raises:
        ArchError: the spec has errors; `.diagnostics` lists them.
    """
    return _called(Spec(Source("<text>", text), limits), network, params, input, picks)


def _called(spec: Spec, network: str | None, params: Mapping[str, Any], input: Shapes | None, picks: Any) -> Network:
    """What `load` gives; of a name that is no parameter it is said which arguments `load` takes itself."""
    try:
        return from_spec(spec, network, params, input=input, picks=picks)
    except ArchError as error:
        raise with_own_arguments(error, "load") from None


def with_own_arguments(error: ArchError, function: str) -> ArchError:
    """What a network said of a name that is no parameter, with the arguments that the function itself takes."""
    said = error.diagnostics[0]
    if said.code != "unknown-parameter":
        return error
    near = load_module("difflib").get_close_matches(said.message.split(" ")[-1], _ARGUMENTS, 1, 0.7)
    help = f"did you mean {near[0]}?" if near else f"{said.help}; {function} itself takes {', '.join(_ARGUMENTS)}"
    return ArchError([said if said.help.startswith("did you mean") else replace(said, help=help)])


def from_source(
    source: Source,
    network: str | None = None,
    params: Mapping[str, Any] | None = None,
    *,
    input: Shapes | None = None,
    picks: Mapping[str, Any] | None = None,
    limits: Limits | None = None,
) -> Network:
    """The network of a Source; see `load`.

    Raises:
        ArchError: the spec has errors; `.diagnostics` lists them.
    """
    return from_spec(Spec(source, limits), network, params, input=input, picks=picks)


def from_spec(
    spec: Spec,
    network: str | None = None,
    params: Mapping[str, Any] | None = None,
    *,
    input: Shapes | None = None,
    picks: Mapping[str, Any] | Decisions | None = None,
    session: Session | None = None,
) -> Network:
    """The network of a Spec; see `load`. `params` may have any names; a `session` that goes on tells a warning once;
    whoever answers the questions itself gives its Decisions as `picks`.

    Raises:
        ArchError: the spec has errors; `.diagnostics` lists them.
    """
    params = dict(params or {})
    diagnostics = Diagnostics()
    decisions = picks if isinstance(picks, Decisions) else Decisions(as_picks(picks or {}))
    sized = list(input) if isinstance(input, Mapping) else [] if input is None else [""]
    name = network
    if name is None:
        name = only_network(spec, params, sized, lambda one: elaborates(spec, one, params, input))
    made = elaborate(spec, name, params, input, diagnostics=diagnostics, decisions=decisions, session=session)
    diagnostics.extend(spec.attribute_faults(name, attributes.check))
    if made is None or diagnostics.errors:
        raise ArchError(diagnostics.errors)

    def when_asked() -> Mapping[str, str]:
        return load_module("archdsl.designs").when_asked(spec, name, params, input)  # type: ignore[no-any-return]

    if wrong := decisions.misfits(bool(params or input), dict[str, str] if decisions is picks else when_asked):
        raise ArchError(wrong)
    if found := obstacles(made):
        raise ArchError(found)
    warnings = [d for d in diagnostics if d.severity != "error"]
    taken = decisions.picks
    if isinstance(picks, Decisions):
        taken = {name: choice.picked for name, choice in decisions.choices.items()}
    at = partial(graph_at, spec, name, params, taken)
    claims = expect.claims(spec.root.names[name])
    recipe = Recipe(spec, name, params, input, taken)
    source, wanted = spec.root.source.name, require.requirements(spec, name)
    return Network(made.graph, source, warnings, decisions.choices, at, None, spec.files, claims, recipe, wanted)


def networks(path: str | Path) -> list[str]:
    """Names of the networks that the file at `path` defines.

    Raises:
        ArchError: it cannot be read.
    """
    return Spec.read(path).networks
