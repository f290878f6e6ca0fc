"""Compares compile-time arithmetic with Python's own on random expressions."""

from __future__ import annotations

import math

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from archdsl.diagnostics.model import Diagnostics
from archdsl.elaborate.elaborator import value_of
from archdsl.elaborate.spec import Spec
from archdsl.elaborate.values import UNKNOWN
from archdsl.source import Source

LEAVES = st.one_of(st.integers(0, 40).map(str), st.sampled_from(["0.5", "2.0", "1e3", "7.25"]))
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "//", "%", "**"]), inner).map(" ".join),
        inner.map(lambda text: f"({text})"),
        inner.map(lambda text: f"-{text}"),
        st.tuples(inner, st.sampled_from(["<", "<=", "==", "!="]), inner, inner, inner).map(
            lambda t: f"({t[3]} if {t[0]} {t[1]} {t[2]} else {t[4]})"
        ),
    ),
    max_leaves=8,
)


def python_value(text: str) -> int | float | None:
    """What Python makes of it; None where it fails, or leaves what the language allows."""
    try:
        value = eval(text, {"__builtins__": {}})
    except (ArithmeticError, ValueError):
        return None
    if isinstance(value, complex) or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value if isinstance(value, float) or abs(value) < 2**63 else None


@settings(max_examples=300, deadline=None)
@given(EXPRESSIONS)
def test_arithmetic_is_python_s(text: str) -> None:
    assume(text.count("**") < 2)  # towers of powers leave 64 bits on the way, where Python goes on
    diagnostics = Diagnostics()
    ours = value_of(Spec(Source("<text>", f"it = {text}")), "it", diagnostics)
    expected = python_value(text)
    if ours is UNKNOWN:
        codes = {d.code for d in diagnostics}
        assert codes <= {"number-too-large", "division-by-zero", "not-a-real"}, codes
        assert expected is None or "number-too-large" in codes
    else:
        assert type(ours) is type(expected) and ours == expected
