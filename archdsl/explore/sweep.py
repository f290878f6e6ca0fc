"""Turns a network and what varies in it into a table of numbers: one point per combination of values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice, product
from math import prod
from typing import Any

from archdsl.analysis import registry
from archdsl.diagnostics.model import ArchError, Diagnostic, Diagnostics
from archdsl.explore.settings import MOST_VALUES, MOST_WORK, TARGET, NetworkFamily, Target, Variation, measured, written
from archdsl.lazy import load_module
from archdsl.takes import ArgumentKind, takes

METRICS = ("params", "macs")
_NESTING = 8  # of lists that are values, which are written out


def _are_names(value: object) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(name, str) for name in value)


def _varies(value: object) -> bool:
    if isinstance(value, Mapping):
        return all(isinstance(name, str) and _are_values(values) for name, values in value.items())
    return isinstance(value, (list, tuple)) and all(isinstance(one, Variation) for one in value)


def _are_values(values: object) -> bool:
    return isinstance(values, Iterable) and not isinstance(values, (str, bytes))


VARY = ArgumentKind("a dict of lists of values by name", _varies)


@dataclass(frozen=True)
class SweepPoint:
    """One combination: `values` as in `Sweep.varied`, `numbers` as in `Sweep.metrics` (None: not defined).

    `problem` is the first message where the network does not elaborate, or says that it was not tried because those
    before took `MOST_WORK`; then there are no numbers. `remark` says where it reads differently than as declared: a
    linear that mixes other axes.
    """

    values: tuple[str, ...]
    numbers: tuple[int | float | None, ...]
    problem: str = ""
    remark: str = ""


@dataclass(frozen=True)
class Sweep:
    """Numbers of one network under all combinations of values, the last variation running fastest."""

    network: str
    varied: tuple[str, ...]
    metrics: tuple[str, ...]
    points: tuple[SweepPoint, ...]

    def __str__(self) -> str:
        """What `archdsl sweep` prints."""
        return str(load_module("archdsl.explore.table").text(self)).rstrip("\n")

    def _repr_html_(self) -> str:
        return str(load_module("archdsl.explore.table").html_text(self))

    def to_json(self) -> dict[str, Any]:
        """The same as plain data, as `archdsl sweep --json` prints it."""
        found: dict[str, Any] = load_module("archdsl.explore.table").as_json(self)
        return found

    @property
    def problems(self) -> tuple[SweepPoint, ...]:
        """The points that do not elaborate."""
        return tuple(point for point in self.points if point.problem)

    @property
    def without_effect(self) -> tuple[str, ...]:
        """What varies without changing any number: at all values of the others, whatever elaborates is equal."""
        return tuple(name for column, name in enumerate(self.varied) if self._changes_nothing(column))

    def _changes_nothing(self, column: int) -> bool:
        numbers: dict[tuple[str, ...], set[tuple[int | float | None, ...]]] = {}
        values: dict[tuple[str, ...], set[str]] = {}
        for point in self.points:
            if not point.problem:
                others = point.values[:column] + point.values[column + 1 :]
                numbers.setdefault(others, set()).add(point.numbers)
                values.setdefault(others, set()).add(point.values[column])
        return any(len(found) > 1 for found in values.values()) and all(len(found) == 1 for found in numbers.values())


@takes(target=TARGET, vary=VARY, metrics=ArgumentKind("a list of names", _are_names))
def sweep(
    target: Target,
    vary: Mapping[str, Iterable[Any]] | Sequence[Variation],
    metrics: Sequence[str] = METRICS,
) -> Sweep:
    """Count `metrics` of a network for all combinations of the values of `vary`.

    `vary` gives values by parameter, by the name of an input, or for `input`, the size of the first one: 128,
    "128x160" or "3x128x160". A Network as `target` keeps what it was loaded with; that cannot vary.

    Raises:
        ValueError: the network was not made from a spec.
        ArchError: no combination elaborates, nothing is called so, or there are more than `MOST_VALUES` combinations.
        KeyError: there is no metric of such a name.
    """
    made = NetworkFamily.of(target)
    variations = list(vary) if not isinstance(vary, Mapping) else [
        _variation(name, values) for name, values in vary.items()
    ]  # fmt: skip
    for metric in metrics:
        registry.metric(metric)
    _refuse(variations)
    names = tuple(variation.name for variation in variations)
    made = made.given({variation.name: variation.values[0] for variation in variations if variation.values})
    made.refuse_fixed(names)
    points: list[SweepPoint] = []
    errors = Diagnostics()
    name = ""
    before = made.work
    for values in product(*(variation.values for variation in variations)):
        if made.work - before > MOST_WORK:
            points.append(
                SweepPoint(values, (None,) * len(metrics), f"not tried: {MOST_WORK:,} steps of work were done")
            )
            continue
        settings = dict(zip(names, values, strict=True))
        try:
            network = made.at(settings)
        except ArchError as error:
            errors.extend(error.diagnostics)
            points.append(SweepPoint(values, (None,) * len(metrics), error.diagnostics[0].message))
        else:
            name = network.name
            points.append(SweepPoint(values, measured(network.graph, metrics), remark=made.remark(network, settings)))
    if errors.errors and not name:
        raise ArchError(errors)
    return Sweep(name, names, tuple(metrics), tuple(points))


def _variation(name: str, values: Iterable[Any]) -> Variation:
    given = tuple(islice(values, MOST_VALUES + 1))  # a generator may have no end
    if any(_nests(value, _NESTING) for value in given):
        message, hint = f"{name} would nest lists over {_NESTING} deep", "give flatter lists; does one hold itself?"
        raise ArchError([Diagnostic("nested-too-deep", message, None, help=hint)])
    if len(given) > MOST_VALUES:
        message, hint = f"{name} would take more than {MOST_VALUES:,} values", "vary less: at most so many fit"
        raise ArchError([Diagnostic("bad-argument", message, None, help=hint)])
    try:
        return Variation(name, tuple(map(written, given)))
    except ValueError:  # an int of thousands of digits
        message, hint = f"{name} would take a number of thousands of digits", "sizes and counts stay below 2**31"
        raise ArchError([Diagnostic("bad-argument", message, None, help=hint)]) from None


def _nests(value: object, most: int) -> bool:
    return isinstance(value, (list, tuple)) and (most == 0 or any(_nests(part, most - 1) for part in value))


def _refuse(variations: Sequence[Variation]) -> None:
    names = [variation.name for variation in variations]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ArchError([Diagnostic("bad-argument", f"{twice} is varied twice", None, help="give one list of values")])
    combinations = prod(len(variation.values) for variation in variations)
    if combinations > MOST_VALUES:
        message, hint = f"{combinations:,} combinations are too many", f"vary less: at most {MOST_VALUES:,} fit"
        raise ArchError([Diagnostic("bad-argument", message, None, help=hint)])
