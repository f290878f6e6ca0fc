"""Flat networks with many wires beside each other, in the text of the language."""

from __future__ import annotations

import random


def dense(layers: int) -> str:
    """Each layer takes what all before it gave."""
    made = [f"    x{i} = [{', '.join(f'x{k}' for k in range(i))}] -> concat -> conv(8, 3)" for i in range(2, layers)]
    return _network(["    x1 = x0 -> conv(8, 3)", *made], layers)


def skipping(ops: int, seed: int) -> str:
    """A chain in which some add what stands anywhere before them."""
    rng = random.Random(seed)
    made = ["    x1 = x0 -> conv(8, 3)", "    x2 = x1 -> relu"]
    for i in range(3, ops):
        way = f"x{i - 1} + x{rng.randrange(i - 2)}" if rng.random() < 0.3 else f"x{i - 1} -> conv(8, 3)"
        made.append(f"    x{i} = {way}")
    return _network(made, ops)


def _network(made: list[str], count: int) -> str:
    lines = ["network net(x: [3, 32, 32]) {", "    x0 = x -> conv(8, 3)", *made, f"    return x{count - 1}", "}"]
    return "\n".join(lines) + "\n"
