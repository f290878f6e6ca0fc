"""Rewriting graphs: each distinct body once, sharing kept, refs followed, graphs verified before and after."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import archdsl
from archdsl.ir.graph import INPUT, Graph, Node, Ref, bodies
from archdsl.ir.hashing import exact_hash
from archdsl.ir.verify import InvariantError
from archdsl.ops.activation import Relu, Silu
from archdsl.transform.rewrite import Edit, rewrite
from tests.analysis.random_graphs import graphs


def swapped(body: Graph, current: Graph) -> Graph:
    """Every relu a silu."""
    nodes = [n._replace(target=Silu()) if isinstance(n.target, Relu) else n for n in current.nodes]
    return replace(current, nodes=tuple(nodes))


@given(graphs())
def test_nothing_changed_is_the_same_object(graph: Graph) -> None:
    assert rewrite(graph, lambda body, current: current) is graph


def test_each_body_once_and_shared_as_before() -> None:
    network = archdsl.load("nasnetalarge")
    seen: list[Graph] = []

    def change(body: Graph, current: Graph) -> Graph:
        seen.append(body)
        return swapped(body, current)

    made = rewrite(network.graph, change)
    assert seen == list(bodies(network.graph))
    assert len(list(bodies(made))) == len(seen)
    words = [n.word for g in bodies(made) for n in g.nodes]
    before = [n.word for g in bodies(network.graph) for n in g.nodes]
    assert words == ["silu" if word == "relu" else word for word in before]


def test_what_is_wrong_before_or_after_is_refused() -> None:
    graph = archdsl.loads("network n(x: [3, 8, 8]) = x -> conv(4) -> relu").graph
    broken = replace(graph, outputs=(Ref(7),))
    with pytest.raises(InvariantError):
        rewrite(broken, lambda body, current: graph)
    with pytest.raises(InvariantError):
        rewrite(graph, lambda body, current: broken)


def relu(ref: Ref, graph: Graph) -> Node:
    type_ = graph.inputs[0]
    return Node(Relu(), (ref,), (type_,), "", (graph.span,), ("relu", ref))


@given(st.lists(st.tuples(st.sampled_from(["insert", "remove", "replace"]), st.integers(0, 5)), max_size=8))
def test_edits_agree_with_editing_a_list(edits: list[tuple[str, int]]) -> None:
    """On a chain of ops the result is the chain with the same changes made to a list of words."""
    graph = archdsl.loads("network n(x: [4]) = x -> relu -> sigmoid -> tanh -> silu -> gelu -> relu6").graph
    words = [[node.word] for node in graph.nodes]
    edit, reads = Edit(graph), {i: node.operands[0] for i, node in enumerate(graph.nodes)}
    gone: set[int] = set()
    for what, i in edits:
        if what == "insert" and i not in gone:
            (reads[i],) = edit.insert(i, relu(reads[i], graph))
            edit.replace(i, graph.nodes[i]._replace(operands=(reads[i],)))
            words[i].insert(-1, "relu")
        elif what == "remove" and i not in gone:
            edit.remove(i, reads[i])
            words[i].pop()
            gone.add(i)
        elif what == "replace" and i not in gone:
            edit.replace(i, graph.nodes[i]._replace(operands=(reads[i],)))
    body = edit.body()
    assert [node.word for node in body.nodes] == [word for part in words for word in part]
    assert [node.operands for node in body.nodes] == [
        (Ref(i - 1) if i else Ref(INPUT),) for i in range(len(body.nodes))
    ]


def test_what_nobody_reads_goes() -> None:
    graph = archdsl.loads("network n(x: [4]) = x -> linear(4) -> relu -> tanh").graph
    edit = Edit(graph)
    edit.outputs = (Ref(1),)
    assert [n.word for n in edit.body().nodes] == ["linear", "relu"]
    assert exact_hash(Edit(graph).body()) == exact_hash(graph)
