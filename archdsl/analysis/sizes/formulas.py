"""Writes a size as a formula in the letters of the input's axes: `(h + 1) // 2`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from archdsl.analysis.sizes.answer import SizeAxis
from archdsl.analysis.sizes.forms import Form, scaled
from archdsl.analysis.sizes.products import Products, as_form
from archdsl.analysis.sizes.regions import Region
from archdsl.analysis.sizes.sets import SizeSet

NO_FORMULA = "no formula, see --at"
MOST_PERIOD = 1024  # a longer one is not taken apart
MOST_FLOORS = 4  # a sum of more of them tells a reader nothing


class _Untold(Exception):
    """A size has no formula that is short enough to be read."""


def form_text(parts: Products, axes: Sequence[SizeAxis], region: Region) -> str | None:
    """A size as a formula in the letters of the axes that holds in `region`; None where there is no plain one.

    Python computes it: `//` rounds down, and all names in it are letters of the axes.
    """
    try:
        return _text(parts, axes, region)
    except _Untold:
        return None


def _text(parts: Products, axes: Sequence[SizeAxis], region: Region) -> str:
    form = as_form(parts)
    if form is not None:
        return _form_text(form, axes, region)
    pair = next((key for key in parts if len(key) == 2 and key[0].axis != key[1].axis), None)
    if pair is not None and not set(parts) - {pair, pair[:1], pair[1:], ()}:
        c, left, right = parts[pair], parts.get(pair[1:], 0), parts.get(pair[:1], 0)
        if left % c == right % c == 0:  # c (a + left / c) (b + right / c) + rest
            a, b = scaled(pair[0], 1, left // c), scaled(pair[1], 1, right // c)
            rest = parts.get((), 0) - left * right // c
            return " * ".join([*([str(c)] if c != 1 else []), _factor(a, axes, region), _factor(b, axes, region)]) + (
                f" {'+' if rest > 0 else '-'} {abs(rest)}" if rest else ""
            )
    terms = []
    for key, coefficient in sorted(parts.items(), key=lambda item: (-len(item[0]), repr(item[0]))):
        alone = len(key) == 1 and coefficient == 1
        factors = [_form_text(f, axes, region) if alone else _factor(f, axes, region) for f in key]
        terms.append(" * ".join([str(coefficient)] * (coefficient != 1 or not key) + factors))
    return " + ".join(terms).replace("+ -", "- ") or "0"


def _factor(f: Form, axes: Sequence[SizeAxis], region: Region) -> str:
    text = _form_text(f, axes, region)
    return f"({text})" if " " in text else text


def _form_text(f: Form, axes: Sequence[SizeAxis], region: Region) -> str:
    letter = axes[f.axis].letter
    text = (f.text(letter) or _sum_of_floors(f, letter)) if _is_alike(f, region.axis(f.axis)) else None
    if text is None:
        raise _Untold
    return text


def _is_alike(f: Form, sizes: SizeSet) -> bool:
    """Whether what repeats itself from `f.start` on tells `f` at the smaller sizes too, those of `sizes`."""
    rise = f.at(f.start + f.period) - f.at(f.start)
    for size in sizes.between(1, f.start - 1):
        turns = (f.start - size) // f.period + 1
        if f.at(size) != f.at(size + turns * f.period) - turns * rise:
            return False
    return True


def _sum_of_floors(f: Form, letter: str) -> str | None:
    """`f` from its start on as `h // 2 + (h + 3) // 4 + 1`, or None if that takes too many terms."""
    if f.period > MOST_PERIOD:
        return None
    jumps = [f.at(f.start + i + 1) - f.at(f.start + i) for i in range(f.period)]
    terms = min((list(_floors(list(jumps), f.start, common)) for common in (_least, _usual)), key=len)
    rest = f.at(f.start) - sum(c * ((f.start + a) // d) for c, a, d in terms)
    if len(terms) > MOST_FLOORS:
        return None
    texts: list[str] = []
    for c, a, d in sorted(terms, key=lambda term: term[0] < 0):
        inner = letter if not a else f"{letter} + {a}"
        inner = inner if d == 1 else f"{inner} // {d}" if not a else f"({inner}) // {d}"
        scaled_inner = f"{c} * {inner}" if d == 1 else f"{c} * ({inner})"
        texts.append(inner if c == 1 else f"-{inner}" if c == -1 and texts else scaled_inner)  # -a // b is (-a) // b
    texts += [str(rest)] if rest else []
    return " + ".join(texts).replace("+ -", "- ")


def _least(jumps: list[int]) -> int:
    """What all of them have in common: h // 2 + (h + 3) // 4."""
    return min(jumps) if min(jumps) > 0 else max(jumps) if max(jumps) < 0 else 0


def _usual(jumps: list[int]) -> int:
    """What most of them are, so that later terms take away from the others: h - h // 5."""
    return Counter(jumps).most_common(1)[0][0]


def _floors(jumps: list[int], start: int, common: Callable[[list[int]], int]) -> Iterator[tuple[int, int, int]]:
    """Terms `c * ((h + a) // d)` whose sum changes by `jumps[i]` from the size `start + i` to the next, and so on.

    Smallest divisors first: of the jumps that are `d` sizes apart, what is `common` goes to one term.
    """
    period = len(jumps)
    for d in (d for d in range(1, period + 1) if period % d == 0):
        for place in range(d):
            own = jumps[place::d]
            c = common(own)
            if c:
                jumps[place::d] = [jump - c for jump in own]
                yield c, -(start + place + 1) % d, d
