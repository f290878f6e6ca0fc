"""Tells which items move together, and how far they can go between their neighbours in rows."""

from __future__ import annotations

from archdsl.emit.layered.grid import Grid


def neighbours(grid: Grid) -> list[tuple[int, int]]:
    """The items to the left and right of each, -1 for none."""
    result = [(-1, -1)] * len(grid.rank)
    for row in grid.rows:
        for index, item in enumerate(row):
            after = row[index + 1] if index + 1 < len(row) else -1
            result[item] = (row[index - 1] if index > 0 else -1, after)
    return result


def room_of(grid: Grid, middles: list[float], members: list[int], beside: list[tuple[int, int]]) -> tuple[float, float]:
    """How far items can move to the left (at most 0) and to the right."""
    low, high = float("-inf"), float("inf")
    for item in members:
        before, after = beside[item]
        if before >= 0:
            gap = grid.gap(before, item)
            low = max(low, middles[before] + grid.right[before] + gap + grid.left[item] - middles[item])
        if after >= 0:
            gap = grid.gap(item, after)
            high = min(high, middles[after] - grid.left[after] - gap - grid.right[item] - middles[item])
    return min(low, 0.0), max(high, 0.0)


def blocks(hanging: list[list[int]]) -> list[list[int]]:
    """Items that hang together, in order, where `hanging` lists what each hangs on."""
    block = list(range(len(hanging)))
    for start in range(len(block)):
        stack = [start] if block[start] == start else []
        while stack:
            for other in hanging[stack.pop()]:
                if other > start and block[other] == other:
                    block[other] = start
                    stack.append(other)
    found: dict[int, list[int]] = {}
    for item, first in enumerate(block):
        found.setdefault(first, []).append(item)
    return list(found.values())
