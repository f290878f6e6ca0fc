"""Receptive fields by their definition: each path of the flat graph is walked backward alone, then all are joined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Any

from archdsl.ir.graph import Graph
from archdsl.ops.base import All, Kind, Reach, Undefined, Window, spatial_axes
from tests.analysis.flat import Application, Flat, Tensor, flatten

MOST_PATHS = 4000


class TooManyPathsError(Exception):
    """The graph is too large for this."""


@dataclass(frozen=True)
class Seen:
    """What one path sees of one axis: a window, and what it meets first that is none."""

    window: tuple[Fraction, Fraction, Fraction]  # stride, size, padding
    exact: bool
    first: Any  # None, All or Undefined
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


def seen(steps: list[tuple[Application, int, int]], axis: int) -> Seen:
    """One path along one axis: r = s r + k - s, S = s S, P = s P + p from the end to the beginning.

    The window is that of the part up to the first op that has none, counted from the input.
    """
    reaches: list[tuple[Reach, Kind]] = []  # from the input on
    for application, operand, output in reversed(steps):
        along = application.op.reach(application.inputs)[output][operand]
        reach = along[axis] if axis < len(along) else Undefined("the axis is gone")
        reaches.append((reach, application.op.kind))
    until = next((i for i, (reach, _) in enumerate(reaches) if not isinstance(reach, Window)), len(reaches))
    r, s, p = Fraction(1), Fraction(1), Fraction(0)
    exact = True
    for window, kind in reversed(reaches[:until]):
        assert isinstance(window, Window)
        r, s, p = window.stride * r + window.size - window.stride, window.stride * s, window.stride * p - window.begin
        whole = window.stride.denominator == window.begin.denominator == 1
        exact = exact and whole and (kind is not Kind.CONCAT or window == Window(1))
    first = reaches[until][0] if until < len(reaches) else None
    return Seen((s, r, p), exact, first, sum(isinstance(reach, All) for reach, _ in reaches))


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
    reasons = [one.first.reason for one in all_seen if isinstance(one.first, Undefined)]
    whole = any(isinstance(one.first, All) for one in all_seen)
    crossed = min(one.crossed for one in all_seen)
    by_stride: dict[Fraction, list[Seen]] = {}
    for one in all_seen:
        if one.crossed == crossed and not reasons:
            by_stride.setdefault(one.window[0], []).append(one)
    windows = {}
    for stride, group in by_stride.items():
        sizes = [one.window[1] for one in group]
        begins = [-one.window[2] for one in group]
        ends = [begin + size - 1 for begin, size in zip(begins, sizes, strict=True)]
        centres = [begin + (size - 1) / 2 for begin, size in zip(begins, sizes, strict=True)]
        windows[stride] = (
            min(begins),
            max(ends),
            floor(min(sizes)),
            floor(max(sizes)),
            min(centres),
            max(centres),
            all(one.exact for one in group),
        )
    return min(reasons, default=""), whole, crossed, windows
