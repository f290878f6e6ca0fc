"""Writes the docstrings of a supernet's file: from where it is, and what a design is."""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.emit.pytorch.designs import SpaceGraph
from archdsl.emit.pytorch.file import opening, wrapped
from archdsl.ir.graph import Graph
from archdsl.ir.weights import weights

_PICKS = "`design` picks one of the OPTIONS of each decision, by its text."
_WEIGHS = (
    "`design` picks one of the OPTIONS of each decision, by its text, or weighs all of them: a tensor of as many "
    "weights. What weighed options give is summed."
)
_ONLY = "Decisions in PICKED are never weighed: their options give no tensors of one shape."


def docstring(graph: SpaceGraph, origin: str, size: int) -> list[str]:
    """The docstring of the file."""
    params = sum(owned.weight.size for owned in weights(graph) if owned.weight.trainable)
    holds = f"A supernet: one module for all {size:,} designs of the space, {params:,} parameters together."
    return [*opening(graph, origin, ""), *wrapped(holds)]


def root_docstring(graph: Graph, outputs: Sequence[str], weighs: bool, fixes: bool) -> list[str]:
    """The docstring of the class of the whole space; `fixes`: not all decisions may be weighed."""
    inputs = ", ".join(map(str, graph.inputs[:-1]))
    said = _PICKS if not weighs else f"{_WEIGHS} {_ONLY}" if fixes else _WEIGHS
    return [f"All networks of the space: {inputs} in, {', '.join(outputs)} out.", "", said]
