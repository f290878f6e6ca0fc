"""Paths that compose over bodies against every path of the flat graph."""

import pytest
from hypothesis import HealthCheck, given, settings

from archdsl.analysis.depth import LAYERS, METRICS, WEIGHTED, paths
from archdsl.ir.graph import Graph, Ref
from archdsl.ops.base import Kind
from tests.analysis import flat as naive
from tests.analysis.random_graphs import Conv, Learned, Merge, Relu, graphs
from tests.analysis.test_cost import X, graph, node, x
from tests.few import few


@given(graphs())
@settings(max_examples=few(150), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_composed_paths_equal_the_flat_ones(root: Graph) -> None:
    flat = naive.flatten(root)
    for kinds in (LAYERS, WEIGHTED):
        lengths = naive.path_lengths(flat, kinds)
        found = paths(root, kinds)
        if not lengths:
            assert found is None
            continue
        assert found is not None
        assert (found.longest, found.shortest, found.count) == (max(lengths), min(lengths), sum(lengths.values()))


def residual(units: int) -> Graph:
    unit = graph("unit", (X,), [node(Conv(2), [x()], (X,), "conv"), node(Merge(), [Ref(0), x()], (X,))], Ref(1))
    nodes = [node(unit, [x() if i == 0 else Ref(i - 1)], (X,), f"u{i}") for i in range(units)]
    return graph("net", (X,), nodes, Ref(units - 1))


@pytest.mark.parametrize("units", [1, 16, 1000])
def test_a_residual_net_has_two_paths_per_unit(units: int) -> None:
    root = residual(units)
    measured = {name: measure(root) for name, measure in METRICS.items()}
    assert measured == {"depth": units, "shortest_depth": 0, "weighted_depth": units, "paths": 2**units}


def test_paths_that_begin_at_a_parameter_do_not_count() -> None:
    nodes = [
        node(Learned((2, 4, 4)), [], (X,), "token"),
        node(Conv(2), [Ref(0)], (X,), "conv"),
        node(Merge(), [x(), Ref(1)], (X,)),
    ]
    assert METRICS["depth"](graph("net", (X,), nodes, Ref(2))) == 0
    assert paths(graph("net", (X,), nodes[:2], Ref(1))) is None
    assert METRICS["paths"](graph("net", (X,), nodes[:2], Ref(1))) == 0


def test_the_two_edges_of_x_plus_x_are_two_paths() -> None:
    found = paths(graph("net", (X,), [node(Merge(), [x(), x()], (X,)), node(Relu(), [Ref(0)], (X,))], Ref(1)))
    assert found is not None and found.count == 2


def test_kinds_are_real_kinds() -> None:
    assert set(Kind) >= LAYERS and set(Kind) >= WEIGHTED
