"""Says where each decision of a space has which options, so that a supernet can refuse what is no design."""

from __future__ import annotations

from typing import NamedTuple

from archdsl.choices.asked import Asked
from archdsl.choices.nodes import Decision, Diagram, Ending
from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.supernet.contexts import MOST_TESTS

Where = dict[str, tuple[str | None, ...]]  # what may be picked of others; None: that is not asked


class Offer(NamedTuple):
    """Options that a decision has where others are picked so; it may have them elsewhere, too."""

    texts: tuple[str, ...]
    where: Where


def offers(asked: Asked) -> dict[str, list[Offer]]:
    """What each decision offers where, by its name.

    Raises:
        ArchError: that of one takes too many tests.
    """
    return {decision.name: _Offers(asked, decision).found for decision in asked.domains}


class _Offers:
    """The ways down the diagram of what a decision offers, in designs that elaborate: `found`."""

    def __init__(self, asked: Asked, decision: Decision) -> None:
        self.asked = asked
        self.diagrams = asked.diagrams
        self.decision = decision
        self.found: list[Offer] = []
        self._left = MOST_TESTS
        self._walk(asked.settled(asked.domains[decision]), self.diagrams.negate(asked.fails), {})

    def _walk(self, domain: Diagram, under: Diagram, where: Where) -> None:
        at = self.diagrams.within(domain, under)
        if at is None:
            return
        if isinstance(at, Ending):
            self._left -= 1
            if self._left < 0:
                raise self._tangled()
            if at.value:
                self.found.append(Offer(at.value, where))
            return
        decision, always = self._first(at, under)
        ways: dict[Diagram, list[str]] = {}
        for text in decision.texts:
            here = self.diagrams.both(under, self.diagrams.picked(decision, text))
            way = self.diagrams.restrict(at, decision, text)
            below = None if way is None else self.diagrams.within(way, here)
            if below is not None:
                ways.setdefault(below, []).append(text)
        for number, (below, texts) in enumerate(ways.items()):
            picked = self.diagrams.either(*[self.diagrams.picked(decision, text) for text in texts])
            or_not = () if always or number else (None,)  # where it is not asked, any way will do
            told = {**where, decision.name: (*texts, *or_not)} if len(ways) > 1 else where
            self._walk(below, self.diagrams.both(under, picked), told)

    def _first(self, at: Diagram, under: Diagram) -> tuple[Decision, bool]:
        """A decision on which a diagram depends, and whether all ask it: one that all ask if there is one."""
        domains, diagrams = self.asked.domains, self.diagrams
        found = []
        for decision in diagrams.support(at):
            is_asked = diagrams.where(domains[decision], bool)
            found.append((diagrams.minus(under, is_asked) is diagrams.false, decision))
        always, first = min(found, key=lambda one: (not one[0], one[1].order))
        return first, always

    def _tangled(self) -> ArchError:
        name = self.decision.name
        message = f"what {name} offers depends on other decisions, in more than {MOST_TESTS} ways"
        hint = "pick some of these decisions (--pick NAME=OPTION)"
        return ArchError([Diagnostic("no-supernet", message, self.decision.spans[0], help=hint)])
