"""Turns an elaborated network into its canonical form: equal for designs that are one network, and for no others.

Two designs are one *network* if their modules, each application apart, are joined in the same way, once what only
spelling tells is gone (`archdsl.spaces.simplify`, `archdsl.spaces.concats`). They are one *expression* if besides equal
applications to one tensor count as one. docs/spaces.md says both in full.
"""

from __future__ import annotations

import hashlib
from collections.abc import Hashable
from dataclasses import dataclass, field

from archdsl.ir.graph import INPUT, Graph, Node
from archdsl.ir.per_body import per_body_alone
from archdsl.spaces.concats import unordered_concats
from archdsl.spaces.dag import CanonicalForm, Dag, canonical_form
from archdsl.spaces.simplify import OpAt, Simplifier, op_at


def canonical(graph: Graph, expressions: bool = False, zero_passes_norm: bool = True) -> CanonicalForm:
    """The canonical form of a network, or of its expression; `zero_passes_norm` takes zeros after a norm for zeros."""
    return canonical_form(dag_of(graph, expressions, zero_passes_norm))


def canonical_hash(graph: Graph, expressions: bool = False, zero_passes_norm: bool = True) -> str:
    """16 hexadecimal digits of the SHA-256 of the canonical form: for people to compare and write down."""
    return hashlib.sha256(repr(canonical(graph, expressions, zero_passes_norm)).encode()).hexdigest()[:16]


def dag_of(graph: Graph, expressions: bool = False, zero_passes_norm: bool = True) -> Dag:
    """The simplified graph of a network, calls written out.

    It is simplified again as long as that finds concats without order, or weights that nothing shares any more.
    """
    unordered: set[int] = set()
    alone: set[Hashable] = set()
    while True:
        simple = Simplifier(expressions, zero_passes_norm, unordered, alone)
        walk = _Walk(simple)
        outputs = walk.outputs(graph)
        live = simple.live(outputs)
        shared = dict(simple.shared(live))
        lonely = {weights for weights, owners in shared.items() if len(owners) == 1}
        shares = {v for owners in shared.values() if len(owners) > 1 for v in owners}
        told = walk.fixed | set(outputs)
        free = unordered_concats(simple.made, simple.size, told & live, live, shares)
        if lonely <= alone and free <= unordered:
            return simple.dag(outputs)
        alone |= lonely
        unordered |= free


@dataclass(slots=True)
class _WrittenOut:
    """A body being written out: the vertices of its inputs and of its nodes so far.

    `home` names its weights: those of two bodies of one home are the same, if it `shares`.
    """

    graph: Graph
    inputs: list[int]
    home: Hashable
    shares: bool
    nodes: list[list[int]] = field(default_factory=list)
    ops: list[OpAt | None] = field(init=False)

    def __post_init__(self) -> None:
        self.ops = _ops(self.graph)

    def of(self, node: Node) -> list[int]:
        return [self.inputs[k] if n == INPUT else self.nodes[n][k] for n, k in node.sources]

    def results(self) -> list[int]:
        return [self.inputs[k] if n == INPUT else self.nodes[n][k] for n, k in self.graph.outputs]


class _Walk:
    """Applies the ops of a network in order; `fixed` are tensors whose channels keep their order."""

    def __init__(self, simple: Simplifier) -> None:
        self._simple = simple
        self._homes = 0
        self.fixed: set[int] = set()

    def outputs(self, root: Graph) -> list[int]:
        """The vertices of the outputs."""
        inputs = [self._simple.tensor(f"input {k} {kind}", (), kind) for k, kind in enumerate(root.inputs)]
        self.fixed.update(inputs)
        places = [_WrittenOut(root, inputs, 0, False)]
        while True:
            place = places[-1]
            index = len(place.nodes)
            if index == len(place.graph.nodes):
                places.pop()
                if not places:
                    return place.results()
                node = places[-1].graph.nodes[len(places[-1].nodes)]
                results = place.results() if node.length is None else self._scanned(node, place.results())
                places[-1].nodes.append(results)
                continue
            node = place.graph.nodes[index]
            shares = place.shares or node.slot is not None
            part = ("n", index) if node.slot is None else ("s", node.slot)
            home = (place.home, part) if shares else None
            if isinstance(node.target, Graph):
                self._homes += 1
                given = place.of(node) if node.length is None else self._steps(node, place.of(node))
                places.append(_WrittenOut(node.target, given, home if shares else self._homes, shares))
            else:
                at = place.ops[index]
                assert at is not None
                place.nodes.append(self._simple.apply(at, place.of(node), home))

    def _steps(self, scan: Node, operands: list[int]) -> list[int]:
        """What the cell of a scan is given: elements of sequences, and states that begin as operands or zeros."""
        cell = scan.target
        assert isinstance(cell, Graph)
        simple = self._simple
        count = len(cell.inputs) - scan.states
        states, initial = cell.inputs[count:], operands[count:]
        given = [
            simple.zeros(kind)
            if simple.is_zero(sequence)
            else simple.tensor(f"element {kind}", ((sequence, 0),), kind, apart=True)
            for kind, sequence in zip(cell.inputs, operands[:count], strict=False)
        ]
        for k, kind in enumerate(states):
            begins = [(v, 0) for v in initial[k : k + 1] if not simple.is_zero(v)]
            given.append(simple.tensor(f"state {k} {kind}", tuple(begins), kind, apart=True))
        self.fixed.update([*operands, *given])
        return given

    def _scanned(self, scan: Node, results: list[int]) -> list[int]:
        """What a scan gives: one vertex over what its cell gives in a step."""
        links = tuple([(v, k) for k, v in enumerate(results)])
        made = self._simple.vertex(f"{'each' if scan.each else 'scan'} over {scan.length}", links, apart=True)
        given = self._simple.parts(made, scan.types)
        self.fixed.update([*results, *given])
        return given


@per_body_alone
def _ops(graph: Graph) -> list[OpAt | None]:
    """Of each node of a body what there is to know of its op; None for calls."""
    types = graph.type_of
    return [
        None if isinstance(node.target, Graph) else op_at(node.target, tuple(map(types, node.sources)), node.types)
        for node in graph.nodes
    ]
