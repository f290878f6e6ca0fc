"""Finds where two bodies of one definition differ: the op that one application of a shared stage needs otherwise."""

from __future__ import annotations

from collections.abc import Callable
from itertools import zip_longest

from archdsl.ir.graph import Graph, Node


def unequal_nodes(
    first: Graph, second: Graph, told: Callable[[Graph, Node], object]
) -> tuple[Node | None, Node | None] | None:
    """Corresponding nodes of two bodies of which `told`, asked of ops, differs; None if there are none.

    Where one body has more nodes, the other's is None. What is called is looked into, each pair of bodies once.
    """
    waiting, seen = [(first, second)], set[tuple[int, int]]()
    while waiting:
        one, other = waiting.pop()
        for a, b in zip_longest(one.nodes, other.nodes):
            if a is None or b is None or (a.body is None) != (b.body is None):
                return a, b
            if a.body is None or b.body is None:
                if told(one, a) != told(other, b):
                    return a, b
            elif a.body is not b.body and (id(a.body), id(b.body)) not in seen:
                seen.add((id(a.body), id(b.body)))
                waiting.append((a.body, b.body))
    return None
