"""Tied embeddings: one matrix looks words up and scores them, in numbers, names and PyTorch."""

from __future__ import annotations

from pathlib import Path

import pytest

import archdsl
from archdsl.emit.pytorch import source
from archdsl.ir.verify import verify
from tests.emit.check import check_function, check_style

BODIES = {
    "once": "    return words -> embed -> linear(6) -> tied(embed)",
    "labelled": "    return words -> embed -> linear(6) -> tied(embed)",
    "twice": "    x = words -> embed\n    y = x + (words -> embed)\n    return x -> tied(embed), y -> tied(embed)",
    "one_vector": "    return words -> embed -> slice(0, 1) -> reshape([6]) -> tied(embed)",
}


@pytest.mark.parametrize("name", BODIES)
def test_one_matrix_does_both(name: str, tmp_path: Path) -> None:
    label = " as table" if name == "labelled" else ""
    spec = f"arch 1\nnetwork n(words: int[5]) {{\n    shared embed = embedding(20, 6){label}\n{BODIES[name]}\n}}"
    found = archdsl.loads(spec)
    verify(found.graph)
    assert found.params == 20 * 6 + (0 if name in ("twice", "one_vector") else 6 * 6 + 6)
    module = check_function(found.graph)
    check_style(tmp_path, [source(found.graph)])
    assert module.get_parameter("table.weight" if label else "embed.weight").shape == (20, 6)


def test_blocks_of_different_widths_are_one_class(tmp_path: Path) -> None:
    spec = """arch 1
block model(words; d) {
    shared embed = embedding(20, d)
    return words -> embed -> tied(embed)
}
network n(words: int[5]) = (words -> model(4)) + (words -> model(6))
"""
    graph = archdsl.loads(spec).graph
    check_function(graph)
    text = source(graph)
    check_style(tmp_path, [text])
    assert text.count("class ") == 2
    assert "F.linear(self.embed(words), self.embed.weight)" in text
