"""Turns settings as a person writes them, `width=0.25:1.0:0.05` or `input=128`, into networks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import Any

from archdsl.analysis.mixing import mixed_otherwise, mixing, remark
from archdsl.diagnostics.display import quoted
from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.elaborate.elaborator import Series
from archdsl.elaborate.spec import Spec
from archdsl.network import Network, from_spec
from archdsl.numerals import decimal_text, exact
from archdsl.ops.base import spatial_axes
from archdsl.takes import ArgumentKind
from archdsl.target import split_target
from archdsl.types import TensorType

INPUT = "input"  # varies the size of the first input; a parameter of this name would be hidden
PHI = "phi"  # grows several things together, by EfficientNet's rule
MOST_VALUES = 10_000
MOST_WORK = 50_000_000  # of one sweep or fit (`Budget.work`): some minutes
_NUMBER = re.compile(r"[+-]?[0-9][0-9_]*(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


@dataclass(frozen=True)
class Variation:
    """One thing that varies: a parameter, an input by name, or `input`; values as text of the language or as sizes."""

    name: str
    values: tuple[str, ...]


def read_variation(text: str) -> Variation:
    """`name=a,b,c` or `name=start:stop:step` (both ends included, exact decimals; the step is 1 if left out).

    Raises:
        ValueError: this is neither, or more than `MOST_VALUES` values.
    """
    name, equals, values = text.partition("=")
    if not equals or not name.strip() or not values.strip():
        raise ValueError(f"{quoted(text)} varies nothing: write width=0.25:1.0:0.05 or input=128,160,192")
    found = tuple(value for part in _parts(values) for value in _range(part))
    if len(found) > MOST_VALUES:
        raise ValueError(f"{name} would take {len(found):,} values: at most {MOST_VALUES:,} fit, take a larger step")
    return Variation(name.strip(), found)


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
    if len(ends) > 3 or not all(_NUMBER.fullmatch(end) for end in ends):
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
    pick: tuple[int, ...] = ()  # what `oneof` leaves open, in asked order
    _lock: Lock = field(default_factory=Lock, repr=False, compare=False)

    @classmethod
    def of(cls, target: str, fixed: Mapping[str, Any] | None = None, input: Any = None) -> NetworkFamily:
        """From `FILE[:NETWORK]` or the name of a network of the zoo.

        Raises:
            ArchError: the file cannot be read.
        """
        file, network = split_target(target)
        return cls(Spec.read(file), network, fixed or {}, input)

    @cached_property
    def _series(self) -> Series:
        return Series(self.spec)

    @property
    def work(self) -> int:
        """The work for all networks made so far (`Budget.work`; that of other threads at the same time left out)."""
        return self._series.work

    @cached_property
    def base(self) -> Network:
        """The network as it stands.

        Raises:
            ArchError: it does not elaborate.
        """
        return self._made({}, self.sizes)

    def at(self, settings: Mapping[str, Any]) -> Network:
        """The network under `settings`: parameters by name, and sizes for `input` or for the name of an input.

        Raises:
            ArchError: it does not elaborate under them.
        """
        inputs = self._inputs(settings)
        wanted = {name: value for name, value in settings.items() if name == INPUT or name in inputs}
        others = {name: value for name, value in settings.items() if name not in wanted}
        if not wanted:
            return self._made(others, self.sizes)
        first = next(iter(inputs), "")
        sizes = dict(self.sizes) if isinstance(self.sizes, Mapping) else {first: self.sizes} if self.sizes else {}
        for name, value in wanted.items():
            called = first if name == INPUT else name
            sizes[called] = resized(inputs[called], value)
        return self._made(others, sizes)

    def remark(self, network: Network) -> str:
        """How `network` reads otherwise than as declared: the first linear that mixes other axes; "" if none does."""
        try:
            declared = mixing(self.base.graph)
        except ArchError:
            return ""
        return next(map(remark, mixed_otherwise(declared, mixing(network.graph))), "")

    def _inputs(self, settings: Mapping[str, Any]) -> dict[str, TensorType]:
        """The inputs at their own sizes; a network that needs some of the settings to elaborate gets them."""
        try:
            graph = self.base.graph
        except ArchError:
            graph = self._made({name: value for name, value in settings.items() if name != INPUT}, self.sizes).graph
        return dict(zip(graph.input_names, graph.inputs, strict=True))

    def _made(self, settings: Mapping[str, Any], sizes: Mapping[str, Sequence[int]] | Sequence[int] | None) -> Network:
        others = {**self.fixed, **settings}
        if not self._lock.acquire(blocking=False):  # another thread is in the series
            return from_spec(self.spec, self.network, others, input=sizes, pick=self.pick)
        try:
            return from_spec(self.spec, self.network, others, input=sizes, pick=self.pick, series=self._series)
        finally:
            self._lock.release()


TARGET = ArgumentKind("FILE[:NETWORK] or a NetworkFamily", lambda value: isinstance(value, (str, NetworkFamily)))


def resized(x: TensorType, size: object) -> tuple[int, ...]:
    """The shape of `x` at another size: 128 for all spatial axes, 128x160 for each, 3x128x160 for all axes.

    Raises:
        ArchError: `size` fits neither.
    """
    parts = str(size).lower().replace("×", "x").split("x")
    extents = tuple(int(part) for part in parts if part.strip().isdecimal() and len(part) < 10)
    spatial = spatial_axes(x)
    if len(extents) == len(parts) == x.rank:
        return extents
    if len(extents) == len(parts) == 1:
        extents = extents * len(spatial)
    if len(extents) != len(spatial) or len(parts) not in (1, len(spatial)):
        shown = "x".join(map(str, x.shape))
        hint = "write 128, 128x160 or 3x128x160"
        raise ArchError([Diagnostic("bad-input-size", f"{size} is no size for an input of {shown}", None, help=hint)])
    shape = list(x.shape)
    for axis, extent in zip(spatial, extents, strict=True):
        shape[axis] = extent
    return tuple(shape)


def measured(network: Network, metrics: Sequence[str]) -> tuple[int | float | None, ...]:
    """The network's numbers; None where it has no such number.

    Raises:
        KeyError: there is no metric of such a name.
    """
    found: list[int | float | None] = []
    for name in metrics:
        try:
            found.append(network.metric(name))
        except ValueError:  # NotDefined
            found.append(None)
    return tuple(found)
