"""Turns a network into standalone PyTorch: `source` gives the text of a file, `build` the module itself."""

from __future__ import annotations

from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.emit.pytorch.classes import make_classes
from archdsl.emit.pytorch.file import network_class, source
from archdsl.emit.pytorch.program import build
from archdsl.ir.graph import Graph, bodies

__all__ = ["build", "obstacles", "source"]


def obstacles(graph: Graph) -> list[Diagnostic]:
    """Why no module can be made of `graph`: weights that are shared among stages of other settings; mostly empty."""
    if not any(_shares_unequally(body) for body in bodies(graph)):
        return []
    try:
        make_classes(graph, network_class(graph))
    except ArchError as error:
        return error.diagnostics
    return []


def _shares_unequally(body: Graph) -> bool:
    """Whether one set of weights is applied in different ways."""
    first: dict[int, tuple[object, ...]] = {}
    ways = [(node.slot, (node.target, body.operand_types(node))) for node in body.nodes if node.slot is not None]
    return any(first.setdefault(slot, way) != way for slot, way in ways)
