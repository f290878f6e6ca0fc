"""Remembers what a function finds out about a body, in that body, for as long as the body lives.

An analysis is a function of one body that asks itself for the bodies called:

    @per_body
    def convolutions(graph: Graph) -> int:
        return sum(convolutions(n.target) if isinstance(n.target, Graph) else n.word == "conv" for n in graph.nodes)

`convolutions(root)` runs it once per distinct body, callees first and without recursion, so inside the function the
callees are known. What is found belongs to a body that never changes: it is shared, so nobody may change it either. A
body that is made from another one (`dataclasses.replace`) starts without.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import update_wrapper
from typing import Any, Generic, TypeVar, TypeVarTuple

from archdsl.ir.graph import Graph

Found = TypeVar("Found")
Arguments = TypeVarTuple("Arguments")

_MISSING: Any = object()


class PerBody(Generic[Found, *Arguments]):
    """A function of a body, and perhaps of more, that remembers its results in the body."""

    def __init__(
        self,
        function: Callable[[Graph, *Arguments], Found],
        needs: Callable[[Graph, *Arguments], Iterable[tuple[Any, ...]]] | None,
    ) -> None:
        self._function = function
        self._needs = needs
        update_wrapper(self, function)

    def __call__(self, graph: Graph, *arguments: *Arguments) -> Found:
        """What the function finds out about `graph`, found now or earlier."""
        found: Found = graph._facts.get((self, *arguments), _MISSING)
        if found is not _MISSING:
            return found
        if self._needs is None:
            return self._learn(graph, *arguments)
        pending: list[tuple[Any, ...]] = [(graph, *arguments)]
        while pending:
            body, *rest = pending[-1]
            needs = () if (self, *rest) in body._facts else self._needs(*pending[-1])
            missing = [need for need in needs if (self, *need[1:]) not in need[0]._facts]
            if missing:
                pending += reversed(missing)
            else:
                found = self._learn(*pending.pop())
        return found

    def _learn(self, graph: Graph, *arguments: *Arguments) -> Found:
        key = (self, *arguments)
        if key not in graph._facts:
            # Two threads may find it at once; both then go on with the same object.
            graph._facts.setdefault(key, self._function(graph, *arguments))
        found: Found = graph._facts[key]
        return found


def per_body(function: Callable[[Graph, *Arguments], Found]) -> PerBody[Found, *Arguments]:
    """Remember a function that asks itself for all bodies that its body calls, with the same other arguments."""
    return PerBody(function, lambda graph, *rest: [(callee, *rest) for _, _, callee in graph.calls])


def per_body_alone(function: Callable[[Graph, *Arguments], Found]) -> PerBody[Found, *Arguments]:
    """Remember a function that does not ask itself."""
    return PerBody(function, None)


def per_body_and(
    needs: Callable[[Graph, *Arguments], Iterable[tuple[Graph, *Arguments]]],
) -> Callable[[Callable[[Graph, *Arguments], Found]], PerBody[Found, *Arguments]]:
    """Remember a function that asks itself for what `needs` lists: bodies with the other arguments."""
    return lambda function: PerBody(function, needs)
