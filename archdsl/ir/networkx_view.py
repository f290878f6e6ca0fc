"""Turns a body into a networkx MultiDiGraph for interchange, and such a graph back into a body."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import networkx as nx

from archdsl.ir.graph import INPUT, Graph, Node, Ref

INPUT_NODE, OUTPUT_NODE = "input", "output"
_NODE_FIELDS = ("target", "types", "label", "spans", "site", "slot", "length", "names")
# The order of inputs, outputs and nodes is in the names of the networkx nodes, not in these attributes.
_GRAPH_FIELDS = tuple(f.name for f in fields(Graph) if f.init and f.name not in ("inputs", "nodes", "outputs"))


def to_networkx(graph: Graph) -> nx.MultiDiGraph[Any]:
    """One body as a graph; a call or scan is one node whose `target` is the body that it calls.

    Nodes are `("input", i)`, the index of an op or call in SSA order, and `("output", i)`. An edge is an operand: its
    key is the operand's position (so `x + x` is two edges), its attribute `output` says which output of the tail flows,
    `type` its type. Node attributes are those of `Node`, with `word` for reading; graph attributes those of `Graph`.
    """
    view: nx.MultiDiGraph[Any] = nx.MultiDiGraph(**{name: getattr(graph, name) for name in _GRAPH_FIELDS})
    for i, type_ in enumerate(graph.inputs):
        view.add_node((INPUT_NODE, i), type=type_)
    for i, node in enumerate(graph.nodes):
        view.add_node(i, word=node.word, **{name: getattr(node, name) for name in _NODE_FIELDS})
        for position, ref in enumerate(node.operands):
            _add_edge(view, graph, ref, i, position)
    for i, ref in enumerate(graph.outputs):
        view.add_node((OUTPUT_NODE, i))
        _add_edge(view, graph, ref, (OUTPUT_NODE, i), 0)
    return view


def _add_edge(view: nx.MultiDiGraph[Any], graph: Graph, ref: Ref, head: Any, position: int) -> None:
    if ref.node == INPUT:
        view.add_edge((INPUT_NODE, ref.output), head, key=position, output=0, type=graph.type_of(ref))
    else:
        view.add_edge(ref.node, head, key=position, output=ref.output, type=graph.type_of(ref))


def from_networkx(view: nx.MultiDiGraph[Any]) -> Graph:
    """The body that `to_networkx` turned into `view`; op and call nodes are taken in the order of their numbers.

    Raises:
        KeyError: an attribute that `to_networkx` writes is missing.
    """
    numbers = sorted(name for name in view if isinstance(name, int))
    place = {number: i for i, number in enumerate(numbers)}
    nodes = tuple(
        Node(operands=_operands(view, number, place), **{name: view.nodes[number][name] for name in _NODE_FIELDS})
        for number in numbers
    )
    inputs = sorted(name for name in view if isinstance(name, tuple) and name[0] == INPUT_NODE)
    outputs = sorted(name for name in view if isinstance(name, tuple) and name[0] == OUTPUT_NODE)
    return Graph(
        inputs=tuple(view.nodes[name]["type"] for name in inputs),
        nodes=nodes,
        outputs=tuple(_operands(view, name, place)[0] for name in outputs),
        **{name: view.graph[name] for name in _GRAPH_FIELDS},
    )


def _operands(view: nx.MultiDiGraph[Any], head: Any, place: dict[int, int]) -> tuple[Ref, ...]:
    edges: list[Any] = sorted(view.in_edges(head, keys=True, data="output"), key=lambda edge: edge[2])
    return tuple(
        Ref(place[tail], output) if isinstance(tail, int) else Ref(INPUT, tail[1]) for tail, _, _, output in edges
    )
