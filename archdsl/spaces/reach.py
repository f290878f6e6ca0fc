"""Tells of the alternatives of a body who takes what, and what is taken by which text."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from typing import Any

from archdsl.choices.diagram import Diagrams
from archdsl.choices.nodes import Decision, Diagram, Ending, Fork, leaves
from archdsl.ir.alternatives import Alternative, Alternatives, Selection, returned
from archdsl.ir.graph import INPUT, Ref


def taken(diagrams: Diagrams, body: Alternatives, needed: Mapping[int, Diagram]) -> Iterator[tuple[Ref, int, Diagram]]:
    """All that is taken, by which node or selection, and when; by -1, what is an output."""
    for output, condition in returned(diagrams, body):
        yield body.outputs[output], -1, condition
    for index, here in needed.items():
        node = body.nodes[index]
        if isinstance(node, Selection):
            yield from ((ref, index, when) for ref, when in diagrams.cases(node.refs, here))
        else:
            yield from ((ref, index, diagrams.both(here, present)) for ref, present in node.operands)


def made_of(diagrams: Diagrams, refs: Diagram, nodes: Container[int]) -> Diagram:
    """Tensors as far as they are inputs or of these nodes: where all that takes one fails, no network has it."""

    def kept(ref: Ref) -> Diagram | None:
        return diagrams.leaf(ref) if ref.node == INPUT or ref.node in nodes else None

    return diagrams.apply(kept, refs) or refs


def by_text(node: Alternative | Selection) -> dict[str, Ref]:
    """The tensor that each text of a decision takes; nothing where more, or something else, decides."""
    if not isinstance(node, Selection) or not isinstance(node.refs, Fork) or node.refs.otherwise:
        return {}
    found = {text: child.value for text, child in node.refs.children.items() if isinstance(child, Ending)}
    return found if len(found) == len(node.refs.children) else {}


def parted(diagrams: Diagrams, refs: Diagram) -> tuple[Decision | None, dict[Diagram, list[str]]]:
    """The decision that says which tensors there are to take, the last such one, and what is left by its texts.

    Where there is none, each tensor, without a text.
    """
    ends = leaves(refs)
    for decision in sorted(diagrams.support(refs), key=lambda one: -one.order):
        parts: dict[Diagram, list[str]] = {}
        for text in decision.texts:
            part = diagrams.restrict(refs, decision, text)
            if part is not None:
                parts.setdefault(part, []).append(text)
        if len(parts) > 1 and sum(len(leaves(part)) for part in parts) == len(ends):
            return decision, parts
    return None, {ending: [""] for ending in ends}


def applied_at(node: Alternative) -> Any:
    """What nodes have in common that apply one op or block at one place to one tensor."""
    target = leaves(node.variants)[0].value.target
    what = (target.definition, target.name) if isinstance(target, Alternatives) else type(target)
    return what, node.operands, node.node.spans, node.node.slot
