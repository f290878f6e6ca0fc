"""Every op takes every kind of value for every parameter, and every kind of input, without more than one message."""

from __future__ import annotations

from collections import Counter

import pytest

from archdsl.diagnostics.catalog import codes
from archdsl.network import check_text
from archdsl.ops import registry
from archdsl.ops.base import Op, parameters
from archdsl.types import TensorType

VALUES = [
    *("0", "1", "2", "3", "-1", "-2", "7", "10 ** 9", "2 ** 62", "-2 ** 62", "0.0", "0.5", "-0.5", "2.0", "1e300"),
    *("-1e300", "1e-300", "true", "false", '""', '"half"', '"same"', '"nearest"', '"a" * 100', "[]", "[1]", "[1, 2]"),
    *("[0, 0]", "[-1, 2]", "[2, 2, 2]", "[1, 2, 3, 4]", "[8, 8]", "[[1, 2], [3, 4]]", "[1.5, 2]", "[true]", '["a"]'),
    *("range(3)", "[1] * 40", "range(10 ** 12)", "[range(10 ** 12)]", "range(2 ** 62) * 0", "relu", "id", "conv(8)"),
    *("[relu]", "x", "[x]", "x.shape", "x.size", "nothing"),
]
INPUTS = ["[8, 8, 8]", "[8]", "[4, 8]", "[8, 4, 4, 4]", "[1]", "[]", "[1, 1, 1]", "[7, 5, 3]", "int[4]", "int[8, 8, 8]"]
FITTING = {
    "shape": "[8]",
    "operator": '"+"',
    "how": '"max"',
}  # for required parameters while another one is tried; 2 where absent


def network(number: int, inputs: list[str], call: str) -> str:
    """One line: a network that applies `call` to inputs of these types."""
    names = ["x", *(f"x{i}" for i in range(1, len(inputs)))]
    signature = ", ".join(f"{name}: {type}" for name, type in zip(names, inputs, strict=False))
    flow = "" if not inputs else f"[{', '.join(names)}] -> " if len(inputs) > 1 else "x -> "
    return f"network n{number}({signature}) = {flow}{call}\n"


def written(type: TensorType) -> str:
    return f"{'int' if type.dtype == 'int' else ''}[{', '.join(map(str, type.shape))}]"


def problems(lines: list[str]) -> dict[str, list[str]]:
    """Line -> codes of its diagnostics."""
    text = "".join(lines)
    known = set(codes())
    found: dict[str, list[str]] = {line: [] for line in lines}
    for diagnostic in check_text(text):
        assert diagnostic.code in known and diagnostic.message and diagnostic.help, diagnostic
        assert diagnostic.span is not None and 0 <= diagnostic.span.start <= diagnostic.span.end <= len(text)
        found[lines[diagnostic.span.line - 1]].append(diagnostic.code)
    return found


def op_class(name: str) -> type[Op]:
    op = registry.load(name)
    assert op is not None
    return op


@pytest.mark.parametrize("name", registry.names())
def test_every_value_for_every_parameter(name: str) -> None:
    op = op_class(name)
    example = op.examples[0]
    required = [p.name for p in parameters(op) if p.required]
    lines = []
    for parameter in parameters(op):
        for value in VALUES:
            others = [f"{other} = {FITTING.get(other, 2)}" for other in required if other != parameter.name]
            call = f"{name}({', '.join([*others, f'{parameter.name} = {value}'])})"
            lines.append(network(len(lines), [written(t) for t in example.inputs], call))
    for line, found in problems(lines).items():
        assert len(found) <= 1, (line, found)


@pytest.mark.parametrize("name", registry.names())
def test_every_input(name: str) -> None:
    op = op_class(name)
    lines = []
    for example in op.examples:
        pairs = [[i, j] for i in INPUTS for j in INPUTS]
        for inputs in [[], *([i] for i in INPUTS), *pairs, *([i] * 3 for i in INPUTS)]:
            lines.append(network(len(lines), inputs, example.call))
    for line, found in problems(lines).items():
        assert len(found) <= 1, (line, found)


def test_the_sweep_meets_both_good_and_bad_values() -> None:
    lines = [network(i, ["[8, 8, 8]"], f"conv(8, kernel = {value})") for i, value in enumerate(VALUES)]
    met = Counter(code for found in problems(lines).values() for code in found or ["good"])
    assert met["good"] >= 4 and met["bad-argument"] >= 10 and {"stage-in-op", "tensor-in-parentheses"} <= set(met)
