"""Says what a value is that depends on what is picked, and a list of which it is chosen what is in it."""

from __future__ import annotations

from typing import Any

from archdsl.choices.nodes import Decision, Diagram, leaves

# The decisions that a value comes from, each with the condition under which it does.
Needs = dict[Decision, Diagram]


class Chosen:
    """A value that is chosen: `diagram` gives it by what is picked. Who uses it asks the decisions that it `needs`."""

    __slots__ = ("diagram", "needs", "text", "texts")

    def __init__(self, diagram: Diagram, needs: Needs, text: str = "", texts: dict[Diagram, str] | None = None) -> None:
        self.diagram = diagram
        self.needs = needs
        self.text = text  # by which it is picked, where it is an option itself; "": it has none
        self.texts = texts or {}  # that it has under conditions

    @property
    def identity(self) -> tuple[Any, ...]:
        """Equal for what is chosen alike."""
        return self.diagram, frozenset(self.needs.items())

    @property
    def values(self) -> list[Any]:
        """What it may be."""
        return [leaf.value for leaf in leaves(self.diagram)]


class OpenList:
    """A list of which it is chosen what is in it: each item with the condition under which it is."""

    __slots__ = ("guards", "identity", "items", "needs")

    def __init__(self, items: tuple[Any, ...], guards: tuple[Diagram, ...], needs: Needs) -> None:
        self.items = items
        self.guards = guards
        self.needs = needs
        self.identity = (items, guards, frozenset(needs.items()))


class PartlySet:
    """What a name holds that has a value `there`, and none elsewhere: who reads it wants to know."""

    __slots__ = ("there", "value")

    def __init__(self, value: Any, there: Diagram) -> None:
        self.value = value
        self.there = there


OPEN: frozenset[Any] = frozenset([Chosen, OpenList])
