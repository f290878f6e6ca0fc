"""The axis along depth: how many ops it counts, which of these no spec writes, and modules that do not come back."""

from __future__ import annotations

import pytest

import archdsl
from archdsl.analysis.cost import cost
from archdsl.analysis.schedule import schedule
from archdsl.emit.marks.model import GroupMark, TextMark
from archdsl.emit.plots import memory, page, share
from archdsl.emit.plots.model import DepthPlot, SharePlot
from tests.emit.test_plots import marks_in

SCANS = """
block step(x, h: [4]) = [x, h] -> concat -> linear(4) -> tanh
block two(x, h: [4], c: [4]) {{
    n = [x, h] -> concat -> linear(4)
    return c + n, n, h
}}
network n(x: [{steps}, 4], y: [3, 4]) = {body}
"""
BODIES = [
    "x -> linear(4)",
    "x -> scan(step)",
    "x -> scan(two) -> scan(step)",
    "[y -> scan(step), x -> scan(step)]",
]
AROUND = ("unbind", "zeros", "stack")  # what writing a scan out adds


@pytest.mark.parametrize("steps", [1, 2, 9])
@pytest.mark.parametrize("body", BODIES)
def test_ops_that_no_spec_writes_are_counted_apart(body: str, steps: int) -> None:
    network = archdsl.loads(SCANS.format(steps=steps, body=body))
    words = [step.application.word for step in schedule(network.graph)]
    (plot,) = memory.plots(network.graph)
    assert isinstance(plot, DepthPlot)
    added = sum(word in AROUND for word in words)
    assert (plot.ops, plot.added, plot.ops - plot.added) == (len(words), added, cost(network.graph).ops)
    assert plot.axis.endswith(f", {added} of them around scans" if added else "in the order as written")
    names = [module.name for module in plot.modules]
    assert len(names) == len(set(names))


def test_one_op_is_one_op() -> None:
    graph = archdsl.loads("network n(x: [4]) = x -> relu").graph
    texts = [m.text for m in marks_in(page.draw(graph, ["memory"]).leaves[0].marks) if isinstance(m, TextMark)]
    assert "1 op in the order as written" in texts


@pytest.mark.parametrize("body", ["(x - y) + (y - x) / (x + 1.5)", "x + y"])
def test_ops_without_modules_have_a_row(body: str) -> None:
    graph = archdsl.loads(f"network n(x: [8, 4, 4], y: [8, 4, 4]) = {body}").graph
    for plot in share.plots(graph):
        assert isinstance(plot, SharePlot) and all(row.name for row in plot.rows)
    titles = [m.title for m in marks_in(page.draw(graph, ["share"]).leaves[0].marks) if isinstance(m, GroupMark)]
    assert not any(title.startswith(":") for title in titles)
    assert any(title.startswith("(no module): ") for title in titles)
