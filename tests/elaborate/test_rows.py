"""Ops behind each other in a chain, remembered as a row, are what the long way makes of them one by one.

Random chains whose arguments are names of every kind (ints, floats and bools that are equal, -0.0, lists, texts,
constants of the file, names of ops taken by variables), in loops, beside `shared`, behind lists and ops of several
results; at values that repeat and values that do not, and at small budgets.
"""

from __future__ import annotations

import random

import pytest

from archdsl.elaborate.budget import Limits
from archdsl.elaborate.spec import Spec
from archdsl.elaborate.steps import MOST_FOUND, MOST_STEPS
from archdsl.source import Source
from tests.elaborate.test_steps import COUNT, differences, outcome

USUAL = (
    "relu",
    "gelu",
    "conv({i} % 3 + n)",
    "conv(n, odd, bias = b) as c{i}",
    "conv(n * 2 // p, 1) as c{i}",
    "dropout(q)",
    "bn(e) as n{i}",
    "leaky_relu(e)",
    "avg_pool(3, p, t)",
    "depthwise(odd if b else 3, bias = b)",
    "pad(l)",
)
OTHER = (
    "split(2) -> concat",
    "[id, id] -> concat",
    "[relu, id] -> add",
    "linear(WIDTH)",
    "conv(x.channels)",
    "conv(side(8))",
    "ACT",
    "inner(n)",
    "conv(missing)",
    "split(2)",
)
# For each parameter, values that it may have; the last two are sometimes mistakes.
VALUES = {
    "n": ("8", "4", "WIDTH", "8.0", "true"),
    "odd": ("3", "1", "[1, 3]", "3.0", "0"),
    "p": ("1", "2", "true", "1.0"),
    "b": ("true", "false", "1", "0"),
    "q": ("0.0", "0.5", "-0.0", "0", "1"),
    "e": ("1e-3", "1.0", "1", "0.0", "-0.0"),
    "t": ('"same"', '"valid"', "1", "[1, 1]", "1.0"),
    "l": ("[[1, 1], [1, 1]]", "[[0, 0], [1, 1]]", "1", "3"),
}


def _chain(draw: random.Random) -> str:
    count = draw.choice((1, 2, 3, 5, 9, MOST_STEPS + 3))
    others = draw.choice((0.0, 0.0, 0.2))
    ops = [draw.choice(OTHER if draw.random() < others else USUAL) for _ in range(count)]
    return " -> ".join(op.format(i=draw.randrange(10**6)) for op in ops)


def random_text(seed: int) -> str:
    """A network that calls a block of random chains several times."""
    draw = random.Random(f"rows:{seed}")
    lines = ["arch 1", "WIDTH = 8", "ACT = relu", "fn side(n) = n", "block inner(x; n) = x -> conv(n) -> relu"]
    lines.append(f"block b(x; {', '.join(VALUES)}) {{")
    if draw.random() < 0.2:
        lines.append(f"    {draw.choice(('relu', 'conv', 'bn'))} = {draw.choice(('gelu', 'conv(8)', '3'))}")
    if draw.random() < 0.3:
        lines.append("    x = x -> conv(8)")
        lines.append(f"    shared both = relu -> {draw.choice(('conv(8)', 'conv(n) -> bn(e) -> conv(8)'))}")
        lines.append("    x = (x -> both) + (x -> relu -> both)")
    if draw.random() < 0.4:
        lines.append(f"    for n in [{draw.choice(VALUES['n'])}, 8, 8] {{ x = x -> {_chain(draw)} }}")
    lines.append(f"    x = {draw.choice(('x', '[x, x] -> concat', '[x]'))} -> {_chain(draw)}")
    lines.append("    return x\n}")
    lines.append("network net(x: [8, 99, 99]) {")
    calls = range(draw.choice((2, 4, 6)))
    for index in calls:
        given = {name: values[0] for name, values in VALUES.items()}
        for name in draw.sample(sorted(VALUES), draw.choice((0, 1, 1, 2))):
            given[name] = draw.choice(VALUES[name])
        lines.append(f"    y{index} = x -> b({', '.join(f'{k} = {v}' for k, v in given.items())})")
    lines.append(f"    return [{', '.join(f'y{index}' for index in calls)}]\n}}")
    return "\n".join(lines)


@pytest.mark.parametrize("part", range(4))
def test_rows(part: int) -> None:
    for seed in range(part, 4 * COUNT, 4):
        text = random_text(seed)
        assert not differences(text), text


@pytest.mark.parametrize("flat", range(1, 14))
def test_a_budget_ends_at_the_same_op(flat: int) -> None:
    row = "conv(n) -> bn -> relu"
    text = f"arch 1\nnetwork net(x: [8, 9, 9]; n = 8) = x -> {row} -> [id, id] -> concat -> {row}"
    spec = Spec(Source("<text>", text))
    outcome(spec, "net", False)
    spec.limits = Limits(flat_ops=flat)
    assert outcome(spec, "net", False) == outcome(spec, "net", True)


def test_many_values_are_not_all_kept() -> None:
    body = "block b(x; n) = x -> conv(n) -> relu"
    calls = "\n".join(f"    y{n} = x -> b({n})" for n in range(1, 3 * MOST_FOUND))
    spec = Spec(Source("<text>", f"arch 1\n{body}\nnetwork net(x: [3, 9, 9]) {{\n{calls}\n    return loose()\n}}"))
    assert outcome(spec, "net", False) == outcome(spec, "net", True)
    rows = [step.row for step in spec.steps.values() if step.row is not None]
    assert rows
    assert max(len(row.found) for row in rows) <= MOST_FOUND
    assert max(len(step.stages) for step in spec.steps.values()) <= MOST_FOUND
