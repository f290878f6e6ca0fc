"""Says what a space asks: its decisions, what each offers, and under which earlier picks."""

from __future__ import annotations

from dataclasses import dataclass

from archdsl.choices.diagram import Diagrams
from archdsl.choices.nodes import Decision, Diagram


@dataclass(frozen=True)
class Asked:
    """What one elaboration of a whole space asked.

    `domains`: of each decision that some design asks, in order of their making known, the diagram of what it offers: a
    tuple of texts, the empty one where it is not asked. What it offers may depend on decisions that stand before or
    behind it, never on itself; in every design there is an order of asking. `fails` is the condition of the designs
    that do not elaborate.
    """

    diagrams: Diagrams
    domains: dict[Decision, Diagram]
    fails: Diagram

    def settled(self, diagram: Diagram) -> Diagram:
        """A diagram in which decisions that no design asks take their first option, as they do in each."""
        for decision in self.diagrams.support(diagram) - self.domains.keys():
            diagram = self.diagrams.restrict(diagram, decision, next(iter(decision.texts))) or diagram
        return diagram
