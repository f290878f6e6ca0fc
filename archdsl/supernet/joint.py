"""Finds tensors that are chosen among chosen tensors, all by the same decisions, so that these can be asked first.

Each op of `states[i] -> oneof(OPS)(stride = 2 if i < 2 else 1)` is two modules, and `i` tells which. What the spec
makes is a choice of ops, each chosen by `i`. A person writes it the other way round, as two choices of ops:

    if design["i"] == "2":
        x = self.ops_1(x, design["ops"])
    else:
        x = self.ops(x, design["ops"])
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from archdsl.choices.diagram import Diagrams
from archdsl.choices.nodes import Decision, Diagram, leaves
from archdsl.ir.alternatives import Alternative, Alternatives, Selection
from archdsl.ir.graph import Ref


class Joint(NamedTuple):
    """What a selection selects when those that it selects from are parts of it; `first` are the decisions of these."""

    refs: Diagram
    first: frozenset[Decision]


def joint_selections(
    diagrams: Diagrams, source: Alternatives, nodes: Sequence[Alternative | Selection]
) -> tuple[dict[int, Joint], set[int]]:
    """The selections of a body that are joint, by index, and those that are their parts."""
    read = Counter(source.outputs)
    for node in nodes:
        if isinstance(node, Selection):
            read.update(ending.value for ending in leaves(node.refs))
        else:
            read.update(ref for ref, _ in node.operands)
    joint: dict[int, Joint] = {}
    parts: set[int] = set()
    for index, node in enumerate(nodes):
        if isinstance(node, Selection):
            found = _joint(diagrams, node, nodes, read)
            if found is not None:
                joint[index] = found
                parts.update(ending.value.node for ending in leaves(node.refs))
    return joint, parts


def _joint(
    diagrams: Diagrams, node: Selection, nodes: Sequence[Alternative | Selection], read: Counter[Ref]
) -> Joint | None:
    refs = [ending.value for ending in leaves(node.refs)]
    below = [nodes[ref.node] for ref in refs if ref.node >= 0 and read[ref] == 1]
    parts = [part for part in below if isinstance(part, Selection)]
    if len(refs) < 2 or len(parts) < len(refs):
        return None
    cases = [frozenset([where for _, where in diagrams.cases(part.refs, diagrams.true)]) for part in parts]
    first = diagrams.support(parts[0].refs)
    if len(set(cases)) > 1 or first & diagrams.support(node.refs):
        return None
    cases_of = zip(parts, [where for _, where in diagrams.cases(node.refs, diagrams.true)], strict=True)
    chosen = diagrams.choose((part.refs, where) for part, where in cases_of)
    return None if chosen is None else Joint(chosen, first)
