"""Sets, formulas and regions of sizes against plain lists; and random specs against elaborating them afresh."""

from __future__ import annotations

import random

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

import archdsl
from archdsl.analysis.sizes import forms
from archdsl.analysis.sizes.forms import Form, Segment
from archdsl.analysis.sizes.regions import Region, along, everything
from archdsl.analysis.sizes.sets import ANY, NONE, SizeSet, TooIrregular, from_sizes, size_set
from archdsl.emit.size_words import set_text
from tests.analysis.random_specs import SPECS, spec
from tests.analysis.test_input_sizes import check
from tests.few import few

MOST = 150  # beyond it all of these repeat
SETS = st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**9 - 1), st.integers(0, 2**9 - 1)).map(
    lambda t: size_set(t[0], t[1], t[2] & ((1 << t[0]) - 1) & ~1, t[3] & ((1 << t[1]) - 1))
)
VALUES = st.lists(st.tuples(st.integers(-9, 9), st.integers(0, 3)), min_size=1, max_size=6)
FORMS = st.tuples(st.lists(st.integers(-9, 9), max_size=4), VALUES).map(
    lambda t: forms.form(
        0, len(t[0]) + 1, len(t[1]),
        [Segment(first, v, 0, r) for first, (v, r) in enumerate([*((v, 0) for v in t[0]), *t[1]], 1)],
    )
)  # fmt: skip


def members(found: SizeSet) -> list[int]:
    return list(found.between(1, MOST))


def values(f: Form) -> list[int]:
    return [f.at(size) for size in range(1, MOST)]


@settings(max_examples=few(60), deadline=None)
@given(SETS, SETS)
def test_sets_are_sets(a: SizeSet, b: SizeSet) -> None:
    x, y = set(members(a)), set(members(b))
    assert set(members(a & b)) == x & y
    assert set(members(a | b)) == x | y
    assert set(members(a - b)) == x - y
    assert members(~a) == [size for size in range(1, MOST + 1) if size not in x]
    assert (a == b) == (x == y)  # lowest terms: these repeat long before MOST
    assert bool(a) == bool(x)
    if x:
        assert a.first == min(x)
    if a.finite:
        assert from_sizes(tuple(x)) == a


@settings(max_examples=few(60), deadline=None)
@given(FORMS, FORMS, st.integers(-4, 7), st.integers(-9, 9))
def test_forms_are_functions(f: Form, g: Form, factor: int, term: int) -> None:
    x, y = values(f), values(g)
    assert values(forms.plus(f, g)) == [a + b for a, b in zip(x, y, strict=True)]
    assert values(forms.scaled(f, factor, term)) == [factor * a + term for a in x]
    assert values(forms.positive(f)) == [max(a, 0) for a in x]
    if factor:
        assert values(forms.floor_divided(f, factor)) == [a // factor for a in x]
        assert values(forms.remainder(f, factor)) == [a % factor for a in x]
    assert members(forms.zero(f)) == [h for h in range(1, MOST + 1) if f.at(h) == 0]
    assert members(forms.negative(f)) == [h for h in range(1, MOST + 1) if f.at(h) < 0]
    assert (f == g) == (x == y)


@settings(max_examples=few(60), deadline=None)
@given(FORMS)
@example(forms.scaled(forms.floor_divided(forms.variable(0), 3), 2, 5))
@example(forms.floor_divided(forms.scaled(forms.variable(0), 1, -43), 32))
def test_closed_forms_are_the_function(f: Form) -> None:
    text = f.text("h")
    assume(text is not None)
    assert text is not None
    for h in range(f.start, MOST):
        assert eval(text, {"h": h}) == f.at(h)


@settings(max_examples=30, deadline=None)
@given(SETS, SETS, SETS, SETS)
def test_regions_are_sets_of_points(a: SizeSet, b: SizeSet, c: SizeSet, d: SizeSet) -> None:
    one = along(2, 0, a) & along(2, 1, b)
    other = along(2, 0, c) & along(2, 1, d)
    union, cut, without = one | other, one & other, one - other
    for point in ((h, w) for h in range(1, 26, 3) for w in range(1, 26)):
        x = point[0] in a and point[1] in b
        y = point[0] in c and point[1] in d
        assert ((point in union), (point in cut), (point in without)) == (x or y, x and y, x and not y)
        assert sum(all(n in part for n, part in zip(point, box, strict=True)) for box in union.boxes) == (x or y)
    assert not everything(2) - (union | (everything(2) - union))
    assert members(union.equal((0, 1), (1, 1))) == [h for h in range(1, MOST + 1) if (h, h) in union]
    assert members(union.at(0, (1, 7))) == [h for h in range(1, MOST + 1) if (h, 7) in union]


@settings(max_examples=few(100), deadline=None)
@given(SETS)
def test_words_say_what_the_set_holds(found: SizeSet) -> None:
    """Where the text is a plain bound or list, it is read back."""
    text = set_text(found, "h")
    if found == NONE:
        assert text == "no h"
    elif found == ANY:
        assert text == "h is any"
    else:
        assert text.startswith("h ")
        if "…" not in text:
            assert read_back(text) == members(found)


def read_back(text: str) -> list[int]:
    """The sizes up to MOST that a text names."""
    found: set[int] = set()
    for part in text.split(", or "):
        if part.startswith("h >= "):
            found |= set(range(int(part[5:]), MOST + 1))
            continue
        words, since = [*part.rsplit(", h >= ", 1), "1"][:2]
        excluded = words.startswith("h is not")
        period, k, residues = words.removeprefix("h is not ").removeprefix("h = ").partition("k")
        if k:
            inside = set(listed(residues.removeprefix(" + ").strip("{}") or "0"))
            found |= {h for h in range(int(since), MOST + 1) if (h % int(period) in inside) != excluded}
        else:
            found |= set(listed(period))
    return sorted(found)


def listed(text: str) -> list[int]:
    sizes: list[int] = []
    for part in text.split(", "):
        first, _, last = part.partition(" to ")
        sizes += range(int(first), int(last or first) + 1)
    return sizes


def test_irregular_sets_are_refused() -> None:
    with pytest.raises(TooIrregular):
        size_set(1, 2**17, 0, 1)
    with pytest.raises(TooIrregular):
        forms.zero(forms.scaled(forms.variable(0), 1, -(2**20)))
    assert not Region(())


@settings(max_examples=few(40), deadline=None)
@given(SPECS, st.sampled_from(((12, 12), (9, 14), (32, 32))), st.integers(0, 2**16))
def test_random_specs_elaborate_exactly_where_claimed(drawn, size: tuple[int, int], seed: int) -> None:  # type: ignore[no-untyped-def]
    text = spec(drawn, size)
    try:
        network = archdsl.loads(text)
    except archdsl.ArchError:
        assume(False)
        raise
    sizes = network.sizes(tried=(1, 6))
    random.seed(seed)
    check(sizes, lambda p: archdsl.loads(text, input=(4, *p)), some=8, seed=seed)
