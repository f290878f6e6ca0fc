"""Turns a network into a Python file of PyTorch modules."""

from __future__ import annotations

from archdsl.emit.pytorch import source
from archdsl.ir.graph import Graph


def write(graph: Graph, origin: str, digest: str, follows_size: bool) -> str:
    """The file; `origin` and `digest` say where it comes from, `follows_size` that it is for its input size alone."""
    return source(graph, origin=origin, digest=digest, follows_size=follows_size)
