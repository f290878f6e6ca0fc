"""Turns a network into the figure that a paper would print: its skeleton, and a panel per block."""

from __future__ import annotations

from archdsl.emit.figure import engine
from archdsl.emit.figure.compose import panels
from archdsl.emit.figure.layout import place
from archdsl.emit.figure.measure import shorten
from archdsl.emit.figure.page import arrange
from archdsl.emit.figure.paint import paint
from archdsl.ir.graph import Graph

_PNG_DPI = 144


def draw(graph: Graph, format: str, *, caption: str = "") -> bytes:
    """The picture of `graph` as svg, png, pdf or dot, with `caption` under its name; equal input gives equal bytes.

    Raises:
        ArchError: there is no Graphviz (no-graphviz), or it breaks down (graphviz-failed).
    """
    skeleton, *blocks = place(panels(graph))
    text = paint(arrange(skeleton, blocks), shorten(graph.name, 60), shorten(caption, 200))
    if format == "png":
        text = text.replace("graph [", f"graph [dpi={_PNG_DPI}, ", 1)
    (picture,) = engine.run([(text, engine.KEEP, format)])
    return picture
