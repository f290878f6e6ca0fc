"""Small spaces, a figure each: every kind of choice that a figure shows."""

from __future__ import annotations

from archdsl.diagnostics.model import Diagnostics
from archdsl.emit.figure import compose
from archdsl.emit.figure.look import look
from archdsl.emit.figure.scene import Box, Panel, Scene
from archdsl.spaces.figure import SpaceFigure
from tests.spaces.test_space import space

OPS = """
block twice(x) = x -> conv(x.channels, 3) -> relu -> conv(x.channels, 3)
cell c(x) {
    y = x -> oneof([twice, conv(x.channels) -> bn, id])
    return y + (y -> oneof([relu, silu]))
}
network n(x: [4, 8, 8]) = x -> c -> c
"""
INPUTS = """
cell c(h, x) {
    left = oneof([h, x])
    a = [left -> conv(4), x -> relu] -> add
    return someof([h, x, a], 2) -> concat -> conv(4)
}
network n(x: [4, 8, 8]) = [x, x -> conv(4)] -> c
"""
EDGES = """
network n(x: [4, 8, 8]) {
    y = x -> conv(4)
    skips = [y] + oneof([[], [x]])
    deep = oneof([1, 2, 3])
    more = [y -> tanh] if deep > 1 else []
    return skips + more -> add -> conv(4)
}
"""
DEPTH = """
block unit(x; width) = x -> conv(width, oneof([1, 3])) -> bn -> relu -> conv(width)
network n(x: [4, 8, 8]) {
    for width in [8, 16] { x = x -> conv(width) -> unit(width) * oneof([2, 3, 4]) }
    return x -> global_avg_pool
}
"""
WIDTH = """
block unit(x) = x -> conv(x.channels, 3) -> bn -> conv(x.channels)
network n(x: [4, 8, 8]) = x -> conv(oneof([8, 16])) -> unit -> unit -> conv(4)
"""
TRELLIS = """
block down(x) = x -> conv(2 * x.channels, 3, 2)
block up(x) = x -> upsample(2) -> conv(x.channels // 2)
network n(x: [4, 16, 16]) {
    level = 0
    for i in range(3) {
        next = oneof([l for l in [level - 1, level, level + 1] if l in range(3)])
        x = x -> down if next > level else x -> up if next < level else x
        x = x -> conv(x.channels, 3)
        level = next
    }
    return x -> global_avg_pool -> linear(10)
}
"""
FORMS = """
block halve(x; stride) = x if stride == 1 else x -> conv(x.channels, 1, stride)
block pool(x; stride) = x -> max_pool(3, stride)
block wide(x; stride) = x -> conv(x.channels, 3, stride) -> relu -> conv(x.channels, 3) -> bn
OPS = [halve, pool, wide]
cell c(h, x) {
    states = [h, x]
    for n in range(2) {
        i, op = oneof(range(n + 2)), oneof(OPS)
        states = states + [states[i] -> op(stride = 2 if i < 2 else 1)]
    }
    return states[-1]
}
cell d(h, x) {
    sum = [h, x] -> add -> wide(2)
    i, j = someof(range(3), 2)
    left, right = oneof(OPS), oneof(OPS)
    a = [h, x, sum][i] -> left(stride = 1 if i == 2 else 2)
    b = [h, x, sum][j] -> right(stride = 1 if j == 2 else 2)
    return a + b
}
network n(x: [4, 8, 8]) = [[x, x -> conv(4)] -> c, [x, x -> conv(4)] -> d] -> concat
"""
LOOSE = """
block fit(x; width) = x if x.channels == width else x -> conv(width) -> bn
cell c(h, x) {
    states = [h, x]
    for chosen in range(3) {
        i, j = oneof(range(chosen + 2)), oneof(range(chosen + 2))
        a, b = states[i] -> conv(8, 3), states[j] -> relu
        states = states + [a + b]
    }
    return loose(inputs = true) -> concat
}
network n(x: [4, 8, 8]) {
    h, before = x, x
    for k in range(4) { h, before = [h -> conv(8), before -> fit(8)] -> c, h }
    return h -> relu
}
"""
SKIPS = """
network n(x: [4, 8, 8]) {
    layers = [x]
    for layer in range(1, 4) {
        reads = []
        for tensor in range(layer) {
            skip = oneof([[], [tensor]])
            reads = reads + skip
        }
        layers = layers + [[layers[r] for r in reads] + [layers[-1] -> conv(4, 3)] -> concat -> conv(4)]
    }
    return layers[-1]
}
"""
MEAN = """
cell c(x) {
    states = [x]
    for chosen in range(3) {
        i = oneof(range(chosen + 1))
        states = states + [states[i] -> conv(4, 3)]
    }
    ends = loose()
    return (ends -> add) / len(ends)
}
network n(x: [4, 8, 8]) = x -> c -> relu
"""
JOIN = """
cell c(h, x) {
    states = [h, x]
    for chosen in range(2) {
        i, j, join = oneof(range(chosen + 2)), oneof(range(chosen + 2)), oneof([add, concat])
        states = states + [[states[i] -> conv(4), states[j] -> conv(4, 3)] -> join]
    }
    return states[3]
}
network n(x: [4, 8, 8]) {
    h, before = x, x
    for turn in range(4) { h, before = [h, before] -> [conv(4)] * 2 -> c, h }
    return h -> relu
}
"""
KINDS = {
    "ops": OPS,
    "inputs": INPUTS,
    "edges": EDGES,
    "depth": DEPTH,
    "width": WIDTH,
    "trellis": TRELLIS,
    "forms": FORMS,
    "loose": LOOSE,
    "skips": SKIPS,
    "mean": MEAN,
    "join": JOIN,
}


def figure(source: str, **picks: object) -> SpaceFigure:
    """The figure of a space; names of decisions have `__` for `.`."""
    return SpaceFigure(space(source, picks={name.replace("__", "."): text for name, text in picks.items()}))


def scene_of(drawn: SpaceFigure) -> Scene:
    """What it shows, as data."""
    return compose(drawn.graph, look(), Diagnostics(), drawn.caption)


def panel(source: str, number: int = 0, **picks: object) -> Panel:
    """One of its panels."""
    return scene_of(figure(source, **picks)).panels[number]


def lines(box: Box) -> list[str]:
    """What a box says."""
    return [line.text for line in box.lines]


def said(found: Panel) -> list[list[str]]:
    """What the boxes of a panel say, those of inputs and outputs left out."""
    return [lines(box) for box in found.sketch.boxes if box.units]
