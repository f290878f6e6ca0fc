"""Checks what functions remember of bodies: once per body and arguments, callees first, deep, threaded, collected."""

from __future__ import annotations

import copy
import gc
import pickle
import threading
import weakref
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import archdsl
from archdsl.analysis.cost import cost
from archdsl.ir.graph import INPUT, Graph, Node, Ref, bodies
from archdsl.ir.hashing import exact_hash
from archdsl.ir.per_body import (
    MOULD,
    PerBody,
    new_mould,
    per_body,
    per_body_alone,
    per_body_and,
    per_mould,
    per_mould_alone,
    per_mould_showing,
    per_mould_through,
)
from archdsl.ir.weights import owners, owns
from archdsl.ops.conv import Conv
from archdsl.source import Source, Span
from archdsl.types import TensorType

X = TensorType((4, 8, 8))
SPAN = Span(Source("made", ""), 0, 0)


def body(*callees: Graph, slots: tuple[int | None, ...] = ()) -> Graph:
    """A chain of calls, or one convolution."""
    targets = callees or (Conv(4).resolve((X,)),)
    nodes = [
        Node(target, (Ref(i - 1) if i else Ref(INPUT, 0),), (X,), f"m{i}", (SPAN,), (i,), slot)
        for i, (target, slot) in enumerate(zip(targets, slots or (None,) * len(targets), strict=True))
    ]
    return Graph("b", "block", ("", "b"), (), ("x",), (X,), tuple(nodes), (Ref(len(nodes) - 1),), SPAN)


def test_nodes_and_graphs_do_not_change() -> None:
    graph = body()
    for thing, names in ((graph, [field.name for field in fields(graph)]), (graph.nodes[0], Node._fields)):
        for name in names:
            with pytest.raises(AttributeError):
                setattr(thing, name, None)


def test_nodes_are_told_apart_by_identity() -> None:
    (node,) = body().nodes
    (other,) = body().nodes
    assert node._replace() != node and node == node and len({node, other, node}) == 2


def test_a_changed_copy_forgets() -> None:
    """`dataclasses.replace` gave the costs of the graph that it copied."""
    inner = body()
    root = body(inner, inner)
    before = cost(root).macs
    assert cost(replace(root, nodes=root.nodes[:1], outputs=(Ref(0),))).macs == before // 2


def test_copies_and_pickles_forget() -> None:
    root = archdsl.loads("network n(x: [3, 8, 8]) = x -> conv(4) -> bn").graph
    before = cost(root)
    assert root._facts
    for made in (copy.deepcopy(root), pickle.loads(pickle.dumps(root))):
        assert not made._facts
        assert cost(made) == before
        assert exact_hash(made) == exact_hash(root)


@given(st.lists(st.lists(st.integers(0, 20), max_size=4), min_size=1, max_size=12))
def test_each_body_once_and_callees_first(shape: list[list[int]]) -> None:
    made: list[Graph] = []
    for callees in shape:
        made.append(body(*[made[i % len(made)] for i in callees if made]))
    order: list[tuple[Graph, int]] = []

    @per_body
    def size(graph: Graph, unit: int) -> int:
        order.append((graph, unit))
        return sum(size(n.target, unit) if isinstance(n.target, Graph) else unit for n in graph.nodes)

    def naive(graph: Graph) -> int:
        return sum(naive(n.target) if isinstance(n.target, Graph) else 1 for n in graph.nodes)

    assert (size(made[-1], 1), size(made[-1], 3), size(made[-1], 1)) == (
        naive(made[-1]),
        3 * naive(made[-1]),
        size(made[-1], 1),
    )
    reached = list(bodies(made[-1]))
    assert [graph for graph, unit in order if unit == 1] == reached
    assert [graph for graph, unit in order if unit == 3] == reached


def test_deep_nesting_does_not_recurse() -> None:
    graph = body()
    for _ in range(20_000):
        graph = body(graph)

    @per_body
    def depth(graph: Graph) -> int:
        return max(depth(n.target) + 1 if isinstance(n.target, Graph) else 0 for n in graph.nodes)

    assert depth(graph) == 20_000
    while graph.calls:  # a chain so long is not taken down in one go
        graph = graph.calls[0][2]


def test_alone_looks_at_no_callee() -> None:
    seen: list[Graph] = []

    @per_body_alone
    def note(graph: Graph) -> int:
        seen.append(graph)
        return len(seen)

    root = body(body())
    assert [note(root), note(root)] == [1, 1]
    assert seen == [root]


def test_needs_of_its_own() -> None:
    """The other arguments may differ from callee to callee."""
    inner = body()
    root = body(inner, inner, inner)

    @per_body_and(lambda graph, unit: [(callee, unit + i) for i, (_, _, callee) in enumerate(graph.calls)])
    def total(graph: Graph, unit: int) -> int:
        return sum(total(callee, unit + i) for i, (_, _, callee) in enumerate(graph.calls)) or unit

    assert total(root, 10) == 33


def moulded(*callees: Graph, mould: dict[Any, Any], slots: tuple[int | None, ...] = ()) -> Graph:
    made = body(*callees, slots=slots)
    made._facts[MOULD] = mould
    return made


def test_bodies_of_one_mould_whose_callees_gave_the_same_give_the_same() -> None:
    """A function is run once for them; for others, and where a callee gave something else, again."""
    ran: list[Graph] = []

    @per_mould
    def total(graph: Graph, unit: int) -> int:
        ran.append(graph)
        return sum(unit * total(n.target, unit) if isinstance(n.target, Graph) else len(n.label) for n in graph.nodes)

    leaf, mould, other = new_mould(), new_mould(), new_mould()
    one, same, two = moulded(mould=leaf), moulded(mould=leaf), moulded(mould=new_mould())
    large = moulded(one, one, mould=new_mould())
    roots = [moulded(a, b, mould=m) for m in (mould, other) for a, b in ((one, same), (same, two), (one, large))]
    assert [total(root, 3) for root in roots] == [12, 12, 42] * 2
    assert ran == [one, roots[0], two, large, roots[2], roots[3], roots[5]]
    assert total(roots[0], 1) == 4 and total(body(one), 3) == 6  # one without a mould asks those that have one


def test_callers_are_shown_a_part() -> None:
    ran: list[Graph] = []

    @per_mould_showing(lambda found: found % 2)
    def size(graph: Graph) -> int:
        ran.append(graph)
        return 10 + len(graph.nodes) + sum(size(callee) % 2 for callee, _ in graph.callees)

    leaves = [body(*[body()] * n) for n in (1, 2, 3)]
    for made in (*leaves, *[callee for leaf in leaves for callee, _ in leaf.callees]):
        made._facts[MOULD] = new_mould()
    mould = new_mould()
    roots = [moulded(leaf, mould=mould) for leaf in leaves]
    assert [size(root) for root in roots] == [11, 12, 11]
    assert [root in ran for root in roots] == [True, True, False]


def test_through_what_another_function_gave() -> None:
    ran: list[Graph] = []

    @per_mould
    def size(graph: Graph) -> int:
        return len(graph.nodes)

    @per_mould_through(lambda callee, unit: size.number(callee))
    def inside(graph: Graph, unit: int) -> int:
        ran.append(graph)
        return unit * sum(size(callee) for callee, _ in graph.callees)

    mould, leaf = new_mould(), moulded(mould=new_mould())
    pair = moulded(leaf, leaf, mould=new_mould())
    roots = [moulded(callee, mould=mould) for callee in (leaf, moulded(mould=new_mould()), pair)]
    assert [inside(root, 5) for root in roots] == [5, 5, 10]
    assert ran == [roots[0], roots[2]]


def test_a_mould_remembers_what_looks_at_no_callee() -> None:
    ran: list[Graph] = []

    @per_mould_alone
    def count(graph: Graph) -> int:
        ran.append(graph)
        return len(graph.nodes)

    mould, inner = new_mould(), body()
    roots = [moulded(inner, mould=mould), moulded(body(), mould=mould), body(inner), body(inner)]
    assert [count(root) for root in roots * 2] == [1] * 8
    assert ran == [roots[0], *roots[2:]]


def test_what_fails_is_not_remembered() -> None:
    answers = [ValueError, 1]

    @per_body
    def fails_once(graph: Graph) -> int:
        answer = answers.pop(0)
        if isinstance(answer, int):
            return answer
        raise answer

    root = body()
    with pytest.raises(ValueError):
        fails_once(root)
    assert fails_once(root) == 1


def test_threads_get_one_object() -> None:
    @per_body
    def made(graph: Graph) -> object:
        return object()

    root = body(body(), body(body()))
    barrier, found = threading.Barrier(8), []

    def ask() -> None:
        barrier.wait()
        found.append(made(root))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8 and len(set(map(id, found))) == 1


def test_what_is_found_goes_with_the_body() -> None:
    """Also when it leads back to the body itself."""

    class Finding:
        def __init__(self, graph: Graph) -> None:
            self.graph = graph

    finding: PerBody[Finding] = per_body_alone(Finding)
    root = body()
    gone = weakref.ref(finding(root))
    del root
    gc.collect()
    assert gone() is None


@given(st.lists(st.sampled_from([None, 0, 1, 5]), min_size=1, max_size=8))
def test_the_first_node_of_a_slot_owns(slots: list[int | None]) -> None:
    inner = body()
    graph = body(*[inner] * len(slots), slots=tuple(slots))
    for i, slot in enumerate(slots):
        first = i if slot is None else slots.index(slot)
        assert (owners(graph)[i], owns(graph)[i]) == (first, first == i)
