"""Checks what figures of networks ask of the layout: the judge finds no fault, and the page's layout does the same."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

import archdsl
from archdsl.emit.figure import placed
from archdsl.emit.layered.layered import layered
from archdsl.emit.layered.model import LayeredLink, LayeredNode, LayeredPlan
from archdsl.zoo import entries
from tests.emit_layered.graphs import Graph
from tests.emit_layered.judge import faults
from tests.emit_layered.test_script import plain, run

FEW = ["resnet50", "inception_v3", "densenet121", "nasnetalarge", "dla34", "transformer", "lstm_lm_small",
       "fractalnet20", "sknet50", "res2net50_26w_4s", "fcn8s", "darts_v2_cifar"]  # fmt: skip


def asked(name: str, monkeypatch: pytest.MonkeyPatch, left_to_right: bool) -> list[Graph]:
    """The graphs that the figure of a network lays out."""
    graphs: list[Graph] = []

    def noting(nodes: Sequence[LayeredNode], links: Sequence[LayeredLink]) -> LayeredPlan:
        graphs.append((list(nodes), list(links)))
        return layered(nodes, links)

    monkeypatch.setattr(placed, "layered", noting)
    archdsl.load(name).draw(left_to_right=left_to_right)
    return graphs


@pytest.mark.parametrize("left_to_right", [False, True])
@pytest.mark.parametrize("name", FEW)
def test_figures(name: str, left_to_right: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    graphs = asked(name, monkeypatch, left_to_right)
    assert graphs
    for graph in graphs:
        plan = layered(*graph)
        assert not list(faults(*graph, plan))
        assert all((spot is None) == (link.head[0] <= 0) for spot, link in zip(plan.heads, graph[1], strict=True))
        assert run(graph) == plain(graph)


@pytest.mark.slow
def test_the_zoo(monkeypatch: pytest.MonkeyPatch) -> None:
    for entry in entries():
        for graph in asked(entry.network, monkeypatch, left_to_right=False):
            assert not list(faults(*graph, layered(*graph))), entry.network
            assert run(graph) == plain(graph), entry.network
