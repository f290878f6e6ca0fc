"""Holds exactly how a size follows from one input size: straight pieces that rise by a fixed amount per period.

Every composition of windows, paddings, whole-numbered upsamplings and concatenations is of this kind, perhaps from some
size on only: `(h + A) // S` is the case of one step of 1 per period S. Sums, products with a number, floor division and
remainder stay within it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import gcd

from archdsl.analysis.sizes.segments import (
    MOST_SEGMENTS,
    Segment,
    by_sign,
    ends,
    lengths,
    portion,
    quotients,
    side_by_side,
    tidy,
)
from archdsl.analysis.sizes.sets import MOST, SizeSet, TooIrregular, common, primes, size_set
from archdsl.analysis.sizes.work import charged, spend

LARGEST = 2**30  # sizes beyond are not told
MOST_SUM = 2**9  # segments of what is added
NEAR = 2**10  # sizes that are looked at one by one


@dataclass(frozen=True, slots=True)
class Form:
    """A whole number for every size from 1 to `LARGEST` of input axis number `axis`.

    `segments` cover the sizes from 1 to `start + period - 1`, one begins at `start`; from there on the values repeat
    themselves every `period` sizes, but for what they rise. In lowest terms (see `form`), so equal forms are equal
    objects. How many segments there are does not depend on how long they are: `(h + A) // S` has two or three.
    """

    axis: int
    start: int
    period: int
    segments: tuple[Segment, ...]

    def at(self, size: int) -> int:
        """The value at one size."""
        turns = 0
        if size >= self.start + self.period:
            turns, place = divmod(size - self.start, self.period)
            size = self.start + place
        segment = self.segments[bisect_right(self.segments, size, key=lambda s: s.first) - 1]
        return segment.at(size) + turns * segment.rise

    @property
    def constant(self) -> int | None:
        """The value, if it is the same at all sizes."""
        only = self.segments[0]
        return only.value if self.period == self.start == 1 and not only.rise else None

    @property
    def divisor(self) -> int:
        """The greatest number that divides all values; 0 if they are 0."""
        return common(n for s in self.segments for n in s[1:])

    def text(self, letter: str) -> str | None:
        """The closed form `a * ((h + A) // S) + b` from `start` on, in the letter for h; None if there is none."""
        return closed_form(self, letter)


# --- telling one form in several ways --------------------------------------------------------------------------


def _repeated(f: Form, begin: int, end: int) -> list[Segment]:
    """The repeating part of `f` as it is, or would be, from `begin` to `end - 1`."""
    own = portion(f.segments, f.start, f.start + f.period)
    if f.period == 1:
        return [Segment(begin, own[0].value + own[0].rise * (begin - f.start), own[0].rise, own[0].rise)]
    first, last = (begin - f.start) // f.period, (end - 1 - f.start) // f.period
    if len(own) * (last - first + 1) > MOST_SEGMENTS:
        raise TooIrregular("a size follows from the input size in too irregular a way")
    spend(len(own) * (last - first + 1))
    turns = range(first, last + 1)
    found = [Segment(s.first + k * f.period, s.value + k * s.rise, s.slope, s.rise) for k in turns for s in own]
    return portion(found, begin, end)


def _told(f: Form, start: int, period: int) -> list[Segment]:
    """The segments of `f` with a later start and a multiple of the period; beyond `LARGEST` it is told as constant."""
    low = [*portion(f.segments, 1, f.start), *(_repeated(f, f.start, start) if start > f.start else [])]
    if start > LARGEST:
        repeated = [Segment(start, f.at(LARGEST), 0, 0)]
    else:
        times = period // f.period
        repeated = [s._replace(rise=s.rise * times) for s in _repeated(f, start, start + period)]
    return [*(s._replace(rise=0) for s in low), *repeated]


def _within(start: int, period: int) -> tuple[int, int]:
    """The start and period to tell a form with: where it does not repeat before `LARGEST`, that is its end."""
    return (start, period) if start <= LARGEST and period <= LARGEST else (LARGEST + 1, 1)


def form(axis: int, start: int, period: int, segments: Sequence[Segment]) -> Form:
    """The form in lowest terms: shortest period, then earliest start, then the longest segments.

    Raises:
        TooIrregular: there are too many segments.
    """
    spend(len(segments))
    f = _shortest(Form(axis, start, period, tuple(segments)))
    f = _earliest(f)
    low = tidy(portion(f.segments, 1, f.start), f.start)
    found = (*low, *tidy(portion(f.segments, f.start, f.start + f.period), f.start + f.period))
    if len(found) > MOST_SEGMENTS:
        raise TooIrregular("a size follows from the input size in too irregular a way")
    return Form(axis, f.start, f.period, found)


def _shortest(f: Form) -> Form:
    """With the shortest period."""
    for prime in primes(f.period):
        while f.period % prime == 0:
            part = f.period // prime
            end = f.start + f.period
            here = _repeated(f, f.start, end)
            ahead = [s._replace(first=s.first - part) for s in _repeated(f, f.start + part, end + part)]
            if any(
                a.rise != b.rise or prime * (b.value - a.value) != a.rise or (length > 1 and a.slope != b.slope)
                for a, b, length in side_by_side(here, ahead, end)
            ):
                break
            shorter = [s._replace(rise=s.rise // prime) for s in portion(here, f.start, f.start + part)]
            f = Form(f.axis, f.start, part, (*portion(f.segments, 1, f.start), *shorter))
    return f


def _earliest(f: Form) -> Form:
    """With the earliest start."""
    start = f.start
    while start > 1:
        begin = 1 if f.period == 1 else max(1, start - max(f.period, NEAR))
        low, back = portion(f.segments, begin, start), _repeated(f, begin, start)
        differing = begin - 1  # the last size at which the two differ
        for a, b, length in side_by_side(low, back, start):
            last = a.first + length - 1
            if a.at(last) != b.at(last):
                differing = last
            elif a.value != b.value:
                differing = last - 1
        start = differing + 1
        if differing >= begin:
            break
    if start == f.start:
        return f
    return Form(f.axis, start, f.period, (*portion(f.segments, 1, start), *_repeated(f, start, start + f.period)))


# --- arithmetic ------------------------------------------------------------------------------------------------


def variable(axis: int) -> Form:
    """The input size itself."""
    return Form(axis, 1, 1, (Segment(1, 1, 0, 1),))


def _mapped(f: Form, change: Callable[[Segment], Segment]) -> Form:
    return form(f.axis, f.start, f.period, [change(s) for s in f.segments])


@charged
def plus(f: Form, g: Form) -> Form:
    """f + g, both of one axis.

    Raises:
        TooIrregular: they repeat themselves too differently.
    """
    start, period = _within(max(f.start, g.start), f.period * g.period // gcd(f.period, g.period))
    if sum(len(x.segments) * (period // x.period) for x in (f, g)) > MOST_SUM:
        raise TooIrregular("a size follows from the input size in too irregular a way")
    pieces = side_by_side(_told(f, start, period), _told(g, start, period), start + period)
    sums = [Segment(a.first, a.value + b.value, a.slope + b.slope, a.rise + b.rise) for a, b, _ in pieces]
    return form(f.axis, start, period, sums)


@charged
def scaled(f: Form, factor: int, term: int = 0) -> Form:
    """factor * f + term."""
    return _mapped(f, lambda s: Segment(s.first, factor * s.value + term, factor * s.slope, factor * s.rise))


@charged
def form_divided(f: Form, divisor: int) -> Form:
    """f / divisor, which divides all of it."""
    return _mapped(f, lambda s: Segment(s.first, s.value // divisor, s.slope // divisor, s.rise // divisor))


@charged
def floor_divided(f: Form, divisor: int) -> Form:
    """f // divisor, not 0."""
    if divisor < 0:
        return floor_divided(scaled(f, -1), -divisor)
    # A period after which it has risen by a multiple of the divisor.
    rises = common(s.rise for s in f.segments)
    start, period = _within(f.start, f.period * (divisor // gcd(divisor, rises)))
    found: list[Segment] = []
    for segment, length in lengths(_told(f, start, period), start + period):
        found += quotients(segment, length, divisor)
        if len(found) > MOST_SEGMENTS:
            raise TooIrregular("a size follows from the input size in too irregular a way")
    return form(f.axis, start, period, found)


@charged
def remainder(f: Form, divisor: int) -> Form:
    """f % divisor, not 0."""
    return plus(f, scaled(floor_divided(f, divisor), -divisor))


# --- signs -----------------------------------------------------------------------------------------------------


def _settled(f: Form) -> tuple[list[Segment], int]:
    """The segments with a start from which on no value passes 0 any more at sizes up to `LARGEST`, and that start."""
    turns = 0
    for s, length in lengths(portion(f.segments, f.start, f.start + f.period), f.start + f.period):
        for value in (s.value, s.at(s.first + length - 1)):
            if s.rise and value * s.rise <= 0:
                needed = abs(value) // abs(s.rise) + 1
                if f.start + f.period * needed <= LARGEST:
                    turns = max(turns, needed)
    start = f.start + f.period * turns
    return _told(f, start, f.period), start


@charged
def positive(f: Form) -> Form:
    """max(f, 0)."""
    told, start = _settled(f)
    pieces = [piece for s, length in lengths(told, start + f.period) for piece in by_sign(s, length)]
    return form(f.axis, start, f.period, [s if s.value > 0 else Segment(s.first, 0, 0, 0) for s in pieces])


def _where(f: Form, true: Callable[[int], bool]) -> SizeSet:
    """The sizes at which `true` holds of the value; it may change only where the value passes 0."""
    told, start = _settled(f)
    spend(len(told))
    period = f.period
    end = start + period
    pieces: list[tuple[int, bool]] = []
    for s, length in lengths(told, end):
        for piece in by_sign(s, length):
            answer = true(piece.value)
            if not pieces or pieces[-1][1] != answer:
                pieces.append((piece.first, answer))
    if pieces[-1][0] <= start:  # all alike from there on
        start, period = pieces[-1][0], 1
        end = start + period
    if end > 2 * MOST:
        raise TooIrregular("sizes change order only at a very large input")
    bits = 0
    for (first, answer), (after, _) in zip(pieces, [*pieces[1:], (end, False)], strict=True):
        bits |= ((1 << after) - (1 << first)) if answer else 0
    return size_set(start, period, bits & ((1 << start) - 1), bits >> start)


@charged
def negative(f: Form) -> SizeSet:
    """The sizes at which f < 0."""
    return _where(f, lambda v: v < 0)


@charged
def zero(f: Form) -> SizeSet:
    """The sizes at which f == 0."""
    return _where(f, lambda v: v == 0)


@charged
def least(f: Form, sizes: SizeSet) -> int | None:
    """A number that f does not go below at these sizes; None if it falls without end."""
    if any(s.rise < 0 for s in f.segments):
        return None
    if not sizes:
        return 0
    end = max(f.start, sizes.start) + f.period * sizes.period // gcd(f.period, sizes.period)
    if end <= NEAR:
        return min(f.at(size) for size in sizes.between(1, end))
    end = max(f.start, sizes.first + 1) + f.period
    told = portion(_told(f, end - f.period, f.period), sizes.first, end)
    return min(ends(told, end))


def greatest(f: Form) -> int | None:
    """The largest value of a form that is never below 0; None if it grows without end."""
    return None if any(s.rise for s in f.segments) else max(ends(f.segments, f.start + f.period))


def closed_form(f: Form, letter: str) -> str | None:
    """`f` from its start on as `a * ((h + A) // S) + b` in short, or None if it has several steps."""
    period, own = f.period, portion(f.segments, f.start, f.start + f.period)
    rise = own[0].rise
    steps: list[int] = []  # sizes before the value changes
    after = [*own[1:], Segment(f.start + period, own[0].value + rise, 0, 0)]
    for (s, length), following in zip(lengths(own, f.start + period), after, strict=True):
        if s.rise != rise or (s.slope and length > 2):
            return None
        steps += [s.first] if s.slope and length > 1 else []
        steps += [s.first + length - 1] if s.at(s.first + length - 1) != following.value else []
    if len(steps) > 1:
        return None
    if not steps:
        return str(own[0].value)
    # The value changes after `steps[0]`, so that the size after it + A is a multiple of the period.
    offset = -(steps[0] + 1) % period
    below = own[0].value - rise * ((f.start + offset) // period)
    if rise == 1:
        offset, below = offset + period * below, 0
    inner = letter if not offset else f"{letter} {'+' if offset > 0 else '-'} {abs(offset)}"
    if period > 1:
        inner = f"{inner} // {period}" if not offset else f"({inner}) // {period}"
    if rise != 1:
        inner = f"{rise} * {inner}" if period == 1 and not offset else f"{rise} * ({inner})"
    return inner if not below else f"{inner} {'+' if below > 0 else '-'} {abs(below)}"
