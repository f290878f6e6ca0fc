"""Figures of chains in which shared stages and stages with weights of their own take turns."""

from __future__ import annotations

import random

import archdsl
from archdsl.emit.figure.scenes import scene
from archdsl.emit.figure.verify import verify
from tests.few import few

STAGES = ("f", "g", "h", "conv(8)", "u", "conv(8)", "relu", "bn")


def random_chain(seed: int) -> str:
    """A chain of patterns, each repeated, of stages that look alike and own weights together or alone."""
    rng = random.Random(seed)
    parts = []
    for _ in range(rng.randint(1, 3)):
        pattern = " -> ".join(rng.choice(STAGES) for _ in range(rng.randint(1, 4)))
        parts.append(f"({pattern}) * {rng.randint(1, 4)}")
    return f"""block u(x) = x -> conv(8) -> relu
network n(x: [8, 6, 6]) {{
    shared f = conv(8)
    shared g = conv(8)
    shared h = u
    return x -> {" -> ".join(parts)}
}}
"""


def test_whose_weights_take_turns_is_shown() -> None:
    faults = {}
    for seed in range(few(400)):
        text = random_chain(seed)
        if found := verify(scene(archdsl.loads(text).graph)).differences:
            faults[text] = found
    assert faults == {}


def test_one_of_two_that_take_turns_is_shared() -> None:
    text = "network n(x: [8, 6, 6]) {\n    shared f = conv(8)\n    return x -> (f -> conv(8)) * 3\n}\n"
    (box,) = [box for box in scene(archdsl.loads(text).graph).panels[0].sketch.boxes if box.units]
    assert [line.text for line in box.lines] == ["1×1 conv, 8", "shared f", "1×1 conv, 8", "× 3"]
