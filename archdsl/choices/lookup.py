"""Turns diagrams into nested dicts, by which the value at a design is soon found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from archdsl.choices.nodes import Diagram, Fork, ways

Pick = Callable[[str], str | None]  # what a design picks, by name of the decision; None: it does not ask it


def lookup_of(diagram: Diagram, known: dict[Diagram, Any]) -> Any:
    """A diagram as nested lists `[name, {text: below}]`, values at the ends, which are no lists.

    None stands for a decision that is not asked: then any way will do. `known` remembers parts, for other diagrams.
    """
    pending = [diagram]
    while pending:
        at = pending.pop()
        if isinstance(at, Fork) and at not in known:
            below = list(ways(at))
            missing = [child for child in below if isinstance(child, Fork) and child not in known]
            if missing:
                pending += [at, *missing]
            else:
                known[at] = _entry(at, [known[one] if isinstance(one, Fork) else one.value for one in below])
    return known[diagram] if isinstance(diagram, Fork) else diagram.value


def _entry(fork: Fork, below: list[Any]) -> list[Any]:
    found = dict(zip(fork.children, below, strict=False))
    rest = below[0] if fork.otherwise is None else below[-1]
    return [fork.decision.name, {**{text: found.get(text, rest) for text in fork.decision.texts}, None: below[0]}]


def looked_up(table: Any, pick: Pick) -> Any:
    """The value at a design."""
    while table.__class__ is list:
        table = table[1][pick(table[0])]
    return table
