"""Wires of one tensor share their trunk: all that was to be drawn is drawn, and hardly any of it twice."""

from __future__ import annotations

import itertools
import math

import pytest

import archdsl
from archdsl.emit.figure.placed import Flow, Placer
from archdsl.emit.figure.scenes import scene
from archdsl.emit.figure.trunks import branches
from archdsl.emit.layered.model import Spot

STEP = 0.5  # points


def sampled(points: tuple[Spot, ...]) -> list[Spot]:
    """Places along a way, every half point."""
    found = []
    for (x, y), (u, v) in itertools.pairwise(points):
        count = max(1, round(math.dist((x, y), (u, v)) / STEP))
        found += [(round(x + (u - x) * k / count), round(y + (v - y) * k / count)) for k in range(count + 1)]
    return found


def length(points: tuple[Spot, ...]) -> float:
    return sum(math.dist(a, b) for a, b in itertools.pairwise(points))


@pytest.mark.parametrize("name", ["googlenet", "nasnet_mobile", "transformer_base"])
def test_nothing_is_lost_and_little_is_drawn_twice(name: str) -> None:
    for panel in scene(archdsl.load(name).graph).panels:
        placed = Placer(Flow.DOWN).place(panel.sketch)
        whole = [stroke.points for stroke in placed.strokes]
        drawn = branches(placed, 8.0)
        wanted = {(round(x), round(y)) for points in whole for x, y in sampled(points)}
        shown = {spot for points in drawn for spot in sampled(points)}
        assert all(any((x + dx, y + dy) in shown for dx in (-1, 0, 1) for dy in (-1, 0, 1)) for x, y in wanted)
        assert all(part[-1] == points[-1] for part, points in zip(drawn, whole, strict=True))
        assert sum(map(length, drawn)) <= sum(map(length, whole)) + 1e-6


def test_a_trunk_is_drawn_once() -> None:
    """Of the four branches of an Inception module, the way from x to each side and the stub below it."""
    placed = Placer(Flow.DOWN).place(scene(archdsl.load("googlenet").graph).panels[-1].sketch)
    whole, drawn = sum(length(stroke.points) for stroke in placed.strokes), sum(map(length, branches(placed, 0.0)))
    assert drawn < 0.85 * whole
