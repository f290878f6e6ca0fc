"""Path lengths, width and critical path against their definitions on the flat graph, and against published counts."""

import networkx as nx
import pytest
from hypothesis import HealthCheck, given, settings

import archdsl
from archdsl.analysis.cost import cost
from archdsl.analysis.depth import LAYERS, WEIGHTED
from archdsl.analysis.not_defined import NotDefined
from archdsl.analysis.structure import (
    METRICS,
    PathLengths,
    average_parallelism,
    critical_path_macs,
    path_lengths,
    width,
)
from archdsl.ir.graph import Graph, Ref
from tests.analysis import flat as naive
from tests.analysis.random_graphs import Conv, Learned, Merge, Relu, graphs
from tests.analysis.test_antichain import naive_width
from tests.analysis.test_cost import X, graph, node, x
from tests.analysis.test_depth import residual
from tests.few import few

random_graphs = given(graphs())
slow = settings(max_examples=few(150), deadline=None, suppress_health_check=[HealthCheck.too_slow])


@random_graphs
@slow
def test_path_lengths_equal_the_flat_ones(root: Graph) -> None:
    flat = naive.flatten(root)
    for kinds in (LAYERS, WEIGHTED):
        expected = naive.path_lengths(flat, kinds)
        found = path_lengths(root, kinds)
        assert {length: count for length, count in enumerate(found.counts) if count} == expected
        assert found.total == sum(expected.values())


def before(flat: naive.Flat) -> list[list[int]]:
    place = {a.name: i for i, a in enumerate(flat.applications)}
    return [sorted({place[name] for name, _ in a.operands if name in place}) for a in flat.applications]


@random_graphs
@slow
def test_the_width_equals_that_of_the_flat_graph(root: Graph) -> None:
    flat = naive.flatten(root)
    for kinds in (LAYERS, None):
        chosen = [kinds is None or a.op.kind in kinds for a in flat.applications]
        assert width(root, kinds) == naive_width(before(flat), chosen)


@random_graphs
@slow
def test_the_critical_path_is_the_longest_of_the_flat_graph(root: Graph) -> None:
    flat = naive.flatten(root)
    longest: nx.DiGraph[int] = nx.DiGraph()
    longest.add_node(-1)
    for i, (a, earlier) in enumerate(zip(flat.applications, before(flat), strict=True)):
        longest.add_edges_from((j, i, {"macs": a.op.macs(a.inputs, a.outputs)}) for j in [-1, *earlier])
    assert critical_path_macs(root) == nx.dag_longest_path_length(longest, weight="macs")


# Counted on torch.fx graphs of torchvision, auxiliary heads off (the design's analysis notes, section 5).
@pytest.mark.parametrize(
    ("target", "wide", "total", "longest"),
    [
        ("resnet.arch:resnet50", 2, 2**16, 50),
        ("inception.arch:googlenet", 4, 262_144, 25),
        ("inception.arch:inception_v3", 6, 5_308_416, 49),
        ("densenet.arch:densenet121", 1, 2**58, 124),
    ],
)
def test_published_structure(target: str, wide: int, total: int, longest: int) -> None:
    root = archdsl.load(f"specs/{target}").graph
    found = path_lengths(root)
    assert (METRICS["width"](root), found.total, len(found.counts) - 1) == (wide, total, longest)
    assert 0 < critical_path_macs(root) <= cost(root).macs
    assert METRICS["average_parallelism"](root) == float(average_parallelism(root)) >= 1


def test_lengths_of_a_residual_net_are_binomial() -> None:
    assert path_lengths(residual(4)) == PathLengths((1, 4, 6, 4, 1))
    assert path_lengths(residual(4)).mean == 2
    assert path_lengths(residual(1000)).total == 2**1000


def test_lengths_beyond_the_budget_are_refused() -> None:
    with pytest.raises(NotDefined, match="not defined: the path lengths of net: 5,001 lengths of up to 5,001 bits"):
        path_lengths(residual(5000))


def test_a_width_that_would_need_too_many_ops_is_refused() -> None:
    with pytest.raises(NotDefined, match="not defined: more than 20,000 op applications"):
        width(residual(10_001))


def test_a_network_without_paths() -> None:
    root = graph("net", (X,), [node(Learned((2, 4, 4)), [], (X,), "token"), node(Relu(), [Ref(0)], (X,))], Ref(1))
    assert path_lengths(root) == PathLengths(())
    assert path_lengths(root).mean == 0
    assert (width(root), critical_path_macs(root), average_parallelism(root)) == (0, 0, 1)


def test_the_critical_path_may_begin_at_a_parameter_inside_a_call() -> None:
    inner = graph("inner", (X,), [
        node(Learned((2, 4, 4)), [], (X,), "token"),
        node(Conv(2), [Ref(0)], (X,), "conv"),
        node(Merge(), [x(), Ref(1)], (X,)),
    ], Ref(2))  # fmt: skip
    root = graph("net", (X,), [node(inner, [x()], (X,), "u"), node(Conv(2), [Ref(0)], (X,), "v")], Ref(1))
    assert critical_path_macs(root) == cost(root).macs == 2 * Conv(2).macs((X,), (X,))


def test_two_equal_branches_are_two_wide_and_halve_the_critical_path() -> None:
    nodes = [
        node(Conv(2), [x()], (X,), "a"),
        node(Conv(2), [x()], (X,), "b"),
        node(Merge(), [Ref(0), Ref(1)], (X,)),
    ]
    root = graph("net", (X,), nodes, Ref(2))
    assert (width(root), average_parallelism(root)) == (2, 2)
