"""The largest antichain against Dilworth's theorem on the transitive closure."""

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archdsl.analysis.antichain import cuts, segments, width
from tests.few import few


@st.composite
def dags(draw: st.DrawFn) -> list[list[int]]:
    count = draw(st.integers(0, 14))
    reach = draw(st.integers(1, 5))  # short edges make cuts likely
    return [sorted(draw(st.sets(st.integers(max(0, i - reach), i - 1), max_size=3))) if i else [] for i in range(count)]


def closure(before: list[list[int]]) -> "nx.DiGraph[int]":
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(range(len(before)))
    graph.add_edges_from((j, i) for i, earlier in enumerate(before) for j in earlier)
    return nx.transitive_closure_dag(graph)


def naive_width(before: list[list[int]], chosen: list[bool]) -> int:
    """Chosen nodes less a largest matching of their comparable pairs."""
    pairs: nx.Graph[tuple[str, int]] = nx.Graph()
    left = [("before", i) for i in range(len(before)) if chosen[i]]
    pairs.add_nodes_from(left)
    pairs.add_edges_from((("before", j), ("after", i)) for j, i in closure(before).edges if chosen[i] and chosen[j])
    return len(left) - len(nx.bipartite.hopcroft_karp_matching(pairs, left)) // 2


@given(dags(), st.data())
@settings(max_examples=few(300), deadline=None)
def test_the_width_equals_that_of_the_closure(before: list[list[int]], data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.booleans(), min_size=len(before), max_size=len(before)))
    assert width(before, chosen) == naive_width(before, chosen)


@given(dags(), st.data())
@settings(max_examples=few(300), deadline=None)
def test_a_node_weighs_as_much_as_so_many_side_by_side(before: list[list[int]], data: st.DataObject) -> None:
    weights = data.draw(st.lists(st.integers(0, 3), min_size=len(before), max_size=len(before)))
    copies: list[list[int]] = []
    apart: list[list[int]] = []
    for earlier, weight in zip(before, weights, strict=True):
        copies.append([*range(len(apart), len(apart) + max(weight, 1))])
        apart += [[i for j in earlier for i in copies[j]]] * max(weight, 1)
    chosen = [weight > 0 for weight in weights for _ in range(max(weight, 1))]
    assert width(before, weights) == naive_width(apart, chosen)


@given(dags())
@settings(max_examples=few(300), deadline=None)
def test_cuts_are_the_nodes_comparable_with_all_others(before: list[list[int]]) -> None:
    paths = closure(before)
    everything = range(len(before))
    assert cuts(before) == [
        i for i in everything if all(j == i or paths.has_edge(i, j) or paths.has_edge(j, i) for j in everything)
    ]
    assert [i for first, last in segments(before) for i in range(first, last + 1)] == list(everything)


@pytest.mark.parametrize("length", [1, 3000])
def test_a_ladder_of_diamonds_is_two_wide(length: int) -> None:
    before: list[list[int]] = [[]]
    for _ in range(length):
        top = len(before) - 1
        before += [[top], [top], [top + 1, top + 2]]
    assert width(before, [True] * len(before)) == 2


def test_nothing_chosen_is_no_antichain() -> None:
    assert width([[], [0], [0]], [False] * 3) == 0
    assert width([], []) == 0
