"""Tells what a space asks: each decision with its options, and in words when it is asked, and offers which."""

from __future__ import annotations

from typing import NamedTuple

from archdsl.choices.asked import Asked
from archdsl.choices.wording import Conditions, Said
from archdsl.source import Span


class OpenDecision(NamedTuple):
    """A decision of a space: its name, all options that it offers anywhere, when it is asked ("": always), and where.

    `offers`: where it offers different options, each list of them with when it does. A text that says when may be cut,
    see `Said.whole`.
    """

    name: str
    options: tuple[str, ...]
    asked: Said
    offers: tuple[tuple[tuple[str, ...], Said], ...]
    spans: tuple[Span, ...]


def decisions_of(asked: Asked) -> tuple[OpenDecision, ...]:
    """What is chosen, in the order in which it is first asked."""
    conditions = Conditions(asked)
    found = []
    for decision in asked.domains:
        offers = conditions.offers(decision)
        options = tuple(dict.fromkeys(text for texts, _ in offers for text in texts))
        offered = () if len(offers) == 1 else tuple(offers)
        found.append(OpenDecision(decision.name, options, conditions.when(decision), offered, tuple(decision.spans)))
    return tuple(found)
