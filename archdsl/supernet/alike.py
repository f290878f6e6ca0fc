"""Finds bodies that differ in the types of their tensors alone, so that one class can be all of them.

A cell behind a cell with loose ends has 8 channels where the picks leave two of these, 12 where they leave three. It is
elaborated for each, under these picks: of the second it is known that nobody takes what it gives inside. To a reader it
is one cell, so the second is written by the conditions of the first, wherever these agree where the second runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from archdsl.choices.diagram import Diagrams
from archdsl.choices.nodes import Diagram
from archdsl.ir.alternatives import Alternative, Alternatives, Selection, Taking


def models(
    diagrams: Diagrams, bodies: Iterable[Alternatives], under: Mapping[Alternatives, Diagram]
) -> dict[Alternatives, Alternatives]:
    """For each body the one by whose conditions it is written: itself, or one that runs more generally."""
    found: dict[Alternatives, Alternatives] = {}
    known: dict[object, list[Alternatives]] = {}
    for body in sorted(bodies, key=lambda body: under[body] is not diagrams.true):
        others = known.setdefault((body.definition, body.kind, len(body.nodes)), [])
        found[body] = next((model for model in others if _is_alike(diagrams, model, body, under[body])), body)
        if found[body] is body:
            others.append(body)
    return found


def written_by(model: Alternatives, body: Alternatives) -> list[Alternative | Selection]:
    """The nodes of `body`, with the conditions of `model`."""
    nodes: list[Alternative | Selection] = []
    for one, own in zip(model.nodes, body.nodes, strict=True):
        if isinstance(one, Alternative) and isinstance(own, Alternative):
            pairs = zip(one.operands, own.operands, strict=True)
            operands = tuple([Taking(taking.ref, first.present) for first, taking in pairs])
            nodes.append(own._replace(guard=one.guard, operands=operands))
        elif isinstance(one, Selection) and isinstance(own, Selection):
            nodes.append(own._replace(refs=one.refs))
    return nodes


def _is_alike(diagrams: Diagrams, model: Alternatives, body: Alternatives, under: Diagram) -> bool:
    if model.outputs != body.outputs or len(model.structures) != len(body.structures):
        return False
    return all(_same(diagrams, one, own, under) for one, own in zip(model.nodes, body.nodes, strict=True))


def _same(diagrams: Diagrams, one: Alternative | Selection, own: Alternative | Selection, under: Diagram) -> bool:
    if isinstance(one, Selection) or isinstance(own, Selection):
        both = isinstance(one, Selection) and isinstance(own, Selection)
        return both and _agree(diagrams, one.refs, own.refs, under)  # type: ignore[union-attr]
    places = [
        (node.node.site, node.node.slot, node.node.length, node.node.each, [ref for ref, _ in node.operands])
        for node in (one, own)
    ]
    if places[0] != places[1] or not _agree(diagrams, one.guard, own.guard, under):
        return False
    here = diagrams.both(under, own.guard)
    pairs = zip(one.operands, own.operands, strict=True)
    return all(_agree(diagrams, first.present, other.present, here) for first, other in pairs)


def _agree(diagrams: Diagrams, one: Diagram, other: Diagram, under: Diagram) -> bool:
    """Whether two diagrams are the same wherever a condition holds, and both are something."""
    if one is other:
        return True
    equal = diagrams.map(lambda first, second: first == second, one, other, under=under)
    return equal is None or diagrams.where(equal, lambda found: not found, under) is diagrams.false
