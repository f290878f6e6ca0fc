"""Receptive fields by their definition: each path of the flat graph is walked backward alone, position by position."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from archdsl.ir.graph import Graph
from archdsl.ops.base import All, Phases, Reach, Undefined, Window, spatial_axes
from tests.analysis.flat import Application, Flat, Tensor, flatten

MOST_PATHS = 600
MOST_TAPS = 4000
POSITIONS = range(-5, 30)


class TooManyPathsError(Exception):
    """The graph is too large for this."""


@dataclass(frozen=True)
class Seen:
    """What one path sees of one axis: its stride and centre, the taps of each position, and what is no window."""

    stride: Fraction
    centre: Fraction
    taps: tuple[frozenset[int], ...]
    whole: bool
    undefined: str
    crossed: int


def paths(flat: Flat, output: Tensor) -> Iterator[tuple[int, list[tuple[Application, int, int]]]]:
    """Every path that ends at `output`, as (input it starts from, steps (op, operand, output of it) from the end)."""
    by_name = {a.name: a for a in flat.applications}
    stack: list[tuple[Tensor, list[tuple[Application, int, int]]]] = [(output, [])]
    found = 0
    while stack:
        (name, k), steps = stack.pop()
        if name == "input":
            found += 1
            if found > MOST_PATHS:
                raise TooManyPathsError
            yield k, steps
            continue
        application = by_name[name]
        for operand, tensor in enumerate(application.operands):
            stack.append((tensor, [*steps, (application, operand, k)]))


def read(reach: Window | Phases, position: int) -> range:
    """The positions that one output of an op reads."""
    if isinstance(reach, Window):
        begin = reach.begin + position * reach.stride
        return range(begin, begin + reach.size, reach.gap)
    turns, phase = divmod(position, reach.count)
    taps = reach.taps(phase)
    return range(taps.start + turns * reach.advance, taps.stop + turns * reach.advance, taps.step)


def nominal(reach: Window | Phases) -> tuple[Fraction, Fraction]:
    """Stride, and the centre of output 0's window on average."""
    if isinstance(reach, Window):
        return Fraction(reach.stride), reach.begin + Fraction(reach.size - 1, 2)
    stride = Fraction(reach.advance, reach.count)
    centres = [Fraction(t[0] + t[-1], 2) - i * stride for i in range(reach.count) if (t := reach.taps(i))]
    return stride, sum(centres, Fraction(0)) / max(len(centres), 1)


TURNS = ("permute", "transpose")
ALONG_LAST = ("relu", "linear", "layer_norm")


def turned(application: Application, axes: list[int]) -> list[int]:
    """What a tensor with one element per axis would hold, turned by numpy."""
    op: Any = application.op
    shape = np.arange(1, len(axes) + 1)
    x = np.empty(tuple(shape))
    y = np.transpose(x, op.order) if op.name == "permute" else np.swapaxes(x, op.first, op.second)
    return [axes[size - 1] for size in y.shape]


def turned_back(steps: list[tuple[Application, int, int]]) -> int:
    """If a path begins with a turn of axes that the same body turns back, the place of that step; else 0."""
    first = steps[0][0]
    if first.op.name not in TURNS:
        return 0
    for place, (application, _, _) in enumerate(steps[1:], 1):
        if application.name.rpartition("/")[0] != first.name.rpartition("/")[0]:
            return 0
        if application.op.name in TURNS:
            axes = list(range(first.inputs[0].rank))
            return place if turned(application, turned(first, axes)) == axes else 0
        if application.op.name not in ALONG_LAST:
            return 0
    return 0


def seen(steps: list[tuple[Application, int, int]], axis: int) -> Seen:
    """One path along one axis: the windows of the part up to the first op that has none, counted from the input."""
    reaches: list[Reach] = []  # from the input on
    forward = steps[::-1]
    while forward:
        application, operand, output = forward[0]
        if back := turned_back(forward):
            place = turned(application, list(range(application.inputs[0].rank))).index(axis + 1)
            for between, _, _ in forward[1:back]:
                along = (Window(1), *between.op.reach(between.inputs)[0][0])
                reaches.append(along[place])
            forward = forward[back + 1 :]
            continue
        along = application.op.reach(application.inputs)[output][operand]
        reaches.append(along[axis] if axis < len(along) else Undefined("the axis is gone"))
        forward = forward[1:]
    is_norm = [isinstance(reach, All) and reach.through for reach in reaches]
    reaches = [Window(1) if norm else reach for norm, reach in zip(is_norm, reaches, strict=True)]
    until = next((i for i, reach in enumerate(reaches) if isinstance(reach, All | Undefined)), len(reaches))
    first = reaches[until] if until < len(reaches) else None
    stride, centre = Fraction(1), Fraction(0)
    taps = [frozenset([position]) for position in POSITIONS]
    for window in reversed(reaches[:until]):
        assert isinstance(window, Window | Phases)
        step, middle = nominal(window)
        stride, centre = step * stride, middle + step * centre
        taps = [frozenset(i for position in some for i in read(window, position)) for some in taps]
        if max(map(len, taps)) > MOST_TAPS:
            raise TooManyPathsError
    return Seen(
        stride,
        centre,
        tuple(taps),
        isinstance(first, All) or any(is_norm[:until]),
        first.reason if isinstance(first, Undefined) else "",
        sum(isinstance(reach, All) for reach in reaches),
    )


def fields(graph: Graph) -> list[dict[tuple[str, int], Any]]:
    """Per output: (input, axis) -> (undefined, whole, crossed, windows by stride), compared with `Field`'s."""
    flat = flatten(graph)
    found = []
    for output in flat.outputs:
        by_axis: dict[tuple[str, int], list[Seen]] = {}
        for number, steps in paths(flat, output):
            for place, axis in enumerate(spatial_axes(graph.inputs[number])):
                by_axis.setdefault((graph.input_names[number], axis), []).append(seen(steps, place))
        found.append({key: joined(all_seen) for key, all_seen in by_axis.items()})
    return found


def joined(all_seen: list[Seen]) -> tuple[str, bool, int, dict[Fraction, tuple[Any, ...]]]:
    undefined = min((one.undefined for one in all_seen if one.undefined), default="")
    crossed = min(one.crossed for one in all_seen)
    by_stride: dict[Fraction, list[Seen]] = {}
    for one in all_seen:
        if one.crossed == crossed and not undefined:
            by_stride.setdefault(one.stride, []).append(one)
    windows = {}
    for stride, group in by_stride.items():
        unions = [frozenset[int]().union(*some) for some in zip(*(one.taps for one in group), strict=True)]
        ends = [(min(union), max(union)) if union else None for union in unions]
        centres = [one.centre for one in group]
        windows[stride] = (min(centres), max(centres), ends)
    return undefined, any(one.whole for one in all_seen), crossed, windows
