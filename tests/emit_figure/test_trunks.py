"""Wires of one tensor share their trunk: all that was to be drawn is drawn, and hardly any of it twice."""

from __future__ import annotations

import itertools
import math

import pytest

import archdsl
from archdsl.emit.figure import trunks
from archdsl.emit.figure.placed import Flow, PlacedSketch, Placer
from archdsl.emit.figure.scenes import scene
from archdsl.emit.figure.trunks import _from, _shared, branches
from archdsl.emit.layered.model import Spot
from tests.emit_figure.dense import dense, skipping
from tests.emit_figure.random_specs import random_spec

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


def naive(placed: PlacedSketch, before: float) -> list[tuple[Spot, ...]]:
    """What `branches` gives, from each stroke compared with all of its tensor before it."""
    drawn: dict[tuple[int, int, int], list[tuple[Spot, ...]]] = {}
    found = []
    for stroke in placed.strokes:
        edge = placed.sketch.edges[stroke.edge]
        others = drawn.setdefault((edge.source, edge.output, edge.back), [])
        shared = max((_shared(stroke.points, other) for other in others), default=0.0)
        found.append(_from(stroke.points, shared - before))
        others.append(stroke.points)
    return found


def test_what_runs_together_longest_is_next_in_order() -> None:
    specs = [dense(12), *(skipping(40, seed) for seed in range(8)), *map(random_spec, range(20))]
    shared = 0
    for text in specs:
        for panel in scene(archdsl.loads(text).graph).panels:
            for flow in (Flow.DOWN, Flow.RIGHT):
                placed = Placer(flow).place(panel.sketch)
                assert branches(placed, 8.0) == naive(placed, 8.0)
                shared += branches(placed, 0.0) != [stroke.points for stroke in placed.strokes]
    assert shared > 50


def test_a_stroke_is_compared_with_two_others_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    placed = Placer(Flow.DOWN).place(scene(archdsl.loads(dense(20)).graph).panels[0].sketch)
    count = 0

    def counted(one: tuple[Spot, ...], other: tuple[Spot, ...]) -> float:
        nonlocal count
        count += 1
        return _shared(one, other)

    monkeypatch.setattr(trunks, "_shared", counted)
    branches(placed, 8.0)
    assert count <= 2 * len(placed.strokes)
