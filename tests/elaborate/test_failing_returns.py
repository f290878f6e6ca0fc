"""Where what is returned, or a name that is read, is nothing in some designs, those fail and no others."""

from __future__ import annotations

import pytest

import archdsl
from archdsl.diagnostics.model import Diagnostics
from archdsl.elaborate.open import elaborate_open
from archdsl.source import Source
from tests.elaborate.each_design import assert_agreement

BOOL = "oneof([true, false])"
# A body, and how many designs fail. `k` is 1, 2 or 3.
BODIES = {
    "an empty list": ("if k == 1 { return [] }\n    return x -> conv(k)", 1),
    "an empty list at the end": ("if k == 1 { return x -> conv(k) }\n    return []", 2),
    "a number": ("if k == 1 { return 5 }\n    return x -> conv(k)", 1),
    "a stage": ("if k == 1 { return relu }\n    return x -> conv(k)", 1),
    "a list with a number": ("if k == 1 { return [x, k] }\n    return x, x -> conv(k)", 1),
    "a list with what may be none": ("return x, x if k == 1 else k", 2),
    "a list with what may be several": ("return x, x if k == 1 else [x, x]", 0),
    "options of several kinds": ("return oneof([x, x -> relu, 5, relu])", 2),
    "a list of options of several kinds": ("return x, oneof([x, x -> relu, 5, [], [x]])", 2),
    "what a filter keeps": ("return [x for i in range(2) if i != k]", 0),
    "what a filter keeps of little": ("return [x for i in range(1, 3) if i == k]", 1),
    "a list in a list": ("return x, [x for i in range(1, 3) if i == k]", 1),
    "a list that may grow": ("return x, [x] + oneof([[], [x]])", 0),
    "an item that is not there": ("return [x, x -> relu][k - 1]", 1),
    "no return": ("if k == 1 { return x }", 2),
    "a name without value": ("if k == 1 { y = x -> conv(8) }\n    return y", 2),
    "a name that flows on": ("if k == 1 { y = x -> conv(8) }\n    return y -> relu", 2),
    "a name in a condition": ("if k == 1 { y = k }\n    return x if y == 1 else x -> relu", 2),
    "a name that is carried on": ("if k == 1 { y = k }\n    z = y\n    return x", 2),
    "a name in a list": ("if k == 1 { y = k }\n    z = [y, k]\n    return x", 2),
    "a name that is read where it is set": ("if k == 1 { y = x -> relu }\n    return y if k == 1 else x", 0),
    "a name read in a branch": ("if k == 1 { y = x -> relu }\n    if k < 3 { return y }\n    return x", 1),
    "a name set in two branches": ("if k == 1 { y = x -> relu }\n    if k == 2 { y = x }\n    return y", 1),
    "a name set again": ("if k == 1 { y = x -> relu }\n    y = x -> conv(k)\n    return y", 0),
    "a name set in a loop": ("for i in range(k - 1) { y = x -> conv(8) }\n    return y", 1),
    "a name read in a loop": ("for i in range(k) { if i == 1 { x = x -> conv(y) }\n y = 8 }\n    return x", 0),
    "a shared stage": ("if k == 1 { shared f = conv(8) }\n    return x -> f -> f", 2),
    "a stage without value": ("if k == 1 { f = conv(8) }\n    return x -> f", 2),
    "several names": ("if k == 1 { y, z = 4, 5 }\n    return x -> conv(z)", 2),
    "a name that the file has": ("if k == 1 { W = 5 }\n    return x -> conv(W)", 0),
    "a name that the language has": ("if k == 1 { relu = conv(8) }\n    return x -> relu", 0),
    "a name of a fn": ("return x -> conv(narrow(k))", 2),
}
FORMS = {
    "network": "network n(x: [8, 4, 4]) {{\n    k = oneof([1, 2, 3])\n    {body}\n}}\n",
    "block": "block b(x; k) {{\n    {body}\n}}\nnetwork n(x: [8, 4, 4]) = x -> b(oneof([1, 2, 3]))\n",
    "cell": "cell c(x; k) {{\n    {body}\n}}\nnetwork n(x: [8, 4, 4]) = x -> c(oneof([1, 2, 3]))\n",
}
HEAD = "W = 3\nfn narrow(k) {\n    if k == 1 { w = 4 }\n    return w\n}\n"


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("body", "failing"), BODIES.values(), ids=BODIES)
def test_those_designs_fail(body: str, failing: int, form: str) -> None:
    assert_agreement(HEAD + FORMS[form].format(body=body), failing)


def test_a_name_without_value_is_called_so_where_it_is_read() -> None:
    text = FORMS["block"].format(body="if k == 2 { y = x -> conv(8) }\n    return y -> relu")
    found = elaborate_open(archdsl.Spec(Source("<text>", text)), "n", diagnostics=Diagnostics())
    assert found is not None
    ((failure, _),) = found.failures
    assert failure.code == "unset-name" and failure.span is not None and failure.span.line == 3
