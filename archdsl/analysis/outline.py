"""Turns a body into the order in which its ops stand: calls written out, ops that only follow one another made one.

How many ops there are, how many follow one another and how many can stand side by side are the same if ops that are
read by the next one alone, which reads nothing else, are one node that counts for all of them. So

    y = x -> conv -> bn -> relu; return y + x

with convolutions counted, is two nodes: of count 1 after the input, and of count 0 after that and the input.

Who calls a body of which all depends on one input and leads to one output cannot tell what is inside from one node that
counts for all: all that is before it, beside it or after it is so to each op of it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from archdsl.analysis.antichain import width
from archdsl.analysis.cost import kind_of
from archdsl.ir.graph import INPUT, Graph, Node
from archdsl.ir.per_body import per_mould_showing
from archdsl.ops.base import Kind, Op, Types

_MOST = 512  # nodes of an outline that is kept; larger bodies are written out again where they are called


class Counting(NamedTuple):
    """Which ops count: those of `kinds` (None: all). With `pairs` a depthwise convolution that is read by a convolution
    of 1x1 alone is one with it.
    """

    kinds: frozenset[Kind] | None
    pairs: bool = False


class OutlinePart(NamedTuple):
    """Ops that one takes for one: what stands right before them, inputs as -1, -2 and so on.

    Of those that count `ops` are there, `series` at most follow one another, and `width` at most stand side by side.
    `ready` says that the first is a convolution of 1x1, `waits` that the last is depthwise and counts.
    """

    before: tuple[int, ...]
    ops: int
    series: int
    width: int
    ready: bool
    waits: bool


class OpsOutline(NamedTuple):
    """A body as links in topological order, and the link (or input) that each output comes from."""

    links: tuple[OutlinePart, ...]
    outputs: tuple[int, ...]


def outline(graph: Graph, counting: Counting, ignored: Collection[int] = ()) -> OpsOutline:
    """The outline of a body without scans; nothing in the nodes `ignored` counts."""
    kept = None if ignored else _kept(graph, counting)
    if kept is not None:
        return kept
    found = _written(graph, counting, ignored, None)
    assert found is not None
    return found


@per_mould_showing(lambda found: object() if found is None else found)  # a large one is looked into
def _kept(graph: Graph, counting: Counting) -> OpsOutline | None:
    """The outline, None if it is large."""
    return _written(graph, counting, (), _MOST)


@dataclass(slots=True)
class _OutlinePlace:
    """A body being written out: the links of its inputs and of the outputs of its nodes so far."""

    graph: Graph
    inputs: Sequence[int]
    counts: bool
    nodes: list[Sequence[int]] = field(default_factory=list)

    def of(self, node: Node) -> list[int]:
        return [self.inputs[k] if n == INPUT else self.nodes[n][k] for n, k in node.sources]

    def results(self) -> list[int]:
        return [self.inputs[k] if n == INPUT else self.nodes[n][k] for n, k in self.graph.outputs]


def _written(graph: Graph, counting: Counting, ignored: Collection[int], most: int | None) -> OpsOutline | None:
    """The outline; None if it takes more than `most` links before any are joined."""
    links: list[OutlinePart] = []
    places = [_OutlinePlace(graph, [-1 - k for k in range(len(graph.inputs))], True)]
    while True:
        place = places[-1]
        index = len(place.nodes)
        if index == len(place.graph.nodes):
            places.pop()
            if not places:
                return _joined(links, place.results())
            places[-1].nodes.append(place.results())
            continue
        if most is not None and len(links) > most:
            return None
        node = place.graph.nodes[index]
        given = place.of(node)
        counts = place.counts and not (len(places) == 1 and index in ignored)
        if isinstance(node.target, Graph):
            known = _kept(node.target, counting)
            if known is None:
                places.append(_OutlinePlace(node.target, given, counts))
            else:
                place.nodes.append(_put(links, known, given, counts))
            continue
        count, ready, waits = _link(node.target, place.graph.operand_types(node), counting)
        count *= counts
        links.append(OutlinePart(tuple(sorted({*given})), count, count, count, ready, counts and waits))
        place.nodes.append([len(links) - 1] * len(node.types))


def _link(op: Op, inputs: Types, counting: Counting) -> tuple[int, bool, bool]:
    """What an op is in a link of its own."""
    counts = counting.kinds is None or op.kind in counting.kinds
    kind = kind_of(op, inputs) if counting.pairs and op.kind is Kind.CONVOLUTION else ""
    return int(counts), kind == "conv 1x1", counts and kind == "depthwise"


def _put(links: list[OutlinePart], known: OpsOutline, given: Sequence[int], counts: bool) -> list[int]:
    """Write the outline of a call; returns where its outputs come from."""
    first = len(links)
    for link in known.links:
        before = tuple(sorted({k + first if k >= 0 else given[-1 - k] for k in link.before}))
        links.append(link._replace(before=before) if counts else OutlinePart(before, 0, 0, 0, link.ready, False))
    return [k + first if k >= 0 else given[-1 - k] for k in known.outputs]


def _joined(links: Sequence[OutlinePart], outputs: Sequence[int]) -> OpsOutline:
    """The outline with every run of links that only follow one another made one."""
    uses = [0] * len(links)
    for link in links:
        for k in link.before:
            if k >= 0:
                uses[k] += 1
    for k in {*outputs}:
        if k >= 0:
            uses[k] += 2
    place: list[int] = []
    found: list[OutlinePart] = []
    for link in links:
        last = link.before[0] if len(link.before) == 1 else -1
        if last < 0 or uses[last] != 1:
            place.append(len(found))
            found.append(link._replace(before=tuple([place[k] if k >= 0 else k for k in link.before])))
            continue
        into = place[last]
        place.append(into)
        before, ops, series, most, ready, waits = found[into]
        pair = waits and link.ready
        found[into] = OutlinePart(
            before, ops + link.ops - pair, series + link.series - pair, max(most, link.width), ready, link.waits
        )
    return _closed(OpsOutline(tuple(found), tuple([place[k] if k >= 0 else k for k in outputs])))


def _closed(found: OpsOutline) -> OpsOutline:
    """One link if all depends on one input and leads to the one link that gives the outputs."""
    links, outputs = found
    last = len(links) - 1
    read = [k for link in links for k in link.before]
    if last < 1 or {*outputs} != {last} or not all(link.before for link in links) or min(read) < -1:
        return found
    if not {*read}.issuperset(range(last)):
        return found
    ready = links[0].ready and links[0].before == (-1,) and read.count(-1) == 1
    whole = OutlinePart((-1,), *counted(links), ready, links[last].waits)
    return OpsOutline((whole,), (0,) * len(outputs))


def counted(links: Sequence[OutlinePart]) -> tuple[int, int, int]:
    """How many count, how many of these at most follow one another, and how many at most stand side by side."""
    if len(links) == 1:
        return links[0][1:4]
    depth: list[int] = []
    for link in links:
        depth.append(max([depth[k] for k in link.before if k >= 0], default=0) + link.series)
    return sum([link.ops for link in links]), max(depth, default=0), parallel(links)


def parallel(links: Sequence[OutlinePart]) -> int:
    """The most that count with no path between any two of them."""
    if len(links) == 1:
        return links[0].width
    before = [[k for k in link.before if k >= 0] for link in links]
    return width(before, [link.width for link in links])
