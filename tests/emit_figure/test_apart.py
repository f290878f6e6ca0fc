"""Calls drawn one by one: paths side by side that hold some are drawn one by one from end to end."""

from __future__ import annotations

import random

import pytest

import archdsl
from archdsl.emit.figure.scenes import scene
from archdsl.emit.figure.verify import verify
from tests.few import few

STAGES = ("bn -> relu", "f", "g", "max_pool(3, 1)", "conv(8, 3)", "f -> f", "tanh")


def random_paths(seed: int) -> str:
    """Blocks of paths side by side, each of ops and calls in any order."""
    rng = random.Random(seed)
    made = [
        "block f(x) = x -> conv(8, 3) -> relu -> conv(8, 3) -> tanh -> conv(8, 3)",
        "block g(x) = x + (x -> conv(8, 3) -> relu -> conv(8, 3))",
    ]
    for name in ("p", "q"):
        path = " -> ".join(rng.choices(STAGES, k=rng.randint(1, 4)))
        other = " -> ".join(rng.choices(STAGES, k=rng.randint(1, 3)))
        more = rng.choice(["", f", {other}", f", {other}, id"])
        paths, merge = ", ".join([path] * rng.randint(2, 4)), rng.choice(["add", "concat"])
        made.append(f"block {name}(x) = x -> [{paths}{more}] -> {merge} -> conv(8)")
    return "\n".join([*made, "network n(x: [8, 6, 6]) = x -> p -> tanh -> q -> q -> relu -> p", ""])


@pytest.mark.parametrize("levels", [1, 2, 3])
def test_paths_that_hold_calls_are_proved_open(levels: int) -> None:
    faults = {}
    for seed in range(few(120)):
        if found := verify(scene(archdsl.loads(random_paths(seed)).graph, levels=levels)).differences:
            faults[random_paths(seed)] = found
    assert faults == {}


def test_paths_without_calls_stay_one() -> None:
    block = "block b(x) = x -> [bn -> relu -> conv(8, 3)] * 4 -> add -> conv(8)\n"
    (panel,) = scene(archdsl.loads(block + "network n(x: [8, 6, 6]) = x -> b -> tanh -> b").graph, levels=2).panels
    said = [box.said for _, box in panel.sketch.all_boxes()]
    assert sum("4 side by side" in text for text in said) == 2
