"""Makes graphs for the layered layout: random ones of every kind, and the shapes that papers draw."""

from __future__ import annotations

import random

from archdsl.emit.layered.model import LayeredLink, LayeredNode

Graph = tuple[list[LayeredNode], list[LayeredLink]]


def random_graph(seed: int) -> Graph:
    """A graph of one of several kinds, with sizes, places, texts, twins and loose nodes."""
    r = random.Random(seed)
    count = r.choice([0, 1, 2, 3, 5, 8, 13, 21, 34])
    kind = r.choice(["chain", "dense", "wide", "any", "forest", "cell"])
    pairs = _pairs(r, count, kind)
    texts = r.choice([0.0, 0.2, 0.8])
    uniform = r.random() < 0.3
    nodes, links = [], []
    outs = {}
    for k in range(count):
        inputs = [s for s, t in pairs if t == k]
        width, height = (60.0, 20.0) if uniform else (r.uniform(0, 120), r.uniform(0, 60))
        if r.random() < 0.05:
            width = height = 0.0
        outs[k] = r.choice([0, 0, 0, 1, 2, 3])
        shape = r.random()
        loose = r.random() < 0.4
        ins: tuple[float, ...] = ()
        stretch = sides = False
        if shape < 0.35 and inputs:
            width = max(width, 24.0 * max(len(inputs), outs[k]))
            ins = tuple([width * (i + 1) / (len(inputs) + 1) for i in range(len(inputs))])
            stretch = r.random() < 0.5
        elif shape < 0.55:
            width = height = 17.0
            sides = True
        width = max(width, 10.0 * outs[k])
        places = tuple([width * (i + 1) / (outs[k] + 1) for i in range(outs[k])])
        places = places if r.random() < 0.6 else ()
        nodes.append(LayeredNode(width, height, ins, places, loose, stretch, sides))
    arrived = dict.fromkeys(range(count), 0)
    for source, target in pairs:
        label = (r.uniform(8, 60), r.uniform(6, 10)) if r.random() < texts else (0.0, 0.0)
        head = (r.uniform(4, 20), 8.0) if r.random() < texts / 2 else (0.0, 0.0)
        out = r.randrange(max(1, outs[source]))
        links.append(
            LayeredLink(
                source, target, out, arrived[target] if nodes[target].ins or r.random() < 0.5 else 0, label, head
            )
        )
        arrived[target] += 1
    return nodes, links


def _pairs(r: random.Random, count: int, kind: str) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    for t in range(1, count):
        if kind == "chain":
            pairs.append((t - 1, t))
            if r.random() < 0.4:
                pairs.append((r.randrange(t), t))
        elif kind == "dense":
            pairs += [(s, t) for s in range(max(0, t - 6), t) if r.random() < 0.8]
        elif kind == "wide":
            pairs += [(r.randrange(min(t, 3)), t)]
            if t > count - 3:
                pairs += [(s, t) for s in range(1, t) if r.random() < 0.5]
        elif kind == "any":
            pairs += [(r.randrange(t), t) for _ in range(r.randrange(4))]
        elif kind == "forest":
            pairs += [(r.randrange(t), t)] * (r.random() < 0.8)
        else:
            pairs += [(max(0, t - r.randrange(1, 5)), t) for _ in range(2)]
    return sorted(pairs, key=lambda pair: pair[1])
