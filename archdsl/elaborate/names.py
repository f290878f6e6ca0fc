"""Finds what the names of a definition mean without running it, so that branches not taken are known too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from archdsl.elaborate.definitions import assigned_names
from archdsl.syntax import tree

# The fields of each kind of tree node that hold other nodes.
_PARTS = {
    kind: tuple(f.name for f in fields(kind) if f.name not in ("start", "end", "depth", "annotation"))
    for kind in vars(tree).values()
    if isinstance(kind, type) and is_dataclass(kind)
}


def parts(node: Any) -> Iterator[Any]:
    """The tree nodes directly inside `node`, whatever its kind, in order of writing."""
    for name in _PARTS[node.__class__]:
        value = getattr(node, name)
        if value.__class__ is list or value.__class__ is tuple:
            pending = list(reversed(value))
            while pending:
                item = pending.pop()
                if item.__class__ is list or item.__class__ is tuple:
                    pending.extend(reversed(item))
                elif item.__class__ in _PARTS:
                    yield item
        elif value.__class__ in _PARTS:
            yield value


def mentions(node: tree.Expr, name: str) -> bool:
    """Whether the expression uses `name`."""
    pending: list[Any] = [node]
    while pending:
        part = pending.pop()
        if part.__class__ is tree.Name:
            if part.id == name:
                return True
        else:
            pending.extend(parts(part))
    return False


def is_any_size(axis: tree.Expr) -> bool:
    """Whether an axis of an input's type says `_`: any size."""
    return axis.__class__ is tree.Name and axis.id == "_"


def own_names(definition: tree.Declaration) -> set[str]:
    """Inputs, parameters and all that the body assigns."""
    if not isinstance(definition, tree.Definition):
        return set()
    return {i.name for i in definition.inputs} | {p.name for p in definition.params} | assigned_names(definition.body)


def outer_names(definition: tree.Declaration) -> list[tree.Name | tree.Attribute]:
    """All names that a definition takes from outside, in order of writing; `file.name` as one Attribute."""
    known = own_names(definition)
    found: list[tree.Name | tree.Attribute] = []
    pending: list[tuple[Any, frozenset[str]]] = [(part, frozenset()) for part in _expressions(definition)]
    pending.reverse()
    while pending:
        node, bound = pending.pop()
        kind = node.__class__
        if kind is tree.Comprehension:
            bound = bound | {t.id for clause in node.clauses for t in clause.targets}
        name = node.value if kind is tree.Attribute and node.value.__class__ is tree.Name else node
        if name.__class__ is tree.Name:
            if name.id not in known and name.id not in bound:
                found.append(node)
            continue
        # A label written as a bare word is a Text; only names interpolated into it are looked at.
        fixed = kind is tree.As and all(isinstance(p, str) for p in node.label.parts)
        skip = node.label if fixed else None
        pending.extend((part, bound) for part in reversed(list(parts(node))) if part is not skip)
    return found


def _expressions(definition: tree.Declaration) -> list[Any]:
    if isinstance(definition, tree.Constant):
        return [definition.value]
    if isinstance(definition, tree.Variant):
        return [definition.base]
    if not isinstance(definition, tree.Definition):
        return []
    nodes: list[Any] = []
    for tensor in definition.inputs:
        nodes.extend(axis for axis in tensor.shape or [] if not is_any_size(axis))
    nodes.extend(p.default for p in definition.params if p.default is not None)
    return [*nodes, *definition.body]
