"""Orders the items of each row such that few edges cross, after Sugiyama, Tagawa, Toda 1981 and Gansner et al. 1993.

The first order is that of a walk from the inputs, skips last. Then rows are sorted by the mean places of what their
items are linked to, down and up in turns, and neighbours change places where that saves crossings; the best order of
all is kept. Edges from (a, b) to (c, d) that are a -> d, b -> c cross once; sorting the lower row by means gives d, c.

Crossings of a row with the next are the inversions of the lower places when edges are sorted by the upper ones (Barth,
Mutzel, Jünger 2004).
"""

from __future__ import annotations

from bisect import bisect_right
from operator import itemgetter

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
        # Of each item the edges into it, as where they start, and out of it, as where they arrive: item and fraction.
        self.ups = [[(grid.upper[edge], self.starts[edge]) for edge in edges] for edges in grid.ups]
        self.downs = [[(grid.lower[edge], self.arrivals[edge]) for edge in edges] for edges in grid.downs]
        # What edges leave in several places.
        self.forks = {item for item, edges in enumerate(grid.downs) if len({self.starts[edge] for edge in edges}) > 1}
        _walk(self)
        self.place = grid.places()
        self.counts = [-1] * len(grid.rows)  # crossings below each row, -1 where not counted yet
        self.settled = [False] * len(grid.rows)  # whether it is known that neighbours in a row stay where they are

    def arrange(self, rank: int, row: list[int]) -> None:
        """Puts the items of a row in an order."""
        if row == self.grid.rows[rank]:
            return
        self.grid.rows[rank] = row
        for place, item in enumerate(row):
            self.place[item] = place
        for near in range(max(0, rank - 1), min(rank + 2, len(self.settled))):
            self.settled[near] = False
            if near <= rank:
                self.counts[near] = -1

    def ends(self, row: list[int], edges: list[list[tuple[int, float]]]) -> list[list[float]]:
        """Of each item of a row the other ends of its `edges`, in order."""
        place = self.place
        return [
            [place[ways[0][0]] + ways[0][1]] if len(ways) == 1 else sorted([place[item] + at for item, at in ways])
            for ways in [edges[item] for item in row]
        ]

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
    if len(grid.rows) == len(grid.rank):  # a chain: one item a row
        for item, rank in enumerate(grid.rank):
            grid.rows[rank] = [item]
        return
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
    arrivals: list[float] = []
    for item, ends in zip(row, order.ends(row, order.downs), strict=True):
        if item in order.forks:
            downs = zip(order.grid.downs[item], order.downs[item], strict=True)
            place = order.place
            leaving = sorted([(place[item] + order.starts[edge], place[lower] + at) for edge, (lower, at) in downs])
            arrivals += [end for _, end in leaving]
        else:
            arrivals += ends
    count = 0
    arrived: list[float] = []
    last = -1.0
    for end in arrivals:
        if end >= last:
            last = end
            arrived.append(end)
        else:
            index = bisect_right(arrived, end)
            count += len(arrived) - index
            arrived.insert(index, end)
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
        for place, ends in enumerate(order.ends(row, order.ups if down else order.downs)):
            if ends:
                total = ends[0]
                for end in ends[1:]:
                    total += end
                means.append((total / len(ends), row[place]))
                slots.append(place)
        means.sort(key=itemgetter(0))
        for slot, (_, item) in zip(slots, means, strict=True):
            row[slot] = item
        order.arrange(rank, row)


def _swap_neighbours(order: Order) -> None:
    """Lets neighbours change places while that saves crossings."""
    for _ in range(min(_PATIENCE, 1 + _EFFORT // max(1, len(order.place)))):
        better = False
        for rank in range(len(order.grid.rows)):
            if order.settled[rank] or (order.crossings(rank) == 0 and order.crossings(rank - 1) == 0):
                continue
            row, above, below = order.grid.rows[rank][:], order.crossings(rank - 1), order.crossings(rank)
            saved_above, saved_below = _swap_in(order, row)
            if saved_above != 0 or saved_below != 0:
                order.arrange(rank, row)
                order.counts[rank] = below - saved_below
                if rank > 0:
                    order.counts[rank - 1] = above - saved_above
                better = True
            else:
                order.settled[rank] = True
        if not better:
            break


def _swap_in(order: Order, row: list[int]) -> tuple[int, int]:
    """Lets neighbours in a row change places, each item once; returns the crossings saved above and below."""
    aboves, belows = order.ends(row, order.ups), order.ends(row, order.downs)
    above, below = aboves[0], belows[0]
    saved_above = saved_below = 0
    for k in range(1, len(row)):
        next_above, next_below = aboves[k], belows[k]
        if (above and next_above and above[-1] > next_above[0]) or (below and next_below and below[-1] > next_below[0]):
            less_above, less_below = _saved(above, next_above), _saved(below, next_below)
            if less_above + less_below > 0:
                row[k - 1], row[k] = row[k], row[k - 1]
                saved_above += less_above
                saved_below += less_below
                continue
        above, below = next_above, next_below
    return saved_above, saved_below


def _saved(left: list[float], right: list[float]) -> int:
    """How many crossings of sorted `left` and `right` it saves to let them change places."""
    if len(left) == 1 and len(right) == 1:
        return (right[0] < left[0]) - (left[0] < right[0])
    return _inversions(left, right) - _inversions(right, left)


def _inversions(left: list[float], right: list[float]) -> int:
    """How many pairs of sorted `left` and `right` stand the wrong way round."""
    total = k = 0
    for end in left:
        while k < len(right) and right[k] < end:
            k += 1
        total += k
    return total
