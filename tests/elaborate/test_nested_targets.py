"""Names in parentheses among those that a loop or an assignment sets take a list apart in its turn."""

from __future__ import annotations

import pytest

import archdsl
from archdsl.checking import check_text
from archdsl.elaborate.spec import Spec
from archdsl.ir.hashing import exact_hash
from archdsl.record import names_of
from archdsl.source import Source

# Each says one thing with nested targets, and step by step.
SPECS = [
    (
        "for i, (w, (k, f)) in enumerate(zip(WS, [(1, relu), (3, tanh)])) { x = x -> conv(w, k) -> f * i }",
        "for i, p in enumerate(zip(WS, [(1, relu), (3, tanh)])) { w, q = p; k, f = q; x = x -> conv(w, k) -> f * i }",
    ),
    (
        "ys = [x -> conv(a * b + c) for c, (a, b) in zip([1, 2], [(1, 2), (3, 4)])]; x = ys -> concat",
        "ys = [x -> conv(p[0] * p[1] + c) for c, p in zip([1, 2], [(1, 2), (3, 4)])]; x = ys -> concat",
    ),
    (
        "(a, b), c = x -> [[conv(1), conv(2)], conv(3)]; x = [c, b, a] -> concat",
        "p, c = x -> [[conv(1), conv(2)], conv(3)]; a, b = p; x = [c, b, a] -> concat",
    ),
    (
        "for i, (w, k) in enumerate([(8, oneof([1, 3])), oneof([(2, 1), (4, 3)])]) { x = x -> conv(w, k) }",
        "for i, p in enumerate([(8, oneof([1, 3])), oneof([(2, 1), (4, 3)])]) { w, k = p; x = x -> conv(w, k) }",
    ),
    (
        "c, (a, b) = 1, oneof([(2, 3), (4, 5)]); x = x -> conv(a * oneof([b, c]))",
        "c, p = 1, oneof([(2, 3), (4, 5)]); a, b = p; x = x -> conv(a * oneof([b, c]))",
    ),
    (
        "for i, (t, n) in enumerate(oneof([[(x, 1)], [(x, 2), (x, 3)]])) { x = t -> conv(n + oneof([4, 8])) }",
        "for i, p in enumerate(oneof([[(x, 1)], [(x, 2), (x, 3)]])) { t, n = p; x = t -> conv(n + oneof([4, 8])) }",
    ),
]


def spec(body: str) -> str:
    return f"WS = [4, 8]\nnetwork n(x: [3, 8, 8]) {{\n    {body}\n    return x\n}}\n"


@pytest.mark.parametrize(("nested", "stepwise"), SPECS)
def test_nested_targets_are_what_two_steps_are(nested: str, stepwise: str) -> None:
    one, other = (archdsl.space(Spec(Source("<text>", spec(body)))) for body in (nested, stepwise))
    made = [sorted(exact_hash(space.network(design).graph) for design in space) for space in (one, other)]
    assert made[0] == made[1]


def test_a_step_is_called_after_the_first_variable() -> None:
    body = "for (w, k), _ in [((4, 1), 0), ((8, 3), 0)] { x = x -> conv(w, oneof([k, 1])) }"
    assert set(archdsl.loads(spec(body)).choices) == {"4.kernel", "8.kernel"}


@pytest.mark.parametrize(
    "body",
    [
        "for (a, b), c in [((1, 2), 3), ((1, 2, 3), 3)] { x = x -> conv(a * b * c) }",
        "for (a, b), c in [(1, 3)] { x = x -> conv(a * b * c) }",
        "(a, (b, c)), d = (1, (2, 3, 4)), 5; x = x -> conv(a * b * c * d)",
        "xs = [a + b for c, (a, b) in [(1, [2])]]; x = x -> conv(sum(xs))",
    ],
)
def test_wrong_numbers_are_told_once_with_the_names(body: str) -> None:
    (found,) = check_text(spec(body))
    assert found.code == "unpack-length"
    (label,) = found.labels
    assert label.span.text.startswith("(") and label.span.text in body


def test_each_name_is_known_to_editors() -> None:
    text = spec("for (a, b), c in [((1, 2), 3)] { (d, e), f = (a, b), c; x = x -> conv(d * e * f) }")
    uses = [use for use in names_of(Spec(Source("<text>", text))) if use.kind == "variable"]
    assert {use.span.text for use in uses} == set("abcdef")
    assert [found.code for found in check_text(text)] == ["unused-definition"]  # of WS
