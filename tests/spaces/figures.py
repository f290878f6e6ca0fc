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
KINDS = {"ops": OPS, "inputs": INPUTS, "edges": EDGES, "depth": DEPTH, "width": WIDTH, "trellis": TRELLIS}


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
