"""Holds exactly how a size follows from one input size: values that rise by a fixed amount per period.

Every composition of windows, paddings, whole-numbered upsamplings and concatenations is of this kind, perhaps from some
size on only: `(h + A) // S` is the case of one step of 1 per period S. Sums, products with a number, floor division and
remainder stay within it.
"""

from __future__ import annotations

from collections.abc import Callable
from math import gcd

from archdsl.analysis.sizes.sets import MOST, SizeSet, TooIrregular, common, primes, size_set, stretched
from archdsl.record import dataclass
from archdsl.remembered import remembered

LARGEST = 2**30  # sizes beyond are not told


@dataclass(frozen=True, slots=True)
class Form:
    """A whole number for every size 1, 2, … of input axis number `axis`.

    `low` are the values at sizes 1 to `start - 1`, `values` those at the `period` sizes from `start` on, and a value
    at a size one period later is larger by the corresponding one of `rises`. In lowest terms (see `form`).
    """

    axis: int
    start: int
    low: tuple[int, ...]
    values: tuple[int, ...]
    rises: tuple[int, ...]

    @property
    def period(self) -> int:
        """Sizes after which the values repeat, but for `rises`."""
        return len(self.values)

    def at(self, size: int) -> int:
        """The value at one size."""
        if size < self.start:
            return self.low[size - 1]
        turns, place = divmod(size - self.start, len(self.values))
        return self.values[place] + turns * self.rises[place]

    @property
    def constant(self) -> int | None:
        """The value, if it is the same at all sizes."""
        return self.values[0] if len(self.values) == 1 and self.start == 1 and not self.rises[0] else None

    def told(self, start: int, period: int) -> Form:
        """The same with a later start and a multiple of the period, not in lowest terms."""
        if start > MOST or period > MOST:
            raise TooIrregular("a size follows from the input size in too irregular a way")
        values = tuple(map(self.at, range(start, start + period)))
        shift, own, times = start - self.start, self.period, period // self.period
        rises = tuple(times * self.rises[(shift + i) % own] for i in range(period))
        return Form(self.axis, start, tuple(map(self.at, range(1, start))), values, rises)

    def text(self, letter: str) -> str | None:
        """The closed form `a * ((h + A) // S) + b` from `start` on, in the letter for h; None if there is none."""
        return closed_form(self, letter)


def form(axis: int, start: int, low: tuple[int, ...], values: tuple[int, ...], rises: tuple[int, ...]) -> Form:
    """The form in lowest terms: shortest period, then earliest start."""
    period = len(values)
    for prime in primes(period):
        while period % prime == 0:
            part = period // prime
            later = values[part:] + tuple(v + r for v, r in zip(values[:part], rises[:part], strict=True))
            steps = tuple(b - a for a, b in zip(values, later, strict=True))
            if steps != steps[:part] * prime or any(prime * s != r for s, r in zip(steps, rises, strict=True)):
                break
            period, values, rises = part, values[:part], steps[:part]
    while start > 1 and low[-1] == values[-1] - rises[-1]:
        start, values, rises, low = start - 1, (low[-1], *values[:-1]), (rises[-1], *rises[:-1]), low[:-1]
    return Form(axis, start, low, values, rises)


def variable(axis: int) -> Form:
    """The input size itself."""
    return Form(axis, 1, (), (1,), (1,))


def _together(f: Form, g: Form) -> tuple[Form, Form]:
    period = f.period * g.period // gcd(f.period, g.period)
    start = max(f.start, g.start)
    return f.told(start, period), g.told(start, period)


def _mapped(f: Form, on_values: Callable[[int], int], on_rises: Callable[[int], int]) -> Form:
    return form(
        f.axis,
        f.start,
        tuple(map(on_values, f.low)),
        tuple(map(on_values, f.values)),
        tuple(map(on_rises, f.rises)),
    )


@remembered
def plus(f: Form, g: Form) -> Form:
    """f + g, both of one axis."""
    a, b = _together(f, g)

    def add(x: tuple[int, ...], y: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(i + j for i, j in zip(x, y, strict=True))

    return form(a.axis, a.start, add(a.low, b.low), add(a.values, b.values), add(a.rises, b.rises))


@remembered
def scaled(f: Form, factor: int, term: int = 0) -> Form:
    """factor * f + term."""
    return _mapped(f, lambda v: factor * v + term, lambda r: factor * r)


@remembered
def form_divided(f: Form, divisor: int) -> Form:
    """f / divisor, which divides all of it."""
    return _mapped(f, lambda v: v // divisor, lambda r: r // divisor)


def _even(f: Form, divisor: int) -> Form:
    """`f` told with a period after which it has risen by a multiple of `divisor`."""
    return f.told(f.start, f.period * (abs(divisor) // gcd(divisor, common(f.rises))))


@remembered
def floor_divided(f: Form, divisor: int) -> Form:
    """f // divisor, not 0."""
    return _mapped(_even(f, divisor), lambda v: v // divisor, lambda r: r // divisor)


@remembered
def remainder(f: Form, divisor: int) -> Form:
    """f % divisor, not 0."""
    return _mapped(_even(f, divisor), lambda v: v % divisor, lambda r: 0)


@remembered
def positive(f: Form) -> Form:
    """max(f, 0)."""
    below = negative(f)
    start, period = max(f.start, below.start), f.period * below.period // gcd(f.period, below.period)
    told = f.told(start, period)
    inside = [size in below for size in range(1, start + period)]
    low = tuple(0 if out else v for v, out in zip(told.low, inside[: start - 1], strict=True))
    values = tuple(0 if out else v for v, out in zip(told.values, inside[start - 1 :], strict=True))
    rises = tuple(0 if out else r for r, out in zip(told.rises, inside[start - 1 :], strict=True))
    return form(f.axis, start, low, values, rises)


def _where(f: Form, true: Callable[[int], bool]) -> SizeSet:
    """The sizes at which `true` holds of the value; it may change only where the value passes 0."""
    turns = [abs(v) // abs(r) + 1 if r and v * r <= 0 else 0 for v, r in zip(f.values, f.rises, strict=True)]
    start = f.start + f.period * max((t for t in turns if f.start + f.period * t <= LARGEST), default=0)
    if start > MOST:
        raise TooIrregular("sizes change order only at a very large input")
    low = sum(1 << size for size in range(1, start) if true(f.at(size)))
    high = sum(1 << i for i in range(f.period) if true(f.at(start + i)))
    return size_set(start, f.period, low, high)


@remembered
def negative(f: Form) -> SizeSet:
    """The sizes at which f < 0."""
    return _where(f, lambda v: v < 0)


@remembered
def zero(f: Form) -> SizeSet:
    """The sizes at which f == 0."""
    steps = enumerate(zip(f.values, f.rises, strict=True))
    crossings = [f.start + i + f.period * (-v // r) for i, (v, r) in steps if r and -v % r == 0 and -v // r >= 0]
    crossings = [size for size in crossings if size <= LARGEST]
    start = max([f.start, *(size + 1 for size in crossings)])
    if start > MOST:
        raise TooIrregular("sizes become equal only at a very large input")
    low = sum(1 << size for size, value in enumerate(f.low, 1) if value == 0) + sum(1 << size for size in crossings)
    high = sum(1 << i for i, (v, r) in enumerate(zip(f.values, f.rises, strict=True)) if v == r == 0)
    early = SizeSet(f.start, f.period, low & ((1 << f.start) - 1), high)
    shifted_low, shifted_high = stretched(early, start, f.period)
    return size_set(start, f.period, shifted_low | low, shifted_high)


@remembered
def least(f: Form, sizes: SizeSet) -> int | None:
    """A number that f does not go below at these sizes; None if it falls without end."""
    if any(r < 0 for r in f.rises):
        return None
    start = max(f.start, sizes.start)
    period = f.period * sizes.period // gcd(f.period, sizes.period)
    if period > MOST:
        return min((*f.low, *f.values))
    return min((f.at(size) for size in sizes.between(1, start + period)), default=0)


def closed_form(f: Form, letter: str) -> str | None:
    """`f` from its start on as `a * ((h + A) // S) + b` in short, or None if it has several steps."""
    period, rise = f.period, f.rises[0]
    values = (*f.values, f.values[0] + rise)
    steps = [i for i in range(period) if values[i + 1] != values[i]]
    if any(r != rise for r in f.rises) or len(steps) > 1:
        return None
    if not steps:
        return str(values[0])
    # The value changes between start + i and the size after it, so that size + A is a multiple of the period.
    offset = -(f.start + steps[0] + 1) % period
    below = f.at(f.start) - rise * ((f.start + offset) // period)
    if rise == 1:
        offset, below = offset + period * below, 0
    inner = letter if not offset else f"{letter} {'+' if offset > 0 else '-'} {abs(offset)}"
    if period > 1:
        inner = f"{inner} // {period}" if not offset else f"({inner}) // {period}"
    if rise != 1:
        inner = f"{rise} * {inner}" if period == 1 and not offset else f"{rise} * ({inner})"
    return inner if not below else f"{inner} {'+' if below > 0 else '-'} {abs(below)}"
