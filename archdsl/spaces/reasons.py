"""Says in few words by what it is decided what a figure shows as chosen."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import takewhile

from archdsl.choices.asked import Asked
from archdsl.choices.nodes import Decision, Diagram
from archdsl.choices.wording import Conditions
from archdsl.ir.chosen import IF

_LONG = 40  # characters that stand in a box
_NAMES = 3  # of decisions, that are listed
_RANKS = ("1st", "2nd", "3rd")  # the forms of one option that are told apart; letters are those of bodies
_SENTENCE = 58  # characters that say which form there is when


class Reasons:
    """Words for what decisions decide."""

    def __init__(self, asked: Asked) -> None:
        self.diagrams = asked.diagrams
        self.said = Conditions(asked)

    def names(self, decisions: Collection[Decision]) -> str:
        """`0.next, 1.next`, or where that is long how many choices of what."""
        names = [decision.name for decision in sorted(decisions, key=lambda one: one.order)]
        told = ", ".join(names)
        if len(told) <= _LONG and len(names) <= _NAMES:
            return told
        columns = zip(*(name.split(".") for name in names), strict=False)
        shared = ".".join([column[0] for column in takewhile(lambda column: len({*column}) == 1, columns)])
        return f"{len(names)} choices{shared and f' of {shared}'}"

    def condition(self, condition: Diagram) -> str:
        """`if deep is 2 or 3`; "" where that is long."""
        told = self.said.said(condition)
        return f"{IF}{told.text}" if told.whole and len(told.text) <= _LONG else ""

    def forms(self, cases: Sequence[Diagram], ordered: bool, reads: Sequence[tuple[str, Diagram]]) -> str:
        """Which form options have when: `1st|2nd: 2nd where it reads 0 or 1`; `reads`: texts of tensors, and when."""
        diagrams = self.diagrams
        told = [[text for text, when in reads if diagrams.both(when, case) is not diagrams.false] for case in cases]
        apart = sum(map(len, told)) == len(reads) and all(told) and all(text for text, _ in reads)
        by = "what it reads" if apart else self.names(frozenset().union(*map(diagrams.support, cases)))
        if len(cases) <= len(_RANKS) and ordered:
            said = [f"where it reads {either(texts)}" for texts in told] if apart else [*map(self.condition, cases)]
            for rest in range(len(cases)):  # what holds else is not said
                others = [f"{_RANKS[place]} {text}" for place, text in enumerate(said) if place != rest]
                text = f"{'|'.join(_RANKS[: len(cases)])}: {', '.join(others)}"
                if all(said[place] for place in range(len(cases)) if place != rest) and len(text) <= _SENTENCE:
                    return text
        return f"depends on {by}"


def either(texts: Iterable[str]) -> str:
    """`2, 3 or 4`"""
    *first, last = texts
    return f"{', '.join(first)} or {last}" if first else last
