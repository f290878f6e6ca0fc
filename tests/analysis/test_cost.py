"""Costs that compose over bodies against the same numbers read off the flat graph."""

import pytest
from hypothesis import HealthCheck, given, settings

from archdsl.analysis.cost import METRICS, by_kind, by_word, cost, total
from archdsl.analysis.cost import breakdown as parts_of
from archdsl.analysis.elementwise import RULES
from archdsl.analysis.rows import rows
from archdsl.ir.graph import INPUT, Graph, Node, Ref, bodies
from archdsl.ops.base import Kind, Op, Types
from archdsl.types import TensorType
from tests.analysis import flat as naive
from tests.analysis.random_graphs import PLACE, Conv, Learned, Merge, Norm, Relu, graphs
from tests.few import few

X = TensorType((2, 4, 4))


def graph(name: str, inputs: tuple[TensorType, ...], nodes: list[Node], *outputs: Ref) -> Graph:
    names = tuple(f"x{i}" for i in range(len(inputs)))
    return Graph(name, "block", ("t.arch", name), (), names, inputs, tuple(nodes), outputs, PLACE)


def node(
    target: Op | Graph, operands: list[Ref], types: tuple[TensorType, ...], label: str = "", slot: int | None = None
) -> Node:
    return Node(target, tuple(operands), types, label, (PLACE,), (label, id(operands)), slot)


def x(i: int = 0) -> Ref:
    return Ref(INPUT, i)


@given(graphs())
@settings(max_examples=few(150), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_composed_costs_equal_the_flat_ones(root: Graph) -> None:
    flat = naive.flatten(root)
    found = cost(root)
    assert found.ops == len(flat.counted)
    assert found.params == naive.params(flat)
    assert found.buffers == naive.buffers(flat)
    assert found.macs == naive.macs(flat)
    assert found.flops == 2 * naive.macs(flat)
    assert found.elementwise_ops == naive.elementwise_ops(flat)
    assert found.activations == naive.activations(flat)
    assert found.memory_access == naive.memory_access(flat)
    assert total(parts_of(root).values()) == found
    assert {name: measure(root) for name, measure in METRICS.items()} == {
        name: getattr(found, name) for name in METRICS
    }
    assert sum(part.params for part in by_word(root).values()) == found.params
    assert sum(part.macs for part in by_kind(root).values()) == found.macs


@given(graphs())
@settings(max_examples=few(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_rows_add_up_to_the_whole(root: Graph) -> None:
    whole = cost(root)
    for fold in (False, True):
        for depth in (1, 2, 9):
            leaves = [row for row in rows(root, depth, fold=fold) if row.leaf]
            assert sum(row.inclusive.params * row.copies for row in leaves) == whole.params
            assert sum(row.inclusive.buffers * row.copies for row in leaves) == whole.buffers
            assert sum(row.inclusive.macs * row.times for row in leaves) == whole.macs
            assert sum(row.inclusive.ops * row.times for row in leaves) == whole.ops
    deep = list(rows(root))
    ops = [row for row in deep if row.is_op]
    assert sum(row.own.macs * row.times for row in ops) == whole.macs
    blocks = [row for row in deep if not row.is_op]
    assert sum(row.own.macs * row.times for row in blocks) == sum(row.own.macs * row.times for row in ops if row.level)
    keys = {f".{row.path}" for row in ops if row.inclusive.params}
    assert keys == {
        key.rpartition(".")[0] for key, (_, trainable) in naive.weights(naive.flatten(root)).items() if trainable
    }


def test_a_tensor_given_twice_is_read_once() -> None:
    add = graph("add", (X, X), [node(Merge(), [x(0), x(1)], (X,))], Ref(0))
    same = graph("same", (X,), [node(add, [x(), x()], (X,), "add")], Ref(0))
    other = graph("other", (X, X), [node(add, [x(0), x(1)], (X,), "add")], Ref(0))
    assert cost(same).memory_access == 2 * X.size
    assert cost(other).memory_access == 3 * X.size


def test_a_body_that_returns_its_input_gives_the_same_tensor() -> None:
    same = graph("same", (X,), [], x())
    root = graph("root", (X,), [node(same, [x()], (X,), "a"), node(Merge(), [x(), Ref(0)], (X,))], Ref(1))
    assert cost(root).memory_access == 2 * X.size


def test_a_slot_owns_weights_once_and_works_each_time() -> None:
    conv = Conv(2)
    one = graph("one", (X,), [node(conv, [x()], (X,), "conv")], Ref(0))
    for slots, sets in (((0, 0), 1), ((0, 1), 2), ((None, None), 2)):
        nodes = [node(one, [x()], (X,), "f", slots[0]), node(one, [Ref(0)], (X,), "f", slots[1])]
        found = cost(graph("root", (X,), nodes, Ref(1)))
        assert found.params == sets * (2 * 2 * 9 + 2)
        assert found.macs == 2 * X.size * 2 * 9


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_rows_list_no_deeper_than_asked(depth: int) -> None:
    inner = graph("inner", (X,), [node(Conv(2), [x()], (X,), "conv"), node(Relu(), [Ref(0)], (X,))], Ref(1))
    middle = graph("middle", (X,), [node(inner, [x()], (X,), "a"), node(inner, [Ref(0)], (X,), "b")], Ref(1))
    root = graph("root", (X,), [node(middle, [x()], (X,), "m"), node(Norm(), [Ref(0)], (X,), "bn")], Ref(1))
    assert [(row.path, row.level) for row in rows(root, depth)] == [
        entry
        for entry in (
            ("m", 0), ("m.a", 1), ("m.a.conv", 2), ("m.a", 2), ("m.b", 1), ("m.b.conv", 2), ("m.b", 2), ("bn", 0),
        )
        if entry[1] < depth
    ]  # fmt: skip
    folded = list(rows(root, depth, fold=True))
    assert [row.repeats for row in folded if row.path == "m.a" and row.kind == "block"] == ([2] if depth > 1 else [])


def test_ten_thousand_calls_are_listed_only_as_far_as_they_are_read() -> None:
    block = graph("block", (X,), [node(Conv(2), [x()], (X,), "conv")], Ref(0))
    nodes = [node(block, [x() if i == 0 else Ref(i - 1)], (X,), f"b{i}") for i in range(10_000)]
    root = graph("root", (X,), nodes, Ref(9_999))
    assert next(rows(root)).path == "b0"
    assert next(rows(root, fold=True)).repeats == 10_000
    assert cost(root).params == 10_000 * (2 * 2 * 9 + 2)


def test_a_chain_of_ten_thousand_bodies_does_not_recurse() -> None:
    body = graph("b", (X,), [node(Conv(2), [x()], (X,), "conv")], Ref(0))
    for i in range(10_000):
        body = graph(f"b{i}", (X,), [node(body, [x()], (X,), "f")], Ref(0))
    assert cost(body).params == 2 * 2 * 9 + 2
    assert sum(1 for _ in bodies(body)) == 10_001


def test_a_body_is_visited_once_however_often_it_is_called() -> None:
    seen = 0

    class Counting(Conv):
        def macs(self, inputs: Types, outputs: Types) -> int:
            nonlocal seen
            seen += 1
            return 1

    body = graph("b", (X,), [node(Counting(2), [x()], (X,), "conv")], Ref(0))
    for i in range(40):  # 2^40 convolutions
        body = graph(f"b{i}", (X,), [node(body, [x()], (X,), "f"), node(body, [Ref(0)], (X,), "g")], Ref(1))
    assert cost(body).macs == 2**40
    assert seen == 1


def test_every_kind_has_an_elementwise_rule() -> None:
    assert set(RULES) == set(Kind)


def test_convolutions_are_told_apart() -> None:
    nodes = [
        node(Conv(2, 1), [x()], (X,), "a"),
        node(Conv(2, 3), [Ref(0)], (X,), "b"),
        node(Learned((2, 4, 4)), [], (X,), "c"),
        node(Merge(), [Ref(1), Ref(2)], (X,)),
    ]
    assert list(by_kind(graph("root", (X,), nodes, Ref(3)))) == ["conv kxk", "conv 1x1", "arithmetic", "parameter"]


def test_metrics_name_the_totals() -> None:
    root = graph("root", (X,), [node(Conv(2), [x()], (X,), "conv")], Ref(0))
    assert {name: measure(root) for name, measure in METRICS.items()} == {
        "params": 38,
        "buffers": 0,
        "macs": 576,
        "flops": 1152,
        "elementwise_ops": 0,
        "activations": 32,
        "memory_access": 32 + 38 + 32,
        "ops": 1,
    }


def test_the_random_graphs_hold_what_they_promise() -> None:
    seen: set[str] = set()

    @given(graphs())
    @settings(max_examples=400, deadline=None, database=None, derandomize=True)
    def look(root: Graph) -> None:
        for body in bodies(root):
            owners: dict[int, Node] = {}
            used = {ref for n in body.nodes for ref in n.operands} | set(body.outputs)
            for i, n in enumerate(body.nodes):
                if len(set(n.operands)) < len(n.operands):
                    seen.add("one tensor twice to a call" if n.body else "x + x")
                if n.length is not None:
                    seen.add("scan from zero" if len(n.operands) == 1 else "scan of given states")
                    if any(ref.node == INPUT for ref in n.target.nodes[0].target.outputs):
                        seen.add("scan that hands a tensor on")
                if not n.operands:
                    seen.add("sourceless body" if n.body else "sourceless node")
                if not all(Ref(i, k) in used for k in range(len(n.types))):
                    seen.add("unused output")
                if n.slot is not None and owners.setdefault(n.slot, n) is not n:
                    first = owners[n.slot]
                    if body.operand_types(first) != body.operand_types(n):
                        seen.add("call slot at two sizes" if n.body else "op slot at two sizes")
            if body is not root and any(ref.node == INPUT for ref in body.outputs):
                seen.add("returns an input")
            if body is not root and len(set(body.outputs)) < len(body.outputs):
                seen.add("returns one output twice")

    look()
    assert seen == {
        "one tensor twice to a call",
        "x + x",
        "sourceless body",
        "sourceless node",
        "unused output",
        "call slot at two sizes",
        "op slot at two sizes",
        "returns an input",
        "returns one output twice",
        "scan from zero",
        "scan of given states",
        "scan that hands a tensor on",
    }


def test_rows_inside_the_second_call_of_a_slot_own_no_weights() -> None:
    inner = graph("inner", (X,), [node(Conv(2), [x()], (X,), "conv")], Ref(0))
    nodes = [node(inner, [x()], (X,), "f", 7), node(inner, [Ref(0)], (X,), "f", 7)]
    found = [(row.path, row.inclusive.params, row.shared) for row in rows(graph("root", (X,), nodes, Ref(1)))]
    assert found == [("f", 38, False), ("f.conv", 38, False), ("f", 0, True), ("f.conv", 0, True)]
