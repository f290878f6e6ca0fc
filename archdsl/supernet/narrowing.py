"""Takes some decisions of a space, so that its supernet has less in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from archdsl.choices.diagram import Diagrams
from archdsl.choices.narrowing import narrowed
from archdsl.choices.nodes import Decision, Diagram, leaves
from archdsl.elaborate.open import OpenNetwork
from archdsl.elaborate.open_bodies import Explored
from archdsl.ir.alternatives import Alternative, Alternatives, NodeForm, Selection, Taking


def taken(made: OpenNetwork, picks: Mapping[str, str]) -> OpenNetwork:
    """The space where these are picked, but for decisions that elsewhere do not offer what is picked."""
    if not picks:
        return made
    decisions = {}
    for decision, domain in made.asked.domains.items():
        text = picks.get(decision.name)
        if text is not None and all(not ending.value or text in ending.value for ending in leaves(domain)):
            decisions[decision] = text
    narrowing = _Narrowing(made.asked.diagrams, decisions)
    roots = [(narrowing.where(condition), narrowing.explored(root)) for condition, root in made.roots]
    never = made.asked.diagrams.false
    left = tuple([(condition, root) for condition, root in roots if condition is not never])
    return replace(made, asked=narrowed(made.asked, picks), roots=left)


class _Narrowing:
    """Restricts diagrams, and bodies, each once."""

    def __init__(self, diagrams: Diagrams, decisions: Mapping[Decision, str]) -> None:
        self.diagrams = diagrams
        self.decisions = decisions
        self._bodies: dict[Alternatives, Alternatives] = {}

    def narrow(self, diagram: Diagram) -> Diagram | None:
        """A diagram where these are picked; None where it is nothing then."""
        found: Diagram | None = diagram
        for decision, text in self.decisions.items():
            if found is not None:
                found = self.diagrams.restrict(found, decision, text)
        return found

    def where(self, condition: Diagram) -> Diagram:
        """A condition where these are picked."""
        return self.narrow(condition) or self.diagrams.false

    def explored(self, root: Explored) -> Explored:
        """A root where these are picked."""
        return replace(root, graph=self._body(root.graph))

    def _body(self, body: Alternatives) -> Alternatives:
        if body not in self._bodies:
            nodes: list[Alternative | Selection] = []
            for node in body.nodes:
                if isinstance(node, Selection):
                    refs, types = self.narrow(node.refs), self.narrow(node.types)
                    nodes.append(node if refs is None or types is None else Selection(refs, types))
                    continue
                operands = tuple([Taking(ref, self.where(present)) for ref, present in node.operands])
                variants = self.narrow(node.variants)
                made = None if variants is None else self.diagrams.map(self._form, variants)
                guard = self.diagrams.false if made is None else self.where(node.guard)
                nodes.append(node._replace(guard=guard, operands=operands, variants=made or node.variants))
            structures = tuple([(self.where(condition), structure) for condition, structure in body.structures])
            self._bodies[body] = replace(body, nodes=tuple(nodes), structures=structures)
        return self._bodies[body]

    def _form(self, form: NodeForm) -> Any:
        return form._replace(target=self._body(form.target)) if isinstance(form.target, Alternatives) else form
