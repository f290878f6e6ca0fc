"""What several files call alike has names of its own in a space, whichever is asked first."""

from __future__ import annotations

from pathlib import Path

import pytest

import archdsl

LIBRARY = """
W = oneof([4, 8])
V = twice(W)
fn twice(x) = x * oneof([1, 2])
cell c(x; k = 1) = x -> conv(oneof([4, 8]), k)
block b(x; k = 1) = x -> conv(oneof([4, 8]), k)
block wide = b(k = oneof([1, 3]))
"""
# The own definitions of the file of the network, its body, and the names of its decisions.
BODIES = {
    "cells": (
        "cell c(x) = x -> conv(oneof([4, 8]), 3)",
        "x -> oneof([one.c, c]) -> oneof([one.c, c])",
        {"out", "out_2", "c.out", "one.c.out"},
    ),
    "cells at other arguments": (
        "cell c(x; k = 3) = x -> conv(oneof([4, 8]), k)",
        "x -> one.c -> one.c(3) -> c -> c(5) -> one.c(k = oneof([1, 3]))",
        {"k", "c.out", "one.c.out"},
    ),
    "constants": (
        "W = oneof([4, 8])",
        "x -> conv(W) -> conv(one.W, 3) if oneof([true, false]) else x -> conv(one.W, 3) -> conv(W)",
        {"W", "one.W", "out"},
    ),
    "constants that ask elsewhere": (
        "V = one.twice(4)",
        "x -> conv(V) -> conv(one.V, 3) if oneof([true, false]) else x -> conv(one.V, 3) -> conv(V)",
        {"one.W", "V.twice.out", "one.V.twice.out", "out"},
    ),
    "constants of two files that are imported": (
        "",
        "x -> conv(one.W) -> conv(two.W, 3) if oneof([true, false]) else x -> conv(two.W, 3) -> conv(one.W)",
        {"one.W", "two.W", "out"},
    ),
    "a cell of a file and one of a folder": (
        "",
        "x -> deep_one.c -> one.c if oneof([true, false]) else x -> one.c -> deep_one.c",
        {"out", "one.c.out", "deep.one.c.out"},
    ),
    "blocks with a chosen default": (
        "block wide = one.b(k = oneof([1, 3]))",
        "x -> oneof([wide, one.wide]) -> oneof([wide, one.wide])",
        None,
    ),
}


@pytest.mark.parametrize(("own", "result", "names"), BODIES.values(), ids=BODIES)
def test_each_design_is_its_network(tmp_path: Path, own: str, result: str, names: set[str] | None) -> None:
    (tmp_path / "deep").mkdir()
    for file in ("one", "two", "deep/one"):
        (tmp_path / f"{file}.arch").write_text(f"arch 1\n{LIBRARY}")
    path = tmp_path / "own.arch"
    imports = "import one as one\nimport two as two\nimport deep.one as deep_one\n"
    path.write_text(f"arch 1\n{imports}{own}\nnetwork n(x: [4, 8, 8]) = {result}\n")
    space = archdsl.space(path)
    assert names is None or {decision.name for decision in space.decisions} == names
    for number, design in enumerate(space):
        network = space.network(design)
        assert network.params == space.numbers(design)["params"], design
        assert space.rank({name: choice.picked for name, choice in network.choices.items()}) == number
    found = tmp_path / "found.arch"
    found.write_text(space.spec(space.unrank(space.size - 1), "found"))
    assert archdsl.load(found).params == space.numbers(space.unrank(space.size - 1))["params"]
