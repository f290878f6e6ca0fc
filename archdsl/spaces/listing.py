"""Turns the designs of a small space, each found by itself, into what the space asks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from archdsl.choices.asked import Asked
from archdsl.choices.diagram import Diagrams
from archdsl.choices.nodes import Decision, Diagram
from archdsl.source import Span


class Answer(NamedTuple):
    """A decision as one design met it: its name, what it offered, what was taken, and where that is."""

    name: str
    texts: tuple[str, ...]
    text: str
    span: Span | None = None


class _Below(NamedTuple):
    """What is asked behind some picks: of each decision what it offers, and which designs fail."""

    domains: dict[Decision, Diagram]
    fails: Diagram


class Listing:
    """Takes the designs in the order of an odometer: after each one the last decision that has another option takes
    that, and those behind it are asked anew.
    """

    def __init__(self) -> None:
        self.diagrams = Diagrams(lambda value: value)
        self.none = self.diagrams.leaf(())
        self.count = 0
        self._open: list[tuple[Answer, dict[str, _Below]]] = []  # what the options of each led to, those that are done

    def add(self, answers: Sequence[Answer], fails: bool) -> None:
        """One more design, and whether it does not elaborate."""
        self.count += 1
        for answer in answers:
            decision = self.diagrams.decision(answer.name)
            decision.texts.update(dict.fromkeys(answer.texts))
            if answer.span is not None and answer.span not in decision.spans:
                decision.spans.append(answer.span)
        if self._open:
            self._open[-1] = (answers[len(self._open) - 1], self._open[-1][1])
        self._open += [(answer, {}) for answer in answers[len(self._open) :]]
        found = _Below({}, self.diagrams.true if fails else self.diagrams.false)
        while self._open:
            answer, done = self._open[-1]
            done[answer.text] = found
            if answer.text != answer.texts[-1]:
                return
            found = self._joined(self.diagrams.decision(answer.name), answer.texts, done)
            self._open.pop()
        self._whole = found

    def next(self) -> list[Answer] | None:
        """What the next design answers, as far as that is known; None where all have been added."""
        if not self._open:
            return None
        *before, (last, _) = self._open
        text = last.texts[last.texts.index(last.text) + 1]
        return [*(answer for answer, _ in before), last._replace(text=text)]

    def asked(self) -> Asked:
        """What the space asks, once all its designs have been added."""
        domains = dict(sorted(self._whole.domains.items(), key=lambda entry: entry[0].order))
        for decision, domain in domains.items():
            decision.domain, decision.asked = domain, self.diagrams.where(domain, bool)
        return Asked(self.diagrams, domains, self._whole.fails)

    def _joined(self, decision: Decision, texts: tuple[str, ...], done: dict[str, _Below]) -> _Below:
        """What is asked from a decision on, of what is asked behind its options."""
        names = dict.fromkeys(other for below in done.values() for other in below.domains)
        domains = {
            other: self._chosen(decision, {text: below.domains.get(other, self.none) for text, below in done.items()})
            for other in names
        }
        domains[decision] = self.diagrams.leaf(texts)
        return _Below(domains, self._chosen(decision, {text: below.fails for text, below in done.items()}))

    def _chosen(self, decision: Decision, parts: dict[str, Diagram]) -> Diagram:
        """The diagram that is one of `parts` by what is picked."""
        found: Diagram | None = None
        for text, part in parts.items():
            found = self.diagrams.ite(self.diagrams.picked(decision, text), part, found)
        assert found is not None
        return found
