"""Compares compile-time arithmetic with Python's own on random expressions."""

from __future__ import annotations

import ast
import math
import operator

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from archdsl.checking import check_text
from archdsl.diagnostics.model import Diagnostics
from archdsl.elaborate.elaborator import value_of
from archdsl.elaborate.spec import Spec
from archdsl.elaborate.values import UNKNOWN
from archdsl.ir.hashing import exact_hash
from archdsl.network import loads
from archdsl.source import Source
from tests.few import few

LEAVES = st.one_of(st.integers(0, 40).map(str), st.sampled_from(["0.5", "2.0", "1e3", "7.25", "inf"]))
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


OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


class Outside(Exception):
    """A step left what the language allows: real numbers, whole ones within 64 bits."""


def python_value(text: str) -> int | float | None:
    """What Python makes of it, step by step; None where a step fails, or leaves what the language allows."""
    try:
        return step(ast.parse(text, mode="eval").body)
    except (ArithmeticError, ValueError, Outside):
        return None


def step(tree: ast.expr) -> int | float:
    """The value of one step; raises `Outside` where the language stops and Python goes on, as at `(-1) ** 0.5`."""
    match tree:
        case ast.Constant(value=value):
            result = value
        case ast.Name():
            return math.inf
        case ast.UnaryOp(operand=operand):
            return -step(operand)
        case ast.BinOp(left=left, op=op, right=right):
            a, b = step(left), step(right)
            if isinstance(op, ast.Pow) and isinstance(a, int) and abs(a) > 1 and isinstance(b, int) and b > 63:
                raise Outside  # known without multiplying it out
            result = OPERATORS[type(op)](a, b)
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            result = OPERATORS[type(op)](step(left), step(right))
        case ast.IfExp(test=test, body=body, orelse=other):
            return step(body) if step(test) else step(other)
    if isinstance(result, complex) or (isinstance(result, float) and not math.isfinite(result)):
        raise Outside
    if isinstance(result, int) and abs(result) >= 2**63:
        raise Outside
    return result


@settings(max_examples=few(300), deadline=None)
@given(EXPRESSIONS)
def test_arithmetic_is_python_s(text: str) -> None:
    diagnostics = Diagnostics()
    ours = value_of(Spec(Source("<text>", f"it = {text}")), "it", diagnostics)
    expected = python_value(text)
    if ours is UNKNOWN:
        codes = {d.code for d in diagnostics}
        assert codes <= {"number-too-large", "division-by-zero", "not-a-real"}, codes
        assert expected is None or "number-too-large" in codes
    else:
        assert type(ours) is type(expected) and ours == expected


def test_a_built_in_of_numbers_that_is_an_op_too() -> None:
    """With an argument it is computed at once, alone it is a stage, under any name."""
    network = loads(
        "magnitude = abs\n"
        'block through(x; f) = x -> f -> scalar("*", f(-3))\n'
        "network n(x: [abs(-4), 8, 8]) = x -> abs -> through(abs) -> magnitude -> (abs() -> relu) * magnitude(-1)\n"
    )
    assert [node.op.name for node in network.graph.nodes if node.op] == ["abs", "abs", "abs", "relu"]
    assert network.build()(-torch.ones(1, 4, 8, 8)).unique().tolist() == [3]


ENDLESS = """
block edge(x; low = -inf) = x -> pad(1, value = low) -> max_pool(3, 1, 0)
network n(x: [2, 4, 4]; low = -inf) = x -> edge(low) -> edge(0)
"""


@pytest.mark.parametrize("symbol", ["+", "-", "*", "/"])
def test_no_tensor_is_calculated_with_inf(symbol: str) -> None:
    assert {d.code for d in check_text(f"network n(x: [3, 8, 8]) = x {symbol} inf")} == {"number-too-large"}


def test_inf_is_written_as_each_target_reads_it() -> None:
    network = loads(ENDLESS)
    assert 'float("-inf")' in network.source() and "edge(-inf)" in network.spec()
    assert exact_hash(loads(network.spec()).graph) == exact_hash(network.graph)
    x = torch.randn(1, 2, 4, 4) - 5
    assert (network.build()(x) == F.max_pool2d(F.pad(F.max_pool2d(x, 3, 1, 1), (1, 1, 1, 1)), 3, 1)).all()
    assert (loads(ENDLESS, low=math.inf).build()(x) == math.inf).all()
