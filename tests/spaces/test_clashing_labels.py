"""Labels that clash in some designs only: these fail, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest

import archdsl
from tests.space.test_opened import opened

HEAD = "network n(x: [4, 8, 8]) { "
# A spec, and how many of its designs there are and fail.
CASES = {
    "never together": (
        HEAD + "if oneof([true, false]) { x = x -> conv(4) as a } else { x = x -> relu -> conv(4) as a }; return x }",
        (2, 0),
    ),
    "sometimes together": (
        HEAD + "if oneof([true, false]) { x = x -> conv(4) as a }; if oneof([true, false]) { x = x -> conv(4) as a }; "
        "return x }",
        (4, 1),
    ),
    "by what is chosen": (
        HEAD + "x = x -> oneof([conv(4) as a, conv(4) as b]); return x -> oneof([conv(4) as a, conv(4) as b]) }",
        (4, 2),
    ),
    "where it is repeated": (HEAD + "return x -> (conv(4) as a) * oneof([1, 2]) }", (2, 1)),
    "a module in the place of others": (
        HEAD + "x = x -> (conv(4) -> oneof([relu, conv(4) as a])) as g; return x -> oneof([conv(4) as g, relu]) }",
        (4, 2),
    ),
    "in a block that is called twice": (
        "block u(x) { x = x -> oneof([conv(4) as a, relu]); return x -> conv(4) as a }\n"
        + HEAD
        + "return x -> u -> u }",
        (3, 2),
    ),
    "in a cell": (
        "cell u(x) { x = x -> oneof([conv(4) as a, relu]); return x -> conv(4) as a }\n"
        + HEAD
        + "return x -> u -> u }",
        (2, 1),
    ),
}


@pytest.mark.parametrize("what", CASES)
def test_designs_whose_labels_clash_fail(what: str) -> None:
    text, counts = CASES[what]
    designs, failing = opened(text, "n")
    assert (len(designs), len(failing)) == counts
    for design in designs:
        if design in failing:
            with pytest.raises(archdsl.ArchError, match="duplicate-label"):
                archdsl.loads(text, network="n", picks=dict(design))
        else:
            archdsl.loads(text, network="n", picks=dict(design))


def test_the_space_says_how_many_fail(tmp_path: Path) -> None:
    path = tmp_path / "clash.arch"
    path.write_text(CASES["sometimes together"][0])
    space = archdsl.space(path)
    assert (space.size, space.failing) == (3, 1)
