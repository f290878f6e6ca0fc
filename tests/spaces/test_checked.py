"""What `archdsl check` says of a space: how many designs it has, and which of them do not elaborate."""

from __future__ import annotations

import pytest

import archdsl
from tests.spaces.test_space import CLASH, DEEP


def told(text: str) -> list[tuple[str, str]]:
    """Codes and last notes."""
    return [(one.code, one.notes[-1] if one.notes else "") for one in archdsl.check_text(text)]


def test_designs_that_fail() -> None:
    """At the line of the mistake, with the picks at which it happens."""
    assert told(CLASH) == [("shape-mismatch", "so it is in designs where a is conv(4), and b is conv(8)")]
    assert told(DEEP) == []


def test_only_what_is_left_open() -> None:
    """`@picks` decides some of it: what cannot come up then is no mistake."""
    free = CLASH.replace("network n", "@picks(a = conv(4), b = conv(4))\nnetwork n")
    assert told(free) == []
    half = CLASH.replace("network n", "@picks(a = conv(4))\nnetwork n")
    assert told(half) == [("shape-mismatch", "so it is in designs where a is conv(4), and b is conv(8)")]


@pytest.mark.parametrize(
    ("reads", "warned"),
    [("oneof([[], [a]])", [3]), ("oneof([[a], []])", [3]), ("oneof([[a], [b]])", []), ("oneof([[], []])", [2, 3])],
)
def test_results_that_nobody_uses(reads: str, warned: list[int]) -> None:
    """They are those of all designs, not of the first one."""
    text = f"network n(x: [3, 8, 8]) {{\na = x -> relu\nb = x -> tanh\nreads = {reads}\nreturn [x] + reads -> add\n}}\n"
    first = reads[reads.index("[") + 1 : reads.index("]") + 1]
    for design in ("", f"@picks(reads = {first})\nnetwork found = n\n"):  # of a design that leaves nothing open, too
        found = archdsl.check_text(text + design)
        assert [(one.code, one.span and one.span.line) for one in found] == [("unused-tensor", line) for line in warned]


@pytest.mark.parametrize(
    ("attributes", "codes"),
    [
        ("@expect(designs = 28)", []),
        ("@expect(designs = 28, params = 120)", []),
        ("@expect(designs = approx(30, 10%))", []),
        ("@expect(designs = 27)", ["expect-mismatch"]),
        ("@picks(depth = 2)\n@expect(designs = 8)", []),
        ("@picks(depth = 2)\n@expect(designs = 28)", ["expect-mismatch"]),
        ("@expect(design = 28)", ["unknown-metric"]),
    ],
)
def test_claims_about_designs(attributes: str, codes: list[str]) -> None:
    """They are counted, of what the spec itself leaves open."""
    assert [code for code, _ in told(DEEP.replace("network n", f"{attributes}\nnetwork n"))] == codes


def test_designs_of_a_closed_network() -> None:
    """There is one."""
    assert told("@expect(designs = 1)\nnetwork n(x: [3, 8, 8]) = x -> relu\n") == []
    (wrong,) = archdsl.check_text("@expect(designs = 2)\nnetwork n(x: [3, 8, 8]) = x -> relu\n")
    assert wrong.message == "designs of n is 1, not 2" and "`archdsl space` shows each decision" in wrong.help
