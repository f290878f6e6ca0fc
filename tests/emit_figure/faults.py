"""Counts what figures of the zoo leave out or say wrongly, by kind: `python -m tests.emit_figure.faults`.

Before stands what was counted of 368 networks when a panel drew one instance of each block.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields

import archdsl
from archdsl import library
from archdsl.emit.figure.scene import Scene, composed
from archdsl.emit.figure.scenes import scene
from archdsl.emit.figure.verify import verify
from archdsl.emit.figure.words import op_phrases
from archdsl.ir.graph import Graph, bodies
from archdsl.ops.base import Op, Types

KINDS = {
    "an edge of some instance is not drawn": 224,
    "a reader would build another network": 79,
    "ops that appear nowhere": 41,
    "fewer arrows than operands": None,
    "ops that differ and read alike": None,
    "text cut by an ellipsis": None,
    "the network is one closed box": 34,
}


def kinds(graph: Graph, found: Scene) -> Iterator[str]:
    """The kinds of faults that the figure of one network has."""
    differences = verify(found).differences
    if any(" takes " in text for text in differences):
        yield "an edge of some instance is not drawn"
    if differences:
        yield "a reader would build another network"
    if any("is not drawn" in text or "no panel shows" in text for text in differences):
        yield "ops that appear nowhere"
    sketches = [(panel.sketch, one.sketch) for panel in found.panels for one in panel.instances]
    for drawn, own in sketches:
        arrows = Counter(edge.target for edge in drawn.edges for _ in edge.operands)
        for number, box in enumerate(own.boxes):
            if box.units and len(box.units[0][0]) == 1:
                node = own.graph.nodes[box.units[0][0][0]]
                if arrows[number] != len(node.operands):
                    yield "fewer arrows than operands"
    if len(texts(graph)) > len(set(texts(graph))):
        yield "ops that differ and read alike"
    lines = [line.text for drawn, _ in sketches for box in drawn.boxes for line in box.lines]
    cells = [cell for panel in found.panels if panel.table for row in panel.table.rows for cell in row]
    if any("…" in text for text in (*lines, *cells)):
        yield "text cut by an ellipsis"
    boxes = [box for box in found.panels[0].sketch.boxes if box.units]
    if len(boxes) == 1 and len(boxes[0].units) == 1 and boxes[0].callees and boxes[0].inside is None:
        yield "the network is one closed box"


def spelling(op: Op, given: Types) -> str:
    """An op with its arguments; paddings that are the same at this size may be written in several ways."""
    values = {f.name: getattr(op, f.name) for f in fields(op)}
    if hasattr(op, "pads"):
        values["padding"] = op.pads(given)
    return f"{op.name} {values}"


def texts(graph: Graph) -> list[tuple[object, str]]:
    """What is said of each distinct op of a network, beside what it takes."""
    ops = {
        (body.operand_types(node), spelling(node.target, body.operand_types(node))): node.target
        for body in bodies(graph)
        for node in body.nodes
        if isinstance(node.target, Op)
    }
    return [(given, composed(op_phrases(op, given))) for (given, _), op in ops.items()]


def count() -> tuple[int, Counter[str]]:
    """How many networks of the zoo have a figure, and how many of these have each kind of fault."""
    networks, faulty = 0, Counter[str]()
    for name, path in library.networks().items():
        try:
            graph = archdsl.load(path, name).graph
        except archdsl.ArchError:  # it needs arguments
            continue
        networks += 1
        faulty.update(set(kinds(graph, scene(graph))))
    return networks, faulty


if __name__ == "__main__":
    networks, faulty = count()
    print(f"networks: {networks}")
    for kind, before in KINDS.items():
        print(f"{kind}: {faulty[kind]} (before: {'not counted' if before is None else before})")
