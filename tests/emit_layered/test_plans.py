"""Checks plans of random graphs with a judge that shares no code with the layout."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from archdsl.emit.layered.layered import layered
from archdsl.emit.layered.model import LayeredGaps, LayeredLink, LayeredNode, LayeredPlan
from tests.emit_layered.graphs import random_graph
from tests.emit_layered.judge import faults
from tests.few import few

COUNT = int(os.environ.get("LAYERED_GRAPHS", few(300)))


@pytest.mark.parametrize("part", range(4))
def test_random_graphs(part: int) -> None:
    for seed in range(part, COUNT, 4):
        nodes, links = random_graph(seed)
        plan = layered(nodes, links)
        assert not list(faults(nodes, links, plan)), seed
        assert plan == layered(nodes, links), seed


def test_other_gaps() -> None:
    gaps = LayeredGaps(node=4, row=40, wire=6, text=1, arrow=9)
    for seed in range(60):
        nodes, links = random_graph(seed)
        assert not list(faults(nodes, links, layered(nodes, links, gaps))), seed


NODES = [LayeredNode(40, 20), LayeredNode(40, 20), LayeredNode(40, 20, ins=(10, 30))]
LINKS = [LayeredLink(0, 1, label=(30, 8)), LayeredLink(0, 2, into=0), LayeredLink(1, 2, into=1, head=(6, 8))]


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda p: replace(p, corners=(p.corners[0], p.corners[0], p.corners[2])), "overlap"),
        (lambda p: replace(p, width=p.width - 1), "is outside"),
        (lambda p: replace(p, labels=(None, *p.labels[1:])), "label of link 0"),
        (lambda p: replace(p, labels=(p.corners[1], *p.labels[1:])), "lies on node"),
        (lambda p: replace(p, labels=(p.wires[1][1], *p.labels[1:])), "passes a text"),
        (lambda p: replace(p, wires=(p.wires[0], (p.wires[1][0], p.wires[1][-1]), p.wires[2])), "oblique"),
        (lambda p: replace(p, wires=(p.wires[0], p.wires[2], p.wires[2])), "leaves at"),
        (lambda p: replace(p, wires=(p.wires[0], p.wires[0], p.wires[2])), "arrives at"),
        (lambda p: replace(p, wires=(*p.wires[:2], (*p.wires[1][1:-1], p.wires[2][-1]))), "lie on each other"),
    ],
)
def test_the_judge_sees_faults(spoil: object, fault: str) -> None:
    plan = layered(NODES, LINKS)
    assert not list(faults(NODES, LINKS, plan))
    assert callable(spoil)
    spoiled = spoil(plan)
    assert isinstance(spoiled, LayeredPlan)
    assert any(fault in found for found in faults(NODES, LINKS, spoiled)), list(faults(NODES, LINKS, spoiled))
