"""Writes a size as a formula in the letters of the input's axes."""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.analysis.sizes.answer import SizeAxis
from archdsl.analysis.sizes.forms import Form, scaled
from archdsl.analysis.sizes.products import Products, as_form


def form_text(parts: Products, axes: Sequence[SizeAxis]) -> str:
    """A size as a formula in the letters of the axes; `f(h)` stands for what has no closed form."""
    form = as_form(parts)
    if form is not None:
        return form.text(axes[form.axis].letter) or f"f({axes[form.axis].letter})"
    pair = next((key for key in parts if len(key) == 2 and key[0].axis != key[1].axis), None)
    if pair is not None and not set(parts) - {pair, pair[:1], pair[1:], ()}:
        c, left, right = parts[pair], parts.get(pair[1:], 0), parts.get(pair[:1], 0)
        if left % c == right % c == 0:  # c (a + left / c) (b + right / c) + rest
            a, b = scaled(pair[0], 1, left // c), scaled(pair[1], 1, right // c)
            rest = parts.get((), 0) - left * right // c
            return " * ".join([*([str(c)] if c != 1 else []), _factor(a, axes), _factor(b, axes)]) + (
                f" {'+' if rest > 0 else '-'} {abs(rest)}" if rest else ""
            )
    terms = []
    for key, coefficient in sorted(parts.items(), key=lambda item: (-len(item[0]), repr(item[0]))):
        terms.append(" * ".join([str(coefficient)] * (coefficient != 1 or not key) + [_factor(f, axes) for f in key]))
    return " + ".join(terms).replace("+ -", "- ") or "0"


def _factor(f: Form, axes: Sequence[SizeAxis]) -> str:
    letter = axes[f.axis].letter
    text = f.text(letter)
    return f"f({letter})" if text is None else f"({text})" if " " in text else text
