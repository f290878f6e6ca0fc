"""Every invariant is stated once and fails on a graph that breaks it alone."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from archdsl.ir import verify as module
from archdsl.ir.graph import INPUT, Graph, Node, Ref
from archdsl.ir.verify import INVARIANTS, OPS, REFERENCES, InvariantError, verify, violations
from archdsl.types import TensorType
from tests.analysis.random_graphs import PLACE, Conv, Merge, Relu, graphs
from tests.few import few

X = TensorType((2, 4, 4))
Y = TensorType((3, 4, 4))


def call(target: object, label: str, site: int, slot: int | None = None, **fields: object) -> Node:
    node = Node(target, (Ref(INPUT, 0),), (X,), label, (PLACE,), (site,), slot)  # type: ignore[arg-type]
    return node._replace(**fields)


def body(*nodes: Node, outputs: tuple[Ref, ...] = (), **fields: object) -> Graph:
    """A body in which the last node's operands are all others, so that none is dead."""
    refs = tuple(Ref(i) for i in range(len(nodes)))
    merge = Node(Merge(), refs or (Ref(INPUT, 0),), (X,), "", (PLACE,), ("merge",))
    graph = Graph(
        "b", "block", ("t.arch", "b"), (), ("x",), (X,), (*nodes, merge), outputs or (Ref(len(nodes)),), PLACE
    )
    return replace(graph, **fields)  # type: ignore[arg-type]


def good() -> Graph:
    return body(call(Conv(2), "conv", 0), call(Relu(), "", 1))


BROKEN: dict[str, Callable[[], Graph]] = {
    "operands_are_earlier": lambda: body(call(Relu(), "", 0, operands=(Ref(1),))),
    "outputs_exist": lambda: body(call(Relu(), "", 0), outputs=(Ref(1), Ref(0, 1))),
    "inputs_are_named": lambda: body(call(Relu(), "", 0), inputs=(X, X), input_names=("x", "x")),
    "ops_are_resolved": lambda: body(call(Relu(), "", 0, types=(Y,)), call(Relu(), "", 1)),
    "calls_fit": lambda: body(call(good(), "f", 0, operands=(Ref(INPUT, 1),)), inputs=(X, Y), input_names=("x", "y")),
    "scans_fit": lambda: body(call(good(), "f", 0, types=(X, X), length=3), inputs=(Y,)),
    "elements_fit": lambda: body(
        call(good(), "f", 0, types=(X,), length=3, each=True), inputs=(TensorType((4, *X.shape)),)
    ),
    "labels_are_unique": lambda: body(call(Conv(2), "a", 0), call(Conv(2), "a", 1)),
    "weights_have_labels": lambda: body(call(Conv(2), "", 0)),
    "slots_agree": lambda: body(call(Conv(2), "a", 0, 5), call(Conv(2, 1), "a", 1, 5)),
    "sites_are_unique": lambda: body(call(Relu(), "", 0), call(Relu(), "", 0)),
    "nothing_is_dead": lambda: body(call(Relu(), "", 0), outputs=(Ref(0),)),
}


def test_every_invariant_has_its_broken_graph() -> None:
    assert set(BROKEN) == {invariant.__name__ for invariant in REFERENCES + OPS + INVARIANTS}


def breakers(graph: Graph) -> list[str]:
    for callee in module.bodies(graph):
        if callee is not graph:
            verify(callee)
    references = [i.__name__ for i in REFERENCES if list(i(graph))]
    if references:
        return references
    return [i.__name__ for i in OPS + INVARIANTS if list(i(graph))]


@pytest.mark.parametrize("name", BROKEN)
def test_a_graph_that_breaks_one_invariant_breaks_no_other(name: str) -> None:
    graph = BROKEN[name]()
    found = breakers(graph)
    assert name in found
    if name != "ops_are_resolved":  # a wrong type is also wrong where it is used
        assert found == [name]
    with pytest.raises(InvariantError) as caught:
        verify(graph)
    assert caught.value.violations == violations(graph)


@pytest.mark.parametrize("labels", [("a", "a.b"), ("a.b", "a.b.c"), ("a..b", "c")])
def test_labels_do_not_nest(labels: tuple[str, str]) -> None:
    assert breakers(body(call(Conv(2), labels[0], 0), call(Conv(2), labels[1], 1))) == ["labels_are_unique"]
    assert breakers(body(call(Conv(2), "ab", 0), call(Conv(2), "a.c", 1))) == []


def test_calls_of_one_slot_at_two_sizes_agree_in_weights() -> None:
    def at(x: TensorType, conv: Conv) -> Graph:
        conv_node = Node(conv, (Ref(INPUT, 0),), (x,), "conv", (PLACE,), (0,))
        return Graph("f", "block", ("t.arch", "f"), (), ("x",), (x,), (conv_node,), (Ref(0),), PLACE)

    small = TensorType((2, 2, 2))
    shrink = call(Conv(2, 3, 2), "shrink", 1, types=(small,))

    def root(second: Conv) -> Graph:
        nodes = (
            call(at(X, Conv(2)), "f", 0, 1),
            shrink,
            call(at(small, second), "f", 2, 1, operands=(Ref(1),), types=(small,)),
        )
        return Graph("r", "block", ("t.arch", "r"), (), ("x",), (X,), nodes, (Ref(0), Ref(2)), PLACE)

    verify(root(Conv(2)))
    assert breakers(root(Conv(2, 1))) == ["slots_agree"]


def test_too_few_operands_are_a_violation_not_a_crash() -> None:
    assert breakers(body(call(Relu(), "", 0, operands=()))) == ["ops_are_resolved"]


@given(graphs())
@settings(max_examples=few(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_random_graphs_are_sound(root: Graph) -> None:
    assert violations(root) == []
