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

from collections.abc import Callable, Iterable, Sequence
from functools import update_wrapper
from typing import Any, Generic, TypeVar, TypeVarTuple

from archdsl.ir.graph import Graph

Found = TypeVar("Found")
Arguments = TypeVarTuple("Arguments")

_FactKey = tuple[Any, ...]  # the function itself and its other arguments
_MISSING: Any = object()


class PerBody(Generic[Found, *Arguments]):
    """A function of a body, and perhaps of more, that remembers its results in the body."""

    def __init__(
        self,
        function: Callable[[Graph, *Arguments], Found],
        missing: Callable[[Graph, _FactKey], Sequence[tuple[Graph, _FactKey]]],
    ) -> None:
        self._function = function
        self._missing = missing
        update_wrapper(self, function)

    def __call__(self, graph: Graph, *arguments: *Arguments) -> Found:
        """What the function finds out about `graph`, found now or earlier."""
        key: _FactKey = (self, *arguments)
        found: Found = graph._facts.get(key, _MISSING)
        if found is _MISSING:
            pending = [(graph, key)]
            while pending:
                body, key = pending[-1]
                if missing := self._missing(body, key):
                    pending += reversed(missing)
                    continue
                pending.pop()
                if key not in body._facts:
                    # Two threads may find it at once; both then go on with the same object.
                    body._facts.setdefault(key, self._function(body, *key[1:]))
            found = graph._facts[key]
        return found


def per_body(function: Callable[[Graph, *Arguments], Found]) -> PerBody[Found, *Arguments]:
    """Remember a function that asks itself for all bodies that its body calls, with the same other arguments."""

    def missing(graph: Graph, key: _FactKey) -> list[tuple[Graph, _FactKey]]:
        return [(callee, key) for _, _, callee in graph.calls if key not in callee._facts]

    return PerBody(function, missing)


def per_body_alone(function: Callable[[Graph, *Arguments], Found]) -> PerBody[Found, *Arguments]:
    """Remember a function that does not ask itself."""
    return PerBody(function, lambda graph, key: ())


def per_body_and(
    needs: Callable[[Graph, *Arguments], Iterable[tuple[Graph, *Arguments]]],
) -> Callable[[Callable[[Graph, *Arguments], Found]], PerBody[Found, *Arguments]]:
    """Remember a function that asks itself for what `needs` lists: bodies with the other arguments."""

    def missing(graph: Graph, key: _FactKey) -> list[tuple[Graph, _FactKey]]:
        wanted = [(need, (key[0], *rest)) for need, *rest in needs(graph, *key[1:])]
        return [(need, key) for need, key in wanted if key not in need._facts]

    return lambda function: PerBody(function, missing)
