"""Checks the names of a definition without running it, so that branches not taken are checked too."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from archdsl.elaborate.advice import suggestion
from archdsl.elaborate.definitions import Module, assigned_names
from archdsl.elaborate.modules import library_words, top_frame
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


# Facts of memoised trees, by the identity of a node that is kept beside them so that no other can take its place.
_remembered: dict[int, tuple[Any, Any]] = {}


def _remember(node: Any, find: Callable[[Any], Any]) -> Any:
    found = _remembered.get(id(node))
    if found is None or found[0] is not node:
        if len(_remembered) > 100_000:
            _remembered.clear()
        found = _remembered[id(node)] = (node, find(node))
    return found[1]


def used_names(node: tree.Expr) -> frozenset[str]:
    """All names in an expression."""
    names: frozenset[str] = _remember(node, _used_names)
    return names


def _used_names(node: tree.Expr) -> frozenset[str]:
    names: set[str] = set()
    pending: list[Any] = [node]
    while pending:
        part = pending.pop()
        if isinstance(part, tree.Name):
            names.add(part.id)
        else:
            pending.extend(parts(part))
    return frozenset(names)


def check_names(session: Session, module: Module, item: tree.Item) -> None:
    """Report every name of a definition that means nothing."""
    definition = item.declaration
    if isinstance(definition, (tree.Import, tree.Broken)):
        return
    if id(definition) in session.checked or module.imports_anything:
        return
    session.checked.add(id(definition))
    frame = top_frame(session, module, item)
    words = library_words()
    unknown = [n for n in _remember(definition, _outer_names) if n.id not in module.names and n.id not in words]
    if unknown:
        own = _own_names(definition)
        for node in unknown:
            help = suggestion(session, module, node.id, own)
            session.report(frame.problem(node, "unknown-name", f"nothing is called {node.id}", help=help).diagnostic)


def _own_names(definition: tree.Definition | tree.Constant | tree.Variant) -> set[str]:
    """Inputs, parameters and all that the body assigns."""
    if not isinstance(definition, tree.Definition):
        return set()
    return {i.name for i in definition.inputs} | {p.name for p in definition.params} | assigned_names(definition.body)


def _outer_names(definition: tree.Definition | tree.Constant | tree.Variant) -> list[tree.Name]:
    """The places of all names that a definition takes from outside, in order of writing."""
    known = _own_names(definition)
    found: list[tree.Name] = []
    pending: list[tuple[Any, frozenset[str]]] = [(part, frozenset()) for part in _expressions(definition)]
    pending.reverse()
    while pending:
        node, bound = pending.pop()
        if isinstance(node, tree.Comprehension):
            bound = bound | {t.id for clause in node.clauses for t in clause.targets}
        if isinstance(node, tree.Name):
            if node.id not in known and node.id not in bound:
                found.append(node)
            continue
        # A label written as a bare word is a Text; only names interpolated into it are looked at.
        fixed = isinstance(node, tree.As) and all(isinstance(p, str) for p in node.label.parts)
        skip = node.label if fixed else None
        pending.extend((part, bound) for part in reversed(list(parts(node))) if part is not skip)
    return found


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
