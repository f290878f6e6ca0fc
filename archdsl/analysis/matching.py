"""Turns two sequences and a likeness of their items into pairs that correspond, in the order of both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")
MOST_CELLS = 1_000_000  # of the table that finds the best pairs; a second or two


def match(old: Sequence[Item], new: Sequence[Item], likeness: Callable[[Item, Item], int]) -> list[tuple[int, int]]:
    """Pairs (i, j), ascending in both, with the largest sum of `likeness(old[i], new[j])`; 0 is never matched.

    This is the alignment of Needleman and Wunsch (1970) with free gaps. Where the table would have more than MOST_CELLS
    entries, items at the same distance from either end are matched while they are alike, and the rest is cut in equal
    parts: then the sum need not be the largest.
    """
    pairs: list[tuple[int, int]] = []
    first = 0
    last = 0
    shortest = min(len(old), len(new))
    if len(old) * len(new) > MOST_CELLS:
        while first < shortest and likeness(old[first], new[first]):
            pairs.append((first, first))
            first += 1
        while last < shortest - first and likeness(old[-1 - last], new[-1 - last]):
            last += 1
    rest = len(old) - first - last, len(new) - first - last
    parts = 1 + (rest[0] * rest[1] - 1) // MOST_CELLS if rest[0] and rest[1] else 1
    for part in range(parts):
        low = [first + size * part // parts for size in rest]
        high = [first + size * (part + 1) // parts for size in rest]
        found = _best(old[low[0] : high[0]], new[low[1] : high[1]], likeness)
        pairs += [(low[0] + i, low[1] + j) for i, j in found]
    pairs += [(len(old) - k, len(new) - k) for k in range(last, 0, -1)]
    return pairs


def _best(old: Sequence[Item], new: Sequence[Item], likeness: Callable[[Item, Item], int]) -> list[tuple[int, int]]:
    score = [[0] * (len(new) + 1) for _ in range(len(old) + 1)]
    like = [[likeness(a, b) for b in new] for a in old]
    for i, row in enumerate(like):
        above, here = score[i], score[i + 1]
        for j, value in enumerate(row):
            best = max(above[j + 1], here[j])
            here[j + 1] = max(best, above[j] + value) if value else best
    pairs = []
    i, j = len(old), len(new)
    while i and j:
        if like[i - 1][j - 1] and score[i][j] == score[i - 1][j - 1] + like[i - 1][j - 1]:
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif score[i][j] == score[i - 1][j]:
            i -= 1
        else:
            j -= 1
    return pairs[::-1]
