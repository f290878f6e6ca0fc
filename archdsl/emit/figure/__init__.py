"""Turns a network into the figure that a paper would print: its skeleton, and a panel per block."""

from __future__ import annotations

from dataclasses import replace

from archdsl.analysis.cost import cost
from archdsl.diagnostics.model import Diagnostics
from archdsl.emit.figure.look import Look
from archdsl.emit.figure.scene import Scene
from archdsl.emit.figure.scenes import scene
from archdsl.emit.registry import PICTURES, writer
from archdsl.ir.graph import Graph


def compose(graph: Graph, look: Look) -> Scene:
    """What is drawn of `graph`, by what `look` asks for.

    Raises:
        KeyError: there is no block of a name that `look` gives; its arguments are the name and those that there are.
    """
    whole = cost(graph)
    found = scene(graph, f"{short(whole.params)} parameters, {short(whole.macs)} multiply-accumulates")
    known = {panel.title.name for panel in found.panels[1:]}
    for name in (*([look.block] if look.block is not None else []), *look.inline):
        if name not in known:
            raise KeyError(name, *sorted(known))
    if look.block is not None:
        found = replace(found, panels=tuple(panel for panel in found.panels[1:] if panel.title.name == look.block))
    return found


def draw(graph: Graph, format: str, look: Look, diagnostics: Diagnostics) -> bytes:
    """The picture of `graph` in a form of `pictures/`; equal input gives equal bytes.

    What is odd about it goes to `diagnostics`.

    Raises:
        ArchError: there is no such form (unknown-format), or the page is too narrow (page-too-narrow).
        KeyError: there is no block of a name that `look` gives; its arguments are the name and those that there are.
    """
    write = writer(PICTURES, format)
    picture: bytes = write(compose(graph, look), look, diagnostics)
    return picture


def short(count: int) -> str:
    """A count in three digits: `17`, `53.2 k`, `25.6 M`, `4.09 G`."""
    if count < 1000:
        return str(count)
    value, units = float(count), ["", "k", "M", "G", "T", "P", "E", "Z", "Y"]
    step = 0
    while step + 1 < len(units) and float(f"{value:.3g}") >= 1000:
        value, step = value / 1000, step + 1
    digits = 2 - (len(str(int(float(f"{value:.3g}")))) - 1)
    return f"{value:.{max(0, digits)}f} {units[step]}"
