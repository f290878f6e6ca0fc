"""Tells with which arguments a body of alternatives is called: of what is chosen, with all that it may be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from archdsl.choices.asked import Asked
from archdsl.choices.nodes import Diagram, Ending, Fork, leaves
from archdsl.ir.alternatives import Alternatives
from archdsl.spaces.forms import one_argument


def arguments_given(asked: Asked, body: Alternatives, care: Callable[..., Diagram]) -> Iterator[tuple[str, Any]]:
    """The arguments of a body, where it does not fail; `care` tells what holds of the picks that diagrams depend on."""
    diagrams = asked.diagrams
    finishes = diagrams.either(*(when for when, _ in body.structures))

    def argument(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(argument, value))
        if not isinstance(value, Ending | Fork):
            return value
        value = asked.settled(value)
        found = diagrams.within(value, diagrams.both(finishes, care(value, finishes))) or value
        return one_argument([ending.value for ending in leaves(found)])

    return ((name, argument(value)) for name, value in body.arguments)
