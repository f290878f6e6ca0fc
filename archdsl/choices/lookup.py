"""Turns diagrams into nested dicts, by which the value at a design is soon found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archdsl.choices.nodes import Diagram, Ending

Pick = Callable[[str], str | None]  # what a design picks, by name of the decision; None: it does not ask it


def lookup_of(diagram: Diagram, known: dict[Diagram, Any]) -> Any:
    """A diagram as nested lists `[name, {text: below}]`, values at the ends, which are no lists.

    None stands for a decision that is not asked: then any way will do. `known` remembers parts, for other diagrams.
    """
    if isinstance(diagram, Ending):
        return diagram.value
    if diagram not in known:
        below = {text: lookup_of(child, known) for text, child in diagram.children.items()}
        rest = next(iter(below.values())) if diagram.otherwise is None else lookup_of(diagram.otherwise, known)
        every = {text: below.get(text, rest) for text in diagram.decision.texts}
        known[diagram] = [diagram.decision.name, {**every, None: next(iter(below.values()))}]
    return known[diagram]


def looked_up(table: Any, pick: Pick) -> Any:
    """The value at a design."""
    while table.__class__ is list:
        table = table[1][pick(table[0])]
    return table
