"""Says what a receptive field is: typed records of windows, axes and misaligned paths, as tables and JSON too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from archdsl.analysis.intervals import Intervals
from archdsl.ops.base import spatial_axes
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

    `seen.at(i)` are the first and last element that output i sees: the hull over the paths, as if the input had no
    borders. Elements outside the input are padding. `size` is the length of the largest of these intervals, `smallest`
    that of the smallest: where something enlarges the map they differ by position.
    `least` and `most` are the sizes of the smallest and the largest window of a single path, None where those differ by
    position. `centre_low` and `centre_high` are the centres of output 0's windows that lie furthest apart, each
    averaged over what repeats. Where `exact` is false an output sees no more than its interval, and maybe less.
    """

    stride: Fraction
    seen: Intervals
    size: int
    smallest: int
    least: int | None
    most: int | None
    centre_low: Fraction
    centre_high: Fraction

    @property
    def exact(self) -> bool:
        """Whether the ends of the intervals are seen by every output away from the borders."""
        return self.seen.exact

    @property
    def pad_begin(self) -> int:
        """Elements of output 0's field that lie before the input; 0 if it sees nothing."""
        interval = self.seen.at(0)
        return -interval[0] if interval else 0


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
    def empty(self) -> bool:
        """Whether it is known that no position sees anything."""
        return not self.whole and self.windows != () and not any(w.size for w in self.windows)

    @property
    def only(self) -> Windows | None:
        """The windows if all paths have one stride; else None: the hull then depends on the position."""
        return self.windows[0] if len(self.windows) == 1 else None

    @property
    def at_most(self) -> int | None:
        """More than this no output sees, in input elements, global ops left out; None if there is no one size."""
        return None if self.only is None else self.only.size

    @property
    def rf_without_global(self) -> int | None:
        """The largest field of any position in input elements, global ops left out; None as `problem` says."""
        return self.at_most if self.exact else None

    @property
    def rf(self) -> int | str | None:
        """Receptive field in input elements, "whole input", or None as `problem` says."""
        return "whole input" if self.whole else self.rf_without_global

    @property
    def stride(self) -> Fraction | None:
        """Input elements between the fields of two neighbours; None if not defined or if strides differ."""
        return None if self.only is None else self.only.stride

    @property
    def pad_begin(self) -> int | None:
        """Elements of the first field that lie before the input; negative if it begins inside."""
        return None if self.only is None else self.only.pad_begin

    @property
    def exact(self) -> bool:
        """Whether all sizes are what the largest field is, and no bounds."""
        return all(w.exact for w in self.windows)

    def interval(self, index: int) -> tuple[int, int] | None:
        """First and last input element that output `index` can see by any stride, padding not cut off.

        Global ops are left out. None if not defined, or if it sees nothing.
        """
        seen = [interval for w in self.windows if (interval := w.seen.at(index)) is not None]
        return (min(first for first, _ in seen), max(last for _, last in seen)) if seen else None

    def __str__(self) -> str:
        if not self.whole:
            return self.size_text
        return "whole input" if self.only is None else f"whole input ({self.size_text} without global ops)"

    @property
    def size_text(self) -> str:
        """The field without global ops: "12", "at most 12" where that is a bound, or why there is none."""
        if self.only is None:
            return self.problem
        return str(self.at_most) if self.exact else f"at most {self.at_most}"

    @property
    def problem(self) -> str:
        """Why there is no `rf_without_global`: "not defined: reason", "known as a bound only: at most 12", or ""."""
        if self.only is not None:
            return "" if self.exact else f"known as a bound only: {self.size_text}"
        strides = " and ".join(str(w.stride) for w in self.windows)
        return f"not defined: {self.undefined or f'paths of strides {strides} meet'}"


@dataclass(frozen=True, slots=True)
class Branch:
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
    paths: tuple[Branch, ...]

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
        seen = "whole input" if field.whole else field.size_text
        if field.only is None:
            rows.append((f"{field.input} {field.name}", seen, field.problem, "", "", _yes(field.aligned), "", ""))
            continue
        windows = field.only
        rows.append(
            (
                f"{field.input} {field.name}",
                seen,
                field.size_text,
                str(windows.stride),
                str(windows.pad_begin),
                _yes(field.aligned),
                paths_text(windows),
                "yes" if windows.exact else "no: a bound",
            )
        )
    return rows


def paths_text(windows: Windows) -> str:
    """The smallest and the largest window of a single path, "3 to 11"; "" where they differ by position."""
    return "" if windows.least is None or windows.most is None else f"{windows.least} to {windows.most}"


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def field_json(field: Field) -> dict[str, Any]:
    """One field as plain data; fractions as text ("1/2"), what is not known as null with `problem` saying why."""
    return {
        "input": field.input,
        "axis": field.name,
        "rf": field.rf,
        "rf_without_global": field.rf_without_global,
        "at_most": field.at_most,
        "aligned": field.aligned,
        "exact": field.exact,
        "problem": field.problem,
        "windows": [
            {
                "size" if w.exact else "at_most": w.size,
                "smallest": w.smallest,
                "stride": _number(w.stride),
                "pad_begin": w.pad_begin,
                "least": w.least,
                "most": w.most,
                "centres": [_number(w.centre_low), _number(w.centre_high)],
            }
            for w in field.windows
        ],
    }


def _number(value: Fraction) -> int | str:
    return value.numerator if value.denominator == 1 else str(value)
