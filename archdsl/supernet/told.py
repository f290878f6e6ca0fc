"""Writes the docstrings of a supernet's file: from where it is, what a design is, which decisions there are."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from archdsl.choices.asked import Asked
from archdsl.choices.wording import Conditions
from archdsl.emit.pytorch.designs import SpaceGraph
from archdsl.emit.pytorch.file import opening, wrapped
from archdsl.ir.graph import Graph
from archdsl.ir.weights import weights

_WIDTH = 80

_PICKS = "`design` picks one option of each decision, by its text."
_WEIGHS = (
    "`design` picks one option of each decision, by its text, or weighs all of them: a tensor of as many weights. "
    "What weighed options give is summed."
)
_ONLY = "Decisions with a star are picked, never weighed: their options give no tensors of one shape."


def docstring(graph: SpaceGraph, origin: str, size: int) -> list[str]:
    """The docstring of the file."""
    params = sum(owned.weight.size for owned in weights(graph) if owned.weight.trainable)
    holds = f"A supernet: one module for all {size:,} designs of the space, {params:,} parameters together."
    return [*opening(graph, origin, ""), *wrapped(holds)]


def root_docstring(graph: Graph, outputs: Sequence[str], asked: Asked, fixed: Sequence[str]) -> list[str]:
    """The docstring of the class of the whole space."""
    inputs = ", ".join(map(str, graph.inputs[:-1]))
    lines = [f"All networks of the space: {inputs} in, {', '.join(outputs)} out.", ""]
    if len(fixed) == len(asked.domains):
        lines.append(_PICKS)
    else:
        lines.append(f"{_WEIGHS} {_ONLY}" if fixed else _WEIGHS)
    lines.append("")
    for text in _decisions(asked, frozenset(fixed) if len(fixed) < len(asked.domains) else frozenset()):
        lines += textwrap.wrap(_safe(text), _WIDTH, initial_indent="    ", subsequent_indent="        ")
    return lines


def _decisions(asked: Asked, starred: frozenset[str]) -> list[str]:
    """The decisions, those together that are asked alike and offer the same: `a, b: x | y`."""
    conditions = Conditions(asked)
    groups: dict[tuple[tuple[tuple[str, ...], str], ...], list[str]] = {}
    for decision in asked.domains:
        offers = tuple([(texts, said.text) for texts, said in conditions.offers(decision)])
        name = decision.name + ("*" if decision.name in starred else "")
        groups.setdefault(offers, []).append(name)
    return [f"{', '.join(names)}: {_offered(offers)}" for offers, names in groups.items()]


def _offered(offers: tuple[tuple[tuple[str, ...], str], ...]) -> str:
    return "; ".join(" | ".join(texts) + (f" (where {when})" if when else "") for texts, when in offers)


def _safe(text: str) -> str:
    """Text that can stand in a docstring."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    return plain.replace("\\", "\\\\").replace('"""', r"\"\"\"")
