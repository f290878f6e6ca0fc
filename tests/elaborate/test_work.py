"""Every operator and built-in is charged for the work it does: large operands in a long loop meet the budget soon."""

from __future__ import annotations

import contextlib
import time

import pytest

from archdsl.diagnostics.model import ArchError, Diagnostics
from archdsl.elaborate.budget import Limits
from archdsl.elaborate.builtins import BUILTINS
from archdsl.elaborate.comparisons import ORDER
from archdsl.elaborate.elaborator import open_session
from archdsl.elaborate.modules import lookup
from archdsl.elaborate.operators import NUMERIC
from archdsl.elaborate.session import Exhausted
from archdsl.elaborate.spec import Spec
from archdsl.network import check_text, loads
from archdsl.source import Source

ELEMENTS = 20_000  # of each large operand; of text 64 characters are one
STEPS = 50_000  # of the loop: far more than may be run
LIMITS = Limits(evaluations=100_000)  # a twentieth of what is allowed by default
BOUND = 5 * LIMITS.evaluations  # elements that may be looked at before the budget says stop

HEAD = f"""import std: cbr
fn numbers() = range({ELEMENTS}) + []
fn text(c) = c * {64 * ELEMENTS}
fn stages() = [relu] * {ELEMENTS}
fn first(xs) = xs[0]
fn keep(xs, more = 1) = more
block takes(x; xs) = x
"""
# Operands a and b, made once, and what each step of the loop does with them.
CASES = {
    "text == text": ('text("x")', 'text("x") + ""', "a == b"),
    "text != text": ('text("x")', 'text("x") + ""', "a != b"),
    "text in text": ('text("x")', 'text("x") + "y"', "b in a"),
    "text not in text": ('"xy" * 20', 'text("x")', "a not in b"),
    "text in list": ('text("x")', '[text("x") + ""]', "a in b"),
    "text + text": ('text("x")', '"y"', "a + b"),
    "text * int": (f'"x" * {32 * ELEMENTS}', "2", "a * b"),
    "text slice": ('text("x")', "1", "a[b:]"),
    "text reversed slice": ('text("x")', "-1", "a[::b]"),
    "text interpolated": ('text("x")', "1", '"{a}{b}"'),
    "text to a block": ('text("x")', 'text("x") + ""', "takes(a) == takes(b)"),
    "list == list": ("numbers()", "numbers()", "a == b"),
    "list == range": ("numbers()", f"range({ELEMENTS})", "a == b"),
    "nested == nested": ("[numbers()]", "[numbers()]", "a == b"),
    "deep == deep": ("[[[[numbers()]]]]", "[[[[numbers()]]]]", "a != b"),
    "number in list": ("-1", "numbers()", "a in b"),
    "list in list": ("numbers()", "[numbers()]", "a in b"),
    "list + list": ("numbers()", "[1]", "a + b"),
    "list * int": ("numbers()", "2", "a * b"),
    "range + list": (f"range({ELEMENTS})", "[1]", "a + b"),
    "list slice": ("numbers()", "1", "a[b:]"),
    "list of lists": ("numbers()", "1", "[a, a, b]"),
    "stages == stages": ("stages()", "stages()", "a == b"),
    "list to an op": ("numbers()", "1", "conv(a)"),
    "list to a block": ("numbers()", "1", "takes([a])"),
    "stages to a block": ("stages()", "1", "takes([a])"),
    "len": ("numbers()", "1", "len(a + [b])"),
    "min": ("numbers()", "1", "min(a)"),
    "max": ("numbers()", "1", "max(a)"),
    "max of range": (f"range({ELEMENTS})", "1", "max(a)"),
    "sum": ("numbers()", "1", "sum(a)"),
    "range": ("numbers()", "1", "sum(range(len(a)))"),
    "reversed": ("numbers()", "1", "reversed(a)"),
    "zip": ("numbers()", "numbers()", "zip(a, b)"),
    "enumerate": ("numbers()", "1", "enumerate(a)"),
    "oneof": ("numbers()", "1", "oneof(a)"),
    "someof": ("numbers()", "1", "someof(a, len(a))"),
    "round": ("numbers()", "1", "round(sum(a))"),
}
MISTAKES = {
    "argument": ('text("x")', "1", "relu(a)"),
    "no number": ('text(" ")', "1", "int(a)"),
    "no tensor": ("numbers()", "1", "a -> b"),
    "lists": ("numbers()", "1", "a * a"),
    "text": ('text("x")', "1", "a - b"),
}
# These take single numbers below 2**63, so an evaluation pays for all that they do.
SINGLE = {"int", "float", "floor", "ceil", "abs", "sqrt", "log2", "round"}


def steps(a: str, b: str, each: str) -> int:
    """How many steps of the loop the budget allows."""
    loop = f"for i in range({STEPS}) {{ y = {each} }}"
    text = f"{HEAD}fn it() {{\n    a = {a}\n    b = {b}\n    {loop}\n    return 0\n}}\nvalue = it()\n"
    session = open_session(Spec(Source("<text>", text), LIMITS), Diagnostics())
    with contextlib.suppress(Exhausted):
        lookup(session, session.spec.root, "value")
    return session.budget.steps


@pytest.mark.parametrize("case", CASES)
def test_large_operands_in_a_loop(case: str) -> None:
    assert steps(*CASES[case]) * ELEMENTS < BOUND


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes_do_not_look_at_operands_and_cost_much(case: str) -> None:
    assert steps(*MISTAKES[case]) < LIMITS.evaluations // 50


def test_each_built_in_has_a_case() -> None:
    spoken = " ".join(each for _, _, each in CASES.values())
    assert {name for name in BUILTINS if f"{name}(" not in spoken} <= SINGLE


def test_numbers_stay_small() -> None:
    """What is left of the operators: on numbers, which have at most 64 bits."""
    for symbol in [*NUMERIC, *ORDER, "**"]:
        large = f"{2**62}"
        text = f"A = [{large} {symbol} i for i in range(1, 60)]"
        assert {d.code for d in check_text(text)} <= {"number-too-large"}, symbol


@pytest.mark.parametrize(
    "text",
    [  # the shared cases streq_small and strin2
        'fn f(a, b) {\n for i in range(400_000) { c = a == b }\n return 1 }\nA = f("x" * 60_000_000, "x" * 60_000_000)',
        'fn f(a, b) {\n for i in range(400_000) { c = b in a }\n return 1 }\nA = f("x" * 60_000_000, "x" * 60 + "y")',
    ],
)
def test_the_cases(text: str) -> None:
    start = time.process_time()
    text += "\nnetwork n(x: [4]) = x -> linear(A)"
    assert [d.code for d in check_text(text)] == ["too-many-evaluations"]
    with pytest.raises(ArchError) as caught:
        loads(text)
    assert [d.code for d in caught.value.diagnostics] == ["too-many-evaluations"]
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("depth", "letters", "times", "fits"), [(2, 9, 3000, True), (8, 150, 100, True), (90, 190, 1000, False)]
)
def test_names_of_modules_are_charged(depth: int, letters: int, times: int, fits: bool) -> None:
    """Labels inside each other make names as long as all of them together, for each module anew."""
    text = f"""network n(x: [4]) {{
    f = linear(4)
    for i in range({depth}) {{ f = (f -> id) as "{"l" * letters}{{i}}" }}
    for i in range({times}) {{ x = x -> f as "k{{i}}" }}
    return x
}}"""
    start = time.process_time()
    assert [d.code for d in check_text(text)] == ([] if fits else ["too-many-evaluations"])
    assert time.process_time() - start < 5
