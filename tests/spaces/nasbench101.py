"""The cells of NAS-Bench-101 as its paper defines them, by adjacency and ops alone: shares no code with the spec."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from typing import NamedTuple

from archdsl.spaces.dag import Dag

OPS = ("conv1", "conv3", "pool3")
MOST_EDGES = 9
# Ying et al. 2019, arXiv:1902.09635: distinct cells of 2 to n vertices; only the last is printed there.
NETWORKS = {2: 1, 3: 7, 4: 91, 5: 2_532, 6: 64_542, 7: 423_624}


class Cell(NamedTuple):
    """Edges by their ends, input first and output last, and the ops of the vertices in between."""

    vertices: int
    edges: tuple[tuple[int, int], ...]
    ops: tuple[str, ...]

    @property
    def dag(self) -> Dag:
        """The cell as it is, unordered sums and all."""
        operands: list[list[tuple[int, int]]] = [[] for _ in range(self.vertices)]
        for tail, head in self.edges:
            operands[head].append((tail, 1))
        return Dag(("input", *self.ops, "output"), operands)


def is_allowed(vertices: int, edges: tuple[tuple[int, int], ...]) -> bool:
    """At most 9 edges, and every vertex on a path from the input to the output."""
    read, reads = {tail for tail, _ in edges}, {head for _, head in edges}
    return len(edges) <= MOST_EDGES and read == {*range(vertices - 1)} and reads == {*range(1, vertices)}


def wirings(vertices: int) -> Iterator[tuple[tuple[int, int], ...]]:
    """The edges of each allowed cell."""
    pairs = [(tail, head) for head in range(1, vertices) for tail in range(head)]
    for bits in range(1 << len(pairs)):
        edges = tuple([pair for k, pair in enumerate(pairs) if bits >> k & 1])
        if bits.bit_count() <= MOST_EDGES and is_allowed(vertices, edges):
            yield edges


def cells(vertices: int) -> Iterator[Cell]:
    """All allowed cells."""
    for edges in wirings(vertices):
        for ops in itertools.product(OPS, repeat=vertices - 2):
            yield Cell(vertices, edges, ops)


def permuted(cell: Cell, draw: random.Random) -> Cell:
    """The same cell with its vertices in another order, if there is one."""
    inner = list(range(1, cell.vertices - 1))
    while True:
        place = dict(zip(inner, draw.sample(inner, len(inner)), strict=True))
        place.update({0: 0, cell.vertices - 1: cell.vertices - 1})
        edges = tuple(sorted((place[tail], place[head]) for tail, head in cell.edges))
        if all(tail < head for tail, head in edges):
            return Cell(
                cell.vertices,
                edges,
                tuple(op for _, op in sorted(zip([place[v] for v in inner], cell.ops, strict=True))),
            )
