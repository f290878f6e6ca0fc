"""Turns a node of a syntax tree into the nodes directly inside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from archdsl.syntax import tree

# The fields of each kind of tree node that may hold other nodes.
_PLAIN = ("int", "int | float", "bool", "str", "str | None")
_PARTS = {
    kind: tuple(f.name for f in fields(kind) if f.type not in _PLAIN and f.name != "annotation")
    for kind in vars(tree).values()
    if isinstance(kind, type) and is_dataclass(kind)
}


def parts(node: Any) -> list[Any]:
    """The tree nodes directly inside `node`, whatever its kind, in order of writing."""
    found: list[Any] = []
    for name in _PARTS[node.__class__]:
        _add_nodes(getattr(node, name), found)
    return found


def _add_nodes(value: Any, found: list[Any]) -> None:
    if value.__class__ in _PARTS:
        found.append(value)
    elif value.__class__ is list or value.__class__ is tuple:
        for item in value:
            _add_nodes(item, found)


def inside(roots: list[Any]) -> Iterator[Any]:
    """All nodes of some trees."""
    pending = [*roots]
    while pending:
        node = pending.pop()
        yield node
        pending += parts(node)


def mentioned(expression: Any) -> set[str]:
    """The names in an expression."""
    return {node.id for node in inside([expression]) if isinstance(node, tree.Name)}
