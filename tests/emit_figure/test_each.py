"""Figures of `each`: what they say is true, and all is said."""

from __future__ import annotations

import pytest

import archdsl
from archdsl.emit.figure.scenes import scene
from archdsl.emit.figure.verify import verify
from tests.emit.test_each import NETWORKS, network
from tests.emit_figure.test_flat import both


@pytest.mark.parametrize("name", NETWORKS)
def test_figures_are_true(name: str) -> None:
    graph = network(name).graph
    assert verify(scene(graph)).differences == ()
    assert verify(scene(graph, inline=["cnn", "each"], depth=2, levels=2)).differences == ()
    ir, figure = both(graph)
    assert ir == figure


def test_a_box_says_how_many_elements_there_are() -> None:
    """Along sequences of other lengths, or as a scan, it is another box."""
    text = """block f(x, h: [4]) = x + h -> linear(4)
network n(x: [3, 4], y: [5, 4]) {
    a = [x, x -> relu] -> each(f)
    b = [y, y -> relu] -> each(f)
    return a, b, x -> scan(f)
}"""
    found = scene(archdsl.loads(text).graph)
    said = [p.text for box in found.panels[0].sketch.boxes for row in box.rows for p in row.phrases if p.key == "steps"]
    assert sorted(said) == ["× 3 elements", "× 5 elements", "↻ 3 steps"]
    assert verify(found).differences == ()
