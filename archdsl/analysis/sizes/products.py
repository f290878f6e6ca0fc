"""Adds, multiplies and compares sums of products of formulas: numbers that follow from several input sizes."""

from __future__ import annotations

from math import prod
from typing import Any

from archdsl.analysis.sizes import forms
from archdsl.analysis.sizes.forms import Form
from archdsl.analysis.sizes.regions import Region, SizePoint, along
from archdsl.analysis.sizes.sets import TooIrregular, common

MOST_TARGET = 2**32  # products of two sizes beyond are not taken apart
# A sum of products of formulas: coefficient by product, a product being a sorted tuple of formulas without a divisor.
Products = dict[tuple[Form, ...], int]


def plus(a: Products, b: Products, factor: int = 1) -> Products:
    total = dict(a)
    for key, coefficient in b.items():
        total[key] = total.get(key, 0) + factor * coefficient
    single: dict[int, Form] = {}
    apart: list[Form] = []  # a total over many strides stays a sum
    for key in [key for key in total if len(key) == 1 or not key or not total[key]]:
        coefficient = total.pop(key)
        if key and coefficient:
            term = forms.scaled(key[0], coefficient)
            try:
                single[term.axis] = forms.plus(single[term.axis], term) if term.axis in single else term
            except TooIrregular:
                apart.append(term)
        elif coefficient:
            total[()] = coefficient
    for f in (*single.values(), *apart):
        _add_form(total, f)
    return {key: coefficient for key, coefficient in total.items() if coefficient}


def _add_form(total: Products, f: Form) -> None:
    """Adds a formula told as `coefficient * formula + number`, the formula 0 at its first value and without divisor."""
    number = f.at(1)
    rest = forms.scaled(f, 1, -number)
    divisor = rest.divisor
    total[()] = total.get((), 0) + number
    if divisor:
        key = (forms.form_divided(rest, divisor),)
        total[key] = total.get(key, 0) + divisor


def times(a: Products, b: Products) -> Products:
    total: Products = {}
    for x, m in a.items():
        for y, n in b.items():
            key = tuple(sorted((*x, *y), key=_order)) if x and y else x or y
            total[key] = total.get(key, 0) + m * n
    return {key: coefficient for key, coefficient in total.items() if coefficient}


def _order(f: Form) -> tuple[Any, ...]:
    return f.axis, f.start, f.period, f.segments


def value_at(parts: Products, point: SizePoint) -> int:
    """The number at one combination of sizes."""
    return sum(c * prod([f.at(point[f.axis]) for f in key]) for key, c in parts.items())


def as_form(parts: Products) -> Form | None:
    """The formula, where one axis alone decides."""
    keys = [key for key in parts if key]
    if len(keys) != 1 or len(keys[0]) != 1:
        return None
    return forms.scaled(keys[0][0], parts[keys[0]], parts.get((), 0))


def least(parts: Products, region: Region) -> int | None:
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
        bound = least({key: sign * c for key, c in difference.items()}, region)
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
