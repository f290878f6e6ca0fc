"""Turns a network into the figure that a paper would print: its skeleton, and a panel per block."""

from __future__ import annotations

from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.emit.diagram import engine
from archdsl.emit.diagram.compose import panels
from archdsl.emit.diagram.layout import place
from archdsl.emit.diagram.measure import shorten
from archdsl.emit.diagram.page import arrange
from archdsl.emit.diagram.paint import paint
from archdsl.ir.graph import Graph

FORMATS = ("svg", "png", "pdf", "dot")
_PNG_DPI = 144


def draw(graph: Graph, format: str, *, caption: str = "") -> bytes:
    """The picture of `graph` as one of FORMATS, with `caption` under its name; equal input gives equal bytes.

    Raises:
        ArchError: the format is unknown (unknown-format), there is no Graphviz (no-graphviz), or it breaks down
            (graphviz-failed).
    """
    if format not in FORMATS:
        known = ", ".join(FORMATS)
        message = f"{format!r} is no picture format" if format else "the picture's format is not given"
        raise ArchError([Diagnostic("unknown-format", message, None, help=f"end the file's name in one of: {known}")])
    skeleton, *blocks = place(panels(graph))
    text = paint(arrange(skeleton, blocks), shorten(graph.name, 60), shorten(caption, 200))
    if format == "png":
        text = text.replace("graph [", f"graph [dpi={_PNG_DPI}, ", 1)
    (picture,) = engine.run([(text, engine.KEEP, format)])
    return picture
