"""Checks the names of a definition without running it, so that branches not taken are checked too."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from archdsl.elaborate.definitions import Module, assigned_names
from archdsl.elaborate.modules import library_words, suggestion, top_frame
from archdsl.elaborate.session import Session
from archdsl.syntax import tree


def parts(node: Any) -> Iterator[Any]:
    """The tree nodes directly inside `node`, whatever its kind."""
    for field in fields(node):
        pending = [getattr(node, field.name)]
        while pending:
            value = pending.pop()
            if isinstance(value, (list, tuple)):
                pending.extend(reversed(value))
            elif is_dataclass(value):
                yield value


def mentions(node: tree.Expr, name: str) -> bool:
    """Whether the expression uses `name`."""
    return name in used_names(node)


_used: dict[int, tuple[Any, frozenset[str]]] = {}


def used_names(node: tree.Expr) -> frozenset[str]:
    """All names in an expression; remembered per tree node, which memoised trees keep alive."""
    found = _used.get(id(node))
    if found is not None and found[0] is node:
        return found[1]
    names: set[str] = set()
    pending: list[Any] = [node]
    while pending:
        part = pending.pop()
        if isinstance(part, tree.Name):
            names.add(part.id)
        else:
            pending.extend(parts(part))
    if len(_used) > 100_000:
        _used.clear()
    _used[id(node)] = (node, frozenset(names))
    return _used[id(node)][1]


def check_names(session: Session, module: Module, item: tree.Item) -> None:
    """Report every name of a definition that means nothing."""
    definition = item.declaration
    if isinstance(definition, (tree.Import, tree.Broken)):
        return
    if id(definition) in session.checked or module.imports_anything:
        return
    session.checked.add(id(definition))
    known: set[str] = set()
    if isinstance(definition, tree.Definition):
        known |= {i.name for i in definition.inputs} | {p.name for p in definition.params}
        known |= assigned_names(definition.body)
    frame = top_frame(session, module, item)
    pending: list[tuple[Any, frozenset[str]]] = [(part, frozenset()) for part in _expressions(definition)]
    pending.reverse()
    while pending:
        node, bound = pending.pop()
        if isinstance(node, tree.Comprehension):
            bound = bound | {t.id for clause in node.clauses for t in clause.targets}
        if isinstance(node, tree.Name):
            name = node.id
            if name in known or name in bound or name in module.names or name in library_words():
                continue
            session.report(
                frame.problem(
                    node, "unknown-name", f"nothing is called {name}", help=suggestion(session, module, name, known)
                ).diagnostic
            )
            continue
        skip = (
            node.label
            if isinstance(node, tree.As) and not any(not isinstance(p, str) for p in node.label.parts)
            else None
        )
        pending.extend((part, bound) for part in reversed(list(parts(node))) if part is not skip)


def _expressions(definition: tree.Definition | tree.Constant | tree.Variant) -> list[Any]:
    if isinstance(definition, tree.Constant):
        return [definition.value]
    if isinstance(definition, tree.Variant):
        return [definition.base]
    nodes: list[Any] = []
    for tensor in definition.inputs:
        nodes.extend(tensor.shape or [])
    nodes.extend(p.default for p in definition.params if p.default is not None)
    nodes.extend(_inside(definition.body))
    return nodes


def _inside(statements: Sequence[tree.Statement]) -> list[Any]:
    """Expressions of statements in order of writing."""
    nodes: list[Any] = []
    for statement in statements:
        if isinstance(statement, (tree.Assign, tree.Return, tree.Lone)):
            nodes.append(statement.value)
        elif isinstance(statement, tree.For):
            nodes.append(statement.iterable)
            nodes.extend(_inside(statement.body))
        elif isinstance(statement, tree.If):
            for condition, body in statement.branches:
                nodes.append(condition)
                nodes.extend(_inside(body))
            nodes.extend(_inside(statement.otherwise))
    return nodes
