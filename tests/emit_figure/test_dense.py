"""Drawing a flat network takes work in proportion to its edges, however many wires run beside each other."""

from __future__ import annotations

import archdsl
from archdsl.diagnostics.model import Diagnostics
from archdsl.emit.figure import draw
from archdsl.emit.figure.look import look
from archdsl.emit.figure.scenes import scene
from tests.emit_figure.dense import dense
from tests.work import work


def test_work_grows_with_edges() -> None:
    few, many = (archdsl.loads(dense(layers)).graph for layers in (12, 24))
    few_edges, many_edges = (len(scene(graph).panels[0].sketch.edges) for graph in (few, many))
    draw(few, "svg", look(), Diagnostics())  # what is remembered for all pictures
    few_calls, many_calls = (work(lambda g=graph: draw(g, "svg", look(), Diagnostics())) for graph in (few, many))
    assert many_calls / few_calls < 1.25 * many_edges / few_edges
