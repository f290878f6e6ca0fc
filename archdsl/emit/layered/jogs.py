"""Takes small jogs out of wires: what hangs together straight moves aside by a little where that makes more straight.

    a wire comes down at 50, and the lanes that it goes on in stand at 47 with room up to 60: they move by 3

The mean of four layouts leaves such jogs, and so do places of links that are settled after it. Larger distances stay:
they are what centres a node above its branches.
"""

from __future__ import annotations

from archdsl.emit.layered.grid import Grid
from archdsl.emit.layered.room import blocks, neighbours, room_of
from archdsl.emit.layered.sides import side_offset

_STRAIGHT = 1e-6
_TRIES = 16  # distances that a block tries


def remove_jogs(grid: Grid, middles: list[float]) -> None:
    """Moves blocks of items, each at most by the distance of two wires, and only between their neighbours."""
    beside = neighbours(grid)
    for members in blocks(_hanging(grid, middles)):
        leading = _leading(grid, middles, members)
        moves = [move for move in leading if _STRAIGHT < abs(move) <= grid.gaps.wire]
        if moves:
            low, high = room_of(grid, middles, members, beside)
            best, most = 0.0, sum(abs(move) <= _STRAIGHT for move in leading)
            for move in sorted(moves, key=abs)[:_TRIES]:
                count = sum(abs(other - move) <= _STRAIGHT for other in leading)
                if low <= move <= high and count > most:
                    best, most = move, count
            for item in members:
                middles[item] += best


def _hanging(grid: Grid, middles: list[float]) -> list[list[int]]:
    """What each item hangs on by straight edges; what comes to the side of a node moves on its own."""
    result: list[list[int]] = [[] for _ in grid.rank]
    for edge, (upper, lower) in enumerate(zip(grid.upper, grid.lower, strict=True)):
        if grid.link_of_edge[edge] not in grid.sides and abs(_offset(grid, middles, edge)) <= _STRAIGHT:
            result[upper].append(lower)
            result[lower].append(upper)
    return result


def _leading(grid: Grid, middles: list[float], members: list[int]) -> list[float]:
    """How far a block must move such that each of its edges to another one is straight."""
    result: list[float] = []
    inside = set(members)
    for item in members:
        for sign, edges, others in ((1, grid.ups[item], grid.upper), (-1, grid.downs[item], grid.lower)):
            for edge in edges:
                if others[edge] not in inside:
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
