"""Makes the shapes that papers draw, as input of the layered layout."""

from __future__ import annotations

import random

from archdsl.emit.layered.model import LayeredLink, LayeredNode
from tests.emit_layered.graphs import Graph

BOX = LayeredNode(60, 20)
ADD = LayeredNode(17, 17, sides=True)
BAR = LayeredNode(40, 14, stretch=True)


def chain(length: int) -> Graph:
    """Boxes of different widths below each other."""
    return [LayeredNode(30.0 + 17 * (k % 4), 20) for k in range(length)], [
        LayeredLink(k, k + 1) for k in range(length - 1)
    ]


def residual(blocks: int) -> Graph:
    """Two boxes and an addition, and a way around them, again and again."""
    nodes, links = [BOX], []
    for _ in range(blocks):
        x = len(nodes) - 1
        nodes += [BOX, LayeredNode(90, 20), ADD]
        links += [LayeredLink(x, x + 1), LayeredLink(x + 1, x + 2), LayeredLink(x + 2, x + 3), LayeredLink(x, x + 3)]
    return nodes, links


def projection() -> Graph:
    """A residual block with one box on its shortcut, which is written first."""
    links = [(0, 1), (0, 2), (2, 3), (3, 4), (1, 4)]
    return [BOX, BOX, BOX, BOX, ADD], [LayeredLink(s, t) for s, t in links]


def inception() -> Graph:
    """Four branches of 1, 2, 3 and 2 boxes between an input and a bar, and what follows."""
    nodes, links, ends = [BOX], [], []
    for length in (1, 2, 3, 2):
        links.append(LayeredLink(0, len(nodes)))
        for k in range(length):
            nodes.append(BOX)
            if k + 1 < length:
                links.append(LayeredLink(len(nodes) - 1, len(nodes)))
        ends.append(len(nodes) - 1)
    bar = len(nodes)
    links += [LayeredLink(end, bar, into=k) for k, end in enumerate(ends)]
    return [*nodes, BAR, BOX], [*links, LayeredLink(bar, bar + 1)]


def dense(layers: int) -> Graph:
    """Layers that each take all before them, joined by a bar."""
    nodes, links = [BOX], []
    made = [0]
    for _ in range(layers):
        bar = len(nodes)
        nodes += [LayeredNode(40, 14, stretch=True, loose=True), BOX]
        links += [LayeredLink(s, bar, into=k) for k, s in enumerate(made)]
        links.append(LayeredLink(bar, bar + 1))
        made.append(bar + 1)
    return nodes, links


def skipping(length: int, seed: int) -> Graph:
    """A chain in which some take what stands anywhere before them, too: many wires side by side, and many crossings."""
    rng = random.Random(seed)
    nodes, links = [BOX], []
    for k in range(1, length):
        joins = k > 2 and rng.random() < 0.4
        nodes.append(ADD if joins else BOX)
        links.append(LayeredLink(k - 1, k))
        if joins:
            links.append(LayeredLink(rng.randrange(k - 1), k, into=1))
    return nodes, links


def hourglass(depth: int) -> Graph:
    """A way down and up again, with a way across on each level, joined by bars."""
    nodes, links = [BOX], []
    across = []
    for _ in range(depth):
        across.append(len(nodes) - 1)
        links.append(LayeredLink(len(nodes) - 1, len(nodes)))
        nodes.append(BOX)
    for source in reversed(across):
        bar = len(nodes)
        nodes += [BAR, BOX]
        links += [LayeredLink(bar - 1, bar), LayeredLink(source, bar, into=1), LayeredLink(bar, bar + 1)]
    return nodes, links


def nasnet_cell() -> Graph:
    """Five pairs of ops of two inputs, added, and joined by a bar with one input."""
    nodes, links = [LayeredNode(20, 12), LayeredNode(20, 12)], []
    sums = []
    for left, right in ((0, 1), (1, 0), (1, 0), (0, 0), (1, 1)):
        k = len(nodes)
        nodes += [BOX, BOX, ADD]
        links += [LayeredLink(left, k), LayeredLink(right, k + 1), LayeredLink(k, k + 2), LayeredLink(k + 1, k + 2)]
        sums.append(k + 2)
    bar = len(nodes)
    links += [LayeredLink(s, bar, into=k + 1) for k, s in enumerate(sums)]
    return [*nodes, BAR], [*links, LayeredLink(0, bar)]
