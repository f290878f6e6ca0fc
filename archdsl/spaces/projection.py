"""Makes the graph of a design out of the graph of alternatives, without elaborating it.

What is returned tells which tensors a design needs, those which nodes, and so on up to the inputs; all other
alternatives are never looked at. A body depends on some of the picks, mostly few: where another design picks the same
it is the same body, and what analyses found out about it is known. Of

    x -> cell -> oneof([relu, conv(8) -> bn])

the cell is made once for all designs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from math import prod
from typing import Any, NamedTuple

from archdsl.choices.lookup import Pick, looked_up, lookup_of
from archdsl.choices.nodes import Decision, Diagram, leaves
from archdsl.elaborate.builder import new_node, new_ref
from archdsl.elaborate.labels import names
from archdsl.elaborate.open import OpenNetwork
from archdsl.ir.alternatives import Alternative, Alternatives, Selection, outputs_in
from archdsl.ir.graph import INPUT, Graph, Node, Ref

_KEPT = 64  # ways to pick a body, up to which all are kept that were made
_MOST_NAMED = 1024  # sets of modules of a body whose names are kept


class _Projected(NamedTuple):
    """A body of one design, and which of the outputs that there may be it has, in order."""

    graph: Graph
    outputs: tuple[int, ...]


_Named = dict[tuple[int, ...], dict[int, str]]  # names of modules, by which of them are made


class _OpenBody:
    """A body with all alternatives as lookups, and its graphs by what is picked of the decisions that it depends on.

    `nodes` has for each node the tensors that it takes, each with the condition, and what it is; for a tensor that is
    chosen which one it is. Of a body that may be picked in many ways the last is kept: a design mostly calls it more
    than once.
    """

    def __init__(
        self, body: Alternatives, support: Iterable[Decision], known: dict[Diagram, Any], named: _Named
    ) -> None:
        self.body = body
        self.named = named
        self.names = tuple([decision.name for decision in support])
        self.keeps_all = prod(len(decision.texts) for decision in support) <= _KEPT
        self.made: dict[tuple[str | None, ...], _Projected] = {}
        self.structures = [(lookup_of(condition, known), structure) for condition, structure in body.structures]
        self.nodes: list[Any] = [
            lookup_of(node.refs, known)
            if isinstance(node, Selection)
            else (
                [(taking.ref, lookup_of(taking.present, known)) for taking in node.operands],
                lookup_of(node.variants, known),
                node.node,
            )
            for node in body.nodes
        ]
        self.modules = [
            (leaf, lookup_of(node.guard, known))
            for leaf, node in zip(body.leaves, body.nodes, strict=True)
            if leaf is not None and isinstance(node, Alternative)
        ]

    def labels(self, pick: Pick) -> dict[int, str]:
        """The names of the modules that a design makes, by number; whether they are used says nothing."""
        made = tuple([leaf for leaf, guard in self.modules if looked_up(guard, pick)])
        found = self.named.get(made)
        if found is None:
            if len(self.named) >= _MOST_NAMED:
                self.named.clear()
            others = {leaf for leaf, _ in self.modules}.difference(made)
            numbers = [number for number in range(len(self.body.events)) if number not in others]
            spelled = names([self.body.events[number] for number in numbers])
            found = self.named[made] = {numbers[number]: name for number, name in spelled.items()}
        return found

    def taken(self, ref: Ref, pick: Pick) -> Ref:
        """The tensor that a design has where it takes this one, which may be chosen."""
        while ref.node != INPUT and isinstance(self.body.nodes[ref.node], Selection):
            ref = looked_up(self.nodes[ref.node], pick)
        return ref

    def operands(self, returned: Iterable[Ref], pick: Pick) -> dict[int, list[Ref]]:
        """The nodes that a design has if this is returned, each with what it takes."""
        found: dict[int, list[Ref]] = {}
        pending = [ref.node for ref in returned]
        while pending:
            index = pending.pop()
            if index == INPUT or index in found:
                continue
            takings = self.nodes[index][0]
            found[index] = taken = [self.taken(ref, pick) for ref, present in takings if looked_up(present, pick)]
            pending += [ref.node for ref in taken]
        return found


class Projection:
    """Gives the graphs of designs.

    They are those of ordinary elaboration but for what no number depends on: arguments are told as in the space, a
    module may be called after another option where that it is called after is chosen, and numbers of slots and sites
    may be others, equal where those are equal.
    """

    def __init__(self, network: OpenNetwork) -> None:
        self._diagrams = network.asked.diagrams
        self._known: dict[Diagram, Any] = {}
        self._roots = [(lookup_of(condition, self._known), made) for condition, made in network.roots]
        self._bodies: dict[Alternatives, _OpenBody] = {}
        self._named: dict[Any, _Named] = {}
        self._supports: dict[Alternatives, frozenset[Decision]] = {}

    def graph(self, design: Mapping[str, str]) -> Graph:
        """The graph of a design that elaborates."""
        pick = design.get
        bodies = [made.graph for condition, made in self._roots if looked_up(condition, pick)]
        return self._projected(bodies[0], pick).graph

    def _projected(self, body: Alternatives, pick: Pick) -> _Projected:
        found = self._bodies.get(body)
        if found is None:
            named = self._named.setdefault((body.events, body.leaves), {})  # bodies of other sizes have the same
            found = self._bodies[body] = _OpenBody(body, self._support(body), self._known, named)
        key = tuple([pick(name) for name in found.names])
        made = found.made.get(key)
        if made is None:
            made = self._made(found, pick)
            if not found.keeps_all:
                found.made.clear()
            found.made[key] = made
        return made

    def _made(self, of: _OpenBody, pick: Pick) -> _Projected:
        body = of.body
        structure = next(structure for condition, structure in of.structures if looked_up(condition, pick))
        outputs = tuple(outputs_in(structure))
        returned = [of.taken(body.outputs[output], pick) for output in outputs]
        operands = of.operands(returned, pick)
        labels = of.labels(pick)
        places = {new_ref((INPUT, number)): new_ref((INPUT, number)) for number in range(len(body.inputs))}
        nodes: list[Node] = []
        for index in sorted(operands):
            _, variants, like = of.nodes[index]
            target, _, types = looked_up(variants, pick)
            given: Iterable[int] = range(len(types))
            if target.__class__ is Alternatives:
                target, of_call = self._projected(target, pick)
                if like.length is None:
                    given, types = of_call, tuple([types[output] for output in of_call])
            for place, output in enumerate(given):
                places[new_ref((index, output))] = new_ref((len(nodes), place))
            refs = tuple([places[ref] for ref in operands[index]])
            label = labels.get(body.leaves[index], "")  # type: ignore[arg-type]
            nodes.append(
                new_node((target, refs, types, label, like.spans, like.site, like.slot, like.length, like.names))
            )
        graph = Graph(
            name=body.name,
            kind=body.kind,
            definition=body.definition,
            arguments=body.arguments,
            input_names=body.input_names,
            inputs=body.inputs,
            nodes=tuple(nodes),
            outputs=tuple([places[ref] for ref in returned]),
            span=body.span,
            doc=body.doc,
        )
        return _Projected(graph, outputs)

    def _support(self, body: Alternatives) -> frozenset[Decision]:
        """The decisions on which a body depends, with all that it calls."""
        pending = [body]
        while pending:
            one = pending[-1]
            below = dict.fromkeys(_called(one))
            missing = [callee for callee in below if callee not in self._supports]
            pending += missing
            if not missing:
                pending.pop()
                own = map(self._diagrams.support, _diagrams(one))
                self._supports[one] = frozenset[Decision]().union(*own, *[self._supports[callee] for callee in below])
        return self._supports[body]


def _called(body: Alternatives) -> Iterator[Alternatives]:
    for node in body.nodes:
        for leaf in leaves(node.variants) if isinstance(node, Alternative) else ():
            if isinstance(leaf.value.target, Alternatives):
                yield leaf.value.target


def _diagrams(body: Alternatives) -> Iterator[Diagram]:
    """What of a body depends on picks."""
    yield from [condition for condition, _ in body.structures]
    for node in body.nodes:
        if isinstance(node, Selection):
            yield node.refs
        else:
            yield node.variants
            yield from [taking.present for taking in node.operands]
