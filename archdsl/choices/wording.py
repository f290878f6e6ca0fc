"""Says conditions in words: `depth is 3 or 4, and op is conv`."""

from __future__ import annotations

import operator
from collections.abc import Iterator, Mapping
from functools import partial
from typing import NamedTuple

from archdsl.choices.asked import Asked
from archdsl.choices.nodes import Decision, Diagram, Ending, Fork, leaves

_CASES = 3  # that are said
_TEXTS = 4  # of one decision
_Case = Mapping[Decision, tuple[str, ...]]  # what is picked of each, one of these


class Said(NamedTuple):
    """A condition in words, and whether these are all of it."""

    text: str
    whole: bool


class Conditions:
    """Says when decisions of a space are asked, and what they offer when."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.diagrams = asked.diagrams
        self._known: dict[tuple[Decision, tuple[str, ...]], Diagram] = {}

    def when(self, decision: Decision) -> Said:
        """When a decision is asked; "" where that is always."""
        return self.said(self.diagrams.where(self.asked.domains[decision], bool))

    def offers(self, decision: Decision) -> list[tuple[tuple[str, ...], Said]]:
        """The options that a decision offers, all of them, and when; one entry where these are always the same."""
        domain = self.asked.domains[decision]
        where = self.diagrams.where
        lists = dict.fromkeys(ending.value for ending in leaves(domain) if ending.value)
        if len(lists) == 1:
            return [(texts, self.when(decision)) for texts in lists]
        return [(texts, self.said(where(domain, partial(operator.eq, texts)))) for texts in lists]

    def said(self, condition: Diagram) -> Said:
        """A condition in words: "" where it always holds, "never" where it never does."""
        if isinstance(condition, Ending):
            return Said("" if condition.value else "never", True)
        cases: list[str] = []
        cut = False
        for number, case in enumerate(_cases(condition)):
            if number == _CASES:
                return Said("; or ".join([*cases, "more"]), False)
            texts = {one: self._texts(one, picks) for one, picks in self._short(case, condition).items()}
            cut = cut or any("…" in text for text in texts.values())
            cases.append(", and ".join(f"{decision.name} is {text}" for decision, text in texts.items()))
        return Said("; or ".join(cases), not cut)

    def _short(self, case: _Case, condition: Diagram) -> _Case:
        """The case without what follows from the rest: that `op` is `conv` says that `op` is asked."""
        kept = dict(case)
        for decision in case:
            less = {one: texts for one, texts in kept.items() if one is not decision}
            if less and self.diagrams.minus(self._holds(less), condition) is self.diagrams.false:
                kept = less
        return kept

    def _holds(self, case: _Case) -> Diagram:
        """The condition that a case is so; its decisions are asked then."""
        found: Diagram = self.diagrams.true
        for decision, texts in case.items():
            found = self.diagrams.both(found, self._is(decision, texts))
        return found

    def _is(self, decision: Decision, texts: tuple[str, ...]) -> Diagram:
        """The condition that a decision is asked, and picked as one of these."""
        key = (decision, texts)
        if key not in self._known:
            picked = self.diagrams.branch(decision, dict.fromkeys(texts, self.diagrams.true), self.diagrams.false)
            offered = self.diagrams.where(self.asked.domains[decision], partial(_share, texts))
            self._known[key] = self.diagrams.both(offered, picked or self.diagrams.false)
        return self._known[key]

    @staticmethod
    def _texts(decision: Decision, picks: tuple[str, ...]) -> str:
        others = [text for text in decision.texts if text not in picks]
        if len(others) == 1 and len(picks) > 2:
            return f"not {others[0]}"
        shown = [*picks[:_TEXTS], *(["…"] if len(picks) > _TEXTS else [])]
        return " or ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else shown[0]


def _cases(condition: Diagram) -> Iterator[_Case]:
    """The ways down to true, those of one decision that lead to one place taken together."""
    pending: list[tuple[Diagram, _Case]] = [(condition, {})]
    while pending:
        at, case = pending.pop()
        if isinstance(at, Ending):
            if at.value:
                yield case
            continue
        below: dict[Diagram, list[str]] = {}
        for text in at.decision.texts:
            child = at.children.get(text, at.otherwise)
            if child is not None:
                below.setdefault(child, []).append(text)
        whole = len(at.decision.texts)  # where any text will do, it says nothing
        narrowed = [(child, {at.decision: (*texts,)} if len(texts) < whole else {}) for child, texts in below.items()]
        narrowed.sort(key=lambda entry: isinstance(entry[0], Fork))  # what is true at once comes first
        pending += [(child, {**case, **picked}) for child, picked in reversed(narrowed)]


def _share(texts: tuple[str, ...], offered: tuple[str, ...]) -> bool:
    return not set(texts).isdisjoint(offered)
