"""Turns several bodies of one definition into one list of rows: which nodes stand at the same site."""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from archdsl.ir.graph import INPUT, Graph, Ref, SiteKey


class Misaligned(Exception):
    """The bodies apply the stages that they have in common in different orders."""


@dataclass(frozen=True, slots=True)
class Aligned:
    """One site: the index of its node in every instance, None where the instance has no such node."""

    site: SiteKey
    nodes: tuple[int | None, ...]

    @property
    def present(self) -> tuple[bool, ...]:
        """In which instances the site exists."""
        return tuple(node is not None for node in self.nodes)


def align(instances: Sequence[Graph]) -> tuple[Aligned, ...]:
    """Rows in an order that agrees with the order of every instance (so operands come before their users).

    Two nodes correspond when their sites are equal; a site that repeats inside one body is told apart by occurrence.

    Raises:
        Misaligned: no common order exists.
    """
    places: dict[tuple[SiteKey, int], list[int | None]] = {}
    orders: list[list[tuple[SiteKey, int]]] = []
    for number, graph in enumerate(instances):
        seen: Counter[SiteKey] = Counter()
        order = []
        for index, node in enumerate(graph.nodes):
            key = (node.site, seen[node.site])
            seen[node.site] += 1
            places.setdefault(key, [None] * len(instances))[number] = index
            order.append(key)
        orders.append(order)
    keys = list(places)
    rank = {key: position for position, key in enumerate(keys)}
    return tuple(
        Aligned(keys[i][0], tuple(places[keys[i]])) for i in _merge([[rank[k] for k in o] for o in orders], len(keys))
    )


def _merge(orders: list[list[int]], count: int) -> list[int]:
    """One order of 0..count-1 in which every list of `orders` is ascending; earliest number first where free."""
    after: list[set[int]] = [set() for _ in range(count)]
    for order in orders:
        for first, second in itertools.pairwise(order):
            after[first].add(second)
    waiting = Counter(second for successors in after for second in successors)
    ready = [i for i in range(count) if not waiting[i]]
    merged = []
    while ready:
        item = heapq.heappop(ready)
        merged.append(item)
        for successor in sorted(after[item]):
            waiting[successor] -= 1
            if not waiting[successor]:
                heapq.heappush(ready, successor)
    if len(merged) < count:
        raise Misaligned
    return merged


def locate(rows: Sequence[Aligned], instance: int) -> dict[int, int]:
    """For one instance: from the index of a node to the index of its row."""
    return {node: i for i, row in enumerate(rows) if (node := row.nodes[instance]) is not None}


def row_ref(ref: Ref, located: dict[int, int]) -> Ref:
    """`ref` with the row in place of the node; inputs stay."""
    return ref if ref.node == INPUT else Ref(located[ref.node], ref.output)
