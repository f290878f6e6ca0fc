"""Centres what joins or parts several branches over them, where the mean of four layouts left it beside.

b stands at 0, c at 80, and d, which joins them, at 20: with what hangs on it straight it moves to 40
"""

from __future__ import annotations

from archdsl.emit.layered.columns import Alignments
from archdsl.emit.layered.grid import Grid
from archdsl.emit.layered.room import groups, neighbours, room_of

_STRAIGHT = 1e-6
_ROUNDS = 2  # what is centred is itself a branch of something


def centre_blocks(grid: Grid, middles: list[float], above: Alignments, below: Alignments) -> None:
    """Moves each block whose branches above or below are all bent to the middle of these, if it can come there."""
    blocks = groups(_blocks(middles, above, below))
    beside = neighbours(grid)
    for _ in range(_ROUNDS):
        for members in blocks:
            total, count = 0.0, 0
            for item in members:
                for linked in (above[item], below[item]):
                    if len(linked) > 1:
                        goals = [middles[other] + shift for other, shift in linked]
                        if all(abs(goal - middles[item]) > _STRAIGHT for goal in goals):
                            total += (min(goals) + max(goals)) / 2 - middles[item]
                            count += 1
            if count > 0 and abs(total) > _STRAIGHT:
                low, high = room_of(grid, middles, members, beside)
                if low <= total / count <= high:
                    for item in members:
                        middles[item] += total / count


def _blocks(middles: list[float], above: Alignments, below: Alignments) -> list[int]:
    """For each item the least item that it hangs together with by straight edges."""
    block = list(range(len(middles)))
    for start in range(len(block)):
        stack = [start] if block[start] == start else []
        while stack:
            item = stack.pop()
            for other, shift in above[item] + below[item]:
                straight = abs(middles[other] + shift - middles[item]) <= _STRAIGHT
                if straight and other > start and block[other] == other:
                    block[other] = start
                    stack.append(other)
    return block
