"""Says what a receptive field is: typed records of windows, axes and misaligned paths, as tables and JSON too."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor
from typing import Any

from archdsl.ops.base import spatial_axes
from archdsl.record import dataclass
from archdsl.source import Span
from archdsl.types import TensorType

# What the spatial axes of a tensor of each rank are called.
NAMES = {1: ("position",), 2: ("length",), 3: ("height", "width"), 4: ("depth", "height", "width")}


def axis_names(x: TensorType) -> tuple[str, ...]:
    """What the spatial axes of `x` are called, in order."""
    return NAMES.get(x.rank) or tuple(f"axis {axis}" for axis in spatial_axes(x))


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows of all paths with one effective stride. Lengths are in input elements (pixels).

    Output i sees the elements from `begin + i * stride` to `end + i * stride`, both included: the hull over the paths.
    Elements outside the input are padding. Positions are whole numbers unless something upsamples.
    `least` and `most` are the sizes of the smallest and the largest window of a single path; `centre_low` and
    `centre_high` the centres of output 0's windows that lie furthest apart. Where `exact` is false some op's window is
    a bound, so an output sees no more than this and maybe one element less.
    """

    stride: Fraction
    begin: Fraction
    end: Fraction
    least: int
    most: int
    centre_low: Fraction
    centre_high: Fraction
    exact: bool

    @property
    def size(self) -> int:
        """Elements in the hull; where strides are fractions, the most whole positions that any output sees."""
        return floor(self.end - self.begin) + 1


@dataclass(frozen=True, slots=True)
class Field:
    """The receptive field of one tensor along one axis of one input.

    `axis` counts the input's axes without the batch and `name` says what one calls it ([C, H, W]: 1 is "height");
    `extent` is the input's size there.
    `undefined` is why there is none, or "". `whole` says that an op that sees everything (a global pool, a linear map,
    attention) lies on a path, so that one element depends on the whole axis. `windows`, sorted by stride, leave such
    ops out: they describe the paths that cross the fewest global ops, `crossed` of them, each up to the first one.
    For a classifier that is the trunk's receptive field; beside a squeeze-and-excitation gate the path without it.
    """

    input: str
    axis: int
    name: str
    extent: int
    undefined: str
    whole: bool
    crossed: int
    windows: tuple[Windows, ...]

    @property
    def aligned(self) -> bool:
        """Whether all paths have one stride and one centre."""
        return len(self.windows) < 2 and all(w.centre_low == w.centre_high for w in self.windows)

    @property
    def only(self) -> Windows | None:
        """The windows if all paths have one stride; else None: the hull then depends on the position."""
        return self.windows[0] if len(self.windows) == 1 else None

    @property
    def rf_without_global(self) -> int | None:
        """Receptive field in input elements, global ops left out; None if not defined or if strides differ."""
        return None if self.only is None else self.only.size

    @property
    def rf(self) -> int | str | None:
        """Receptive field in input elements, "whole input", or None if not defined or if strides differ."""
        if self.undefined and not self.whole:
            return None
        return "whole input" if self.whole else self.rf_without_global

    @property
    def stride(self) -> Fraction | None:
        """Input elements between the fields of two neighbours; None if not defined or if strides differ."""
        return None if self.only is None else self.only.stride

    @property
    def pad_begin(self) -> Fraction | None:
        """Elements of the first field that lie before the input; negative if it begins inside."""
        return None if self.only is None else -self.only.begin

    @property
    def exact(self) -> bool:
        """Whether the ends of the hull are seen by every output away from the borders."""
        return all(w.exact for w in self.windows)

    def interval(self, index: int) -> tuple[int, int] | None:
        """First and last input element that output `index` can see by any stride, padding not cut off.

        Global ops are left out. None if not defined.
        """
        if not self.windows:
            return None
        first = min(w.begin + index * w.stride for w in self.windows)
        last = max(w.end + index * w.stride for w in self.windows)
        return -floor(-first), floor(last)

    def __str__(self) -> str:
        if self.undefined and not self.whole:
            return f"not defined: {self.undefined}"
        known = self.rf_without_global
        if not self.whole:
            return self.problem if known is None else str(known)
        return "whole input" if known is None else f"whole input ({known} without global ops)"

    @property
    def problem(self) -> str:
        """Why there is no `rf_without_global`, as "not defined: reason", or ""."""
        if self.only is not None:
            return ""
        strides = " and ".join(str(w.stride) for w in self.windows)
        return f"not defined: {self.undefined or f'paths of strides {strides} meet'}"


@dataclass(frozen=True, slots=True)
class Path:
    """All paths by one operand of a join: where it is made (None: it is an input), and its windows there."""

    operand: int
    span: Span | None
    windows: Windows


@dataclass(frozen=True, slots=True)
class Misalignment:
    """A node where paths from one tensor meet whose strides or centres differ, although each path alone is aligned.

    Found once per body: `input` and `name` are an input of `block` and its axis, and the windows of `paths` are told in
    its elements. `span` is where the node is written.
    """

    block: str
    word: str
    span: Span | None
    input: str
    axis: int
    name: str
    paths: tuple[Path, ...]

    @property
    def reason(self) -> str:
        """What differs, with the source line of each path."""
        strides = {path.windows.stride for path in self.paths}
        what = "strides" if len(strides) > 1 else "centres"
        parts = []
        for path in self.paths:
            value = path.windows.stride if len(strides) > 1 else path.windows.centre_low
            where = f"line {path.span.line}" if path.span is not None else f"input {self.input}"
            parts.append(f"{float(value):g} ({where})")
        return f"{what} differ along {self.name}: {' and '.join(parts)}"


@dataclass(frozen=True, slots=True)
class ReceptiveField:
    """What the outputs of a network see: one field per (output, input, axis) that are connected.

    `outputs[k]` are the fields of output number k. `misaligned` are the joins of unequal paths,
    told once for all sizes at which their block is used.
    """

    name: str
    outputs: tuple[tuple[Field, ...], ...]
    misaligned: tuple[Misalignment, ...]

    @property
    def axes(self) -> tuple[Field, ...]:
        """The fields of all outputs, one after the other."""
        return tuple(field for fields in self.outputs for field in fields)

    @property
    def aligned(self) -> bool:
        """Whether every field is aligned."""
        return all(field.aligned for field in self.axes)


@dataclass(frozen=True, slots=True)
class FieldRow:
    """What a node sees of the network's inputs. `path` and `level` are as in `archdsl.analysis.rows`.

    `outputs[k]` are the fields of the node's output number k, one per connected (input, axis).
    """

    path: str
    level: int
    word: str
    is_op: bool
    types: tuple[TensorType, ...]
    span: Span | None
    outputs: tuple[tuple[Field, ...], ...]


HEADER = ("axis", "receptive field", "without global ops", "stride", "padding", "aligned", "paths", "exact")


def table(fields: Sequence[Field]) -> list[tuple[str, ...]]:
    """Rows of text below `HEADER`, one per field; lengths in input elements, "paths" the smallest and largest."""
    rows: list[tuple[str, ...]] = []
    for field in fields:
        seen = str(field.rf) if field.rf is not None else field.problem
        if field.only is None:
            rows.append((f"{field.input} {field.name}", seen, field.problem, "", "", _yes(field.aligned), "", ""))
            continue
        windows = field.only
        rows.append(
            (
                f"{field.input} {field.name}",
                seen,
                str(windows.size),
                str(windows.stride),
                str(-windows.begin),
                _yes(field.aligned),
                f"{windows.least} to {windows.most}",
                "yes" if windows.exact else "no: a bound",
            )
        )
    return rows


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def field_json(field: Field) -> dict[str, Any]:
    """One field as plain data; fractions as text ("1/2"), what is not defined as null with `problem` saying why."""
    return {
        "input": field.input,
        "axis": field.name,
        "rf": field.rf,
        "rf_without_global": field.rf_without_global,
        "aligned": field.aligned,
        "exact": field.exact,
        "problem": field.problem,
        "windows": [
            {
                "size": w.size,
                "stride": _number(w.stride),
                "pad_begin": _number(-w.begin),
                "least": w.least,
                "most": w.most,
                "centres": [_number(w.centre_low), _number(w.centre_high)],
            }
            for w in field.windows
        ],
    }


def _number(value: Fraction) -> int | str:
    return value.numerator if value.denominator == 1 else str(value)
