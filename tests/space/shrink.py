"""Makes a program smaller while it stays interesting, so that a difference is found in a few lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any

from tests.space.parse import parse
from tests.space.program import (
    Assign,
    Call,
    Definition,
    For,
    Given,
    If,
    Input,
    Item,
    Literal,
    Node,
    Parameter,
    Program,
    Return,
    spec,
)

NO_EXPRESSIONS = (Assign, Definition, For, Given, If, Input, Parameter, Program, Return)
TRIES = 4000


def smaller(node: Node) -> Iterator[Any]:
    """The node with one thing less, in all ways; what is left need not make sense."""
    for field in fields(node):
        part = getattr(node, field.name)
        if isinstance(part, tuple):
            for changed in _fewer(part):
                yield replace(node, **{field.name: changed})
        elif isinstance(part, Node):
            if not isinstance(node, (*NO_EXPRESSIONS, Call)):
                yield part
            for changed in smaller(part):
                yield replace(node, **{field.name: changed})
    if isinstance(node, Call):
        yield from (given.value for given in node.given)
    if isinstance(node, Call | Item):
        yield Literal(4)


def _fewer(part: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    for index, item in enumerate(part):
        before, after = part[:index], part[index + 1 :]
        if not isinstance(item, Node) or isinstance(item, Input):
            continue
        yield before + after
        if isinstance(item, If | For):
            yield before + item.body + after
        if isinstance(item, If) and item.otherwise:
            yield before + item.otherwise + after
        if isinstance(item, Given):
            yield from ((*before, replace(item, value=changed), *after) for changed in smaller(item.value))
        else:
            yield from ((*before, changed, *after) for changed in smaller(item))


def shrunk(text: str, interesting: Callable[[str], bool], tries: int = TRIES) -> str:
    """A spec that is still interesting and can lose nothing; or what was reached after so many tries."""
    seen = {text}
    while True:
        for candidate in smaller(parse(text)):
            if not candidate.definitions or candidate.definitions[-1].kind != "network":
                continue
            try:
                made = spec(parse(spec(candidate)))
            except (AssertionError, IndexError):
                continue
            if made in seen:
                continue
            seen.add(made)
            tries -= 1
            if interesting(made):
                text = made
                break
            if tries <= 0:
                return text
        else:
            return text
