"""The cells of NAS-Bench-101 as its paper defines them, by adjacency and ops alone: shares no code with the spec."""

from __future__ import annotations

import itertools
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


def wirings(vertices: int) -> Iterator[tuple[tuple[int, int], ...]]:
    """The edges of each allowed cell: at most 9, and every vertex on a path from the input to the output."""
    pairs = [(tail, head) for head in range(1, vertices) for tail in range(head)]
    for bits in range(1 << len(pairs)):
        if bits.bit_count() <= MOST_EDGES:
            edges = tuple([pair for k, pair in enumerate(pairs) if bits >> k & 1])
            if {*range(1, vertices)} == {head for _, head in edges} and {*range(vertices - 1)} == {t for t, _ in edges}:
                yield edges


def cells(vertices: int) -> Iterator[Cell]:
    """All allowed cells."""
    for edges in wirings(vertices):
        for ops in itertools.product(OPS, repeat=vertices - 2):
            yield Cell(vertices, edges, ops)
