"""Holds which interval of an axis every position sees, as a sequence that repeats; composes and joins such sequences.

Position q * P + r sees the elements from first[r] + q * advance to last[r] + q * advance: P phases (polyphase form,
as in `archdsl.ops.phases`), P = 1 where nothing is enlarged. `x -> max_pool(2)` is P = 1, advance 2, first (0), last
(1). After `-> upsample(2) -> conv(1, 3)` the positions 2q and 2q + 1 see the pixels 2q - 2 to 2q + 1 and 2q to 2q + 3:
P = 2, advance 2, first (-2, 0), last (1, 3).

Composition is exact because the ends of a union are the ends of its parts. Where the intervals of what is read move
steadily on (`ordered`), the outermost taps decide. Else it matters which of the elements between them are read: `gap`
says every which, and 0 that it is not known; the result is then a bound.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import gcd, lcm
from operator import le
from typing import Any, NamedTuple

MOST_PHASES = 4096
MOST_READS = 2**20  # phases times taps that are looked at one by one, where intervals are not ordered

End = int | None  # None: the position sees nothing


class TooManyPhasesError(Exception):
    """A sequence repeats too late to be written down."""


class Intervals(NamedTuple):
    """One interval per position, told by phase. `exact` is false where a position may see less than this."""

    advance: int
    first: tuple[End, ...]
    last: tuple[End, ...]
    gap: int
    exact: bool
    ordered: bool

    @property
    def stride(self) -> Fraction:
        """Elements from one position to the next, on average."""
        return Fraction(self.advance, len(self.first))

    def at(self, position: int) -> tuple[int, int] | None:
        """First and last element that a position sees; None if none."""
        turns, phase = divmod(position, len(self.first))
        first, last = self.first[phase], self.last[phase]
        return None if first is None or last is None else (first + turns * self.advance, last + turns * self.advance)

    def sizes(self, positions: int | None = None) -> tuple[int, int]:
        """Elements in the smallest and the largest interval of that many positions from 0 on, or of all."""
        pairs = zip(self.first[:positions], self.last, strict=False)
        sizes = [0 if first is None or last is None else last - first + 1 for first, last in pairs]
        return min(sizes), max(sizes)

    @property
    def centre(self) -> Fraction:
        """First + last element of position 0 on average: of position i, less its i strides, over the phases."""
        pairs = enumerate(zip(self.first, self.last, strict=True))
        twice = [Fraction(a + b) - 2 * i * self.stride for i, (a, b) in pairs if a is not None and b is not None]
        return sum(twice, Fraction(0)) / max(len(twice), 1)

    def contains(self, other: Intervals) -> bool:
        """Whether every position sees all that it sees in `other`."""
        if len(self.first) == len(other.first) == 1 and None not in (*self.first, *other.first):
            return self.first <= other.first and other.last <= self.last
        try:
            return united(self, other)[:3] == self[:3]
        except TooManyPhasesError:
            return False

    @property
    def has_holes(self) -> bool:
        """Whether some position sees nothing."""
        return None in self.first

    def bounded(self) -> Intervals:
        """The same, known as a bound only."""
        return self._replace(exact=False) if self.exact else self


HERE = Intervals(1, (0,), (0,), 1, True, True)
NOWHERE = Intervals(1, (None,), (None,), 1, True, False)


def made(advance: int, taps: Sequence[range], exact: bool = True) -> Intervals:
    """The intervals of an op from its taps by phase."""
    gaps = {t.step for t in taps if t and t[0] != t[-1]}  # no len(): it cannot tell more than 2**63
    gap = gaps.pop() if len(gaps) == 1 else 0 if gaps else 1
    return _of(advance, [t[0] if t else None for t in taps], [t[-1] if t else None for t in taps], gap, exact)


def composed(before: Intervals, after: Intervals) -> Intervals:
    """What is seen through `after` by what reads positions that see `before`.

    Raises:
        TooManyPhasesError: the result repeats too late.
    """
    a, b = before.first[0], before.last[0]
    if len(before.first) == len(after.first) == 1 and a is not None and b is not None:
        first, last = after.first[0], after.last[0]
        if first is None or last is None:
            return after
        step = before.advance
        gap = _gap(before, after, b - a + 1)
        return Intervals(
            step * after.advance, (a + step * first,), (b + step * last,), gap, before.exact and after.exact, True
        )
    turns = len(before.first) // gcd(after.advance, len(before.first))
    phases = len(after.first) * turns
    taps = len(before.first) if not before.ordered else 1
    if phases > MOST_PHASES or phases * taps > MOST_READS:
        raise TooManyPhasesError(phases)
    firsts: list[End] = []
    lasts: list[End] = []
    exact = before.exact and after.exact
    if before.ordered and not after.has_holes:  # the usual case, and the one with thousands of phases
        ahead = [turn * after.advance for turn in range(turns)]
        firsts += _ends(
            before.first, before.advance, [read + by for by in ahead for read in after.first if read is not None]
        )
        lasts += _ends(
            before.last, before.advance, [read + by for by in ahead for read in after.last if read is not None]
        )
    else:
        for read in map(after.at, range(phases)):
            seen, sure = (None, True) if read is None else _through(before, *read, after.gap)
            exact = exact and sure
            firsts.append(seen and seen[0])
            lasts.append(seen and seen[1])
    gap = before.gap if after.first == after.last else 1 if _joined_up(before, after.gap) else 0
    return _of(before.advance * after.advance * turns // len(before.first), firsts, lasts, gap, exact)


def _ends(ends: Sequence[Any], advance: int, positions: Iterable[int]) -> list[int]:
    """Where the positions begin, or end, of intervals without holes."""
    count = len(ends)
    return [ends[position % count] + position // count * advance for position in positions]


def united(a: Intervals, b: Intervals) -> Intervals:
    """What is seen by either of two with one stride.

    Raises:
        TooManyPhasesError: the result repeats too late.
    """
    if a == b:
        return a
    phases = lcm(len(a.first), len(b.first))
    if phases > MOST_PHASES:
        raise TooManyPhasesError(phases)
    firsts: list[End] = []
    lasts: list[End] = []
    solid = a.gap == b.gap == 1
    if not a.has_holes and not b.has_holes:
        low, low_too = (_ends(x.first, x.advance, range(phases)) for x in (a, b))
        high, high_too = (_ends(x.last, x.advance, range(phases)) for x in (a, b))
        firsts += map(min, low, low_too)
        lasts += map(max, high, high_too)
        solid = solid and not any(map(_apart, low, high, low_too, high_too))
    else:
        for position in range(phases):
            p, q = a.at(position), b.at(position)
            if p is None or q is None:
                some = p or q
                firsts.append(some and some[0])
                lasts.append(some and some[1])
                continue
            firsts.append(min(p[0], q[0]))
            lasts.append(max(p[1], q[1]))
            solid = solid and not _apart(*p, *q)
    return _of(a.advance * phases // len(a.first), firsts, lasts, int(solid), a.exact and b.exact)


def _through(before: Intervals, first: int, last: int, gap: int) -> tuple[tuple[int, int] | None, bool]:
    """What the positions from `first` to `last` see, every `gap`-th of them read; and whether that is exact."""
    if before.ordered:
        low, high = before.at(first), before.at(last)
        assert low is not None and high is not None
        return (low[0], high[1]), True
    step = gap or 1
    count = (last - first) // step + 1
    looked = min(count, len(before.first) // gcd(step, len(before.first)))  # then the phases come again, further on
    lows = [seen[0] for t in range(looked) if (seen := before.at(first + t * step)) is not None]
    highs = [seen[1] for t in range(looked) if (seen := before.at(last - t * step)) is not None]
    return ((min(lows), max(highs)) if lows else None), bool(gap) or last - first <= 1


def _gap(before: Intervals, after: Intervals, size: int) -> int:
    """The gap of a composition of single phases, `size` being that of the intervals before."""
    if after.first == after.last:
        return before.gap
    if size == 1:
        return after.gap * before.advance or 1
    return int(before.gap == 1 and 0 < after.gap * before.advance <= size)


def _joined_up(before: Intervals, gap: int) -> bool:
    """Whether the intervals of positions `gap` apart leave no element out between them."""
    if before.gap != 1 or not gap or before.has_holes:
        return False
    phases = len(before.first)
    here, there = (
        [_ends(ends, before.advance, range(start, start + phases)) for ends in (before.first, before.last)]
        for start in (0, gap)
    )
    return not any(map(_apart, *here, *there))


def _apart(first: int, last: int, other_first: int, other_last: int) -> bool:
    """Whether an element lies between two intervals, in neither."""
    return other_first > last + 1 or first > other_last + 1


def _of(advance: int, first: list[End], last: list[End], gap: int, exact: bool) -> Intervals:
    """With as few phases as possible."""
    phases = len(first)
    for prime in _primes(phases):
        while phases % prime == 0 and advance % prime == 0:
            shorter, step = phases // prime, advance // prime
            if not (_repeats(first, shorter, step) and _repeats(last, shorter, step)):
                break
            phases, advance = shorter, step
            del first[shorter:], last[shorter:]
    ordered = None not in first and _never_back(first, advance) and _never_back(last, advance)
    return Intervals(advance, tuple(first), tuple(last), gap, exact, ordered)


def _repeats(ends: Sequence[End], shorter: int, step: int) -> bool:
    for i in range(shorter, len(ends)):
        here, there = ends[i], ends[i - shorter]
        if (here is None) != (there is None) or (here is not None and there is not None and here != there + step):
            return False
    return True


def _never_back(ends: Sequence[End], advance: int) -> bool:
    ahead = [end for end in ends if end is not None]
    return all(map(le, ahead, [*ahead[1:], ahead[0] + advance]))


def _primes(number: int) -> list[int]:
    found, prime = [], 2
    while prime * prime <= number:
        if number % prime == 0:
            found.append(prime)
            while number % prime == 0:
                number //= prime
        prime += 1
    return [*found, number] if number > 1 else found
