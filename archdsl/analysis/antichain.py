"""Turns a flat DAG into its heaviest antichain: the most that nodes weigh of which no two have a path between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from archdsl.lazy import load_module
from archdsl.remembered import remembered

if TYPE_CHECKING:
    import networkx

Edges = Sequence[Sequence[int]]  # for every node the nodes right before it; nodes are in topological order

_OpSegment = tuple[tuple[tuple[int, ...], int], ...]  # for every node those right before it, and what it weighs


def width(before: Edges, weights: Sequence[int]) -> int:
    """The most that nodes without a path between any two of them weigh together (Dilworth: the fewest chains).

    The DAG is cut at nodes that are comparable with all others, equal segments are solved once, and a segment is
    solved by a flow along the edges themselves, never on the transitive closure.
    """
    widest = 0
    for first, last in segments(before):
        segment = tuple(
            [(tuple([j - first for j in before[i] if first <= j]), int(weights[i])) for i in range(first, last + 1)]
        )
        widest = max(widest, _solve(segment))
    return widest


def cuts(before: Edges) -> list[int]:
    """The nodes that have a path to or from every other node, in order."""
    count = len(before)
    first_use = [count] * count
    for i, earlier in enumerate(before):
        for j in earlier:
            first_use[j] = min(first_use[j], i)
    # All earlier nodes lead to a node if each of them is used up to it; it leads to all later ones if each of them
    # uses it or what follows it.
    used_by = [-1] * (count + 1)
    for i in range(count):
        used_by[i + 1] = max(used_by[i], first_use[i])
    fed_from = [count] * (count + 1)
    for i in range(count - 1, -1, -1):
        fed_from[i] = min(fed_from[i + 1], max(before[i], default=-1))
    return [i for i in range(count) if used_by[i] <= i <= fed_from[i + 1]]


def segments(before: Edges) -> list[tuple[int, int]]:
    """The nodes in runs (first, last): nodes of different runs are always comparable, and a cut ends its run."""
    ends = cuts(before)
    if before and (not ends or ends[-1] != len(before) - 1):
        ends.append(len(before) - 1)
    starts = [0] + [end + 1 for end in ends]
    return list(zip(starts, ends, strict=False))


@remembered
def _solve(segment: _OpSegment) -> int:
    segment = _reduced(segment)
    total = sum([weight for _, weight in segment])
    if total == max([weight for _, weight in segment]):
        return total
    # Fewest chains, of a node as many as it weighs = all weights less the largest matching of each with one that comes
    # later; a chain may pass through any node. ("out", i) is where a chain leaves i, ("in", i) where it arrives.
    nx = load_module("networkx")  # takes longer than all numbers of a network together, of which few need it
    network: networkx.DiGraph[object] = nx.DiGraph()
    network.add_node("source")
    network.add_node("sink")
    for i, (earlier, weight) in enumerate(segment):
        network.add_edge(("in", i), ("out", i))
        if weight:
            network.add_edge("source", ("out", i), capacity=weight)
            network.add_edge(("in", i), "sink", capacity=weight)
        for j in earlier:
            network.add_edge(("out", j), ("in", i))
    return total - int(nx.maximum_flow_value(network, "source", "sink"))


def _reduced(segment: _OpSegment) -> _OpSegment:
    """The segment with as few nodes as makes no difference; one node if it is all in series and side by side."""
    while True:
        smaller = _without_twins(_without_chains(segment))
        if len(smaller) == len(segment):
            return smaller
        segment = smaller


def _without_chains(segment: _OpSegment) -> _OpSegment:
    """The segment with every run of nodes that only follow one another made one node, as heavy as the heaviest."""
    uses = [0] * len(segment)
    for earlier, _ in segment:
        for j in earlier:
            uses[j] += 1
    place: list[int] = []
    merged: list[tuple[tuple[int, ...], int]] = []
    for earlier, weight in segment:
        if len(earlier) == 1 and uses[earlier[0]] == 1:
            into = place[earlier[0]]
            merged[into] = (merged[into][0], max(merged[into][1], weight))
            place.append(into)
            continue
        place.append(len(merged))
        merged.append((tuple([place[j] for j in earlier]), weight))
    return tuple(merged)


def _without_twins(segment: _OpSegment) -> _OpSegment:
    """The segment with nodes between the same nodes made one, as heavy as all."""
    after: list[list[int]] = [[] for _ in segment]
    for i, (earlier, _) in enumerate(segment):
        for j in earlier:
            after[j].append(i)
    places: dict[tuple[tuple[int, ...], tuple[int, ...]], int] = {}
    place: list[int] = []
    merged: list[tuple[tuple[int, ...], int]] = []
    for i, (earlier, weight) in enumerate(segment):
        into = places.setdefault((earlier, tuple(after[i])), len(merged))
        place.append(into)
        if into < len(merged):
            merged[into] = (merged[into][0], merged[into][1] + weight)
        else:
            merged.append((tuple(sorted({place[j] for j in earlier})), weight))
    return tuple(merged)
