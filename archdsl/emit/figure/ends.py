"""Names boxes and ends of edges for pictures that others lay out, and says what their places would show, as text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archdsl.emit.figure.scene import Edge, Panel, Sketch

_WHICH = re.compile(r"output \d+|last but one")


def box_name(owner: str, number: int) -> str:
    """The name of box `number` of a panel or of a box that holds it: `p2b3`, and `p2b3b1` for the first inside it."""
    return f"{owner}b{number + 1}"


def ends(sketch: Sketch, edge: Edge, owner: str) -> tuple[str, str]:
    """The names of the boxes that an edge of a sketch leads from and to."""
    source, target = box_name(owner, edge.source), box_name(owner, edge.target)
    giving, taking = sketch.boxes[edge.source].inside, sketch.boxes[edge.target].inside
    if giving is not None:
        source = box_name(source, _port(giving, edge.output, output=True))
    if taking is not None:
        target = box_name(target, _port(taking, edge.operands[0], output=False))
    return source, target


def edge_words(sketch: Sketch) -> Iterator[tuple[str, str]]:
    """What each edge says at its head, and beside it, where nobody sees in which order edges meet a box.

    At its head, the operand: its number in front where only the order tells it, `2: 64` and `1 to 32: 32 × 4` of a
    concat. Beside it, which result it is, of all boxes that have several, and its shape.
    """
    counted = {edge.target for edge in sketch.edges if edge.varies and edge.name != str(edge.operands[0] + 1)}
    for edge in sketch.edges:
        name, operands = edge.name, edge.operands
        if edge.varies and edge.target in counted:
            last = f" to {operands[-1] + 1}" if len(operands) > 1 else ""
            name = f"{operands[0] + 1}{last}: {name}"
        which = [f"output {edge.output + 1}"] * (sketch.boxes[edge.source].outs > 0)
        which += ["last but one"] * (edge.back > 0)
        shape = edge.label.rpartition(": ")[2]
        shown = ", ".join(which), "" if _WHICH.match(shape) else shape
        yield name, ": ".join(filter(None, shown))


def _port(inside: Sketch, number: int, output: bool) -> int:
    """The box of an input or output."""
    taken = {edge.target for edge in inside.edges}
    return next(i for i, box in enumerate(inside.boxes) if box.port == number and (i in taken) == output)


def lines_beside(panel: Panel) -> list[str]:
    """What is said about a panel, a line per row of its table."""
    rows = () if panel.table is None else (panel.table.head, *panel.table.rows)
    return [*panel.title.remarks, *(" | ".join(row) for row in rows)]
