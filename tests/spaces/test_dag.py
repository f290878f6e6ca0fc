"""Checks that canonical forms are equal for isomorphic graphs and no others, and found fast where much is alike."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable
from typing import Any

import networkx as nx
import pytest

from archdsl.spaces.dag import Dag, canonical_form
from tests.spaces.nasbench101 import NETWORKS, cells


def view(dag: Dag) -> nx.MultiDiGraph[Any]:
    found: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
    for v, (label, edges) in enumerate(zip(dag.labels, dag.operands, strict=True)):
        found.add_node(v, label=label)
        for o, n in edges:
            found.add_edge(o, v, number=n)
    return found


def isomorphic(one: Dag, other: Dag) -> bool:
    """By networkx, which tries vertex after vertex."""
    return bool(
        nx.is_isomorphic(
            view(one),
            view(other),
            nx.algorithms.isomorphism.categorical_node_match("label", None),
            nx.algorithms.isomorphism.categorical_multiedge_match("number", None),
        )
    )


def drawn(draw: random.Random) -> Dag:
    """A small graph with few labels; some vertices have operands in order, others not; one may be shared weights."""
    size, density = draw.randint(1, 8), draw.choice([0.2, 0.4, 0.7])
    labels, operands = [], []
    for v in range(size):
        ordered = draw.random() < 0.3
        chosen = [o for o in range(v) if draw.random() < density]
        if ordered:  # the same operand may be several
            edges = [(o, place) for place, o in enumerate(draw.choices(chosen, k=len(chosen)) if chosen else [])]
        else:
            edges = [(o, draw.choice([1, 1, 2])) for o in chosen]
        labels.append(draw.choice("ab") + ("," if ordered else "+"))
        operands.append(edges)
    if draw.random() < 0.3:
        several = draw.sample(range(size), draw.randint(1, size))
        operands = [[(0, 0)] * (v in several) + [(o + 1, n) for o, n in edges] for v, edges in enumerate(operands)]
        return Dag(["weights", *labels], [[], *operands])
    return Dag(labels, operands)


def renumbered(dag: Dag, draw: random.Random) -> Dag:
    """The same graph with its vertices in another order in which operands come first."""
    waiting, place = list(range(len(dag.labels))), dict[int, int]()
    while waiting:
        v = draw.choice([v for v in waiting if all(o in place for o, _ in dag.operands[v])])
        place[v] = len(place)
        waiting.remove(v)
    operands = [[(place[o], n) for o, n in draw.sample(dag.operands[v], len(dag.operands[v]))] for v in place]
    return Dag([dag.labels[v] for v in place], operands)


def changed(dag: Dag, draw: random.Random) -> Dag:
    """A graph that differs in one edge or in two labels that change places: most alike of those that are not equal."""
    labels, operands = list(dag.labels), [list(edges) for edges in dag.operands]
    v = draw.randrange(len(labels))
    if v and operands[v] and draw.random() < 0.8:
        _, n = operands[v].pop(draw.randrange(len(operands[v])))
        operands[v].append((draw.randrange(v), n))
    else:
        w = draw.randrange(len(labels))
        labels[v], labels[w] = labels[w], labels[v]
    return Dag(labels, operands)


def test_forms_are_equal_for_isomorphic_graphs_and_no_others() -> None:
    draw, seen = random.Random(0), {True: 0, False: 0}
    for _ in range(4_000):
        dag = drawn(draw)
        for other in (renumbered(dag, draw), renumbered(changed(dag, draw), draw)):
            same = isomorphic(dag, other)
            assert (canonical_form(dag) == canonical_form(other)) == same, (dag, other)
            seen[same] += 1
    assert min(seen.values()) > 1_500


def test_a_form_is_the_graph() -> None:
    """What the form says is the graph again, in another order."""
    draw = random.Random(1)
    for _ in range(500):
        dag = drawn(draw)
        told = canonical_form(dag)
        assert isomorphic(dag, Dag([label for label, _ in told], [edges for _, edges in told]))


@pytest.mark.parametrize(("size", "count"), [(1, 1), (2, 2), (3, 6), (4, 31), (5, 302), (6, 5_984)])
def test_graphs_without_cycles(size: int, count: int) -> None:
    """As many forms as there are such graphs without labels: https://oeis.org/A003087."""
    pairs = [(tail, head) for head in range(size) for tail in range(head)]
    found = set()
    for bits in range(1 << len(pairs)):
        operands: list[list[tuple[int, int]]] = [[] for _ in range(size)]
        for k, (tail, head) in enumerate(pairs):
            if bits >> k & 1:
                operands[head].append((tail, 1))
        found.add(canonical_form(Dag(["v"] * size, operands)))
    assert len(found) == count


def incidence(edges: Iterable[tuple[int, int]]) -> Dag:
    """An undirected graph: its vertices, and above each two that are joined another vertex."""
    edges = list(edges)
    size = 1 + max(map(max, edges))
    return Dag(["v"] * size + ["e"] * len(edges), [[]] * size + [[(a, 1), (b, 1)] for a, b in edges])


def cycles(*lengths: int) -> Dag:
    starts = itertools.accumulate(lengths, initial=0)
    return incidence(
        (start + i, start + (i + 1) % n) for start, n in zip(starts, lengths, strict=False) for i in range(n)
    )


GRID = list(itertools.product(range(4), repeat=2))
ROOK = incidence(
    (GRID.index(a), GRID.index(b)) for a, b in itertools.combinations(GRID, 2) if a[0] == b[0] or a[1] == b[1]
)
SHRIKHANDE = incidence(
    (GRID.index(a), GRID.index(b))
    for a, b in itertools.combinations(GRID, 2)
    if ((b[0] - a[0]) % 4, (b[1] - a[1]) % 4) in {(0, 1), (0, 3), (1, 0), (3, 0), (1, 1), (3, 3)}
)


# Of the first no two vertices are alike, and of the second all.
FRUCHT, TETRAHEDRON = incidence(nx.frucht_graph().edges), incidence(nx.truncated_tetrahedron_graph().edges)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (cycles(6), cycles(3, 3)),
        (cycles(9), cycles(4, 5)),
        pytest.param(ROOK, SHRIKHANDE, marks=pytest.mark.slow),
        (FRUCHT, TETRAHEDRON),
    ],
)
def test_graphs_that_look_alike_everywhere(one: Dag, other: Dag) -> None:
    """All vertices of both have as many neighbours, and these as many: refinement alone is not enough."""
    draw = random.Random(2)
    assert canonical_form(one) != canonical_form(other)
    for dag in (one, other):
        assert {canonical_form(renumbered(dag, draw)) for _ in range(2)} == {canonical_form(dag)}


def test_many_alike_branches_are_not_permuted() -> None:
    """Sixty branches of three, each with two alike ends; sixty that feed the same sixty: 60! orders each."""
    draw = random.Random(3)
    labels, operands = ["x"], [list[tuple[int, int]]()]
    for _ in range(60):
        v = len(labels)
        labels += ["a", "b", "b", "+"]
        operands += [[(0, 1)], [(v, 1)], [(v, 1)], [(v + 1, 1), (v + 2, 1)]]
    ends = [(v, 1) for v, label in enumerate(labels) if label == "+"]
    labels += ["c"] * 60
    operands += [list(ends) for _ in range(60)]
    dag = Dag(labels, operands)
    assert canonical_form(renumbered(dag, draw)) == canonical_form(dag)
    other = [edges[1:] if v == len(labels) - 1 else edges for v, edges in enumerate(operands)]
    assert canonical_form(Dag(labels, other)) != canonical_form(dag)


@pytest.mark.parametrize("most", [5, pytest.param(7, marks=pytest.mark.slow)])
def test_nasbench101(most: int) -> None:
    """The published number of cells of up to 7 vertices; those of fewer by the same generation."""
    found: set[str] = set()
    for vertices in range(2, most + 1):
        found |= {repr(canonical_form(cell.dag)) for cell in cells(vertices)}
        assert len(found) == NETWORKS[vertices]
