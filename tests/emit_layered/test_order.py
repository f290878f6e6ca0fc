"""Rows are ordered without counting crossings again that are known."""

from __future__ import annotations

import pytest

from archdsl.emit.layered import order
from archdsl.emit.layered.grid import Grid
from archdsl.emit.layered.model import LayeredGaps
from archdsl.emit.layered.ports import meet_nodes
from tests.emit_layered import graphs_of_papers as papers
from tests.emit_layered.graphs import random_graph


@pytest.mark.parametrize("seed", range(3))
def test_crossings_below_a_row_are_counted_twice_a_sweep_at_most(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    counts, sweeps = [], []
    crossings, sort_rows = order._crossings, order._sort_rows
    monkeypatch.setattr(order, "_crossings", lambda *given: counts.append(1) or crossings(*given))
    monkeypatch.setattr(order, "_sort_rows", lambda made, down: sweeps.append(1) or sort_rows(made, down))
    grid = Grid(*papers.skipping(60, seed), LayeredGaps())
    meet_nodes(grid)
    order.order_rows(grid)
    assert sweeps and len(counts) <= len(grid.rows) * (1 + 2 * len(sweeps))


def test_what_swaps_save_is_what_is_counted() -> None:
    graphs = [papers.skipping(60, 0), papers.dense(8), *map(random_graph, range(200))]
    swapped = 0
    for graph in graphs:
        grid = Grid(*graph, LayeredGaps())
        meet_nodes(grid)
        made = order.Order(grid)
        order._sort_rows(made, down=True)
        before = [row[:] for row in grid.rows]
        order._swap_neighbours(made)
        swapped += before != grid.rows
        known = made.counts[:]
        fresh = [order._crossings(made, row) for row in grid.rows]
        assert all(count in (-1, right) for count, right in zip(known, fresh, strict=True))
    assert swapped > 10
