"""Runs ordinary code on sizes that are formulas: what it gives, and for which sizes its comparisons come out so.

A run at one sample point follows one path through the code; the comparisons on the way say exactly which other sizes
take the same path, so that all results hold for them too. `explore` repeats this at points not yet covered (concolic
execution: Godefroid, Klarlund, Sen, DART, PLDI 2005; here the constraints are decided, not searched).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextvars import ContextVar
from math import prod
from typing import Any, Generic, NoReturn, TypeVar

from archdsl.analysis.sizes import forms
from archdsl.analysis.sizes.forms import Form
from archdsl.analysis.sizes.products import Products, as_form, equality, least, plus, times, value_at
from archdsl.analysis.sizes.regions import Region, SizePoint, along
from archdsl.analysis.sizes.sets import TooIrregular
from archdsl.analysis.sizes.work import WORK, Work, spend
from archdsl.types import Symbolic

Result = TypeVar("Result")
HUGE = forms.LARGEST  # limits beyond it (2**31 for a size, 2**40 elements) are not told as conditions on the input size
MOST_TRACES = 200


class TracedRun:
    """One run: the sample point, and the sizes known so far to take the same decisions."""

    def __init__(self, point: SizePoint, region: Region) -> None:
        self.point = point
        self.region = region
        self.read_as_text = False

    def decide(self, true: Region) -> bool:
        """Whether the sample point is in `true`; the path narrows to the sizes that answer alike."""
        spend(len(self.region.boxes))
        answer = self.point in true
        self.region = self.region & true if answer else self.region - true
        return answer


_TRACE: ContextVar[TracedRun] = ContextVar("trace")


class Outcome(Generic[Result]):
    """What a run gave, for all sizes of its region."""

    def __init__(self, region: Region, result: Result) -> None:
        self.region = region
        self.result = result


def explore(region: Region, first: SizePoint, run: Callable[[tuple[int, ...]], Result]) -> Iterator[Outcome[Result]]:
    """Runs `run` on symbolic sizes until its results cover `region`, at the point `first` to begin with.

    Raises:
        TooIrregular: something cannot be told by formula; the message says what.
    """
    variables = [forms.variable(axis) for axis in range(len(first))]
    left, point, count, work = region, first, 0, Work()
    while left:
        count += 1
        if count > MOST_TRACES:
            raise TooIrregular("the network takes too many different forms")
        trace = TracedRun(point, left)
        tokens = _TRACE.set(trace), WORK.set(work)
        try:
            result = run(tuple(symbolic(plus({}, {(f,): 1})) for f in variables))
            left -= trace.region
        finally:
            _TRACE.reset(tokens[0])
            WORK.reset(tokens[1])
        yield Outcome(trace.region, result)
        if left:
            point = left.some


def read_as_text() -> bool:
    """Whether the current run has put a size into a text (of which nothing can be proved)."""
    return _TRACE.get().read_as_text


# --- products --------------------------------------------------------------------------------------------------


def products(value: int) -> Products:
    """A size as a sum of products."""
    if isinstance(value, Extent):
        return value.parts
    return {(): int(value)} if value else {}


def difference(left: int, right: int) -> Products:
    """left - right, also after the run."""
    return plus(products(left), products(right), -1)


def symbolic(parts: Products) -> int:
    """A size: a plain int where it is the same for all."""
    if not parts:
        return 0
    if len(parts) == 1 and () in parts:
        return parts[()]
    trace = _TRACE.get()
    spend(sum(len(f.segments) for key in parts for f in key))
    number = value_at(parts, trace.point)
    made = Extent(number)
    made.parts = parts
    return made


# --- sizes -----------------------------------------------------------------------------------------------------


class Extent(Symbolic):
    """A size as a sum of products of formulas. Equal formulas are equal sizes; else a comparison is a decision."""

    parts: Products

    def __add__(self, other: Any) -> Any:
        return symbolic(plus(self.parts, products(_whole(other))))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return symbolic(plus(self.parts, products(_whole(other)), -1))

    def __rsub__(self, other: Any) -> Any:
        return symbolic(plus(products(_whole(other)), self.parts, -1))

    def __mul__(self, other: Any) -> Any:
        return symbolic(times(self.parts, products(_whole(other))))

    __rmul__ = __mul__

    def __neg__(self) -> Any:
        return symbolic({key: -c for key, c in self.parts.items()})

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return -self if self < 0 else self

    def __floordiv__(self, other: Any) -> Any:
        return _divided(self.parts, products(_whole(other)), forms.floor_divided)

    def __mod__(self, other: Any) -> Any:
        return _divided(self.parts, products(_whole(other)), forms.remainder)

    def __rfloordiv__(self, other: Any) -> Any:
        if other == 0 and self != 0:
            return 0
        raise TooIrregular("a size is divided by a size")

    __rmod__ = __rfloordiv__

    def __lt__(self, other: Any) -> bool:
        return _negative(self, other)

    def __ge__(self, other: Any) -> bool:
        return not _negative(self, other)

    def __gt__(self, other: Any) -> bool:
        return _negative(_whole(other), self)

    def __le__(self, other: Any) -> bool:
        return not _negative(_whole(other), self)

    def __eq__(self, other: Any) -> bool:
        if other is self:
            return True
        return isinstance(other, int) and _zero(self, other)

    def __ne__(self, other: Any) -> bool:
        return not self == other

    def __hash__(self) -> int:
        # Other than that of an equal int: a table keyed by sizes then finds what is equal at every input size, and
        # misses what is equal at some only, which costs time but decides nothing.
        return hash(frozenset(self.parts.items()))

    def __bool__(self) -> bool:
        return self != 0

    def __floor__(self) -> Any:
        return self

    __ceil__ = __floor__

    def __str__(self) -> str:
        _TRACE.get().read_as_text = True
        return int.__repr__(self)

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def known(self) -> NoReturn:
        raise TooIrregular("a size is a count, an index, part of a text, or meets a float")

    def positive(self) -> int:
        f = as_form(self.parts)
        return (self if self > 0 else 0) if f is None else symbolic(plus({(): 0}, {(forms.positive(f),): 1}))

    def __pow__(self, other: Any, _modulus: Any = None) -> Any:
        if isinstance(other, int) and not isinstance(other, Extent) and 0 <= other <= 4:
            return prod([self] * other)
        raise TooIrregular("a size is raised to a power")

    @property
    def numerator(self) -> NoReturn:  # which Fraction reads
        self._irregular()

    def _irregular(self, *_other: Any) -> NoReturn:
        raise TooIrregular("a size goes through arithmetic that is not of whole numbers")

    __truediv__ = __rtruediv__ = __divmod__ = __rdivmod__ = _irregular
    __rpow__ = __lshift__ = __rlshift__ = __rshift__ = __rrshift__ = _irregular
    __and__ = __rand__ = __or__ = __ror__ = __xor__ = __rxor__ = __invert__ = _irregular
    __int__ = __index__ = __float__ = __round__ = __trunc__ = __complex__ = _irregular


def _whole(other: Any) -> int:
    if isinstance(other, int):
        return other
    raise TooIrregular("a size goes through arithmetic that is not of whole numbers")


def _divided(parts: Products, by: Products, function: Callable[[Form, int], Form]) -> int:
    """`parts // by` or `parts % by`.

    Raises:
        TooIrregular: neither a number divides a formula of one axis, nor does the division come out even.
    """
    floor = function is forms.floor_divided
    if not by or _zero(symbolic(by), 0):
        raise ZeroDivisionError
    some = next(iter(by))
    factor = parts.get(some, 0) // by[some]
    if parts == {key: factor * c for key, c in by.items()}:
        return factor if floor else 0
    times = by.get(next(iter(parts)), 0) // next(iter(parts.values()))
    if (
        times > 1
        and by == {key: times * c for key, c in parts.items()}
        and (least(parts, _TRACE.get().region) or 0) > 0
    ):
        return 0 if floor else symbolic(parts)  # a positive number by a multiple of itself
    number = by.get(()) if len(by) == 1 else None
    if number is None:
        raise TooIrregular("a size is divided by a size")
    if all(c % number == 0 for c in parts.values()):
        return symbolic({key: c // number for key, c in parts.items()}) if floor else 0
    f = as_form(parts)
    if f is None:
        raise TooIrregular("a product of sizes is divided")
    return symbolic(plus({}, {(function(f, number),): 1}))


def _negative(left: Any, right: Any) -> bool:
    """Whether left < right."""
    right = _whole(right)
    difference = plus(products(left), products(right), -1)
    trace = _TRACE.get()
    if abs(difference.get((), 0)) >= HUGE:
        return value_at(difference, trace.point) < 0
    f = as_form(difference)
    if f is not None:
        return trace.decide(along(len(trace.point), f.axis, forms.negative(f)))
    if all(not key for key in difference):
        return difference.get((), 0) < 0
    for sign in (1, -1):
        bound = least({key: sign * c for key, c in difference.items()}, trace.region)
        if bound is not None and bound >= (sign < 0):  # never below 0, or always
            return sign < 0
    raise TooIrregular("a comparison mixes sizes of several axes")


def _zero(left: Any, right: int) -> bool:
    """Whether left == right."""
    difference = plus(products(left), products(right), -1)
    trace = _TRACE.get()
    if not difference or all(not key for key in difference):
        return not difference
    return trace.decide(equality(difference, len(trace.point), trace.region))
