"""Names boxes and ends of edges for pictures that others lay out, and says what stands beside a panel as lines."""

from __future__ import annotations

from archdsl.emit.figure.scene import Edge, Panel, Sketch


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


def _port(inside: Sketch, number: int, output: bool) -> int:
    """The box of an input or output."""
    taken = {edge.target for edge in inside.edges}
    return next(i for i, box in enumerate(inside.boxes) if box.port == number and (i in taken) == output)


def lines_beside(panel: Panel) -> list[str]:
    """What is said about a panel, a line per row of its table."""
    rows = () if panel.table is None else (panel.table.head, *panel.table.rows)
    return [*panel.title.remarks, *(" | ".join(row) for row in rows)]
