"""Turns a body into a short text that is equal exactly for bodies that compute the same thing the same way."""

from __future__ import annotations

import hashlib

from archdsl.ir.graph import Graph, bodies

_FACT = "exact_hash"


def exact_hash(graph: Graph) -> str:
    """32 hexadecimal digits over ops, operands, order, types and slots; labels, spans, sites and names do not count.

    Callees count by their own hash, so the cost is linear in the nodes of distinct bodies. Kept in the bodies.
    """
    if _FACT not in graph._facts:
        for body in bodies(graph):
            if _FACT not in body._facts:
                body._facts[_FACT] = _hash(body)
    return str(graph._facts[_FACT])


def _hash(graph: Graph) -> str:
    digest = hashlib.blake2b(digest_size=16)
    slots: dict[int, int] = {}  # slot numbers are arbitrary; the order in which they appear is not
    targets: dict[int, str] = {}
    digest.update(repr(graph.inputs).encode())
    for node in graph.nodes:
        target = targets.get(id(node.target))
        if target is None:
            if isinstance(node.target, Graph):
                target = f"call {node.target._facts[_FACT]}"
            else:
                target = f"{node.word} {node.target!r}"
            targets[id(node.target)] = target
        slot = None if node.slot is None else slots.setdefault(node.slot, len(slots))
        if node.length is not None:
            target = f"{target} over {node.length}"
        operands = ",".join(f"{ref.node}.{ref.output}" for ref in node.operands)
        digest.update(f"\n{target}|{operands}|{slot}|{node.types}".encode())
    digest.update(f"\n{[tuple(ref) for ref in graph.outputs]}".encode())
    return digest.hexdigest()
