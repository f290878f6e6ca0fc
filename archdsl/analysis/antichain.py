"""Turns a flat DAG into its maximum antichain: how many chosen nodes have no path between any two of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from archdsl.lazy import load_module

if TYPE_CHECKING:
    import networkx

Edges = Sequence[Sequence[int]]  # for every node the nodes right before it; nodes are in topological order

_OpSegment = tuple[tuple[tuple[int, ...], bool], ...]


def width(before: Edges, chosen: Sequence[bool]) -> int:
    """Size of the largest set of chosen nodes without a path between any two of them (Dilworth: the fewest chains).

    The DAG is cut at nodes that are comparable with all others, equal segments are solved once, and a segment is
    solved by a flow along the edges themselves, never on the transitive closure.
    """
    known: dict[_OpSegment, int] = {}
    widest = 0
    for first, last in segments(before):
        segment = tuple(
            (tuple([j - first for j in before[i] if first <= j]), chosen[i]) for i in range(first, last + 1)
        )
        if segment not in known:
            known[segment] = _solve(segment)
        widest = max(widest, known[segment])
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


def _solve(segment: _OpSegment) -> int:
    segment = _without_chains(segment)
    count = sum([chosen for _, chosen in segment])
    if count <= 1 or len(segment) == 1:
        return int(count > 0)
    # Fewest chains = chosen nodes less the largest matching of each with one that comes later; a chain may pass
    # through any node. ("out", i) is where a chain leaves i, ("in", i) where it arrives.
    nx = load_module("networkx")  # takes longer than all numbers of a network together, of which few need it
    network: networkx.DiGraph[object] = nx.DiGraph()
    network.add_node("source")
    network.add_node("sink")
    for i, (earlier, chosen) in enumerate(segment):
        network.add_edge(("in", i), ("out", i))
        if chosen:
            network.add_edge("source", ("out", i), capacity=1)
            network.add_edge(("in", i), "sink", capacity=1)
        for j in earlier:
            network.add_edge(("out", j), ("in", i))
    return count - int(nx.maximum_flow_value(network, "source", "sink"))


def _without_chains(segment: _OpSegment) -> _OpSegment:
    """The segment with every run of nodes that only follow one another made one node."""
    uses = [0] * len(segment)
    for earlier, _ in segment:
        for j in earlier:
            uses[j] += 1
    place: list[int] = []
    merged: list[tuple[tuple[int, ...], bool]] = []
    for earlier, chosen in segment:
        if len(earlier) == 1 and uses[earlier[0]] == 1:
            into = place[earlier[0]]
            merged[into] = (merged[into][0], merged[into][1] or chosen)
            place.append(into)
            continue
        place.append(len(merged))
        merged.append((tuple([place[j] for j in earlier]), chosen))
    return tuple(merged)
