"""The proof reads the written SVG: an edge that is lost, hidden or moved is found out, each by its name."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

import archdsl
from archdsl.diagnostics.model import ArchError, Diagnostics
from archdsl.emit.figure import compose
from archdsl.emit.figure.look import look
from archdsl.emit.figure.proof import prove
from archdsl.emit.figure.reading import read_figure
from archdsl.emit.figure.scene import Scene, Sketch
from archdsl.emit.figure.sheets import drawing
from archdsl.emit.registry import PICTURES, writer
from tests.emit_figure.geometry import edge_ends, faults
from tests.emit_figure.nested_specs import nested_spec
from tests.emit_figure.test_verify import random_networks
from tests.few import few

LOOKS = ({}, {"width": "3.5in"}, {"left_to_right": True}, {"cells": True, "depth": 1}, {"width": "a4", "depth": 2})
EDGE = re.compile(r'<g id="(panel-[\d.a-z-]*edge-\d+)(?:\.part-\d+)?" data-kind="edge">.*?</g>', re.DOTALL)
LINE = re.compile(r'<path d="M([\d.]+) ([\d.]+)[^"]*"')


@cache
def figures() -> list[tuple[Scene, str]]:
    """Scenes and their SVGs: cut over pages, with open boxes, in all directions."""
    found = []
    graphs = [archdsl.load("resnet50").graph, archdsl.load("nasnet_mobile").graph, *random_networks(range(500, 540))]
    for number, graph in enumerate(graphs):
        asked = look(**LOOKS[number % len(LOOKS)])  # type: ignore[arg-type]
        scene = compose(graph, asked, Diagnostics())
        try:
            found.append((scene, writer(PICTURES, "svg")(scene, asked, Diagnostics()).decode()))
        except ArchError:  # nothing could be read at that width
            continue
    return found


def notes(scene: Scene, svg: str) -> tuple[str, ...]:
    try:
        prove(scene, scene, svg.encode())
    except ArchError as error:
        return error.diagnostics[0].notes
    return ()


def test_edges_of_random_specs_join_their_boxes() -> None:
    assert len(figures()) > 30
    assert [notes(scene, svg) for scene, svg in figures() if notes(scene, svg)] == []


Spoil = Callable[[re.Match[str]], str]
SPOILT: dict[str, Spoil] = {
    "is lost": lambda edge: "",
    "is empty": lambda edge: re.sub(r"<path .*/>", "", edge[0]),
    "has no colour": lambda edge: re.sub(r'stroke="#\w+"', 'stroke="none"', edge[0]),
    "has no width": lambda edge: re.sub(r'stroke-width="[\d.]+"', 'stroke-width="0"', edge[0]),
    "begins elsewhere": lambda edge: LINE.sub(
        lambda m: m[0].replace(f"M{m[1]}", f"M{float(m[1]) + 4000}", 1), edge[0], 1
    ),
    "lies elsewhere": lambda edge: re.sub(r"([ML])([\d.]+) ", lambda m: f"{m[1]}{float(m[2]) + 4000} ", edge[0]),
}


@pytest.mark.parametrize("fault", SPOILT)
def test_a_spoilt_edge_is_found_out(fault: str) -> None:
    rng, count = random.Random(fault), 0
    for scene, svg in figures():
        edges = [edge for edge in EDGE.finditer(svg) if ".part-" not in svg[edge.start() : edge.end()]]
        edge = rng.choice([edge for edge in edges if svg.count(f'id="{edge[1]}.part-') == 0])
        spoilt = svg[: edge.start()] + SPOILT[fault](edge) + svg[edge.end() :]
        assert spoilt != svg
        assert any(note.startswith(f"{edge[1]} ") for note in notes(scene, spoilt)), (scene.root.name, edge[0])
        count += 1
    assert count > 30


def test_edges_that_change_places_are_found_out() -> None:
    """The elements of two edges that join other boxes take each other's ids."""
    rng, count = random.Random(1), 0
    for scene, svg in figures():
        sketch = scene.panels[0].sketch
        numbers = [number for number, _ in enumerate(sketch.edges, 1) if f'id="panel-1.edge-{number}.part-' not in svg]
        pairs = [
            (a, b)
            for a in numbers
            for b in numbers
            if a < b and sketch.edges[a - 1].target != sketch.edges[b - 1].target
        ]
        if not pairs:
            continue
        a, b = (f'"panel-1.edge-{number}"' for number in rng.choice(pairs))
        assert notes(scene, svg.replace(a, "?").replace(b, a).replace("?", b)) != ()
        count += 1
    assert count > 20


def test_a_box_that_is_lost_is_found_out() -> None:
    for scene, svg in figures():
        assert any("panel-1.box-1 " in note for note in notes(scene, svg.replace('"panel-1.box-1"', '"gone"')))


@pytest.mark.parametrize("format", ["pdf", "png", "tikz", "dot", "mermaid"])
def test_the_proof_says_what_was_not_read(format: str) -> None:
    network = archdsl.load("resnet18")
    made = "data" if format in ("dot", "mermaid") else "drawing"
    open_end = f"; the {format} is made from the same {made}, and was not read back"
    assert network.figure_proof(format) == network.figure_proof() + open_end


def test_of_a_block_alone_its_panels_are_proved() -> None:
    text = "block w(x; k) = x -> conv(8, k) -> bn -> relu\n"
    network = archdsl.loads(text + "network n(x: [8, 6, 6]) = x -> w(3) -> sigmoid -> w(5) -> tanh -> w(1)")
    assert "9 ops and calls and their 9 operands, of 3 of 3 bodies of w;" in network.figure_proof(block="w")
    assert "of 7 of 7 bodies of basic;" in archdsl.load("resnet18").figure_proof(block="basic")
    scene = compose(network.graph, look(), Diagnostics())
    with pytest.raises(ArchError) as caught:
        prove(scene, scene, network.draw(), blocks=["w"])
    assert caught.value.diagnostics[0].notes == ("w: 3 bodies are not shown",)


CROSSED = """
block turned(alpha, beta) { return beta, alpha -> conv(8, 3) -> conv(8) }
block late(first, second) { u = second -> conv(8, 3) -> conv(8); v = u + first -> relu; return u - v }
block three(theta, phi, query) = (query -> conv(8, 1)) - (theta -> conv(8, 3)) - (phi -> conv(8, 5)) -> relu
network net(x: [8, 8, 8], y: [8, 8, 8]) {
    p, q = [x -> tanh, y -> gelu] -> turned
    r = [p -> relu, q -> sigmoid] -> late
    return [r, p, q] -> three
}
"""
OPEN = [
    (CROSSED, {"depth": 1}),
    (CROSSED, {"depth": 1, "left_to_right": True}),
    (CROSSED, {"inline": ["turned", "late", "three"], "width": "5.5in"}),
    ("nonlocal5_dot_resnet50", {"block": "by_product", "depth": 1}),
    ("darts_v2_cifar", {"depth": 3}),
]
LARGE = pytest.param("amoebanet_a_4_50", {"depth": 2, "cells": True}, marks=pytest.mark.slow)


@pytest.mark.parametrize(("target", "options"), [*OPEN, LARGE])
def test_wires_meet_an_open_block_where_its_own_go_on(target: str, options: dict[str, Any]) -> None:
    """An input of a block is not the one that stands first in it: what comes in must go on from its own place."""
    network = archdsl.load(target) if "\n" not in target else archdsl.loads(target)
    asked = look(**options)
    scene = compose(network.graph, asked, Diagnostics())
    svg = writer(PICTURES, "svg")(scene, asked, Diagnostics())
    network.figure_proof(**options)
    refused = 0
    for number, panel in enumerate(scene.panels):
        for index, edge in enumerate(panel.sketch.edges):
            box = panel.sketch.boxes[edge.target]
            if box.inside is None or box.ins < 2:
                continue
            other = edge._replace(operands=((edge.operands[0] + 1) % box.ins,))
            edges = (*panel.sketch.edges[:index], other, *panel.sketch.edges[index + 1 :])
            found = replace(panel.sketch, edges=edges)
            assert list(read_figure(svg).differences(found, f"panel-{number + 1}", f"panel-{number + 1}"))
            refused += 1
    assert refused


@pytest.mark.parametrize("options", [options for target, options in OPEN if target == CROSSED])
def test_operands_of_an_open_block_have_their_names(options: dict[str, Any]) -> None:
    svg = archdsl.loads(CROSSED).draw(**options).decode()
    for name in ("alpha", "beta", "first", "second", "theta", "phi", "query"):
        assert svg.count(f">{name}<") == 1, name


@pytest.mark.parametrize("first", range(0, 80, 20))
def test_blocks_that_call_blocks_are_drawn_as_they_are(first: int) -> None:
    for seed in range(first, first + few(20)):
        network = archdsl.loads(nested_spec(seed))
        for depth in {0, seed % 4}:
            network.figure_proof(depth=depth)


UNUSED = """
block deaf(first, second, third) { y = first -> conv(8, 3); z = y -> relu; return y + z, third }
block deeper(u, v, w) { a, b = [u, v, w] -> deaf; return a - u -> sigmoid, a }
network net(x: [8, 8, 8], y: [8, 8, 8], z: [8, 8, 8]) {
    p, q = [x, y, z] -> deaf
    r, s = [p, x, q] -> deeper
    return r -> conv(8), p
}
"""
ALONE = {"depth": 1}, {"depth": 2}, {"depth": 2, "left_to_right": True}, {}, {"inline": ["deaf"]}


def unused(sketch: Sketch) -> int:
    """How many inputs nothing takes, and results of open boxes."""
    taken = {(edge.source, edge.output) for edge in sketch.edges}
    given = {edge.target for edge in sketch.edges}
    count = 0
    for number, box in enumerate(sketch.boxes):
        if box.inside is not None:
            count += unused(box.inside) + len({(number, i) for i in range(len(box.inside.graph.outputs))} - taken)
        elif box.port is not None and number not in given:
            count += (number, 0) not in taken
    return count


def test_what_is_unused_ends_at_a_bar_and_nothing_else_does() -> None:
    """Without its own end the wire of an unused input reads as where another one begins."""
    graphs = [(archdsl.loads(UNUSED).graph, options) for options in ALONE]
    graphs += [(archdsl.loads(nested_spec(seed)).graph, {"depth": 1 + seed % 3}) for seed in range(200, 200 + few(15))]
    found = 0
    for graph, options in graphs:
        asked = look(**options)  # type: ignore[arg-type]
        scene = compose(graph, asked, Diagnostics())
        made = drawing(scene, asked, Diagnostics())
        assert list(faults(made, scene)) == []
        svg = writer(PICTURES, "svg")(scene, asked, Diagnostics()).decode()
        bars = re.findall(r'<g id="([^"]*)" data-kind="end"', svg)
        assert len(bars) == sum(unused(panel.sketch) for panel in scene.panels)
        assert notes(scene, svg) == ()
        ends = edge_ends(scene)
        for edge in EDGE.finditer(svg):
            if edge[1] in ends and ends[edge[1]][1] in bars:
                lost = svg.replace(edge[0], "")
                assert any(note.startswith(f"{edge[1]} ") for note in notes(scene, lost))
                found += 1
        for bar in bars:
            gone = svg.replace(f'"{bar}"', '"gone"')
            assert any(note.startswith(f"{bar} ") for note in notes(scene, gone))
    assert found > few(30)
