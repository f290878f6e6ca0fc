"""What is emitted follows from the IR alone: neither the layout of a spec nor its comments change it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from archdsl.diagnostics.model import ArchError
from archdsl.emit.pytorch import source
from archdsl.ir.graph import bodies
from archdsl.ir.read_text import read_graph
from archdsl.ir.text import print_graph
from archdsl.network import load, loads, networks

FOLDER = Path(__file__).parents[2] / "specs"
FILES = sorted(FOLDER.glob("*.arch"))


def compare(path: Path, names: list[str]) -> int:
    """How many of the networks can be loaded; each gives the same file from its printed IR."""
    loaded = 0
    for name in names:
        try:
            graph = load(path, name).graph
        except ArchError:  # the base of variants
            continue
        loaded += 1
        assert source(read_graph(print_graph(graph))) == source(graph), name
    return loaded


def test_a_network_of_every_file() -> None:
    counts = [compare(path, networks(path)[-1:]) for path in FILES[::3]]
    assert sum(counts) > len(FILES) / 4


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_network(path: Path) -> None:
    names = networks(path)
    assert compare(path, names) or not names


ONE = """
block pair(a, b; wide) {
    first, second = [a, b] -> [conv(8), conv(8)]
    total = first + second -> relu -> conv(8)
    if wide { total = total -> conv(16) -> relu -> conv(8) }
    return total, a
}
network net(x: [8, 6, 6]) {
    h, p = x, x
    h, p = [h, p] -> pair(true)
    h, p = [h, p] -> pair(false)
    return h + p
}
"""
OTHER = """
block pair(a, b; wide) {  # total = nothing; first = a
    # other =
    first, second =
        [a, b]  # z = 3
            -> [
                conv(8),  # total, a =
                conv(8)]
    total = first + second  # y =
        -> relu
        # y =
        -> conv(8)
    if wide {
        total = total
            -> conv(16) -> relu
            -> conv(8) }; return total, a
}
network net(x: [8, 6, 6]) {
    h, p = x, x; h, p = [h, p] -> pair(
        true
    )
    h, p = [h, p] -> pair(false); return h + p
}
"""


def test_layout_and_comments_change_nothing() -> None:
    assert source(loads(ONE).graph) == source(loads(OTHER).graph)


def test_names_are_those_of_the_statement() -> None:
    pair = next(body for body in bodies(loads(ONE).graph) if body.name == "pair" and dict(body.arguments)["wide"])
    assert [(node.word, node.names) for node in pair.nodes] == [
        ("conv", ("first", "second")),
        ("conv", ("first", "second")),
        ("add", ("total",)),
        ("relu", ("total",)),
        *[(word, ("total",)) for word in ("conv", "conv", "relu", "conv")],
    ]
    text = print_graph(pair)
    assert re.findall(r"named (\w+(?:, \w+)*)", text)[:3] == ["first, second", "first, second", "total"]
