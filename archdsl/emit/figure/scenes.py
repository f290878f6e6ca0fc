"""Turns a network into panels: its skeleton first, then one for each distinct block."""

from __future__ import annotations

from archdsl.emit.figure.measure import shorten
from archdsl.emit.figure.scene import Panel, Scene, Title
from archdsl.emit.figure.sketch import sketch
from archdsl.emit.figure.usage import blocks
from archdsl.ir.graph import Graph

_NAME = 60  # characters of a block's name


def scene(root: Graph, caption: str = "") -> Scene:
    """The skeleton of `root`, then the panels of each block in order of first call."""
    panels = [Panel(Title("network"), sketch(root), ((root, 1),))]
    for usage in blocks(root).values():
        graph = usage.drawn.graph
        title = Title(shorten(usage.name, _NAME), "", f"× {usage.uses:,}" if usage.uses > 1 else "", usage.remarks())
        panels.append(Panel(title, sketch(graph), tuple((body.graph, count) for body, count in usage.instances)))
    return Scene(root, tuple(panels), caption)
