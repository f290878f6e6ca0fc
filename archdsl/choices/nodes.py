"""Holds the nodes of decision diagrams (archdsl/choices/diagram.py), and reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from archdsl.source import Span


class Decision:
    """One thing that is chosen: its name, all texts that it offers anywhere, and where it is asked.

    `domain` tells what it offers, as a diagram: a tuple of texts; `asked` is the condition under which it is asked.
    """

    __slots__ = ("asked", "domain", "name", "order", "spans", "texts")

    def __init__(self, name: str, order: int, asked: Diagram) -> None:
        self.name = name
        self.order = order
        self.texts: dict[str, None] = {}
        self.spans: list[Span] = []
        self.domain: Diagram | None = None
        self.asked = asked

    def __repr__(self) -> str:
        return f"<{self.name}: {', '.join(self.texts)}>"


class Ending:
    """A value, whatever is chosen."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value


class Fork:
    """A value that depends on `decision`: `children` by text, and `otherwise` for all other texts."""

    __slots__ = ("_leaves", "_support", "children", "decision", "otherwise")

    def __init__(self, decision: Decision, children: dict[str, Diagram], otherwise: Diagram | None) -> None:
        self.decision = decision
        self.children = children
        self.otherwise = otherwise
        self._leaves: list[Ending] | None = None  # once somebody asks
        self._support: frozenset[Decision] | None = None

    @property
    def leaves(self) -> list[Ending]:
        """See `leaves`."""
        if self._leaves is None:
            found: dict[Ending, None] = {}
            seen: set[Diagram] = set()
            pending: list[Diagram] = [self]
            while pending:
                at = pending.pop()
                if isinstance(at, Ending):
                    found[at] = None
                elif at._leaves is not None:
                    found.update(dict.fromkeys(at._leaves))
                elif at not in seen:
                    seen.add(at)
                    pending += reversed(list(ways(at)))
            self._leaves = list(found)
        return self._leaves

    @property
    def support(self) -> frozenset[Decision]:
        """The decisions on which it depends."""
        pending = [self]
        while self._support is None:
            at = pending[-1]
            below = [child for child in ways(at) if isinstance(child, Fork)]
            missing = [child for child in below if child._support is None]
            if missing:
                pending += missing
            else:
                at._support = frozenset((at.decision,)).union(*[child.support for child in below])
                pending.pop()
        return self._support


Diagram = Ending | Fork


class DiagramTooLarge(Exception):
    """What was asked for has too many cases to be written down: those of `diagrams`, where that is known."""

    def __init__(self, *diagrams: Diagram) -> None:
        super().__init__()
        self.decisions = frozenset[Decision]().union(*[one.support for one in {*diagrams} if isinstance(one, Fork)])


TOO_LARGE = (DiagramTooLarge, RecursionError)  # they are walked by recursion: too deep is too large


def ways(branch: Fork) -> Iterator[Diagram]:
    """All ways out of a branch."""
    yield from branch.children.values()
    if branch.otherwise is not None:
        yield branch.otherwise


def leaves(diagram: Diagram) -> list[Ending]:
    """The leaves, in the order in which they are first met."""
    return [diagram] if isinstance(diagram, Ending) else diagram.leaves


def size(diagram: Diagram) -> int:
    """How many forks it has."""
    seen: set[Diagram] = set()
    pending = [diagram]
    while pending:
        at = pending.pop()
        if isinstance(at, Fork) and at not in seen:
            seen.add(at)
            pending += ways(at)
    return len(seen)


def exceeds(diagram: Diagram, most: int) -> bool:
    """Whether it has more than so many forks."""
    seen: set[Diagram] = set()
    pending = [diagram]
    while pending and len(seen) <= most:
        at = pending.pop()
        if isinstance(at, Fork) and at not in seen:
            seen.add(at)
            pending += ways(at)
    return len(seen) > most


def value_of(diagram: Diagram, design: Mapping[str, str]) -> Any:
    """The value at a design: what is picked, by name of the decision.

    A decision that the design does not ask decides nothing there: any of its ways will do.

    Raises:
        KeyError: it is nothing at this design.
    """
    while isinstance(diagram, Fork):
        text = design.get(diagram.decision.name)
        below = next(iter(diagram.children.values())) if text is None else diagram.children.get(text, diagram.otherwise)
        if below is None:
            raise KeyError(text)
        diagram = below
    return diagram.value
