"""Makes one body of a call and of what is done to its inputs, so that the figure of a space can fold such calls.

    h -> one of(conv, as it is) -> normal -> one of(conv, as it is) -> normal -> ...

is `normal, fitted` after `normal, fitted`, and these a run like that of any other block.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from archdsl.ir.chosen import Choosing, OneOf, has_choices
from archdsl.ir.graph import INPUT, Graph, Node, Ref

_AGAIN = 2  # calls of a block that are worth a body
_FITTED = ", fitted"  # no name in a spec ends so
_NUMBER = re.compile(r"_\d+$")


def is_round(graph: Graph) -> bool:
    """Whether it is such a body: a spec calls none."""
    return graph.name.endswith(_FITTED)


class _Fitting(NamedTuple):
    """What is done to an input of a call, in order, by the numbers of nodes; and what it begins with."""

    nodes: tuple[int, ...]
    source: Ref


class Rounds:
    """Makes such bodies, the same one of the same nodes."""

    def __init__(self) -> None:
        self._known: dict[Any, Graph] = {}

    def folded(self, graph: Graph) -> Graph:
        """The body with a body for each call of a block whose inputs are fitted again and again."""
        users: dict[int, set[int]] = {}
        for number, node in enumerate(graph.nodes):
            for ref in node.operands:
                users.setdefault(ref.node, set()).add(number)
        for ref in graph.outputs:
            users.setdefault(ref.node, set()).add(-1)
        fitted = {
            number: [_fitting(graph, users, number, ref) for ref in node.operands]
            for number, node, _ in graph.calls
            if node.length is None and node.slot is None
        }
        chosen = Counter(graph.nodes[number].word for number in fitted if _is_worth(graph, number, fitted[number]))
        made: dict[int, list[_Fitting]] = {}
        for number, fittings in fitted.items():
            parts = {node for found in fittings for node in found.nodes}
            # What fits an input may be such a call itself: it stays one.
            if chosen[graph.nodes[number].word] >= _AGAIN and parts and parts.isdisjoint(made):
                made[number] = fittings
        return _without(graph, made, {number: self._body(graph, number, made[number]) for number in made})

    def _body(self, graph: Graph, number: int, fittings: Sequence[_Fitting]) -> Graph:
        """The body of a call and what is done to its inputs."""
        call, labels = graph.nodes[number], Counter[str]()
        assert isinstance(call.target, Graph)
        places = {found.source: Ref(INPUT, operand) for operand, found in enumerate(fittings)}
        nodes: list[Node] = []
        for found, place in zip((*fittings, None), (*range(len(fittings)), None), strict=True):
            if found is not None and place is not None:
                places[found.source] = Ref(INPUT, place)
            for at in (number,) if found is None else found.nodes:
                node = graph.nodes[at]
                stem = "" if found is None else _NUMBER.sub("", node.label)  # the call is the module that its body is
                label = f"{stem}_{labels[stem]}" if stem and labels[stem] else stem
                labels[stem] += 1
                operands = tuple([places[ref] for ref in node.operands])
                nodes.append(node._replace(operands=operands, label=label))
                places |= {Ref(at, output): Ref(len(nodes) - 1, output) for output in range(len(node.types))}
        inputs = tuple([graph.type_of(found.source) for found in fittings])
        key = tuple([_what(node) for node in nodes]), inputs
        name = call.target.name + _FITTED
        if key not in self._known:
            self._known[key] = replace(
                call.target,
                name=name,
                kind="block",
                definition=(call.target.definition[0], name),
                inputs=inputs,
                nodes=tuple(nodes),
                outputs=tuple([Ref(len(nodes) - 1, output) for output in range(len(call.types))]),
                doc="",
            )
        return self._known[key]


def _is_worth(graph: Graph, call: int, fittings: Sequence[_Fitting]) -> bool:
    """Whether picks decide what is done to inputs of a call, or what is called, and that has several inputs."""
    ends = [graph.nodes[found.nodes[-1]].target for found in fittings if found.nodes]
    several = len(fittings) > 1 and has_choices(graph.nodes[call].target)
    return bool(ends) and (several or any(isinstance(end, OneOf) for end in ends))


def _fitting(graph: Graph, users: dict[int, set[int]], call: int, ref: Ref) -> _Fitting:
    """What is done to an input: it is one of several that follow one tensor, or one node makes it of one."""
    node = None if ref.node == INPUT else graph.nodes[ref.node]
    if node is None or users[ref.node] != {call} or node.slot is not None:
        return _Fitting((), ref)
    if not isinstance(node.target, Choosing):
        return _Fitting((ref.node,), node.operands[0]) if len(node.operands) == 1 else _Fitting((), ref)
    branches = [one.node for one in node.operands if one.node != INPUT and users[one.node] == {ref.node}]
    rest = [one for one in node.operands if one.node not in branches]
    sources = {source for branch in branches for source in graph.nodes[branch].operands} | {*rest}
    single = all(len(graph.nodes[branch].operands) == 1 and graph.nodes[branch].slot is None for branch in branches)
    if isinstance(node.target, OneOf) and single and len(sources) == 1:
        return _Fitting((*branches, ref.node), sources.pop())
    return _Fitting((), ref)


def _without(graph: Graph, made: dict[int, list[_Fitting]], bodies: dict[int, Graph]) -> Graph:
    """The body with a call of its own in place of each call and what is done to its inputs."""
    gone = {node for fittings in made.values() for found in fittings for node in found.nodes}
    places: dict[int, int] = {INPUT: INPUT}
    nodes: list[Node] = []
    for number, node in enumerate(graph.nodes):
        if number in gone:
            continue
        if number in made:
            node = node._replace(target=bodies[number], operands=tuple([found.source for found in made[number]]))
        places[number] = len(nodes)
        nodes.append(node._replace(operands=tuple([Ref(places[ref.node], ref.output) for ref in node.operands])))
    outputs = tuple([Ref(places[ref.node], ref.output) for ref in graph.outputs])
    return replace(graph, nodes=tuple(nodes), outputs=outputs) if made else graph


def _what(node: Node) -> Any:
    """What two nodes have in common that are the same in two bodies."""
    ways = node.target.ways if isinstance(node.target, Choosing) else ()
    target = id(node.target) if isinstance(node.target, Graph) else node.target
    return target, ways, node.operands, node.types, node.label
