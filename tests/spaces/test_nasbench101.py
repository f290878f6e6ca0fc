"""Checks the spec of NAS-Bench-101: its designs are one network exactly where the paper's cells are one."""

from __future__ import annotations

import random
from collections import defaultdict

import pytest

import archdsl
from archdsl.diagnostics.model import Diagnostics
from archdsl.elaborate.decisions import Decisions
from archdsl.elaborate.elaborator import elaborate
from archdsl.elaborate.spec import Spec
from archdsl.explore.settings import measured
from archdsl.ir.graph import Graph
from archdsl.library import folder
from archdsl.spaces.canonical import canonical
from archdsl.spaces.dag import Dag, canonical_form
from tests.spaces.nasbench101 import NETWORKS, OPS, Cell, cells, is_allowed, permuted

SPEC = folder() / "spaces" / "nasbench101.arch"
EVEN = 60  # channels that 2, 3, 4 and 5 vertices share evenly


def picks(cell: Cell) -> dict[str, str]:
    """The design that is this cell."""
    chosen = {f"{v}.ops": op for v, op in enumerate(cell.ops, 1)}
    for head in range(1, cell.vertices):
        for tail in range(head):
            chosen[f"{tail}.{head}.matrix"] = "1" if (tail, head) in cell.edges else "0"
    return chosen


def elaborated(spec: Spec, cell: Cell, **given: int) -> Graph:
    decisions, diagnostics = Decisions(picks(cell)), Diagnostics()
    made = elaborate(
        spec, "nasbench101_space", {"vertices": cell.vertices, **given}, diagnostics=diagnostics, decisions=decisions
    )
    assert made is not None and not diagnostics.errors and not decisions.unused
    assert decisions.offered.keys() == picks(cell).keys()
    return made.graph


def drawn(draw: random.Random) -> Cell:
    vertices = draw.choice([3, 4, 5, 6, 7, 7, 7])
    pairs = [(tail, head) for head in range(1, vertices) for tail in range(head)]
    while True:
        edges = tuple(pair for pair in pairs if draw.random() < draw.choice([0.3, 0.5]))
        if is_allowed(vertices, edges):
            return Cell(vertices, edges, tuple(draw.choices(OPS, k=vertices - 2)))


def test_designs_are_one_network_where_cells_are() -> None:
    """Cells, the same with their vertices in another order, and with another op."""
    draw, spec = random.Random(0), Spec.read(SPEC)
    found: dict[object, set[object]] = defaultdict(set)
    for _ in range(40):
        cell = drawn(draw)
        other = cell._replace(ops=tuple(draw.sample(cell.ops, len(cell.ops))))
        for one in (cell, permuted(cell, draw), permuted(other, draw)):
            graph = elaborated(spec, one, width=EVEN, modules=1)
            found[canonical(graph)].add(canonical_form(one.dag))
    forms = [form for several in found.values() for form in several]
    assert len(forms) == len(set(forms)) == len(found)
    assert 45 < len(found) < 80


def test_vertices_on_no_path_are_left_out() -> None:
    """They cost nothing, and have no share of the channels."""
    spec = Spec.read(SPEC)
    small = Cell(4, ((0, 1), (0, 2), (1, 3), (2, 3)), ("conv3", "pool3"))
    # 2 reads nothing, and the output reads it; nobody reads 4; the others are those of the small cell.
    large = Cell(6, ((0, 1), (0, 3), (1, 4), (1, 5), (2, 5), (3, 5)), ("conv3", "conv1", "pool3", "conv1"))
    assert canonical(elaborated(spec, small)) == canonical(elaborated(spec, large))


@pytest.mark.parametrize("vertices", [2, 3, 4, 5])
def test_every_matrix_with_every_ops_is_a_design(vertices: int) -> None:
    """Also those of vertices on no path, and those in which nothing leads to the output."""
    space = archdsl.space(SPEC, "nasbench101_space", vertices=vertices)
    assert (space.size, space.failing) == (2 ** (vertices * (vertices - 1) // 2) * 3 ** (vertices - 2), 0)


def test_numbers_of_designs_are_those_of_networks() -> None:
    """Found without elaborating each; idle vertices, odd channels and cells of zeros among them."""
    space, draw = archdsl.space(SPEC, "nasbench101_space", vertices=5), random.Random(0)
    metrics = ("params", "macs", "depth")
    seen = set()
    for _ in range(12):
        design = space.sample(draw)
        numbers = space.costs.way(metrics).of(design, metrics)
        assert numbers == measured(space.network(design).graph, metrics)
        assert space.canonical(design) == canonical(space.network(design).graph)
        seen.add(numbers)
    assert len(seen) > 8


def connected(vertices: int) -> int:
    """Matrices in which a path leads from the first vertex to the last, by how many are reached so far."""
    ways = {1: 1}
    for head in range(1, vertices - 1):
        after: dict[int, int] = defaultdict(int)
        for reached, count in ways.items():
            others = 2 ** (head - reached)
            after[reached] += count * others
            after[reached + 1] += count * others * (2**reached - 1)
        ways = after
    return sum(count * (2**reached - 1) * 2 ** (vertices - 1 - reached) for reached, count in ways.items())


def test_a_cell_that_no_path_leads_through_gives_zeros() -> None:
    space = archdsl.space(SPEC, "nasbench101_space", vertices=4, modules=1)
    zeros = canonical(elaborated(Spec.read(SPEC), Cell(2, (), ()), modules=1))
    assert sum(space.canonical(design) != zeros for design in space) == connected(4) * 3**2
    assert f"{connected(7) * 3**5:,} connect input and output" in SPEC.read_text(encoding="utf-8")


@pytest.mark.slow
def test_all_designs_that_the_paper_counts() -> None:
    space = archdsl.space(SPEC, "nasbench101_space")
    assert (space.size, space.failing) == (509_607_936, 0)


def channels(cell: Cell, out: int) -> list[int]:
    """Of each vertex, as the paper shares them (Figure 1c); of the input none."""
    ends = sorted(tail for tail, head in cell.edges if tail and head == cell.vertices - 1)
    widths = [0] * (cell.vertices - 1) + [out]
    for k, v in enumerate(ends):
        widths[v] = out // len(ends) + (k < out % len(ends))
    for v in range(cell.vertices - 2, 0, -1):
        if v not in ends:
            widths[v] = max(widths[head] for tail, head in cell.edges if tail == v)
    return widths


def with_channels(cell: Cell, out: int) -> Dag:
    """The cell with the channels of each vertex; where it reads less than another gives, that is cut, once."""
    widths, labels, links = channels(cell, out), list[str](), list[list[tuple[int, int]]]()
    place: dict[tuple[int, int], int] = {}  # by vertex and width

    def add(label: str, below: list[tuple[int, int]]) -> int:
        labels.append(label)
        links.append(below)
        return len(labels) - 1

    for v, op in enumerate(cell.dag.labels):
        below = []
        for tail in [tail for tail, head in cell.edges if head == v]:
            read = widths[v] if tail and v < cell.vertices - 1 else widths[tail]
            if (tail, read) not in place:
                place[tail, read] = add(f"cut {read}", [(place[tail, widths[tail]], 1)])
            below.append((place[tail, read], 1))
        place[v, widths[v]] = add(f"{op} {widths[v]}", below)
    return Dag(labels, links)


# Networks of cells of 2 to n vertices where the three stacks have 128, 256 and 512 channels.
WIDE = {5: 2_908, 7: 535_558}


@pytest.mark.slow
@pytest.mark.parametrize("most", WIDE)
def test_networks_at_128_channels(most: int) -> None:
    """More than the benchmark counts: where three or five vertices share channels, some have one less."""
    found = set()
    for vertices in range(2, most + 1):
        for cell in cells(vertices):
            ends = sum(1 for tail, head in cell.edges if tail and head == vertices - 1)
            widths = (128, 256, 512) if ends in (3, 5) else (EVEN,)
            found.add(repr([canonical_form(with_channels(cell, out)) for out in widths]))
    assert len(found) == WIDE[most]


@pytest.mark.slow
@pytest.mark.parametrize(("width", "count"), [(EVEN, NETWORKS[5]), (128, WIDE[5])])
def test_all_designs_of_5_vertices_elaborated(width: int, count: int) -> None:
    spec = Spec.read(SPEC)
    every = [cell for vertices in range(2, 6) for cell in cells(vertices)]
    assert len({canonical(elaborated(spec, cell, width=width, modules=1)) for cell in every}) == count


@pytest.mark.parametrize(("width", "same"), [(128, False), (EVEN, True)])
def test_the_odd_channel(width: int, same: bool) -> None:
    """128 channels are 43, 43 and 42: the benchmark takes for one which of three vertices has less, networks differ."""
    spec = Spec.read(SPEC)
    edges = ((0, 1), (0, 2), (0, 3), (1, 4), (2, 4), (3, 4))
    one, other = Cell(5, edges, ("conv3", "conv3", "pool3")), Cell(5, edges, ("conv3", "pool3", "conv3"))
    assert canonical_form(one.dag) == canonical_form(other.dag)
    forms = [canonical(elaborated(spec, cell, width=width)) for cell in (one, other)]
    assert (forms[0] == forms[1]) == same
