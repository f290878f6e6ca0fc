"""Checks that the page's layout, in JavaScript, makes the plans that Python makes."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import quickjs

from archdsl.emit.layered.layered import layered
from archdsl.emit.layered.model import LayeredGaps, LayeredLink, LayeredNode
from tests.emit_layered import graphs_of_papers as papers
from tests.emit_layered.graphs import Graph, random_graph
from tests.emit_layered.test_plans import COUNT

SCRIPT = Path(__file__).parents[2] / "archdsl" / "emit" / "view" / "layered.js"


@cache
def script() -> quickjs.Context:
    """The script, read."""
    context = quickjs.Context()
    context.eval(SCRIPT.read_text(encoding="utf-8"))
    return context


def run(graph: Graph, gaps: LayeredGaps | None = None) -> Any:
    """What the script makes of a graph."""
    nodes, links = graph
    given = [[asdict(node) for node in nodes], [asdict(link) for link in links], asdict(gaps or LayeredGaps())]
    return json.loads(script().eval(f"JSON.stringify(layered(...{json.dumps(given)}))"))


def plain(graph: Graph, gaps: LayeredGaps | None = None) -> Any:
    """What Python makes of it, as JSON holds it."""
    return json.loads(json.dumps(asdict(layered(*graph, gaps))))


@pytest.mark.parametrize("part", range(4))
def test_random_graphs(part: int) -> None:
    for seed in range(part, COUNT, 4):
        graph = random_graph(seed)
        assert run(graph) == plain(graph), seed


def test_other_gaps() -> None:
    gaps = LayeredGaps(node=4, row=40, wire=6, text=1, arrow=9)
    for seed in range(30):
        assert run(random_graph(seed), gaps) == plain(random_graph(seed), gaps), seed


@pytest.mark.parametrize(
    "graph",
    [papers.chain(50), papers.residual(20), papers.projection(), papers.inception(), papers.dense(12),
     papers.dense(30), papers.skipping(40, 0), papers.skipping(120, 1), papers.hourglass(8), papers.nasnet_cell()],
)  # fmt: skip
def test_graphs_of_papers(graph: Graph) -> None:
    assert run(graph) == plain(graph)


def test_what_is_left_out_has_the_values_of_the_model() -> None:
    nodes, links = papers.residual(2)
    short = [
        [{"width": n.width, "height": n.height, "sides": n.sides} for n in nodes],
        [{"source": k.source, "target": k.target} for k in links],
    ]
    assert json.loads(script().eval(f"JSON.stringify(layered(...{json.dumps(short)}))")) == plain((nodes, links))


def test_a_plan_of_the_script_depends_on_what_it_is_given() -> None:
    assert run(([LayeredNode(40, 20), LayeredNode(40, 20)], [LayeredLink(0, 1)])) != run(
        ([LayeredNode(40, 20), LayeredNode(41, 20)], [LayeredLink(0, 1)])
    )
