"""The least peak over orders against all orders of small graphs, and against vectors solved by other programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import archdsl
from archdsl.analysis import schedule as schedules
from archdsl.analysis.minimal_memory import TaskGraph, levels_of, minimal_peak, minimum
from archdsl.analysis.not_defined import NotDefined
from archdsl.analysis.peak_memory import peak_ideal_bytes
from archdsl.analysis.schedule import schedule
from archdsl.ir.graph import Graph, Ref
from tests.analysis.random_graphs import Conv, graphs
from tests.analysis.test_cost import X, graph, node, x
from tests.few import few

VECTORS = json.loads((Path(__file__).parent / "data" / "peak_memory_vectors.json").read_text())


def orders(before: list[list[int]]) -> Iterator[list[int]]:
    """All topological orders."""

    def go(done: list[int]) -> Iterator[list[int]]:
        if len(done) == len(before):
            yield done
        for i in range(len(before)):
            if i not in done and all(j in done for j in before[i]):
                yield from go([*done, i])

    yield from go([])


def peak(problem: TaskGraph, order: list[int]) -> int:
    """By the definition: what is there and still needed, with the results of the running op."""
    here = set(problem.start)
    worst = sum(problem.bytes[s] for s in here)
    for place, i in enumerate(order):
        here |= set(problem.makes[i])
        worst = max(worst, sum(problem.bytes[s] for s in here))
        here &= problem.kept | {s for later in order[place + 1 :] for s in problem.reads[later]}
    return worst


@st.composite
def problems(draw: st.DrawFn) -> TaskGraph:
    """Up to seven ops that make nought to two storages, and read them from any earlier op, with two inputs."""
    count = draw(st.integers(1, 7))
    sizes = [draw(st.integers(0, 9)), draw(st.integers(0, 9))]
    maker: dict[int, int] = {}
    before, reads, makes = [], [], []
    for i in range(count):
        given = sorted(draw(st.sets(st.integers(0, len(sizes) - 1), max_size=3)))
        made = tuple(range(len(sizes), len(sizes) + draw(st.integers(0, 2))))
        sizes += [draw(st.integers(0, 9)) for _ in made]
        before.append(sorted({maker[s] for s in given if s in maker}))
        reads.append(given)
        makes.append(made)
        maker |= dict.fromkeys(made, i)
    kept = frozenset(draw(st.sets(st.integers(0, len(sizes) - 1))))
    read = {s for given in reads for s in given}
    return TaskGraph(sizes, before, reads, makes, [s for s in (0, 1) if s in read or s in kept], kept)


@st.composite
def bundles(draw: st.DrawFn) -> TaskGraph:
    """Up to three chains of up to four ops from one storage to one op; some links read the first storage too."""
    sizes = [draw(st.integers(0, 9))]
    reads: list[list[int]] = [[]]
    ends = []
    for _ in range(draw(st.integers(1, 3))):
        end = 0
        for _ in range(draw(st.integers(1, 4))):
            reads.append(sorted({end, 0} if draw(st.integers(0, 5)) == 0 else {end}))
            end = len(sizes)
            sizes.append(draw(st.integers(0, 9)))
        ends.append(end)
    reads.append(ends)
    sizes.append(draw(st.integers(0, 9)))
    return TaskGraph(sizes, reads, reads, [[i] for i in range(len(sizes))], (), frozenset({len(sizes) - 1}))


def least_over_sets(problem: TaskGraph) -> int:
    """Dynamic programming over all sets of ops that can have been run, each storage looked up by its definition."""
    count = len(problem.before)

    def live(done: frozenset[int]) -> int:
        made = {s for i in done for s in problem.makes[i]} | set(problem.start)
        needed = {s for i in range(count) if i not in done for s in problem.reads[i]} | problem.kept
        return sum(problem.bytes[s] for s in made & needed)

    least = {frozenset[int](): live(frozenset())}
    for _ in range(count):
        after: dict[frozenset[int], int] = {}
        for done, worst in least.items():
            for i in set(range(count)) - done:
                if done.issuperset(problem.before[i]):
                    during = live(done) + sum(problem.bytes[s] for s in problem.makes[i])
                    new = done | {i}
                    after[new] = min(after.get(new, during + worst), max(worst, during))
        least = after
    return least[frozenset(range(count))]


@given(bundles())
@settings(max_examples=few(300), deadline=None)
def test_the_minimum_of_chains_is_that_of_all_sets(problem: TaskGraph) -> None:
    found = minimum(problem)
    assert found.exact
    assert found.bytes == least_over_sets(problem) == peak(problem, list(found.order))


@given(problems())
@settings(max_examples=few(300), deadline=None)
def test_the_minimum_is_that_of_all_orders(problem: TaskGraph) -> None:
    found = minimum(problem)
    assert found.exact
    assert found.bytes == min(peak(problem, order) for order in orders([list(b) for b in problem.before]))
    assert peak(problem, list(found.order)) == found.bytes >= found.breadth_bytes


@given(problems(), st.integers(0, 60))
@settings(max_examples=few(300), deadline=None)
def test_a_search_cut_short_gives_bounds(problem: TaskGraph, most_work: int) -> None:
    true, found = minimum(problem), minimum(problem, most_work)
    assert found.breadth_bytes <= found.lower_bytes <= true.bytes <= found.bytes
    assert peak(problem, list(found.order)) == found.bytes
    assert found.exact is (found.lower_bytes == found.bytes)


@given(graphs())
@settings(max_examples=few(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_schedules_of_nested_graphs(root: Graph) -> None:
    written = schedule(root)
    assert max([step.during_bytes for step in written], default=0) <= peak_ideal_bytes(root)
    found = minimal_peak(root, 20_000)
    assert sorted(found.order) == list(range(len(written)))
    ran: set[int] = set(range(len(root.inputs)))
    for step in schedule(root, found.order):
        assert ran >= set(step.application.operands)
        ran |= set(step.application.results)
        assert step.after_bytes <= step.during_bytes <= found.bytes
    assert found.lower_bytes <= found.bytes <= peak_ideal_bytes(root)


@given(graphs(), st.booleans())
@settings(max_examples=few(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_held_at_the_peak_adds_up(root: Graph, best: bool) -> None:
    order = minimal_peak(root, 20_000).order if best else None
    found = schedules.peak(root, order)
    steps = schedule(root, order)
    assert sum(held.bytes for held in found.held) == found.bytes
    assert found.bytes >= max([step.during_bytes for step in steps], default=0)
    if found.application is not None:
        assert steps[found.step].during_bytes == found.bytes
        assert steps[found.step].application == found.application


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_vectors(vector: dict[str, Any]) -> None:
    count = len(vector["size"])
    read = {i for given in vector["inputs"] for i in given}
    outputs = frozenset(set(range(count)) - read)
    problem = TaskGraph(vector["size"], vector["inputs"], vector["inputs"], [[i] for i in range(count)], (), outputs)
    found = minimum(problem)
    assert (found.bytes, found.exact) == (vector["min_peak"], True)
    assert found.breadth_bytes == vector["one_op_breadth_bound"]
    assert max(during for during, _ in levels_of(problem, range(count))) == vector["order_as_listed_peak"]
    assert max(during for during, _ in levels_of(problem, vector["an_optimal_order"])) == vector["min_peak"]
    if count <= 8 and "max_peak_over_orders" in vector:
        assert max(peak(problem, order) for order in orders(vector["inputs"])) == vector["max_peak_over_orders"]


def test_another_order_saves_memory_in_nasnet() -> None:
    root = archdsl.load("specs/nasnet.arch:nasnetalarge").graph
    found = minimal_peak(root)
    assert found.exact
    assert found.breadth_bytes < found.bytes < peak_ideal_bytes(root)
    assert max(step.during_bytes for step in schedule(root, found.order)) == found.bytes


def wide(count: int, kept: bool) -> TaskGraph:
    """Chains of a storage of 10 and one of 1, `count` times beside each other, from one storage of 1."""
    sizes = [1, *[10] * count, *[1] * count]
    reads = [[], *[[0]] * count, *([i] for i in range(1, count + 1))]
    outputs = frozenset(range(count + 1, 2 * count + 1)) if kept else frozenset[int]()
    return TaskGraph(sizes, reads, reads, [[i] for i in range(2 * count + 1)], (), outputs)


def test_many_chains_beside_each_other_are_run_one_by_one() -> None:
    found = minimum(wide(1000, kept=False))
    assert (found.bytes, found.exact) == (12, True)  # the first storage, 10 and 1


def test_a_graph_too_wide_to_be_searched_gets_bounds() -> None:
    found = minimum(wide(1000, kept=True))
    assert not found.exact
    assert 12 <= found.lower_bytes < found.bytes == 1010  # 999 results, 10 and 1; as written 10,001


def test_a_graph_too_large_to_be_ordered_says_so() -> None:
    body = graph("b0", (X,), [node(Conv(2), [x()], (X,), "conv")], Ref(0))
    for level in range(1, 40):
        body = graph(f"b{level}", (X,), [node(body, [x()], (X,), "a"), node(body, [Ref(0)], (X,), "b")], Ref(1))
    with pytest.raises(NotDefined, match="not defined: more than 20,000 op applications"):
        minimal_peak(body)
