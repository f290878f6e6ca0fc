"""Sums, least and most of many choices cost what they have values, not what there are designs; what has too many cases
is refused soon, and says of which decisions.
"""

from __future__ import annotations

import pytest

import archdsl
from archdsl.elaborate import exploring
from archdsl.source import Source
from tests.elaborate.each_design import assert_agreement
from tests.work import work

HEAD = "network n(x: [2, 4, 4]) {\n    ws = [oneof([1, 2, 4]) for _ in range(3)]\n    "
BOOL = "oneof([true, false])"
# Statements behind `ws`, and how many designs fail.
FOLDED = {
    "a condition": ("a = 1\n    if sum(ws) > 6 { a = 2 }", 0),
    "an argument": ("a = sum(ws) // 3", 0),
    "the least and the most": ("a = max(ws) * 8 + min(ws)", 0),
    "the most of several": ("a = max(ws[0], ws[1], 3, oneof([2, 5]))", 0),
    "what a filter keeps": ("a = 1 + sum([w for w in ws if w > 1])", 0),
    "the least of what a filter keeps": ("a = min([w for w in ws if w > 1])", 1),
    "a list that is chosen": (f"a = sum(ws[:oneof([1, 2])] + oneof([[], [8]]) + [1 for i in [0] if {BOOL}])", 0),
    "floats": ("a = int(sum([w / 4 for w in ws]) * 4)", 0),
    "an item that fails": ("a = 1 + int(sum([8 / (w - 1) for w in ws]))", 7),
    "an item that fails in one branch": (
        "a = 1\n    if ws[0] > 1 and ws[1] > 1 { a = sum([8 // (w - 1) for w in ws[:2]]) }",
        0,
    ),
    "an item that is no number": ("a = max([1] + [oneof([w, true]) for w in ws])", 37),
    "a sum that is too large": ("a = sum([w * 2 ** 60 for w in ws]) // 2 ** 60", 10),
    "a number that asks": ("a = 1\n    if sum(ws) > 6 { a = oneof([4, 8]) }", 0),
    "a sum that nothing uses": ("a = 1\n    b = sum(ws)", 0),
}


@pytest.mark.parametrize(("statements", "failing"), FOLDED.values(), ids=FOLDED)
def test_a_function_of_many_numbers_that_are_chosen_is_that_of_each_design(statements: str, failing: int) -> None:
    assert_agreement(f"{HEAD}{statements}\n    return x -> conv(a)\n}}\n", failing)


def _space(text: str) -> archdsl.Space:
    return archdsl.space(archdsl.Spec(Source("<text>", text)))


MANY = "network n(x: [3, 4, 4]) {{ ws = [oneof([8, 16, 24, 32, 40]) for _ in range({n})]\n {statements}\n return x }}"
CHEAP = {
    "a condition": "if sum(ws) > 200 { x = x -> relu }",
    "an argument": "x = x -> conv(sum(ws) // 8)",
    "the least and the most": "if min(ws) > 8 and max(ws) > 24 { x = x -> relu }",
    "what a filter keeps": "if sum([w for w in ws if w > 8]) > 200 { x = x -> relu }",
}


@pytest.mark.parametrize("statements", CHEAP.values(), ids=CHEAP)
def test_a_sum_of_choices_takes_no_look_at_each_way_to_choose(statements: str) -> None:
    small, large = (
        work(lambda n=n: _space(MANY.format(n=n, statements=statements)).size, 3_000_000)  # type: ignore[misc]
        for n in (6, 12)
    )
    assert large < 12 * small  # with all ways it is 15,625 times as much


TOO_MANY = {
    "values that are needed": 'a, b, c, d, e, f = ws[:6]\n if "{a} {b} {c} {d} {e} {f}" == "8" { x = x -> relu }',
    "types that are joined": "x = [x -> conv(c) for c in ws] -> concat",
}


@pytest.mark.parametrize("statements", TOO_MANY.values(), ids=TOO_MANY)
def test_what_has_too_many_cases_is_refused_soon_and_says_of_which_decisions(
    statements: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exploring, "MOST_FORKED", 1000)

    def refused() -> None:
        with pytest.raises(archdsl.ArchError) as caught:
            _space(MANY.format(n=12, statements=statements))
        (said,) = caught.value.diagnostics
        assert said.code == "space-too-large" and "this has too many cases to be followed, by" in said.message
        assert said.notes[0].startswith("decisions: 0.ws, 1.ws, 2.ws")

    work(refused, 2_000_000)


def test_a_decision_of_too_many_options_is_not_called_many_decisions() -> None:
    with pytest.raises(archdsl.ArchError) as caught:
        _space("network n(x: [3, 4, 4]; a = oneof(range(1, 2500))) = x -> conv(a)")
    assert "too many cases to be followed, by 1 decision" in caught.value.diagnostics[0].message
