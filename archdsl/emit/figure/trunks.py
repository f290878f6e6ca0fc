"""Finds where wires of one tensor part, so that the way that they share is drawn once, no heavier than others."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise

from archdsl.emit.figure.placed import PlacedSketch
from archdsl.emit.layered.model import Spot

_NEAR = 0.01  # points


def branches(placed: PlacedSketch, before: float) -> list[tuple[Spot, ...]]:
    """The points of each stroke from `before` points ahead of where it leaves those drawn of the same tensor."""
    drawn: dict[tuple[int, int, int], list[tuple[Spot, ...]]] = {}
    found = []
    for stroke in placed.strokes:
        edge = placed.sketch.edges[stroke.edge]
        others = drawn.setdefault(edge.tensor, [])
        # Pieces of wires run along the axes, so that in order of their points what runs together longest is next.
        place = bisect_left(others, stroke.points)
        beside = others[max(0, place - 1) : place + 1]
        found.append(
            _from(stroke.points, max((_shared(stroke.points, other) for other in beside), default=0.0) - before)
        )
        if stroke.points not in beside:
            others.insert(place, stroke.points)
    return found


def _shared(one: Sequence[Spot], other: Sequence[Spot]) -> float:
    """How far two ways run together from where both begin."""
    length = 0.0
    if one[0] != other[0]:
        return length
    for (a, b), (_, c) in zip(pairwise(one), pairwise(other), strict=False):
        first, second = math.dist(a, b), math.dist(a, c)
        near = min(first, second)
        if near == 0 or math.dist(_along(a, b, near / first), _along(a, c, near / second)) > _NEAR:
            return length
        length += near
        if abs(first - second) > _NEAR:
            return length
    return length


def _from(points: tuple[Spot, ...], distance: float) -> tuple[Spot, ...]:
    """A way from so far along it on; at least its last piece."""
    rest = list(points)
    while distance > 0 and len(rest) > 2 and math.dist(rest[0], rest[1]) <= distance:
        distance -= math.dist(rest[0], rest[1])
        del rest[0]
    if distance > 0 and len(rest) > 2:
        rest[0] = _along(rest[0], rest[1], distance / math.dist(rest[0], rest[1]))
    return tuple(rest)


def _along(a: Spot, b: Spot, share: float) -> Spot:
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share
