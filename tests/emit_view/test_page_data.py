"""The data of a page say what the network does: every op of every body, with what it takes, and what stands beside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

import archdsl
from archdsl import library
from archdsl.analysis.cost import cost
from archdsl.analysis.receptive_field import field_rows
from archdsl.diagnostics.model import ArchError
from archdsl.emit.view.data import page_data
from archdsl.ir.graph import Graph
from archdsl.network import networks
from tests.analysis.random_specs import SPECS, spec
from tests.emit_view.unfolded import Numbers, of_graph, of_page
from tests.few import few
from tests.zoo_sample import swept


def problems(graph: Graph) -> list[str]:
    """Where the page of a network says something else than its bodies."""
    data = json.loads(json.dumps(page_data(graph)))
    numbers = Numbers()
    outputs, taken = of_page(data, numbers)
    wanted, ops = of_graph(graph, numbers)
    return [
        *(["the outputs are made otherwise"] if outputs != wanted else []),
        *([f"{(ops - taken).total()} ops are missing"] if ops - taken else []),
        *([f"{(taken - ops).total()} ops are too many"] if taken - ops else []),
    ]


@pytest.mark.parametrize("path", swept())
def test_the_zoo(path: Path) -> None:
    assert problems(archdsl.load(path, networks(path)[-1]).graph) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", library.networks())
def test_the_whole_zoo(name: str) -> None:
    try:
        network = archdsl.load(name)
    except ArchError as error:
        assert {d.code for d in error.diagnostics} == {"missing-argument"}  # what others of the zoo are made of
        return
    assert problems(network.graph) == []
    assert len(network.view().encode()) <= 100_000


@given(drawn=SPECS)
@settings(max_examples=few(40), deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_random_specs(drawn: Any) -> None:
    try:
        network = archdsl.loads(spec(drawn, (20, 24)))
    except ArchError:
        return
    assert problems(network.graph) == []


def test_a_missing_edge_is_seen() -> None:
    """The comparison fails where it must."""
    graph = archdsl.loads("network n(x: [3, 8, 8]) {\n y = x -> conv(3)\n return (y -> relu) + x\n}").graph
    data, numbers = page_data(graph), Numbers()
    assert of_page(data, numbers) == of_graph(graph, numbers)
    data["bodies"][0][8][1][0] = 0  # the sum takes x twice
    assert of_page(data, numbers) != of_graph(graph, numbers)


TEXT = """
block unit(x; width) = x -> conv(width, 3) -> relu -> conv(width, 3)
network net(x: [3, 32, 32]) {
    x = x -> unit(8) -> max_pool(2) -> unit(8)
    return x -> conv(4, 3)
}
"""


def test_costs_shapes_paths_and_lines() -> None:
    network = archdsl.loads(TEXT)
    data = page_data(network.graph)
    text = data["strings"]
    boxes = data["bodies"][0][7]
    assert data["total"] == (network.params, network.macs, cost(network.graph).activations, *data["total"][3:])
    assert sum(data["costs"][box[1]][1] for box in boxes if len(box) > 2 and box[2]) == network.macs
    pieces = [data["pieces"][box[2][0]] for box in boxes if len(box) > 2 and box[2]]
    assert [text[data["ops"][op][0]] for op, *_ in pieces] == ["unit", "max_pool", "unit", "conv"]
    assert [text[path] for _, _, path, _, _ in pieces] == ["unit", "max_pool", "unit_1", "conv"]
    assert [[text[x] for x in types] for *_, types in pieces] == [
        ["8 × 32 × 32"],
        ["8 × 16 × 16"],
        ["8 × 16 × 16"],
        ["4 × 16 × 16"],
    ]
    assert [data["spans"][span][1] for _, span, *_ in pieces] == [4, 4, 4, 5]
    assert data["files"] == [("<text>", TEXT)]


def test_fields_stand_in_the_order_of_unfolding() -> None:
    """A call, then what is in it; a conv with the relu behind it is one unit."""
    graph = archdsl.loads(TEXT).graph
    data = page_data(graph)
    seen = [data["strings"][data["fields"][number]] for number in data["fieldOf"]]
    rows = {row.path: row.outputs[0][0].at_most for row in field_rows(graph) if row.path}
    assert sorted({int(words.split(",")[0]) for words in seen}) == sorted(set(rows.values()))
    assert seen == ["5", "3", "5", "6, stride 2", "14, stride 2", "10, stride 2", "14, stride 2", "18, stride 2"]
