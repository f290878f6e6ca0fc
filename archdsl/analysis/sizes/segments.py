"""Holds the straight pieces that a formula is made of: stretches of sizes over which the value changes by one slope."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from archdsl.analysis.sizes.sets import TooIrregular

MOST_SEGMENTS = 2**11  # of one formula


class Segment(NamedTuple):
    """Values from size `first` on: `value`, and `slope` more per size. One period later they are larger by `rise`."""

    first: int
    value: int
    slope: int
    rise: int

    def at(self, size: int) -> int:
        """The value at one size."""
        return self.value + self.slope * (size - self.first)


def lengths(segments: Sequence[Segment], end: int) -> Iterator[tuple[Segment, int]]:
    """Each segment with the number of sizes that it holds; the last ends before `end`."""
    for i, segment in enumerate(segments):
        yield segment, (segments[i + 1].first if i + 1 < len(segments) else end) - segment.first


def portion(segments: Sequence[Segment], begin: int, end: int) -> list[Segment]:
    """What lies from `begin` to `end - 1`; the segments reach at least so far."""
    if begin >= end:
        return []
    at = bisect_right(segments, begin, key=lambda s: s.first) - 1
    first = segments[at]
    found = [Segment(begin, first.at(begin), first.slope, first.rise)]
    for segment in segments[at + 1 :]:
        if segment.first >= end:
            break
        found.append(segment)
    return found


def side_by_side(a: Sequence[Segment], b: Sequence[Segment], end: int) -> Iterator[tuple[Segment, Segment, int]]:
    """Two lists that cover the same sizes, cut where either is, with the number of sizes of each piece."""
    i = j = 0
    first = a[0].first if a else end
    while first < end:
        after_a = a[i + 1].first if i + 1 < len(a) else end
        after_b = b[j + 1].first if j + 1 < len(b) else end
        after = min(after_a, after_b)
        yield (
            a[i]._replace(first=first, value=a[i].at(first)),
            b[j]._replace(first=first, value=b[j].at(first)),
            (after - first),
        )
        i, j, first = i + (after == after_a), j + (after == after_b), after


def tidy(segments: Sequence[Segment], end: int) -> list[Segment]:
    """The same values in the segments that are found by making each as long as it can be, from the first one on."""
    found: list[Segment] = []
    held = 0  # sizes that the last one found holds
    for segment, length in lengths(segments, end):
        if found and found[-1].rise == segment.rise:
            last = found[-1]
            slope = segment.value - last.value if held == 1 else last.slope
            if last.at(segment.first - 1) + slope == segment.value:
                found[-1] = last._replace(slope=slope)
                if length == 1 or slope == segment.slope:
                    held += length
                    continue
                segment = segment._replace(first=segment.first + 1, value=segment.at(segment.first + 1))
                length, held = length - 1, held + 1
        found.append(segment if length > 1 else segment._replace(slope=0))
        held = length
    return found


def by_sign(s: Segment, length: int) -> Iterator[Segment]:
    """The segment cut into what is below 0, 0, and above."""
    cuts = {0}
    if s.slope:
        passes = -s.value // s.slope  # 0 lies there or between it and the next
        cuts |= {place for place in (passes, passes + 1) if 0 < place < length}
    return (Segment(s.first + place, s.value + s.slope * place, s.slope, s.rise) for place in sorted(cuts))


def quotients(s: Segment, length: int, divisor: int) -> Iterator[Segment]:
    """The segment divided by a positive number: one piece for each quotient."""
    if s.slope % divisor == 0:
        yield Segment(s.first, s.value // divisor, s.slope // divisor, s.rise // divisor)
        return
    if length * abs(s.slope) > MOST_SEGMENTS * divisor:
        raise TooIrregular("a size follows from the input size in too irregular a way")
    place = 0
    while place < length:
        quotient = (s.value + s.slope * place) // divisor
        yield Segment(s.first + place, quotient, 0, s.rise // divisor)
        if s.slope > 0:
            place = -((s.value - (quotient + 1) * divisor) // s.slope)
        else:
            place = -((quotient * divisor - 1 - s.value) // -s.slope)


def ends(segments: Sequence[Segment], end: int) -> Iterable[int]:
    """The first and the last value of each."""
    return (value for s, length in lengths(segments, end) for value in (s.value, s.at(s.first + length - 1)))
