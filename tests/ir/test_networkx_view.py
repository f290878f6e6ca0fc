"""A body goes to networkx and comes back the same."""

import networkx as nx
from hypothesis import HealthCheck, given, settings

from archdsl.ir.graph import INPUT, Graph, Node, Ref, bodies
from archdsl.ir.networkx_view import from_networkx, to_networkx
from archdsl.ir.text import print_graph
from archdsl.types import TensorType
from tests.analysis.random_graphs import PLACE, Merge, graphs
from tests.few import few

X = TensorType((2, 4, 4))


@given(graphs())
@settings(max_examples=few(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_body_comes_back(root: Graph) -> None:
    for graph in bodies(root):
        back = from_networkx(to_networkx(graph))
        assert print_graph(back, spans=True) == print_graph(graph, spans=True)
        assert back.span == graph.span
        assert [node.spans for node in back.nodes] == [node.spans for node in graph.nodes]
        assert all(m.target is n.target for m, n in zip(back.nodes, graph.nodes, strict=True))
        assert nx.is_directed_acyclic_graph(to_networkx(graph))


def test_both_edges_of_x_plus_x_are_there() -> None:
    node = Node(Merge(), (Ref(INPUT, 0), Ref(INPUT, 0)), (X,), "", (PLACE,), (0,))
    graph = Graph("b", "block", ("t.arch", "b"), (), ("x",), (X,), (node,), (Ref(0),), PLACE)
    view = to_networkx(graph)
    assert view.number_of_edges(("input", 0), 0) == 2
    assert set(view.adj["input", 0][0]) == {0, 1}
    assert view.nodes[0]["word"] == "merge"


def test_removed_nodes_close_the_gap() -> None:
    first = Node(Merge(), (Ref(INPUT, 0),), (X,), "", (PLACE,), (0,))
    second = Node(Merge(), (Ref(INPUT, 0),), (X,), "", (PLACE,), (1,))
    view = to_networkx(Graph("b", "block", ("t", "b"), (), ("x",), (X,), (first, second), (Ref(1),), PLACE))
    view.remove_node(0)
    assert from_networkx(view).outputs == (Ref(0),)
