"""Writes a network otherwise: nodes in another order, operands that commute too, some calls written out."""

from __future__ import annotations

import random
from dataclasses import replace

from archdsl.ir.graph import INPUT, Graph, Node, Ref, bodies
from archdsl.ops.base import Op


def respelled(root: Graph, draw: random.Random) -> Graph:
    """The same network; labels and sites are as they come, so that it is no network to emit."""
    made: dict[Graph, Graph] = {}
    for body in bodies(root):
        made[body] = _reordered(_written_out(body, made, draw), draw)
    return made[root]


def _written_out(body: Graph, made: dict[Graph, Graph], draw: random.Random) -> Graph:
    """The body with what it calls respelled, and some of that in the place of the call."""
    nodes: list[Node] = []
    results: list[list[Ref]] = []
    slots = 1 + max((node.slot for node in body.nodes if node.slot is not None), default=0)

    def moved(ref: Ref) -> Ref:
        return ref if ref.node == INPUT else results[ref.node][ref.output]

    for node in body.nodes:
        operands = tuple(map(moved, node.operands))
        callee = node.target if isinstance(node.target, Op) else made[node.target]
        if isinstance(callee, Op) or node.slot is not None or node.length is not None or draw.random() < 0.6:
            results.append([Ref(len(nodes), k) for k in range(len(node.types))])
            nodes.append(node._replace(target=callee, operands=operands))
            continue
        start = len(nodes)

        def inside(ref: Ref, start: int = start, operands: tuple[Ref, ...] = operands) -> Ref:
            return operands[ref.output] if ref.node == INPUT else Ref(ref.node + start, ref.output)

        for inner in callee.nodes:
            slot = None if inner.slot is None else inner.slot + slots
            nodes.append(inner._replace(operands=tuple(map(inside, inner.operands)), slot=slot))
        slots += 1 + max((inner.slot for inner in callee.nodes if inner.slot is not None), default=0)
        results.append(list(map(inside, callee.outputs)))
    return replace(body, nodes=tuple(nodes), outputs=tuple(map(moved, body.outputs)))


def _reordered(body: Graph, draw: random.Random) -> Graph:
    """The body with its nodes in another order."""
    waiting = [len({ref.node for ref in node.operands} - {INPUT}) for node in body.nodes]
    readers: list[list[int]] = [[] for _ in body.nodes]
    for index, node in enumerate(body.nodes):
        for below in {ref.node for ref in node.operands} - {INPUT}:
            readers[below].append(index)
    ready = [index for index, count in enumerate(waiting) if not count]
    place: dict[int, int] = {INPUT: INPUT}
    nodes: list[Node] = []
    while ready:
        index = ready.pop(draw.randrange(len(ready)))
        node = body.nodes[index]
        place[index] = len(nodes)
        operands = [Ref(place[ref.node], ref.output) for ref in node.operands]
        if node.op is not None and node.op.commutes:
            draw.shuffle(operands)
        nodes.append(node._replace(operands=tuple(operands)))
        for reader in readers[index]:
            waiting[reader] -= 1
            if not waiting[reader]:
                ready.append(reader)
    outputs = tuple([Ref(place[ref.node], ref.output) for ref in body.outputs])
    return replace(body, nodes=tuple(nodes), outputs=outputs)
