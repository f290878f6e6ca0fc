"""Holds a set of sizes along one axis that repeats itself from some size on: exact, however large the sizes get."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from math import gcd
from operator import index
from typing import SupportsIndex

from archdsl.diagnostics.display import brief
from archdsl.remembered import remembered
from archdsl.types import Irregular

MOST = 2**16  # neither the part before the repetition nor the period is longer


class TooIrregular(Irregular):
    """A set or formula repeats itself too late or too rarely to be written down; the message says which."""


@dataclass(frozen=True, slots=True)
class SizeSet:
    """Sizes from 1: bit h of `low` says whether h < `start` is in, bit r of `high` whether `start + r + k * period` is.

    Always in lowest terms (see `size_set`), so equal sets are equal objects.
    """

    start: int
    period: int
    low: int
    high: int

    def __contains__(self, size: object) -> bool:
        if not isinstance(size, SupportsIndex):
            raise TypeError(f"a set of sizes takes whole numbers, not {brief(size)}")
        size = index(size)
        if size < self.start:
            return size > 0 and bool(self.low >> size & 1)
        return bool(self.high >> (size - self.start) % self.period & 1)

    def __bool__(self) -> bool:
        return bool(self.low or self.high)

    def __and__(self, other: SizeSet) -> SizeSet:
        return self if self is other or other == ANY else _both(self, other)

    def __or__(self, other: SizeSet) -> SizeSet:
        return ~(~self & ~other)

    def __invert__(self) -> SizeSet:
        return _complement(self)

    def __sub__(self, other: SizeSet) -> SizeSet:
        return self & ~other

    @property
    def first(self) -> int:
        """The smallest member of a set that has one."""
        if self.low:
            return (self.low & -self.low).bit_length() - 1
        return self.start + (self.high & -self.high).bit_length() - 1

    @property
    def finite(self) -> bool:
        """Whether there is a largest member (or none)."""
        return not self.high

    @property
    def residues(self) -> tuple[int, ...]:
        """The members modulo `period`, from `start` on, sorted."""
        return tuple(sorted((self.start + r) % self.period for r in range(self.period) if self.high >> r & 1))

    @property
    def exceptions(self) -> tuple[int, ...]:
        """The members below `start`."""
        return tuple(h for h in range(self.start) if self.low >> h & 1)

    def between(self, least: int, most: int) -> Iterator[int]:
        """The members from `least` to `most`, both included."""
        return (size for size in range(max(least, 1), most + 1) if size in self)

    def above(self, least: int) -> int | None:
        """The smallest member from `least` on, or None."""
        bound = max(least, self.start) + self.period
        return next((size for size in range(max(least, 1), bound) if size in self), None)


def size_set(start: int, period: int, low: int, high: int) -> SizeSet:
    """The set in lowest terms: shortest period, then earliest start.

    Raises:
        TooIrregular: the numbers are too large.
    """
    if start > MOST or period > MOST:
        raise TooIrregular("the working sizes do not repeat themselves early enough")
    for prime in _primes(period):
        while period % prime == 0 and _repeated(high & _ones(period // prime), period // prime, prime) == high:
            period //= prime
            high &= _ones(period)
    while start > 1 and (low >> (start - 1) & 1) == (high >> (period - 1) & 1):
        start -= 1
        low &= _ones(start)
        high = ((high << 1) | (high >> (period - 1))) & _ones(period)
    return SizeSet(start, period, low, high)


def from_sizes(sizes: Iterable[int]) -> SizeSet:
    """The set of these sizes and no others."""
    low = 0
    for size in sizes:
        low |= 1 << size
    return size_set(max(low.bit_length(), 1), 1, low, 0)


def stretched(found: SizeSet, start: int, period: int) -> tuple[int, int]:
    """`low` and `high` of the same set told with a later start and a multiple of the period."""
    shift, more = start - found.start, start - found.start + period
    pattern = _repeated(found.high, found.period, -(-more // found.period))
    low = found.low | (pattern & _ones(shift)) << found.start
    return low, pattern >> shift & _ones(period)


def _ones(count: int) -> int:
    return (1 << count) - 1


def _repeated(bits: int, length: int, times: int) -> int:
    return bits * (_ones(length * times) // _ones(length))


@remembered
def _both(a: SizeSet, b: SizeSet) -> SizeSet:
    start, period = max(a.start, b.start), a.period * b.period // gcd(a.period, b.period)
    if period > MOST:
        raise TooIrregular("the working sizes do not repeat themselves early enough")
    first, second = stretched(a, start, period), stretched(b, start, period)
    return size_set(start, period, first[0] & second[0], first[1] & second[1])


@remembered
def _complement(a: SizeSet) -> SizeSet:
    return size_set(a.start, a.period, ~a.low & _ones(a.start) & ~1, ~a.high & _ones(a.period))


@remembered
def _primes(number: int) -> tuple[int, ...]:
    found, divisor = [], 2
    while divisor * divisor <= number:
        if number % divisor == 0:
            found.append(divisor)
            while number % divisor == 0:
                number //= divisor
        divisor += 1
    return (*found, number) if number > 1 else tuple(found)


def primes(number: int) -> tuple[int, ...]:
    """The prime divisors of a positive number, each once."""
    return _primes(number)


def common(numbers: Iterable[int]) -> int:
    """The greatest common divisor."""
    return reduce(gcd, numbers, 0)


ANY = SizeSet(1, 1, 0, 1)
NONE = SizeSet(1, 1, 0, 0)
