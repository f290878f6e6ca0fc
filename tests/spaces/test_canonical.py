"""Checks what makes two designs one network or one expression, and what does not, spec against spec."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

import archdsl
from archdsl.ir.graph import Graph
from archdsl.network import networks
from archdsl.spaces.canonical import canonical, canonical_hash
from tests.spaces.respelled import respelled
from tests.zoo_sample import swept

HEAD = """
block unit(x) = x -> conv(8, 3, bias = false) -> bn
block none(x) = x * 0.0
block gate(x, y) = x * y
block step(x, h: [4]) = [x, h] -> concat -> linear(4) -> tanh
block other(x, h: [4]) = [x -> linear(4), h] -> add -> tanh
"""


def graph(body: str) -> Graph:
    """The network with this body."""
    body = body if "return" in body else f"return {body}"
    text = f"{HEAD}network n(x: [8, 6, 6], y: [8, 6, 6], s: [5, 3], h: [4]) {{\n{body}\n}}\n"
    return archdsl.loads(text).graph


# Pairs that are one network: spelled in two ways, or with parts that nothing comes of.
SAME = [
    ("x + y + (x -> relu)", "(x -> relu) + (y + x)"),
    ("[x, y, x -> relu] -> add", "y + ((x -> relu) + x)"),
    ("x -> id -> relu", "x -> relu -> dropout(0)"),
    ("1.0 * (x -> relu) + 0", "x -> relu"),
    ("x -> relu -> reshape([8, 6, 6])", "x -> relu"),
    ("[x -> relu] -> concat", "x -> relu"),
    ("(x -> relu) + (y -> conv(8, 3)) * 0.0", "x -> relu"),
    ("(x -> relu) + (y -> none -> unit -> avg_pool(3, 1))", "x -> relu"),
    ("(x -> relu) + ([x, y -> none] -> gate)", "x -> relu"),
    ("(x -> conv(8)) * (y + x)", "(x + y) * (x -> conv(8))"),
    ("[x, y] -> maximum", "[y, x] -> maximum"),
    ("x -> unit -> unit", "x -> conv(8, 3, bias = false) -> bn -> conv(8, 3, bias = false) -> bn"),
    ("a = x -> relu; b = x -> unit; return a + b", "b = x -> unit; a = x -> relu; return a + b"),
    ("shared f = unit; return x -> f -> f",
     "shared g = conv(8, 3, bias = false); shared b = bn; return x -> g -> b -> g -> b"),
    ("shared f = unit; return (x -> f) + (y -> f -> none)", "x -> unit"),
    ("a = x + y; return (a -> relu) + (a -> conv(8))", "(x + y -> conv(8)) + (x + y -> relu)"),
    ("[x -> relu, y] -> concat -> conv(4)", "[y, x -> relu] -> concat -> conv(4)"),
    ("[x, y -> relu] -> concat -> bn -> max_pool(2) -> depthwise(3) -> global_avg_pool -> linear(3)",
     "[y -> relu, x] -> concat -> bn -> max_pool(2) -> depthwise(3) -> global_avg_pool -> linear(3)"),
    ("z = [x, y -> relu] -> concat; return z + (x -> conv(16)) -> conv(3)",
     "z = [y -> relu, x] -> concat; return z + (x -> conv(16)) -> conv(3)"),
    ("a = [x, y -> relu] -> concat; return ([x, a] -> concat -> conv(3)) + (a -> conv(3))",
     "a = [y -> relu, x] -> concat; return ([a, x] -> concat -> conv(3)) + (a -> conv(3))"),
    ("ys, h = [s, h] -> scan(step, last = true); return ys", "return [s, h] -> scan(step)"),
    ("ys, h = [s, s -> zeros([4])] -> scan(step, last = true); return h",
     "ys, h = s -> scan(step, last = true); return h"),
]  # fmt: skip

# Pairs that are one expression and two networks: what is applied twice to one tensor, as two modules or one.
ONCE = [
    ("(x -> conv(8)) * (x -> conv(8))", "a = x -> conv(8); return a * a"),
    ("(x -> relu -> conv(8)) + (x -> relu -> unit)", "a = x -> relu; return (a -> conv(8)) + (a -> unit)"),
    ("(x -> unit -> relu) + (x -> unit)", "a = x -> unit; return (a -> relu) + a"),
    ("shared f = conv(8); return (x -> f) * (x -> f)", "a = x -> conv(8); return a * a"),
    ("shared f = conv(8); return (x -> f) * (x -> conv(8)) + (y -> f -> none)", "a = x -> conv(8); return a * a"),
    ("([s, h] -> scan(step)) * ([s, h] -> scan(step))", "a = [s, h] -> scan(step); return a * a"),
]  # fmt: skip

# Pairs that differ as networks and as expressions.
DIFFERENT = [
    ("x -> relu", "y -> relu"),
    ("x -> relu", "x -> relu6"),
    ("x -> relu", "x"),
    ("x + x", "x"),
    ("x + x", "x + x + x"),
    ("x - y", "y - x"),
    ("return x, y", "return y, x"),
    ("return x, x", "return x, y"),
    ("x -> conv(8)", "x -> conv(8, bias = false)"),
    ("x -> leaky_relu(0.2)", "x -> leaky_relu(0.1)"),
    ("[x, y] -> mean", "[x, y, x * 0.0] -> mean"),
    ("x -> unit -> unit", "shared f = unit; return x -> f -> f"),
    ("shared f = conv(8); shared g = conv(8); return x -> f -> f -> g -> g",
     "shared f = conv(8); shared g = conv(8); return x -> f -> g -> f -> g"),
    ("shared f = conv(8); return (x -> f) + (y -> f)", "(x -> conv(8)) + (y -> conv(8))"),
    ("(x -> relu) + (x -> none -> conv(8))", "x -> relu"),
    ("(x -> relu) + (x -> none -> sigmoid)", "x -> relu"),
    ("(x -> global_avg_pool) + y * 0.0", "x -> global_avg_pool"),
    ("x -> split(2)", "return reversed(x -> split(2))"),
    ("[x, y] -> concat", "[y, x] -> concat"),
    ("[x, y] -> concat -> relu -> flatten -> linear(3)", "[y, x] -> concat -> relu -> flatten -> linear(3)"),
    ("[x, y] -> concat -> conv(8, groups = 2)", "[y, x] -> concat -> conv(8, groups = 2)"),
    ("[x, y] -> concat -> group_norm(2) -> conv(8)", "[y, x] -> concat -> group_norm(2) -> conv(8)"),
    ("z = [x, y] -> concat; a, b = z -> split(2); return (z -> conv(8)) + a + (b -> relu)",
     "z = [y, x] -> concat; a, b = z -> split(2); return (z -> conv(8)) + a + (b -> relu)"),
    ("([x, y] -> concat) + ([x, y] -> concat -> relu) -> conv(3)",
     "([x, y] -> concat) + ([y, x] -> concat -> relu) -> conv(3)"),
    ("shared f = conv(8); return ([x, y] -> concat -> f) + ([x -> relu, y] -> concat -> f)",
     "shared f = conv(8); return ([x, y] -> concat -> f) + ([y, x -> relu] -> concat -> f)"),
    ("ys, h = [s, h] -> scan(step, last = true); return ys", "ys, h = [s, h] -> scan(other, last = true); return ys"),
    ("ys, h = [s, h] -> scan(step, last = true); return ys", "ys, h = s -> scan(step, last = true); return ys"),
    ("ys, h = [s, h] -> scan(step, last = true); return h",
     "ys, h = [s, h] -> scan(step, last = true); return ys -> slice(0, 1) -> reshape([4])"),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_network(one: str, other: str) -> None:
    assert canonical(graph(one)) == canonical(graph(other))
    assert canonical(graph(one), expressions=True) == canonical(graph(other), expressions=True)


@pytest.mark.parametrize(("one", "other"), ONCE)
def test_one_expression_of_two_networks(one: str, other: str) -> None:
    assert canonical(graph(one)) != canonical(graph(other))
    assert canonical(graph(one), expressions=True) == canonical(graph(other), expressions=True)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_networks(one: str, other: str) -> None:
    assert canonical(graph(one)) != canonical(graph(other))
    assert canonical(graph(one), expressions=True) != canonical(graph(other), expressions=True)


def test_zero_after_a_norm() -> None:
    """Zero less its mean, or times its scale, is zero; what is added then is not."""
    zero, conv, unit = (graph(f"x + (y * 0.0 -> {f})") for f in ("relu", "conv(8, bias = false)", "unit"))
    assert canonical(zero) == canonical(conv) == canonical(unit)
    assert canonical(zero, zero_passes_norm=False) == canonical(conv, zero_passes_norm=False)
    assert canonical(zero, zero_passes_norm=False) != canonical(unit, zero_passes_norm=False)


def test_sums_of_sums_do_not_grow() -> None:
    """2^60 times x is one operand 2^60 times."""
    text = "network n(x: [8, 6, 6]) {\nfor _ in range(60) { x = x + x }\nreturn x -> relu\n}\n"
    (links,) = [links for label, links in canonical(archdsl.loads(text).graph) if label == "add()"]
    assert [times for _, times in links] == [2**60]


def test_hashes_are_the_same_everywhere() -> None:
    """They may be written down: no process, machine or version of Python has others."""
    assert canonical_hash(graph("x -> unit -> relu")) == "ae18d2460c1638e3"
    assert canonical_hash(graph("(x -> conv(8)) + (x -> conv(8))"), expressions=True) == "d27988be098ba0a4"


@pytest.mark.parametrize("path", swept())
def test_the_zoo(path: Path) -> None:
    """Written in another order, with other brackets and other blocks, a network is the same one."""
    root = archdsl.load(path, networks(path)[-1]).graph
    draw = random.Random(path.stem)
    for expressions in (False, True):
        assert canonical(respelled(root, draw), expressions) == canonical(root, expressions)
