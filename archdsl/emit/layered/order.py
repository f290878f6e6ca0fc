"""Orders the items of each row such that few edges cross, after Sugiyama, Tagawa, Toda 1981 and Gansner et al. 1993.

The first order is that of a walk from the inputs, skips last. Then rows are sorted by the mean places of what their
items are linked to, down and up in turns, and neighbours change places where that saves crossings; the best order of
all is kept. Edges from (a, b) to (c, d) that are a -> d, b -> c cross once; sorting the lower row by means gives d, c.

Crossings of a row with the next are the inversions of the lower places when edges are sorted by the upper ones (Barth,
Mutzel, Jünger 2004).
"""

from __future__ import annotations

from bisect import bisect_right, insort

from archdsl.emit.layered.grid import TRUNK, Grid

_SWEEPS = 12
_PATIENCE = 4  # sweeps without a better order
_EFFORT = 200_000  # items that are sorted, in all sweeps together; the first sweep is always made


class Order:
    """The order of items in rows: `place` is each item's index in its row."""

    def __init__(self, grid: Grid) -> None:
        """Starts in the order of a walk."""
        self.grid = grid
        # Where an edge meets its items: a fraction, such that place + fraction sorts the ends of edges in a row.
        self.starts = [_fraction(grid, grid.upper[edge], grid.start_of(edge)) for edge in range(len(grid.upper))]
        self.arrivals = [_arrival(grid, edge) for edge in range(len(grid.upper))]
        self.place = [0] * len(grid.rank)
        self.counts = [-1] * len(grid.rows)  # crossings below each row, -1 where not counted yet
        _walk(self)
        for rank, row in enumerate(grid.rows):
            self.arrange(rank, row)

    def arrange(self, rank: int, row: list[int]) -> None:
        """Puts the items of a row in an order."""
        self.grid.rows[rank] = row
        for place, item in enumerate(row):
            self.place[item] = place
        self.counts[rank] = -1
        if rank > 0:
            self.counts[rank - 1] = -1

    def above(self, item: int) -> list[float]:
        """Where the edges into an item start, in order."""
        grid = self.grid
        return sorted([self.place[grid.upper[edge]] + self.starts[edge] for edge in grid.ups[item]])

    def below(self, item: int) -> list[float]:
        """Where the edges out of an item arrive, in order."""
        grid = self.grid
        return sorted([self.place[grid.lower[edge]] + self.arrivals[edge] for edge in grid.downs[item]])

    def crossings(self, rank: int) -> int:
        """How many edges cross below a row."""
        if rank < 0:
            return 0
        if self.counts[rank] < 0:
            self.counts[rank] = _crossings(self, self.grid.rows[rank])
        return self.counts[rank]

    def all_crossings(self) -> int:
        """How many edges cross."""
        return sum([self.crossings(rank) for rank in range(len(self.grid.rows))])


def order_rows(grid: Grid) -> None:
    """Puts the items of each row of `grid` in order."""
    order = Order(grid)
    best, least = grid.rows[:], order.all_crossings()
    stale = 0
    for sweep in range(min(_SWEEPS, 1 + _EFFORT // max(1, len(grid.rank)))):
        if least == 0 or stale == _PATIENCE:
            break
        _sort_rows(order, down=sweep % 2 == 0)
        _swap_neighbours(order)
        found = order.all_crossings()
        stale += 1
        if found < least:
            best, least, stale = grid.rows[:], found, 0
    grid.rows = best


def _fraction(grid: Grid, item: int, offset: float) -> float:
    width = grid.widths[item] if item < len(grid.nodes) else 0.0
    return 0.45 + 0.9 * offset / width if width > 0 else 0.45


def _arrival(grid: Grid, edge: int) -> float:
    item, link = grid.lower[edge], grid.link_of_edge[edge]
    if link == TRUNK or grid.nodes[item].loose or grid.nodes[item].sides:
        return 0.45
    return _fraction(grid, item, grid.ends[link])


def _walk(order: Order) -> None:
    """Lists each item in its row when a walk from the inputs, direct edges before skips, first meets it."""
    grid = order.grid
    seen = [False] * len(grid.rank)
    for start in range(len(grid.nodes)):
        stack = [start] if not grid.ups[start] else []
        while stack:
            item = stack.pop()
            if seen[item]:
                continue
            seen[item] = True
            grid.rows[grid.rank[item]].append(item)
            edges = sorted(grid.downs[item], key=lambda edge: (grid.is_weak(edge), order.starts[edge]))
            stack.extend([grid.lower[edge] for edge in reversed(edges)])


def _crossings(order: Order, row: list[int]) -> int:
    grid = order.grid
    ends: list[tuple[float, float]] = []
    for item in row:
        for edge in grid.downs[item]:
            start = order.place[item] + order.starts[edge]
            ends.append((start, order.place[grid.lower[edge]] + order.arrivals[edge]))
    ends.sort()
    count = 0
    arrived: list[float] = []
    for _, end in ends:
        count += len(arrived) - bisect_right(arrived, end)
        insort(arrived, end)
    return count


def _sort_rows(order: Order, down: bool) -> None:
    """Sorts each row below (above) which edges cross by the mean places of what its items are linked to there.

    Items without such edges stay where they are.
    """
    rows = order.grid.rows
    for rank in range(len(rows)) if down else range(len(rows) - 1, -1, -1):
        if order.crossings(rank - 1 if down else rank) == 0:
            continue
        row = rows[rank][:]
        means: list[tuple[float, int]] = []
        slots: list[int] = []
        for place, item in enumerate(row):
            ends = order.above(item) if down else order.below(item)
            if ends:
                total = 0.0
                for end in ends:
                    total += end
                means.append((total / len(ends), item))
                slots.append(place)
        means.sort(key=lambda pair: pair[0])
        for slot, (_, item) in zip(slots, means, strict=True):
            row[slot] = item
        order.arrange(rank, row)


def _swap_neighbours(order: Order) -> None:
    """Lets neighbours change places while that saves crossings."""
    for _ in range(min(_PATIENCE, 1 + _EFFORT // max(1, len(order.place)))):
        better = False
        for rank in range(len(order.grid.rows)):
            if order.crossings(rank) == 0 and order.crossings(rank - 1) == 0:
                continue
            row = order.grid.rows[rank][:]
            ends = {item: (order.above(item), order.below(item)) for item in row}
            moved = False
            for k in range(len(row) - 1):
                (above, below), (next_above, next_below) = ends[row[k]], ends[row[k + 1]]
                now = _inversions(above, next_above) + _inversions(below, next_below)
                if now > 0 and now > _inversions(next_above, above) + _inversions(next_below, below):
                    row[k], row[k + 1] = row[k + 1], row[k]
                    moved = True
            if moved:
                order.arrange(rank, row)
                better = True
        if not better:
            break


def _inversions(left: list[float], right: list[float]) -> int:
    """How many pairs of sorted `left` and `right` stand the wrong way round."""
    total = k = 0
    for end in left:
        while k < len(right) and right[k] < end:
            k += 1
        total += k
    return total
