"""Takes small jogs out of wires: what hangs together straight moves aside by a little where that makes more straight.

    a wire comes down at 50, and the lanes that it goes on in stand at 47 with room up to 60: they move by 3

The mean of four layouts leaves such jogs, and so do places of links that are settled after it. Larger distances stay:
they are what centres a node above its branches.
"""

from __future__ import annotations

from archdsl.emit.layered.grid import Grid
from archdsl.emit.layered.room import groups, neighbours, room_of
from archdsl.emit.layered.sides import side_offset

_STRAIGHT = 1e-6


def remove_jogs(grid: Grid, middles: list[float]) -> None:
    """Moves blocks of items, each at most by the distance of two wires, and only between their neighbours."""
    offsets = [_offset(grid, middles, edge) for edge in range(len(grid.upper))]
    block_of = _blocks(grid, offsets)
    beside = neighbours(grid)
    for members in groups(block_of):
        leading = _leading(grid, middles, members, block_of)
        moves = [move for move in leading if _STRAIGHT < abs(move) <= grid.gaps.wire]
        if moves:
            low, high = room_of(grid, middles, members, beside)
            best, most = 0.0, sum(abs(move) <= _STRAIGHT for move in leading)
            for move in sorted(moves, key=abs):
                count = sum(abs(other - move) <= _STRAIGHT for other in leading)
                if low <= move <= high and count > most:
                    best, most = move, count
            for item in members:
                middles[item] += best


def _leading(grid: Grid, middles: list[float], members: list[int], block_of: list[int]) -> list[float]:
    """How far a block must move such that each of its edges to another one is straight."""
    result: list[float] = []
    for item in members:
        for sign, edges, others in ((1, grid.ups[item], grid.upper), (-1, grid.downs[item], grid.lower)):
            for edge in edges:
                if block_of[others[edge]] != block_of[item]:
                    move = sign * _offset(grid, middles, edge)
                    # An edge that meets a side from far enough away is straight wherever it comes down.
                    if move != 0 or grid.link_of_edge[edge] not in grid.sides:
                        result.append(move)
    return result


def _offset(grid: Grid, middles: list[float], edge: int) -> float:
    """How far to the right of its lower end an edge begins."""
    if grid.link_of_edge[edge] in grid.sides:
        return side_offset(grid, middles, edge)
    begins = middles[grid.upper[edge]] + grid.start_of(edge)
    return begins - middles[grid.lower[edge]] - grid.end_of(edge)


def _blocks(grid: Grid, offsets: list[float]) -> list[int]:
    """For each item the least item that it hangs together with by straight edges."""
    block = list(range(len(grid.rank)))
    for start in range(len(block)):
        stack = [start] if block[start] == start else []
        while stack:
            item = stack.pop()
            for edge in grid.ups[item] + grid.downs[item]:
                other = grid.upper[edge] + grid.lower[edge] - item
                straight = abs(offsets[edge]) <= _STRAIGHT and grid.link_of_edge[edge] not in grid.sides
                if straight and other > start and block[other] == other:
                    block[other] = start
                    stack.append(other)
    return block
