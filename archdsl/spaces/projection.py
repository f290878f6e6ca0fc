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
from archdsl.ir.graph import CALLEES, INPUT, Graph, Ref
from archdsl.ir.per_body import MOULD, new_number

_KEPT = 64  # ways to pick a body, up to which all are kept that were made
_MOST_NAMED = 1024  # sets of modules of a body whose names are kept


class _Projected(NamedTuple):
    """A body of one design, and which of the outputs that there may be it has, in order."""

    graph: Graph
    outputs: tuple[int, ...]


class _OpenCall(NamedTuple):
    """A body that is called at `nodes` of a shape, and what tells which."""

    variants: Any
    nodes: tuple[int, ...]
    is_scan: bool


class _Shape(NamedTuple):
    """What a body consists of in one way to pick what it decides itself, but for the bodies that it calls.

    `nodes` are its nodes in order, each with what it takes. `moulds` has what is known where those return so much.
    """

    nodes: dict[int, list[Ref]]
    calls: tuple[_OpenCall, ...]
    returned: list[Ref]
    outputs: tuple[int, ...]
    moulds: dict[tuple[tuple[int, ...], ...], _Mould]


class _Mould(NamedTuple):
    """A body but for the bodies that it calls: `parts` are its nodes, of a call all but the target."""

    number: int
    parts: list[Any]
    outputs: tuple[Ref, ...]


_Named = dict[tuple[int, ...], dict[int, str]]  # names of modules, by which of them are made


class _OpenBody:
    """A body with all alternatives as lookups, and its graphs by what is picked of the decisions that it depends on.

    `nodes` has for each node the tensors that it takes, each with the condition, and what it is; for a tensor that is
    chosen which one it is. `own` are the decisions on which depends more than which bodies are called. Of a body that
    may be picked in many ways the last is kept: a design mostly calls it more than once.
    """

    def __init__(
        self,
        body: Alternatives,
        support: Iterable[Decision],
        own: Iterable[Decision],
        known: dict[Diagram, Any],
        named: _Named,
    ) -> None:
        self.body = body
        self.named = named
        self.names = tuple([decision.name for decision in support])
        self.own = tuple([decision.name for decision in own])
        self.keeps_all = prod(len(decision.texts) for decision in support) <= _KEPT
        self.made: dict[tuple[str | None, ...], _Projected] = {}
        self.shapes: dict[tuple[str | None, ...], _Shape] = {}
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

    def shape(self, pick: Pick) -> _Shape:
        """What a design has of it."""
        key = tuple([pick(name) for name in self.own])
        found = self.shapes.get(key)
        if found is None:
            if len(self.shapes) >= _KEPT:
                self.shapes.clear()
            found = self.shapes[key] = self._shape(pick)
        return found

    def _shape(self, pick: Pick) -> _Shape:
        structure = next(structure for condition, structure in self.structures if looked_up(condition, pick))
        outputs = tuple(outputs_in(structure))
        returned = [self.taken(self.body.outputs[output], pick) for output in outputs]
        operands = self.operands(returned, pick)
        nodes = {index: operands[index] for index in sorted(operands)}
        calls: dict[tuple[int, bool], tuple[Any, list[int]]] = {}
        for place, index in enumerate(nodes):
            _, variants, like = self.nodes[index]
            if looked_up(variants, pick).target.__class__ is Alternatives:
                calls.setdefault((id(variants), like.length is not None), (variants, []))[1].append(place)
        found = [_OpenCall(variants, tuple(at), scans) for (_, scans), (variants, at) in calls.items()]
        return _Shape(nodes, tuple(found), returned, outputs, {})

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

    def mould(self, shape: _Shape, of_calls: list[tuple[int, ...]], pick: Pick) -> _Mould:
        """All but the bodies called, of which there are these outputs."""
        labels = self.labels(pick)
        places = {new_ref((INPUT, number)): new_ref((INPUT, number)) for number in range(len(self.body.inputs))}
        called = {place: outputs for call, outputs in zip(shape.calls, of_calls, strict=True) for place in call.nodes}
        parts: list[Any] = []
        for place, (index, operands) in enumerate(shape.nodes.items()):
            _, variants, like = self.nodes[index]
            target, _, types = looked_up(variants, pick)
            given: Iterable[int] = range(len(types))
            if place in called and like.length is None:
                given, types = called[place], tuple([types[output] for output in called[place]])
            for number, output in enumerate(given):
                places[new_ref((index, output))] = new_ref((place, number))
            refs = tuple([places[ref] for ref in operands])
            label = labels.get(self.body.leaves[index], "")  # type: ignore[arg-type]
            rest = (refs, types, label, like.spans, like.site, like.slot, like.length, like.names)
            parts.append(rest if place in called else new_node((target, *rest)))
        return _Mould(new_number(), parts, tuple([places[ref] for ref in shape.returned]))


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
            support, own = self._support(body), self._own(body)
            found = self._bodies[body] = _OpenBody(body, support, own, self._known, named)
        key = tuple([pick(name) for name in found.names])
        made = found.made.get(key)
        if made is None:
            made = self._made(found, pick)
            if not found.keeps_all:
                found.made.clear()
            found.made[key] = made
        return made

    def _made(self, of: _OpenBody, pick: Pick) -> _Projected:
        shape = of.shape(pick)
        called = [self._projected(looked_up(call.variants, pick).target, pick) for call in shape.calls]
        returned = [() if call.is_scan else made.outputs for call, made in zip(shape.calls, called, strict=True)]
        mould = shape.moulds.get(tuple(returned))
        if mould is None:
            if len(shape.moulds) >= _KEPT:
                shape.moulds.clear()
            mould = shape.moulds[tuple(returned)] = of.mould(shape, returned, pick)
        nodes = mould.parts.copy()
        for call, made in zip(shape.calls, called, strict=True):
            for place in call.nodes:
                nodes[place] = new_node((made.graph, *nodes[place]))
        body = of.body
        graph = Graph(
            name=body.name,
            kind=body.kind,
            definition=body.definition,
            arguments=body.arguments,
            input_names=body.input_names,
            inputs=body.inputs,
            nodes=tuple(nodes),
            outputs=mould.outputs,
            span=body.span,
            doc=body.doc,
        )
        callees = [(made.graph, call.nodes) for call, made in zip(shape.calls, called, strict=True)]
        graph._facts.update({MOULD: mould.number, CALLEES: tuple(callees)})
        return _Projected(graph, shape.outputs)

    def _own(self, body: Alternatives) -> frozenset[Decision]:
        """The decisions on which depends more of a body than which bodies it calls."""
        calls = [node.variants for node in body.nodes if isinstance(node, Alternative) and _only_called(node.variants)]
        return frozenset[Decision]().union(*map(self._diagrams.support, {*_diagrams(body)}.difference(calls)))

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


def _only_called(variants: Diagram) -> bool:
    """Whether a node is a call in any case, of bodies that take and give the same."""
    forms = [leaf.value for leaf in leaves(variants)]
    first = forms[0]
    return all(form.target.__class__ is Alternatives and form[1:] == first[1:] for form in forms)


def _diagrams(body: Alternatives) -> Iterator[Diagram]:
    """What of a body depends on picks."""
    yield from [condition for condition, _ in body.structures]
    for node in body.nodes:
        if isinstance(node, Selection):
            yield node.refs
        else:
            yield node.variants
            yield from [taking.present for taking in node.operands]
