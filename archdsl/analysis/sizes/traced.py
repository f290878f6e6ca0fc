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
from archdsl.analysis.sizes.regions import Point, Region, along
from archdsl.analysis.sizes.sets import TooIrregular, common
from archdsl.types import Symbolic

Result = TypeVar("Result")
HUGE = forms.LARGEST  # limits beyond it (2**31 for a size, 2**40 elements) are not told as conditions on the input size
MOST_PATHS = 200
MOST_TARGET = 2**32  # products of two sizes beyond are not taken apart
# A sum of products of formulas: coefficient by product, a product being a sorted tuple of formulas without a divisor.
Products = dict[tuple[Form, ...], int]


class Path:
    """One run: the sample point, and the sizes known so far to take the same decisions."""

    def __init__(self, point: Point, region: Region) -> None:
        self.point = point
        self.region = region
        self.read_as_text = False

    def decide(self, true: Region) -> bool:
        """Whether the sample point is in `true`; the path narrows to the sizes that answer alike."""
        answer = self.point in true
        self.region = self.region & true if answer else self.region - true
        return answer


_PATH: ContextVar[Path] = ContextVar("path")


class Piece(Generic[Result]):
    """What a run gave, for all sizes of its region."""

    def __init__(self, region: Region, result: Result) -> None:
        self.region = region
        self.result = result


def explore(region: Region, first: Point, run: Callable[[tuple[int, ...]], Result]) -> Iterator[Piece[Result]]:
    """Runs `run` on symbolic sizes until its results cover `region`, at the point `first` to begin with.

    Raises:
        TooIrregular: something cannot be told by formula; the message says what.
    """
    variables = [forms.variable(axis) for axis in range(len(first))]
    left, point, count = region, first, 0
    while left:
        count += 1
        if count > MOST_PATHS:
            raise TooIrregular("the network takes too many different forms")
        path = Path(point, left)
        token = _PATH.set(path)
        try:
            result = run(tuple(symbolic(_sum({}, {(f,): 1})) for f in variables))
        finally:
            _PATH.reset(token)
        yield Piece(path.region, result)
        left -= path.region
        if left:
            point = left.some


def read_as_text() -> bool:
    """Whether the current run has put a size into a text (of which nothing can be proved)."""
    return _PATH.get().read_as_text


# --- products --------------------------------------------------------------------------------------------------


def products(value: int) -> Products:
    """A size as a sum of products."""
    if isinstance(value, Extent):
        return value.parts
    return {(): int(value)} if value else {}


def difference(left: int, right: int) -> Products:
    """left - right, also after the run."""
    return _sum(products(left), products(right), -1)


def _sum(a: Products, b: Products, factor: int = 1) -> Products:
    total = dict(a)
    for key, coefficient in b.items():
        total[key] = total.get(key, 0) + factor * coefficient
    single: dict[int, Form] = {}
    for key in [key for key in total if len(key) == 1 or not key or not total[key]]:
        coefficient = total.pop(key)
        if key and coefficient:
            term = forms.scaled(key[0], coefficient)
            single[term.axis] = forms.plus(single[term.axis], term) if term.axis in single else term
        elif coefficient:
            total[()] = coefficient
    for f in single.values():
        _add_form(total, f)
    return {key: coefficient for key, coefficient in total.items() if coefficient}


def _add_form(total: Products, f: Form) -> None:
    """Adds a formula told as `coefficient * formula + number`, the formula 0 at its first value and without divisor."""
    number = f.values[0] if f.start == 1 else f.low[0]
    rest = forms.scaled(f, 1, -number)
    divisor = common((*rest.low, *rest.values, *rest.rises))
    total[()] = total.get((), 0) + number
    if divisor:
        total[(forms.form_divided(rest, divisor),)] = divisor


def _product(a: Products, b: Products) -> Products:
    total: Products = {}
    for x, m in a.items():
        for y, n in b.items():
            key = tuple(sorted((*x, *y), key=_order)) if x and y else x or y
            total[key] = total.get(key, 0) + m * n
    return {key: coefficient for key, coefficient in total.items() if coefficient}


def _order(f: Form) -> tuple[Any, ...]:
    return f.axis, f.start, f.period, f.low, f.values, f.rises


def value_at(parts: Products, point: Point) -> int:
    """The number at one combination of sizes."""
    return sum(c * prod([f.at(point[f.axis]) for f in key]) for key, c in parts.items())


def as_form(parts: Products) -> Form | None:
    """The formula, where one axis alone decides."""
    keys = [key for key in parts if key]
    if len(keys) != 1 or len(keys[0]) != 1:
        return None
    return forms.scaled(keys[0][0], parts[keys[0]], parts.get((), 0))


def symbolic(parts: Products) -> int:
    """A size: a plain int where it is the same for all."""
    if not parts:
        return 0
    if len(parts) == 1 and () in parts:
        return parts[()]
    number = value_at(parts, _PATH.get().point)
    made = Extent(number)
    made.parts = parts
    return made


# --- sizes -----------------------------------------------------------------------------------------------------


class Extent(Symbolic):
    """A size as a sum of products of formulas. Equal formulas are equal sizes; else a comparison is a decision."""

    parts: Products

    def __add__(self, other: Any) -> Any:
        return symbolic(_sum(self.parts, products(_whole(other))))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return symbolic(_sum(self.parts, products(_whole(other)), -1))

    def __rsub__(self, other: Any) -> Any:
        return symbolic(_sum(products(_whole(other)), self.parts, -1))

    def __mul__(self, other: Any) -> Any:
        return symbolic(_product(self.parts, products(_whole(other))))

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
        _PATH.get().read_as_text = True
        return int.__repr__(self)

    __repr__ = __str__

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def known(self) -> NoReturn:
        raise TooIrregular("a size is a count, an index, part of a text, or meets a float")

    def positive(self) -> int:
        f = as_form(self.parts)
        return (self if self > 0 else 0) if f is None else symbolic(_sum({(): 0}, {(forms.positive(f),): 1}))

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
        and (_bound(parts, _PATH.get().region) or 0) > 0
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
    return symbolic(_sum({}, {(function(f, number),): 1}))


def _negative(left: Any, right: Any) -> bool:
    """Whether left < right."""
    right = _whole(right)
    difference = _sum(products(left), products(right), -1)
    path = _PATH.get()
    if abs(difference.get((), 0)) >= HUGE:
        return value_at(difference, path.point) < 0
    f = as_form(difference)
    if f is not None:
        return path.decide(along(len(path.point), f.axis, forms.negative(f)))
    if all(not key for key in difference):
        return difference.get((), 0) < 0
    for sign in (1, -1):
        bound = _bound({key: sign * c for key, c in difference.items()}, path.region)
        if bound is not None and bound >= (sign < 0):  # never below 0, or always
            return sign < 0
    raise TooIrregular("a comparison mixes sizes of several axes")


def _bound(parts: Products, region: Region) -> int | None:
    """A number that a sum of products with positive coefficients does not go below in `region`."""
    total = 0
    for key, coefficient in parts.items():
        if key and coefficient < 0:
            return None
        bounds = [forms.least(f, region.axis(f.axis)) for f in key]
        if any(b is None or b < 0 for b in bounds):
            return None
        total += coefficient * prod([b for b in bounds if b is not None])
    return total


def _zero(left: Any, right: int) -> bool:
    """Whether left == right."""
    difference = _sum(products(left), products(right), -1)
    path = _PATH.get()
    if not difference or all(not key for key in difference):
        return not difference
    return path.decide(equality(difference, len(path.point), path.region))


def equality(difference: Products, axes: int, region: Region) -> Region:
    """Where a sum of products is 0.

    Raises:
        TooIrregular: it is more than one product of one formula per axis.
    """
    if all(not key for key in difference):
        return region if not difference.get((), 0) else Region(())
    f = as_form(difference)
    if f is not None:
        return along(axes, f.axis, forms.zero(f))
    for sign in (1, -1):
        bound = _bound({key: sign * c for key, c in difference.items()}, region)
        if bound is not None and bound > 0:
            return Region(())
    return _factored(difference, axes)


def _factored(difference: Products, axes: int) -> Region:
    """Where `(a + p) * (b + q) * coefficient` is a number: one box per way to write it as a product of two."""
    divisor = common(tuple(difference.values()))
    difference = {key: coefficient // divisor for key, coefficient in difference.items()}
    pair = next((key for key in difference if len(key) == 2 and key[0].axis != key[1].axis), None)
    if pair is None or any(key not in (pair, pair[:1], pair[1:], ()) for key in difference):
        raise TooIrregular("a comparison mixes sizes of several axes")
    c, left, right = difference[pair], difference.get(pair[1:], 0), difference.get(pair[:1], 0)
    # c a b + right a + left b + number = 0  <=>  (c a + left)(c b + right) = left right - c number
    target = left * right - c * difference.get((), 0)
    if not target or abs(target) > MOST_TARGET:
        raise TooIrregular("a comparison mixes sizes of several axes")
    a, b = forms.scaled(pair[0], c, left), forms.scaled(pair[1], c, right)
    found = Region(())
    for divisor in range(1, abs(target) + 1):
        if divisor * divisor > abs(target):
            break
        if target % divisor == 0:
            for one in {divisor, -divisor, target // divisor, -target // divisor}:
                first = along(axes, a.axis, forms.zero(forms.scaled(a, 1, -one)))
                found |= first & along(axes, b.axis, forms.zero(forms.scaled(b, 1, -(target // one))))
    return found
