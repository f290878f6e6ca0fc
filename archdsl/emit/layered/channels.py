"""Gives the horizontal parts of wires between two rows their tracks, after Sander 2004 (orthogonal hyperedges).

In the channel between two rows each net comes down in one place and leaves in one or more; unless these are one, it
takes a track: a height of its own for as far as it reaches. Where one net comes down right above where another leaves,
the first must turn first, else they would lie on each other:

    a comes at 0 and leaves at 20, b comes at 20 and leaves at 40: b's track is above a's

Such demands can go round (a to where b comes, b to where a comes): then a net changes its track halfway, in a free
place. Beyond the demands, of each two nets the one goes first with which fewer wires cross.
"""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise

_MANY = 100  # nets in a channel; above, crossings are not compared two by two


class Crossbar:
    """The part of a net in a channel on one track: where it comes, where it leaves, and how far it reaches."""

    def __init__(self, net: int, upper: float, lowers: list[float]) -> None:
        """A part that has no track yet."""
        self.net = net
        self.upper = upper
        self.lowers = lowers
        self.low = min(upper, *lowers)
        self.high = max(upper, *lowers)
        self.track = 0
        self.after: Crossbar | None = None  # what goes on from here, where the net changes its track

    def add(self, lower: float) -> None:
        """Lets the net leave in one more place."""
        self.lowers.append(lower)
        self.low = min(self.low, lower)
        self.high = max(self.high, lower)


def assign_tracks(bars: list[Crossbar], fixed: list[float], gap: float) -> int:
    """Gives each part its track, counted from above, and returns how many there are; splits parts where it must.

    `fixed` lists where wires pass straight; `gap` is the least distance of wires. Parts are added to `bars`.
    """
    if not bars:
        return 0
    near = gap / 2
    _break_rounds(bars, fixed, near)
    later, waiting = _demands(bars, near)
    tracks: list[list[Crossbar]] = []
    for index in _sequence(bars, later, waiting):
        bar = bars[index]
        track = len(tracks)
        while track > bar.track and not any(  # that is raised by demands
            other.low - near < bar.high and bar.low < other.high + near for other in tracks[track - 1]
        ):
            track -= 1
        bar.track = max(bar.track, track)
        for other_index in later[index]:
            bars[other_index].track = max(bars[other_index].track, bar.track + 1)
        while len(tracks) <= bar.track:
            tracks.append([])
        tracks[bar.track].append(bar)
    return len(tracks)


def _demands(bars: list[Crossbar], near: float) -> tuple[list[list[int]], list[int]]:
    """For each part the parts that must be below it, and for each how many must be above it."""
    later: list[list[int]] = [[] for _ in bars]
    waiting = [0] * len(bars)
    arrivals = sorted([(lower, index) for index, bar in enumerate(bars) for lower in bar.lowers])
    places = [place for place, _ in arrivals]
    index_of = {id(bar): index for index, bar in enumerate(bars)}
    for index, bar in enumerate(bars):
        found: list[int] = []
        k = bisect_left(places, bar.upper - near)
        while k < len(places) and places[k] <= bar.upper + near:
            other = arrivals[k][1]
            if bars[other].net != bar.net and other not in found:
                found.append(other)
            k += 1
        if bar.after is not None:
            found.append(index_of[id(bar.after)])
        later[index] = found
        for other in found:
            waiting[other] += 1
    return later, waiting


def _break_rounds(bars: list[Crossbar], fixed: list[float], near: float) -> None:
    """Splits parts until no demands go round."""
    while True:
        later, waiting = _demands(bars, near)
        sequence = [index for index in range(len(bars)) if waiting[index] == 0]
        for index in sequence:  # grows while it is read
            for other in later[index]:
                waiting[other] -= 1
                if waiting[other] == 0:
                    sequence.append(other)
        if len(sequence) == len(bars):
            return
        # Of the parts that wait, one that others wait for: it lies on a round, or leads from one to another.
        stuck = [index for index in range(len(bars)) if waiting[index] > 0 and bars[index].after is None]
        turning = [i for i in stuck if any(waiting[other] > 0 for other in later[i])]
        bar = bars[turning[0] if turning else stuck[0]]
        between = _free_place(bars, fixed, near, (bar.low + bar.high) / 2)
        rest = Crossbar(bar.net, between, bar.lowers)
        bar.lowers = [between]
        bar.low, bar.high = min(bar.upper, between), max(bar.upper, between)
        bar.after = rest
        bars.append(rest)


def _free_place(bars: list[Crossbar], fixed: list[float], near: float, wanted: float) -> float:
    """The place next to `wanted` that keeps its distance from all wires that come into the channel or leave it."""
    taken = sorted(fixed + [place for bar in bars for place in [bar.upper, *bar.lowers]])
    step = 2 * near
    best = taken[-1] + step
    if abs(taken[0] - step - wanted) < abs(best - wanted):
        best = taken[0] - step
    for a, b in pairwise(taken):
        if b - a >= 2 * step:
            place = min(max(wanted, a + step), b - step)
            if abs(place - wanted) < abs(best - wanted):
                best = place
    return best


def _sequence(bars: list[Crossbar], later: list[list[int]], waiting: list[int]) -> list[int]:
    """An order of the parts from above that keeps the demands and has few crossings."""
    size = len(bars)
    scores = [0] * size
    cost: list[list[int]] = []
    if size <= _MANY:
        crossings = [[_crossings(a, b) for b in bars] for a in bars]
        cost = [[crossings[a][b] - crossings[b][a] for b in range(size)] for a in range(size)]
        scores = [sum(row) for row in cost]
    ready = [index for index in range(size) if waiting[index] == 0]
    result: list[int] = []
    while ready:
        best = min(ready, key=lambda index: (scores[index], index))
        ready.remove(best)
        result.append(best)
        if cost:
            for other in range(size):
                scores[other] -= cost[other][best]
        for other in later[best]:
            waiting[other] -= 1
            if waiting[other] == 0:
                ready.append(other)
    return result


def _crossings(above: Crossbar, below: Crossbar) -> int:
    """How often two parts cross with the first above."""
    low, high = below.low, below.high
    if low >= above.high or above.low >= high:
        return 0
    return (above.low < below.upper < above.high) + sum([low < lower < high for lower in above.lowers])
