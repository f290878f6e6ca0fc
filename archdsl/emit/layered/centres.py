"""Centres what joins or parts several branches over them, where the mean of four layouts left it beside.

    b stands at 0, c at 80, and d, which joins them, at 20: with what hangs on it straight it moves to 40

A block that cannot come to the middle stays where it is.
"""

from __future__ import annotations

from archdsl.emit.layered.columns import Alignments
from archdsl.emit.layered.grid import Grid
from archdsl.emit.layered.room import blocks, neighbours, room_of

_STRAIGHT = 1e-6
_ROUNDS = 2  # what is centred is itself a branch of something


def centre_blocks(grid: Grid, middles: list[float], above: Alignments, below: Alignments) -> None:
    """Moves each block whose branches above or below are all bent to the middle of these, if it can come there."""
    together = blocks(_hanging(middles, above, below))
    beside = neighbours(grid)
    for _ in range(_ROUNDS):
        for members in together:
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


def _hanging(middles: list[float], above: Alignments, below: Alignments) -> list[list[int]]:
    """What each item hangs on by straight edges."""
    return [
        [other for other, shift in linked if abs(middles[other] + shift - middles[item]) <= _STRAIGHT]
        for item, linked in enumerate(map(list.__add__, above, below))
    ]
