"""Turns settings as a person writes them, `width=0.25:1.0:0.05` or `input=128`, into networks."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import chain
from os import PathLike
from typing import Any

from archdsl.analysis import registry
from archdsl.diagnostics.display import quoted
from archdsl.diagnostics.model import ArchError, Diagnostic, Diagnostics
from archdsl.elaborate.decisions import as_picks, pick_of
from archdsl.elaborate.definitions import Block
from archdsl.elaborate.elaborator import elaborates, find_network, only_network, open_session
from archdsl.elaborate.overrides import shape_sets_parameters
from archdsl.elaborate.session import Session
from archdsl.elaborate.spec import Spec
from archdsl.ir.graph import Graph
from archdsl.lazy import load_module
from archdsl.network import Network, from_spec
from archdsl.numerals import decimal_text, exact
from archdsl.ops.base import spatial_axes
from archdsl.syntax.print_tree import is_name
from archdsl.takes import ArgumentKind
from archdsl.target import split_target
from archdsl.types import TensorType

INPUT = "input"  # varies the size of the first input; a parameter of this name would be hidden
PHI = "phi"  # grows several things together, by EfficientNet's rule
MOST_VALUES = 10_000
MOST_WORK = 50_000_000  # of one sweep or fit (`Budget.work`): some minutes
NUMERAL = re.compile(r"[+-]?[0-9][0-9_]*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


@dataclass(frozen=True)
class Variation:
    """One thing that varies: a parameter, an input by name, `input`, or a decision; values as text of the language, as
    sizes, or as options.
    """

    name: str
    values: tuple[str, ...]


def read_variation(text: str) -> Variation:
    """`name=a,b,c` or `name=start:stop:step` (both ends included, exact decimals; the step is 1 if left out).

    Raises:
        ValueError: this is neither, or more than `MOST_VALUES` values.
    """
    name, values = pick_of(text) or ("", "")
    if not name or not values:
        raise ValueError(f"{quoted(text)} varies nothing: write width=0.25:1.0:0.05 or input=128,160,192")
    found = tuple(value for part in _parts(values) for value in _range(part))
    if len(found) > MOST_VALUES:
        raise ValueError(f"{name} would take {len(found):,} values: at most {MOST_VALUES:,} fit, take a larger step")
    return Variation(name, found)


def _parts(text: str) -> list[str]:
    """Split at the commas that are not inside brackets: `[3,4,6,3],[2,2,2,2]` are two values."""
    parts, level = [""], 0
    for character in text:
        level += (character in "([") - (character in ")]")
        if character == "," and level <= 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts if part.strip()]


def _range(part: str) -> Iterable[str]:
    ends = [end.strip() for end in part.split(":")]
    if len(ends) == 1:
        return (part,)
    if len(ends) > 3 or not all(NUMERAL.fullmatch(end) for end in ends):
        raise ValueError(f"{quoted(part)} is no range: write start:stop:step in numbers, as in 0.25:1.0:0.05")
    start, stop, step = map(exact, [*ends, "1"][:3])
    if step <= 0 or stop < start:
        raise ValueError(f"{quoted(part)} goes nowhere: start:stop:step counts up from start to stop")
    count = int((stop - start) / step) + 1
    if count > MOST_VALUES:
        raise ValueError(f"{quoted(part)} has {count:,} values: at most {MOST_VALUES:,} fit, take a larger step")
    whole = not any("." in end or "e" in end.lower() for end in ends)
    return (str(int(value)) if whole else decimal_text(value) for value in (start + i * step for i in range(count)))


@dataclass(frozen=True)
class NetworkFamily:
    """A network of a spec, elaborated again and again; `fixed` parameters, `sizes` of inputs and picks hold."""

    spec: Spec
    network: str | None
    fixed: Mapping[str, Any] = field(default_factory=dict)
    sizes: Mapping[str, Sequence[int]] | Sequence[int] | None = None
    picks: Mapping[str, str] = field(default_factory=dict)  # what `oneof` leaves open
    _idle: list[Session] = field(default_factory=list, repr=False, compare=False)  # a thread takes one, or opens one

    @classmethod
    def of(cls, target: Target) -> NetworkFamily:
        """From `FILE[:NETWORK]`, the name of a network of the zoo, or a network, whose settings stay as they are.

        Raises:
            ArchError: the file cannot be read.
            ValueError: the network was not made from a spec.
        """
        if isinstance(target, NetworkFamily):
            return target
        if isinstance(target, Network):
            if target.recipe is None:
                raise ValueError(f"{target.name} was not made from a spec, so it cannot be made with other values")
            return cls(*target.recipe)
        file, network = split_target(str(target))
        return cls(Spec.read(file), network)

    @property
    def work(self) -> int:
        """The work for all networks made so far (`Budget.work`; that of other threads at the same time left out)."""
        return sum(session.work for session in self._idle)

    @property
    def base(self) -> Network:
        """The network as it stands.

        Raises:
            ArchError: it does not elaborate.
        """
        if isinstance(self._base, ArchError):
            raise self._base.with_traceback(None)
        return self._base

    def refuse_fixed(self, varied: Iterable[str]) -> None:
        """See that nothing is to vary that is fixed.

        Raises:
            ArchError: a parameter, or the size of an input, is both.
        """
        sizes = self._own_sizes
        for name in varied:
            sized = name == INPUT and next(iter(self._block.input_names), "") in sizes
            if name in self.fixed or name in self.picks or name in sizes or sized:
                message = f"{name} varies, and has a value that stays the same too"
                raise ArchError([Diagnostic("bad-argument", message, None, help="leave one of them out")])

    @property
    def incomplete(self) -> bool:
        """Whether it does not elaborate as it stands, for want of a value or another reason."""
        return isinstance(self._base, ArchError)

    @cached_property
    def _base(self) -> Network | ArchError:
        try:
            return self._made({}, self.sizes)
        except ArchError as error:
            return error

    def given(self, settings: Mapping[str, Any]) -> NetworkFamily:
        """The same with its network named: where a file has several, the one that lacks no value under `settings`.

        Raises:
            ArchError: there is none, or there are several.
        """
        if self.network is not None:
            return self

        def runs(name: str) -> bool:
            try:
                return bool(replace(self, network=name).at(settings))
            except ArchError:
                return elaborates(self.spec, name, self.fixed, self.sizes)

        sizes = list(self.sizes) if isinstance(self.sizes, Mapping) else [""] if self.sizes else []
        sized = [*sizes, *("" if name == INPUT else name for name in settings)]
        named = {name: value for name, value in {**self.fixed, **settings}.items() if name != INPUT}
        return replace(self, network=only_network(self.spec, named, sized, runs))

    def at(self, settings: Mapping[str, Any]) -> Network:
        """The network under `settings`: parameters by name, sizes for `input` or for the name of an input, and options
        for decisions.

        Raises:
            ArchError: it does not elaborate under them.
        """
        if self.network is None:
            return self.given(settings).at(settings)
        if picks := self._picked(settings):
            family = replace(self, picks={**self.picks, **as_picks(picks)})
            return family.at({name: value for name, value in settings.items() if name not in picks})
        sizes, others = self._split(settings)
        if not sizes:
            return self._made(others, self.sizes)
        inputs = self._inputs(sizes, others)
        changed = {name: resized(inputs[name], size) for name, size in sizes.items()}
        return self._made(others, {**self._own_sizes, **changed})

    def _picked(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        """What `settings` say of decisions: names that no parameter has, nor an input that is given a size."""
        known = {INPUT, *(param.name for param in self._block.definition.params)}
        known |= {name for name in self._block.input_names if name in settings and _extents(settings[name])}
        strange = {name: value for name, value in settings.items() if name not in known}
        return {name: value for name, value in strange.items() if not is_name(name) or name in self._decisions}

    @cached_property
    def _decisions(self) -> frozenset[str]:
        """The names of what some design of the network decides."""
        if self.incomplete:
            return frozenset()
        sometimes = load_module("archdsl.designs").when_asked(self.spec, self.network, self.fixed, self.sizes)
        return frozenset([*self.base.choices, *sometimes])

    def options(self, settings: Mapping[str, Any]) -> str:
        """What `archdsl analyze FILE:NETWORK` takes for the network under `settings`, which give whole shapes.

        Raises:
            ArchError: it does not elaborate under them.
        """
        sizes, others = self._split(
            {name: value for name, value in settings.items() if name not in self._picked(settings)}
        )
        shapes = {name: "x".join(map(str, shape)) for name, shape in self._own_sizes.items()} | sizes
        unnamed = list(shapes) == [*self._block.input_names[:1]]
        words = [("--set", f"{name}={written(value)}") for name, value in {**self.fixed, **others}.items()]
        words += [("--input", shape if unnamed else f"{name}={shape}") for name, shape in shapes.items()]
        network = self.at(settings)
        own = load_module("archdsl.elaborate.written_picks").written_picks(self.spec, network.name)
        taken = {name: choice.picked for name, choice in network.choices.items() if name not in own}
        words += [("--pick", f"{name}={option}") for name, option in {**self.picks, **taken}.items()]
        return shlex.join(chain.from_iterable(words))

    def remark(self, network: Network, settings: Mapping[str, Any]) -> str:
        """How `network`, the one under `settings`, reads otherwise than as declared: the first linear that mixes other
        axes; "" if none does. Where parameters have values in `settings` alone, only the sizes are as declared.
        """
        try:
            others = self._split(settings)[1] if self.incomplete else self._picked(settings)
            declared = self.at(others) if others or self.incomplete else self.base
        except ArchError:
            return ""
        mix = load_module("archdsl.analysis.mixing")
        found = mix.mixed_otherwise(mix.mixing(declared.graph), mix.mixing(network.graph))
        return next(map(mix.remark, found), "")

    @cached_property
    def _block(self) -> Block:
        """The definition of the network, once that is named.

        Raises:
            ArchError: there is none, or it is wrong.
        """
        assert self.network is not None
        diagnostics = Diagnostics()
        found = find_network(open_session(self.spec, diagnostics), self.network)
        if found is None:
            raise ArchError(diagnostics)
        return found

    @property
    def _own_sizes(self) -> Mapping[str, Sequence[int]]:
        """The sizes that hold, by name of the input."""
        if self.sizes is None or isinstance(self.sizes, Mapping):
            return self.sizes or {}
        return dict.fromkeys(self._block.input_names[:1], self.sizes)

    def _split(self, settings: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """What `settings` say of inputs, by name, and of parameters.

        Raises:
            ArchError: they give a size to the input of a network without inputs.
        """
        names = self._block.input_names
        if INPUT in settings and not names:
            message, hint = f"{self.network} has no input", "vary its parameters"
            raise ArchError([Diagnostic("unknown-input", message, None, help=hint)])
        sizes = {name: size for name, size in settings.items() if name in names}
        if INPUT in settings:
            sizes[names[0]] = settings[INPUT]
        return sizes, {name: value for name, value in settings.items() if name != INPUT and name not in names}

    def _inputs(self, sizes: Mapping[str, Any], others: Mapping[str, Any]) -> dict[str, TensorType]:
        """The inputs at their own sizes; a network that needs some of the settings to elaborate gets them."""
        if not self.incomplete:
            graph = self.base.graph
        else:
            given = {**self.fixed, **others}
            for tensor in self._block.definition.inputs:
                if tensor.name in sizes:
                    extents, rank = _extents(sizes[tensor.name]), len(tensor.shape or ())
                    if not extents:
                        raise _no_size(sizes[tensor.name], f"the input {tensor.name}")
                    own = extents if len(extents) == rank else extents[-1:] * rank
                    shape_sets_parameters(self._block, tensor, own, given)
            graph = self._made(given, self.sizes).graph
        return dict(zip(graph.input_names, graph.inputs, strict=True))

    def _made(self, settings: Mapping[str, Any], sizes: Mapping[str, Sequence[int]] | Sequence[int] | None) -> Network:
        others = {**self.fixed, **settings}
        try:
            session = self._idle.pop()
        except IndexError:
            session = open_session(self.spec, Diagnostics())
        try:
            made = from_spec(self.spec, self.network, others, input=sizes, picks=self.picks, session=session)
        except ArchError:
            self._idle.append(session)
            raise
        self._idle.append(session)  # not one that was interrupted: it may hold half a body
        return made


Target = str | PathLike[str] | Network | NetworkFamily
TARGET = ArgumentKind(
    "FILE[:NETWORK], a Network or a NetworkFamily",
    lambda value: isinstance(value, (str, PathLike, Network, NetworkFamily)),
)


def resized(x: TensorType, size: object) -> tuple[int, ...]:
    """The shape of `x` at another size: 128 for all spatial axes, 128x160 for each, 3x128x160 for all axes.

    Raises:
        ArchError: `size` fits neither.
    """
    extents, spatial = _extents(size), spatial_axes(x)
    if extents and len(extents) == x.rank:
        return extents
    if len(extents) == 1:
        extents = extents * len(spatial)
    if not extents or len(extents) != len(spatial):
        raise _no_size(size, f"an input of {'x'.join(map(str, x.shape))}")
    shape = list(x.shape)
    for axis, extent in zip(spatial, extents, strict=True):
        shape[axis] = extent
    return tuple(shape)


def _no_size(size: object, what: str) -> ArchError:
    hint = "write 128, 128x160 or 3x128x160"
    return ArchError([Diagnostic("bad-input-size", f"{size} is no size for {what}", None, help=hint)])


def _extents(size: object) -> tuple[int, ...]:
    """The numbers of `3x128x160`; none where it is something else."""
    parts = str(size).lower().replace("×", "x").split("x")
    right = all(part.strip().isdecimal() and len(part) < 10 for part in parts)
    return tuple(map(int, parts)) if right else ()


def written(value: Any) -> str:
    """A value as text of the language; text is that already."""
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(repr(item) if isinstance(item, str) else written(item) for item in value)}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def measured(graph: Graph, metrics: Sequence[str]) -> tuple[int | float | None, ...]:
    """The numbers of a network; None where it has no such number.

    Raises:
        KeyError: there is no metric of such a name.
    """
    found: list[int | float | None] = []
    for name in metrics:
        try:
            found.append(registry.metric(name)(graph))
        except ValueError:  # NotDefined
            found.append(None)
    return tuple(found)
