"""Random specs of blocks that call blocks: themselves, shared ones, in runs; inputs change places, or are unused.

Beside `random_specs.py`, which is about what figures fold, these are about what depends on the way to a body: how often
it is applied, with how many sets of weights, which variant it is, and where wires meet it when it is drawn open.
"""

from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class _Written:
    name: str
    two: bool  # inputs and outputs


def nested_spec(seed: int) -> str:
    """The text of a spec with one network."""
    rng = random.Random(seed)
    blocks: list[_Written] = []
    texts = []
    for number in range(rng.randint(2, 5)):
        made = _Written(f"b{number}", rng.random() < 0.4)
        texts.append(_block(rng, made, blocks))
        blocks.append(made)
    lines = ["y = x -> relu"]
    for _ in range(rng.randint(2, 6)):
        called = rng.choice(blocks)
        call = f"{called.name}({rng.choice('13')}, {rng.randint(0, 2)}{rng.choice(['', ', gelu'])})"
        if called.two:
            loop = f"for i in range({rng.randint(2, 4)}) {{ x, y = [x, y] -> {call} }}"
            lines.append(rng.choice([f"x, y = [x, y] -> {call}", f"y, x = [x, y] -> {call}", loop]))
        else:
            run = f"y = y -> {call} * {rng.randint(1, 4)}"
            lines.append(rng.choice([f"x = x -> {call}", run, f"x = [x -> {call}, y -> {call}] -> add"]))
    body = "\n    ".join([*lines, "return x, y"])
    return "\n".join([*texts, f"network net(x: [8, 8, 8]) {{\n    {body}\n}}"])


def _block(rng: random.Random, own: _Written, others: list[_Written]) -> str:
    single, double = [b.name for b in others if not b.two], [b.name for b in others if b.two]
    blind = own.two and rng.random() < 0.3  # nothing in it looks at y
    held = ["x", "y"] if own.two and not blind else ["x"]
    lines, shared = [], []
    for number in range(rng.randint(0, 2)):
        width = rng.choice(["1", "3", "k"])
        stage = f"{rng.choice(single)}({width})" if single and rng.random() < 0.6 else f"conv(8, {width})"
        lines.append(f"shared s{number} = {stage}")
        shared.append(f"s{number}")
    if rng.random() < 0.4:  # calls itself
        again = f"{own.name}(k, d - 1)"
        lines.append(f"if d > 0 {{ {'x, y = [x, y]' if own.two else 'x = x'} -> {again} }}")
    if rng.random() < 0.3:
        lines.append("if k == 3 { x = x -> conv(8) -> f }")
    for _ in range(rng.randint(1, 5)):
        given, into, width = rng.choice(held), rng.choice(held), rng.choice(["1", "3", "k"])
        ways = [f"{given} -> conv(8, {width}) -> {rng.choice(['f', 'bn', 'relu * 2'])}"]
        ways.append(f"{given} -> [conv(4, {width}), conv(4, k) -> f] -> concat")
        ways.append(f"({given} -> conv(8, {width})) {rng.choice('+-*')} {into}")
        if shared:
            ways.append(f"{given} -> {rng.choice(shared)}{rng.choice(['', ' * 2'])}")
        if single:
            ways.append(f"{given} -> {rng.choice(single)}({width}, {rng.randint(0, 2)}) * {rng.randint(1, 4)}")
        if double and own.two and not blind and rng.random() < 0.4:
            lines.append(f"x, y = [{given}, {into}] -> {rng.choice(double)}({width}, {rng.randint(0, 2)})")
        else:
            lines.append(f"{into} = {rng.choice(ways)}")
    returned = (["x, y", "y, x"], ["x, y", "y, x", "x, x"])[blind] if own.two else ["x"]
    lines.append(f"return {rng.choice(returned)}")
    body = "\n    ".join(lines)
    return f"block {own.name}({'x, y' if own.two else 'x'}; k = 1, d = 0, f = relu) {{\n    {body}\n}}"
