"""Drawing a flat network takes work in proportion to its edges, however many wires run beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import pytest

import archdsl
from archdsl.diagnostics.model import Diagnostics
from archdsl.emit.figure import draw, placed
from archdsl.emit.figure.look import look
from archdsl.emit.figure.placed import Flow, Placer
from archdsl.emit.figure.scenes import scene
from archdsl.emit.layered.layered import layered
from archdsl.emit.layered.model import LayeredLink, LayeredNode, LayeredPlan
from tests.emit_figure.dense import dense, skipping
from tests.emit_figure.test_verify import random_networks
from tests.work import work


def test_work_grows_with_edges() -> None:
    few, many = (archdsl.loads(dense(layers)).graph for layers in (12, 24))
    few_edges, many_edges = (len(scene(graph).panels[0].sketch.edges) for graph in (few, many))
    draw(few, "svg", look(), Diagnostics())  # what is remembered for all pictures
    few_calls, many_calls = (work(lambda g=graph: draw(g, "svg", look(), Diagnostics())) for graph in (few, many))
    assert many_calls / few_calls < 1.25 * many_edges / few_edges


def test_a_page_costs_a_large_flat_network_few_layouts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Broken text makes wires no narrower; and where one layout shows that there is no room, it is the only one."""
    made: list[int] = []

    def counted(nodes: Sequence[LayeredNode], links: Sequence[LayeredLink]) -> LayeredPlan:
        made.append(len(links))
        return layered(nodes, links)

    monkeypatch.setattr(placed, "layered", counted)
    graph = archdsl.loads(skipping(400, 1)).graph
    draw(graph, "svg", look(width="3.5in"), Diagnostics())
    assert len(made) == 2
    made.clear()
    lines = [f"    y{i} = x -> conv(8, 3) -> conv({8 + i}) -> relu" for i in range(160)]
    returned = ", ".join(f"y{i}" for i in range(160))
    wide = "\n".join(["network net(x: [3, 8, 8]) {", *lines, f"    return {returned}", "}"])
    with pytest.raises(archdsl.ArchError) as caught:
        draw(archdsl.loads(wide).graph, "svg", look(width="10cm"), Diagnostics())
    assert caught.value.diagnostics[0].code == "page-too-narrow"
    assert len(made) == 1


def test_no_layout_is_narrower_than_what_its_rows_need() -> None:
    for graph in random_networks(range(900, 930)):
        for panel in scene(graph).panels:
            for flow, most in product((Flow.DOWN, Flow.RIGHT), (None, 44.0)):
                placer = Placer(flow, most)
                assert 0 < placer.least_width(panel.sketch) <= placer.place(panel.sketch).width + 1e-6
