"""Every box knows what it stands for: definition, places, module paths, lines, cost."""

from __future__ import annotations

from pathlib import Path

import pytest

import archdsl
from archdsl.analysis.cost import NOTHING, Cost, cost
from archdsl.emit.figure.scene import Sketch
from archdsl.emit.figure.scenes import scene
from archdsl.ir.graph import Graph, bodies
from archdsl.network import networks
from archdsl.ops.base import Op
from tests.zoo_sample import swept

TEXT = """
block unit(x; width) = x -> conv(width, 3) -> bn -> relu
block residual(x; width) = (x -> unit(width) -> conv(width, 3)) + x -> relu
network net(x: [8, 8, 8]) {
    x = x -> residual(8) * 3
    shared f = conv(8)
    return x -> f -> f -> max_pool(2) -> linear(10)
}
"""


def total(panel: Sketch) -> Cost:
    found = NOTHING
    for box in panel.boxes:
        if box.origin is not None:
            found = found.plus(box.origin.cost)
    return found


def test_a_box_names_what_it_stands_for() -> None:
    network = archdsl.loads(TEXT)
    skeleton, block = [panel.sketch for panel in scene(network.graph).panels]
    folded = next(box for box in skeleton.boxes if box.deep)
    assert folded.origin is not None and folded.origin.definition == ("<text>", "residual")
    assert len(folded.origin.paths) == len({piece.origin for piece in folded.origin.pieces}) == 3
    assert {span.line for span in folded.origin.spans} == {5}
    assert folded.origin.cost.params == 3 * (584 + 16 + 584)
    joined = next(box for box in block.boxes if box.lines[0].text.startswith("3×3 conv"))
    assert joined.origin is not None and joined.origin.definition is None
    assert [path.rpartition(".")[2] for path in joined.origin.paths] == ["conv", "bn", "relu"]
    assert all(box.origin is None for box in skeleton.boxes if box.style == "port")


@pytest.mark.parametrize("path", swept())
def test_boxes_add_up_to_what_they_show(path: Path) -> None:
    """The skeleton costs what the network does; every place of it is in some box, once."""
    graph = archdsl.load(path, networks(path)[-1]).graph
    skeleton = scene(graph).panels[0].sketch
    found, wanted = total(skeleton), cost(graph)
    assert (found.macs, found.ops, found.activations) == (wanted.macs, wanted.ops, wanted.activations)
    assert found.params >= wanted.params and (found.params == wanted.params or shares(graph))
    sites = {piece.origin for box in skeleton.boxes if box.origin is not None for piece in box.origin.pieces}
    told = {node.site for node in graph.nodes if isinstance(node.target, Op) or node.target.nodes}
    assert sites == told


def shares(graph: Graph) -> bool:
    """Whether stages of a network own weights together, which two boxes may show."""
    return any(node.slot is not None for body in bodies(graph) for node in body.nodes)
