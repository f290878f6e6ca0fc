"""Turns a body into a short text that is equal exactly for bodies that compute the same thing the same way."""

from __future__ import annotations

import hashlib

from archdsl.ir.graph import Graph
from archdsl.ir.per_body import per_body


@per_body
def exact_hash(graph: Graph) -> str:
    """32 hexadecimal digits over ops, operands, order, types and slots; labels, spans, sites and names do not count.

    Callees count by their own hash, so the cost is linear in the nodes of distinct bodies.
    """
    digest = hashlib.blake2b(digest_size=16)
    slots: dict[int, int] = {}  # slot numbers are arbitrary; the order in which they appear is not
    targets: dict[int, str] = {}
    digest.update(repr(graph.inputs).encode())
    for node in graph.nodes:
        target = targets.get(id(node.target))
        if target is None:
            if isinstance(node.target, Graph):
                target = f"call {exact_hash(node.target)}"
            else:
                target = f"{node.word} {node.target!r}"
            targets[id(node.target)] = target
        slot = None if node.slot is None else slots.setdefault(node.slot, len(slots))
        if node.length is not None:
            target = f"{target} {'each ' * node.each}over {node.length}"
        operands = ",".join(f"{ref.node}.{ref.output}" for ref in node.operands)
        digest.update(f"\n{target}|{operands}|{slot}|{node.types}".encode())
    digest.update(f"\n{[tuple(ref) for ref in graph.outputs]}".encode())
    return digest.hexdigest()
