"""Gives an end of its own to what nothing goes on from: an input that no box takes, a result of an open box.

Without one a wire stops at the border of an open box, right above others, and reads as where one of these begins.
"""

from __future__ import annotations

from collections.abc import Iterator

from archdsl.emit.figure.scene import SMALL, Box, BoxRow, Edge, Outline, Phrase, Sketch, Style

_WORDS = "unused"


def with_ends(sketch: Sketch) -> Sketch:
    """A sketch with a box for each such end, and an edge to it, behind all others; inside of open boxes, too."""
    boxes = [box if box.inside is None else _open(box, with_ends(box.inside)) for box in sketch.boxes]
    found = list(_unused(sketch))
    if not found and all(made is box for made, box in zip(boxes, sketch.boxes, strict=True)):
        return sketch
    edges = [Edge(box, len(boxes) + i, output, out=output) for i, (box, output) in enumerate(found)]
    end = Box((BoxRow((Phrase("name", _WORDS),), SMALL),), Style.PORT, Outline.END)
    return Sketch(sketch.graph, (*boxes, *[end] * len(found)), (*sketch.edges, *edges))


def _open(box: Box, inside: Sketch) -> Box:
    return box if inside is box.inside else box._replace(inside=inside)


def _unused(sketch: Sketch) -> Iterator[tuple[int, int]]:
    """Inputs and results of open boxes that no edge leaves from, as (box, result)."""
    leaving = {(edge.source, edge.output) for edge in sketch.edges}
    outputs = {edge.target for edge in sketch.edges}
    for number, box in enumerate(sketch.boxes):
        if box.port is not None and number not in outputs:
            results = 1
        else:
            results = max(1, box.outs) if box.inside is not None else 0
        yield from ((number, result) for result in range(results) if (number, result) not in leaving)
