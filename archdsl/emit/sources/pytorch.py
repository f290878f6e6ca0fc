"""Turns a network into a Python file of PyTorch modules."""

from __future__ import annotations

from archdsl.emit.pytorch import source
from archdsl.ir.graph import Graph


def write(graph: Graph, origin: str, digest: str) -> str:
    """The file; `origin` and `digest` say in it where the network comes from."""
    return source(graph, origin=origin, digest=digest)
