"""Makes the graph of a design out of the graph of alternatives, without elaborating it.

What is returned tells which tensors a design needs, those which nodes, and so on up to the inputs; all other
alternatives are never looked at. A body depends on some of the picks, mostly few: where another design picks the same
it is the same body, and what analyses found out about it is known. Of

    x -> cell -> oneof([relu, conv(8) -> bn])

the cell is made once for all designs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import prod
from typing import Any, NamedTuple

from archdsl.choices.lookup import Pick, looked_up, lookup_of
from archdsl.choices.nodes import Decision, Diagram, leaves
from archdsl.elaborate.builder import new_node, new_ref
from archdsl.elaborate.open import OpenNetwork
from archdsl.ir.alternatives import Alternative, Alternatives, NodeForm, Selection, outputs_in
from archdsl.ir.graph import CALLEES, INPUT, Graph, Ref
from archdsl.ir.per_body import MOULD, new_mould

_KEPT = 64  # ways to pick a body, up to which all are kept that were made


class _Projected(NamedTuple):
    """A body of one design, and which of the outputs that there may be it has, in order."""

    graph: Graph
    outputs: tuple[int, ...]


class _Mould(NamedTuple):
    """A body but for the bodies that it calls: `parts` are its nodes, of a call all but the target."""

    mould: dict[Any, Any]
    parts: list[Any]
    outputs: tuple[Ref, ...]


class _Shape(NamedTuple):
    """What a body consists of in one way to pick what it decides itself, but for the bodies that it calls.

    `nodes` are its nodes in order, each with what it takes. `calls` has for each body called one of them, whether it
    is a scan, and where all stand. `moulds` has what is known where these bodies return so much.
    """

    nodes: dict[int, list[Ref]]
    calls: tuple[tuple[int, bool, tuple[int, ...]], ...]
    returned: list[Ref]
    outputs: tuple[int, ...]
    moulds: dict[tuple[tuple[int, ...], ...], _Mould]


class _OpenBody:
    """A body with all alternatives as lookups, and its graphs by what is picked of the decisions that it depends on.

    `nodes` has for each node the tensors that it takes, each with the condition, and what it is; for a tensor that is
    chosen which one it is. A chosen tensor of calls that differ in the body called alone (`alike`) is a call itself.
    `own` are the decisions on which depends more than which bodies are called. Of a body that may be picked in many
    ways the last is kept: a design mostly calls it more than once.
    """

    def __init__(
        self, body: Alternatives, support: Iterable[Decision], own: Iterable[Decision], known: dict[Diagram, Any]
    ) -> None:
        self.body = body
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
        for index, first in alike(body).items():
            takings, _, like = self.nodes[first]
            self.nodes[index] = (takings, self.nodes[index], like)

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
        calls: dict[tuple[int, bool], tuple[int, list[int]]] = {}
        for place, index in enumerate(nodes):
            _, variants, like = self.nodes[index]
            if self.form(index, pick).target.__class__ is Alternatives:
                calls.setdefault((id(variants), like.length is not None), (index, []))[1].append(place)
        found = [(index, is_scan, tuple(places)) for (_, is_scan), (index, places) in calls.items()]
        return _Shape(nodes, tuple(found), returned, outputs, {})

    def form(self, index: int, pick: Pick) -> NodeForm:
        """What a node is in a design."""
        found = looked_up(self.nodes[index][1], pick)
        if found.__class__ is Ref:
            found = looked_up(self.nodes[found.node][1], pick)
        form: NodeForm = found
        return form

    def taken(self, ref: Ref, pick: Pick) -> Ref:
        """The tensor that a design has where it takes this one, which may be chosen."""
        while ref.node != INPUT and self.nodes[ref.node].__class__ is not tuple:
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

    def mould(self, shape: _Shape, returned: list[tuple[int, ...]], pick: Pick) -> _Mould:
        """All but the bodies called, which return these of their outputs."""
        places = {new_ref((INPUT, number)): new_ref((INPUT, number)) for number in range(len(self.body.inputs))}
        called = {at: outputs for (_, _, where), outputs in zip(shape.calls, returned, strict=True) for at in where}
        parts: list[Any] = []
        for place, (index, operands) in enumerate(shape.nodes.items()):
            like = self.nodes[index][2]
            target, _, types = self.form(index, pick)
            given: Iterable[int] = range(len(types))
            if place in called and like.length is None:
                given, types = called[place], tuple([types[output] for output in called[place]])
            for number, output in enumerate(given):
                places[new_ref((index, output))] = new_ref((place, number))
            refs = tuple([places[ref] for ref in operands])
            label = str(place) if like.slot is None else f"shared{like.slot}"
            rest = (refs, types, label, like.spans, like.site, like.slot, like.length, like.names, like.each)
            parts.append(rest if place in called else new_node((target, *rest)))
        return _Mould(new_mould(), parts, tuple([places[ref] for ref in shape.returned]))


class Projection:
    """Gives the graphs of designs.

    They are those of ordinary elaboration but for what no number depends on: arguments are told as in the space,
    modules are numbered, where a body is chosen that is called it stands where another is called, and numbers of slots
    and sites may be others, equal where those are equal.
    """

    def __init__(self, network: OpenNetwork) -> None:
        self._diagrams = network.asked.diagrams
        self._known: dict[Diagram, Any] = {}
        self._roots = [(lookup_of(condition, self._known), made) for condition, made in network.roots]
        self._bodies: dict[Alternatives, _OpenBody] = {}
        self._supports: dict[Alternatives, frozenset[Decision]] = {}

    def graph(self, design: Mapping[str, str]) -> Graph:
        """The graph of a design that elaborates."""
        pick = design.get
        bodies = [made.graph for condition, made in self._roots if looked_up(condition, pick)]
        return self._projected(bodies[0], pick).graph

    def _projected(self, body: Alternatives, pick: Pick) -> _Projected:
        found = self._bodies.get(body)
        if found is None:
            found = self._bodies[body] = _OpenBody(body, self._support(body), self._own(body), self._known)
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
        called = [self._projected(of.form(index, pick).target, pick) for index, _, _ in shape.calls]
        returned = [() if call[1] else made.outputs for call, made in zip(shape.calls, called, strict=True)]
        mould = shape.moulds.get(tuple(returned))
        if mould is None:
            if len(shape.moulds) >= _KEPT:
                shape.moulds.clear()
            mould = shape.moulds[tuple(returned)] = of.mould(shape, returned, pick)
        nodes = mould.parts.copy()
        callees = [(made.graph, places) for (_, _, places), made in zip(shape.calls, called, strict=True)]
        for callee, places in callees:
            for place in places:
                nodes[place] = new_node((callee, *nodes[place]))
        graph = of.body.graph(nodes, mould.outputs)
        graph._facts.update({MOULD: mould.mould, CALLEES: tuple(callees)})
        return _Projected(graph, shape.outputs)

    def _own(self, body: Alternatives) -> frozenset[Decision]:
        """The decisions on which depends more of a body than which bodies it calls."""
        of_calls = [node.variants for node in body.nodes if isinstance(node, Alternative) and _only_called([node])]
        of_calls += [body.nodes[index].refs for index in alike(body)]  # type: ignore[union-attr]
        return frozenset[Decision]().union(*map(self._diagrams.support, {*_diagrams(body)}.difference(of_calls)))

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


def alike(body: Alternatives) -> dict[int, int]:
    """Chosen tensors that are what calls give that differ in the body called alone, and that nothing else takes, each
    with one of these calls.
    """
    takers = Counter(ref.node for ref in body.outputs)
    for node in body.nodes:
        if isinstance(node, Selection):
            takers.update([leaf.value.node for leaf in leaves(node.refs)])
        else:
            takers.update([taking.ref.node for taking in node.operands])
    found = {}
    for index, node in enumerate(body.nodes):
        if isinstance(node, Selection):
            refs = [leaf.value for leaf in leaves(node.refs)]
            options = [body.nodes[ref.node] for ref in refs if ref.node != INPUT and takers[ref.node] == 1]
            calls = [option for option in options if isinstance(option, Alternative)]
            if len(calls) == len(refs) and all(ref.output == 0 for ref in refs) and _only_called(calls):
                found[index] = refs[0].node
    return found


def _only_called(nodes: Sequence[Alternative]) -> bool:
    """Whether nodes are calls in any case, take the same and give the same; several have no weights of others."""
    first, *others = nodes
    if others and any(node.node.slot is not None for node in nodes):
        return False
    forms = [leaf.value for node in nodes for leaf in leaves(node.variants)]
    return all(form.target.__class__ is Alternatives and form[1:] == forms[0][1:] for form in forms) and all(
        (node.operands, node.node.length, node.node.each) == (first.operands, first.node.length, first.node.each)
        for node in others
    )


def _diagrams(body: Alternatives) -> Iterator[Diagram]:
    """What of a body depends on picks."""
    yield from [condition for condition, _ in body.structures]
    for node in body.nodes:
        if isinstance(node, Selection):
            yield node.refs
        else:
            yield node.variants
            yield from [taking.present for taking in node.operands]
