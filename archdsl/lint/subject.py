"""Turns a network into what rules ask of it: its bodies, how often each is applied, and which ops are neighbours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from archdsl.ir.graph import Graph, Node, bodies
from archdsl.ir.weights import owns
from archdsl.library import is_bundled
from archdsl.lint.neighbours import CallPath, Pair, node_of, pairs
from archdsl.ops.base import Op, Types
from archdsl.ops.border import Crop
from archdsl.source import Span

# Where an op is written. Bare words of one stage share the place where the stage is applied, so the word belongs to it.
Written = tuple[tuple[Span, ...], str]


@dataclass(frozen=True, slots=True)
class Applied:
    """An op of one body: how it is written, and on what."""

    body: Graph
    index: int
    node: Node
    op: Op
    inputs: Types

    @property
    def span(self) -> Span:
        """Where it is applied."""
        return span_of(self.node, self.body)


class Subject:
    """One network under review. Everything here costs O(nodes in distinct bodies)."""

    def __init__(self, root: Graph) -> None:
        self.root = root
        self.bodies = tuple(bodies(root))  # callees first
        self.applications: Counter[Graph] = Counter({root: 1})
        self.weight_sets: Counter[Graph] = Counter({root: 1})
        self._bundled: dict[str, bool] = {}  # by name of file
        self._sharing: dict[tuple[Graph, int], list[int]] = {}  # (body, slot) -> its nodes in order
        for body in reversed(self.bodies):
            for index, node in enumerate(body.nodes):
                if node.slot is not None:
                    self._sharing.setdefault((body, node.slot), []).append(index)
                if node.body is not None:
                    self.applications[node.body] += self.applications[body] * node.steps
                    self.weight_sets[node.body] += self.weight_sets[body] * self.owns(body, index)

    def owns(self, body: Graph, index: int) -> bool:
        """Whether this node is the first of `body` with its weights; later ones of its slot share them."""
        return owns(body)[index]

    def twins(self, body: Graph, index: int) -> list[int]:
        """The nodes of `body` that share weights with this one, with itself, in order; none if it does not share."""
        slot = body.nodes[index].slot
        return [] if slot is None else self._sharing[body, slot]

    def ops(self) -> Iterator[Applied]:
        """Every op written in a body, once per body."""
        for body in self.bodies:
            for index, node in enumerate(body.nodes):
                if node.op is not None:
                    yield Applied(body, index, node, node.op, body.operand_types(node))

    @cached_property
    def cropping(self) -> set[Graph]:
        """The bodies that crop a tensor: they shift on purpose."""
        return {applied.body for applied in self.ops() if isinstance(applied.op, Crop)}

    @cached_property
    def pairs(self) -> list[Pair]:
        """Ops whose result one other op alone reads."""
        return pairs(self.root)

    @cached_property
    def written(self) -> Counter[Written]:
        """How often the network applies what is written at each place, over all bodies that come from there."""
        found: Counter[Written] = Counter()
        for applied in self.ops():
            found[written(applied.node)] += self.applications[applied.body]
        return found

    def always(self, chosen: Iterable[Pair], ends: tuple[str, ...] = ("maker", "reader")) -> Iterator[Pair]:
        """Those of `chosen` whose ops (of both `ends`, or of one) are never used otherwise: a change suits all uses.

        What is written at the place of such an op is applied in these pairs only, and so are all ops that share weights
        with it. A pair that meets outside of a `shared` block is left out, since the block has other applications.
        """
        found = [pair for pair in chosen if not (_is_shared(pair.maker[:-1]) or _is_shared(pair.reader[:-1]))]
        before = -1
        while len(found) != before:  # a pair that goes may take others with it
            before = len(found)
            for end in ends:
                found = self._consistent(found, [getattr(pair, end) for pair in found])
        yield from found

    def _consistent(self, found: list[Pair], chains: list[CallPath]) -> list[Pair]:
        times: Counter[Written] = Counter()
        for pair, chain in zip(found, chains, strict=True):
            times[written(node_of(chain))] += self.applications[pair.body]
        torn = self._torn({chain[-1] for chain in chains})
        return [
            pair
            for pair, chain in zip(found, chains, strict=True)
            if times[written(node_of(chain))] == self.written[written(node_of(chain))] and chain[-1] not in torn
        ]

    def _torn(self, nodes: set[tuple[Graph, int]]) -> set[tuple[Graph, int]]:
        """Those of `nodes` that share weights with a node that is none of them."""
        slots = {(body, slot) for body, index in nodes if (slot := body.nodes[index].slot) is not None}
        found: set[tuple[Graph, int]] = set()
        for body, slot in slots:
            twins = [(body, twin) for twin in self._sharing[body, slot]]
            if not all(twin in nodes for twin in twins):
                found.update(twins)
        return found

    def once(self, chain: CallPath) -> int:
        """1 if the weights of the op that `chain` leads to count there; 0 if they count where they are used before."""
        return int(all(self.owns(body, index) for body, index in chain))

    @cached_property
    def _library_places(self) -> dict[Graph, Counter[tuple[Span, bool]]]:
        """For the bodies that came with archdsl: the places that call them, with applications and sets of weights."""
        found: dict[Graph, Counter[tuple[Span, bool]]] = {}
        for caller in reversed(self.bodies):
            for index, node in enumerate(caller.nodes):
                if node.body is None or not self._is_library_text(node.body):
                    continue
                places = found.setdefault(node.body, Counter())
                for span, applications, weight_sets in self.places(caller, span_of(node, caller), found):
                    places[span, False] += applications * node.steps
                    places[span, True] += weight_sets * self.owns(caller, index)
        return found

    def places(
        self, body: Graph, span: Span, known: dict[Graph, Counter[tuple[Span, bool]]] | None = None
    ) -> Iterator[tuple[Span, int, int]]:
        """Where the reader of a spec finds `span` of `body`: places, applications and sets of weights of each.

        A place in what came with archdsl is told as the places from which it is called; where the network itself is a
        variant of one that did, as its heading.
        """
        if not self.in_library(span):
            yield span, self.applications[body], self.weight_sets[body]
            return
        if body is self.root:
            yield heading(body), 1, 1
            return
        counts = (self._library_places if known is None else known).get(body, Counter())
        for place, is_weights in list(counts):
            if not is_weights:
                yield place, counts[place, False], counts[place, True]

    def in_library(self, span: Span) -> bool:
        """Whether this is text of the standard library, or of the zoo where the network is not."""
        name = span.source.name
        found = self._bundled.get(name)
        if found is None:
            found = self._bundled[name] = is_bundled(name, self.root.span.source.name)
        return found

    def _is_library_text(self, body: Graph) -> bool:
        """Whether a body stands in what came with archdsl, or is a variant of one that does."""
        return self.in_library(body.span) or any(self.in_library(span_of(node, body)) for node in body.nodes)

    def place_of(self, chain: CallPath) -> Span:
        """The innermost place on the way to an op that is the reader's own; else that of the first node."""
        spans = [span_of(graph.nodes[index], graph) for graph, index in chain]
        return next((span for span in reversed(spans) if not self.in_library(span)), spans[0])


def written(node: Node) -> Written:
    """Where an op is written: equal for all that come from there."""
    return node.spans, node.word


def _is_shared(chain: CallPath) -> bool:
    return any(body.nodes[index].slot is not None for body, index in chain)


def heading(body: Graph) -> Span:
    """The first line of a definition: where advice on all of it stands."""
    span = body.span
    line = span.text.split("\n", 1)[0].rstrip(" {")
    return span._replace(end=span.start + len(line)) if line else span


def span_of(node: Node, body: Graph) -> Span:
    """Where a node is applied; its body's place if it has none."""
    return node.spans[0] if node.spans else body.span
