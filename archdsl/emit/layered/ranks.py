"""Gives nodes their rows: the longest way from the top, after Gansner, Koutsofios, North, Vo 1993, section 2.

    a -> b -> c -> d,  a -> e -> d,  p -> c        a: row 0;  b, e, p: row 1;  c: row 2;  d: row 3

Branches of one node start side by side, and what is longer than a row are the links into the node where they meet
again. What stands on its own above one node, such as a learned tensor, stands right above it: p is not beside a.
"""

from __future__ import annotations

from collections.abc import Sequence


def rank_nodes(count: int, steps: Sequence[tuple[int, int, int]]) -> tuple[list[int], list[int], list[bool]]:
    """Rows of `count` nodes, how many rows the longest way from each goes down, and which stand on their own.

    A step (source, target, rows) keeps the target that many rows below the source, and source < target.
    """
    above: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    below: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    for source, target, rows in steps:
        above[target].append((source, rows))
        below[source].append((target, rows))
    ranks = [0] * count
    # Nothing else hangs on a free node and on what it is made of: all of that can go down together.
    free = [True] * count
    for node in range(count):
        for source, rows in above[node]:
            ranks[node] = max(ranks[node], ranks[source] + rows)
            if not free[source] or any(target != node for target, _ in below[source]):
                free[node] = False
    depths = [0] * count
    for node in range(count - 1, -1, -1):
        room = -1
        for target, rows in below[node]:
            depths[node] = max(depths[node], depths[target] + rows)
            slack = ranks[target] - rows - ranks[node]
            room = slack if room < 0 else min(room, slack)
        if free[node] and room > 0:
            ranks[node] += room
    return ranks, depths, free
