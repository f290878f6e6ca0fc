"""Remembers what a function finds out about a body, in that body, for as long as the body lives.

An analysis is a function of one body that asks itself for the bodies called:

    @per_body
    def convolutions(graph: Graph) -> int:
        return sum(convolutions(n.target) if isinstance(n.target, Graph) else n.word == "conv" for n in graph.nodes)

`convolutions(root)` runs it once per distinct body, callees first and without recursion, so inside the function the
callees are known. What is found belongs to a body that never changes: it is shared, so nobody may change it either. A
body that is made from another one (`dataclasses.replace`) starts without.

Designs of a space have bodies that differ in nothing but the bodies that they call: they have one *mould*. A function
that looks at nothing of a callee but what it gave for that (`per_mould`) gives the same for two of them if their
callees gave the same, and is not run again.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import update_wrapper
from itertools import count
from typing import Any, Generic, NamedTuple, TypeVar, TypeVarTuple

from archdsl.ir.graph import Graph
from archdsl.remembered import Room

Found = TypeVar("Found")
Arguments = TypeVarTuple("Arguments")

_FactKey = tuple[Any, ...]  # the function itself and its other arguments
_MISSING: Any = object()
MOULD, NUMBER = "mould", "number"  # keys of Graph._facts, and of a mould
new_number = count().__next__


def new_mould() -> dict[Any, Any]:
    """What bodies have in common that differ in nothing but what they call: to be their MOULD."""
    return {NUMBER: new_number()}


class _NumberedFact(NamedTuple):
    """What was found of a body with a mould, and a number that is the same where callers are shown the same."""

    found: Any
    number: int


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
            pending = [(graph, key, False)]
            while pending:
                body, key, ready = pending.pop()
                if key in body._facts:
                    continue
                if not ready and (missing := self._missing(body, key)):
                    pending.append((body, key, True))
                    pending += [(callee, key, False) for callee, key in reversed(missing)]
                    continue
                # Two threads may find it at once; both then go on with the same object.
                body._facts.setdefault(key, self._find(body, key))
            found = graph._facts[key]
        return found.found if found.__class__ is _NumberedFact else found  # type: ignore[attr-defined]

    def _find(self, body: Graph, key: _FactKey) -> Any:
        return self._function(body, *key[1:])


class PerMould(PerBody[Found, *Arguments]):
    """The same, of a function that gives the same for bodies of one mould if `numbers` gives the same for callees.

    Without `numbers` it asks itself; `shown` gives what it looks at of what it gave.
    """

    def __init__(
        self,
        function: Callable[[Graph, *Arguments], Found],
        missing: Callable[[Graph, _FactKey], Sequence[tuple[Graph, _FactKey]]],
        numbers: Callable[[Graph, *Arguments], Hashable] | None = None,
        shown: Callable[[Found], Any] = lambda found: found,
    ) -> None:
        super().__init__(function, missing)
        self._of_callee = numbers
        self._shown = shown
        self._known, self._numbers = Room(), Room()

    def number(self, graph: Graph, *arguments: *Arguments) -> int:
        """A number that is equal for bodies of which callers are shown the same; `graph` has a mould."""
        found: _NumberedFact | None = graph._facts.get((self, *arguments))
        if found is None:
            self(graph, *arguments)
            found = graph._facts[(self, *arguments)]
        assert found is not None
        return found.number

    def _find(self, body: Graph, key: _FactKey) -> Any:
        mould = body._facts.get(MOULD)
        if mould is None:
            return self._function(body, *key[1:])
        numbers = self._of_callee
        if numbers is None:
            of_callees = [callee._facts[key].number for callee, _ in body.callees]
        else:
            of_callees = [numbers(callee, *key[1:]) for callee, _ in body.callees]
        seen = (mould[NUMBER], *key[1:], *of_callees)
        known = self._known.get(seen)
        if known is None:
            found = self._function(body, *key[1:])
            known = _NumberedFact(found, -1 if numbers is not None else self._number_of(found))
            self._known.keep(seen, known)
        return known

    def _number_of(self, found: Found) -> int:
        shown = self._shown(found)
        number: int | None = self._numbers.get(shown)
        if number is None:
            number = new_number()
            self._numbers.keep(shown, number)
        return number


class _OfMould(PerBody[Found, *Arguments]):
    """The same, of a function that looks at nothing of a callee: it remembers its results in the mould."""

    def __call__(self, graph: Graph, *arguments: *Arguments) -> Found:
        facts = graph._facts.get(MOULD, graph._facts)
        key = (self, *arguments)
        found: Found = facts.get(key, _MISSING)
        if found is _MISSING:
            found = facts.setdefault(key, self._function(graph, *arguments))
        return found


def per_body(function: Callable[[Graph, *Arguments], Found]) -> PerBody[Found, *Arguments]:
    """Remember a function that asks itself for all bodies that its body calls, with the same other arguments."""

    return PerBody(function, _missing)


def _missing(graph: Graph, key: _FactKey) -> list[tuple[Graph, _FactKey]]:
    return [(callee, key) for callee, _ in graph.callees if key not in callee._facts]


def per_mould(function: Callable[[Graph, *Arguments], Found]) -> PerMould[Found, *Arguments]:
    """Remember a function as `per_body` does that looks at nothing of a callee but what it gave for that."""
    return PerMould(function, _missing)


def per_mould_showing(
    shown: Callable[[Found], Any],
) -> Callable[[Callable[[Graph, *Arguments], Found]], PerMould[Found, *Arguments]]:
    """The same, if it looks at nothing but what `shown` gives of that."""
    return lambda function: PerMould(function, _missing, None, shown)


def per_mould_alone(function: Callable[[Graph, *Arguments], Found]) -> PerBody[Found, *Arguments]:
    """Remember a function that looks at nothing of a callee."""
    return _OfMould(function, lambda graph, key: ())


def per_mould_through(
    numbers: Callable[[Graph, *Arguments], Hashable],
) -> Callable[[Callable[[Graph, *Arguments], Found]], PerMould[Found, *Arguments]]:
    """Remember a function that looks at nothing of a callee but what another gave, of which `numbers` are given."""
    return lambda function: PerMould(function, lambda graph, key: (), numbers)


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
