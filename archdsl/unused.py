"""Finds what a spec defines and nothing uses: parameters, imports, constants, functions.

Only what is surely a mistake is told, in a file with networks (another one is for others to import): an import, a
constant or a function whose name nothing else in the file reads, and a parameter that its own definition does not read.
A block or function whose bare name is a value (`body = basic`, `[conv_op, pool_op]`) shares its signature with those
that may stand in its place, and so do cells: their parameters are left alone, like all names that begin with `_`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from archdsl.diagnostics.model import WARNING, Diagnostic
from archdsl.elaborate.arguments import described_parameters, named
from archdsl.elaborate.definitions import Module
from archdsl.elaborate.spec import Spec, name_span
from archdsl.syntax import tree
from archdsl.syntax.items import Item
from archdsl.syntax.parts import parts

_KINDS = {"constant": "constant", "fn": "function"}
_BINDERS = (tree.Assign, tree.For, tree.Clause)  # their targets are set, not read


def unused(spec: Spec) -> Iterator[Diagnostic]:
    """Warnings of the file itself, which must be free of errors."""
    root = spec.root
    if not spec.networks:
        return
    bare = _bare_names(root)
    read = {name: _names_read(item) for name, item in root.names.items()}
    readers = Counter(other for names in read.values() for other in names)
    for name, item in root.names.items():
        if name.startswith("_"):
            continue
        used = readers[name] > (name in read[name])  # by another definition than itself
        if item.kind == "import" and not used:
            message, help = f"{name} is imported and not used", "remove it from the import, or use it"
            yield Diagnostic("unused-import", message, name_span(item, name), WARNING, help=help)
        elif item.kind in _KINDS and not used:
            message = f"nothing in this file uses the {_KINDS[item.kind]} {name}"
            help = f"use it, remove it, or call it _{name}; a file without networks is for others to import"
            yield Diagnostic("unused-definition", message, name_span(item, name), WARNING, help=help)
        elif isinstance(item.declaration, tree.Definition) and item.kind != "cell" and name not in bare:
            yield from _parameters(item, item.declaration, read[name])


def _parameters(item: Item, definition: tree.Definition, read: set[str]) -> Iterator[Diagnostic]:
    labels: list[str] | None = None
    for param in definition.params:
        if param.name not in read and not param.name.startswith("_"):
            span = item.span(param.start, param.start + len(param.name))
            message = f"nothing in {definition.name} uses its parameter {param.name}"
            help = f"use it, remove it, or call it _{param.name} if it is only there for others to set"
            if labels is None:
                labels = _literal_labels(definition)
            label = next((text for text in labels if param.name in text.split(".")), None)
            if label is not None:
                meant = ".".join(f"{{{part}}}" if part == param.name else part for part in label.split("."))
                help = f'a label stands for itself: write `as "{meant}"` for the value of {param.name}'
            yield Diagnostic("unused-parameter", message, span, WARNING, help=help)


def _literal_labels(definition: tree.Definition) -> list[str]:
    """The labels without braces, in order of writing."""
    found: list[str] = []
    pending: list[Any] = [definition]
    while pending:
        node = pending.pop()
        if isinstance(node, tree.As) and all(isinstance(part, str) for part in node.label.parts):
            found.append("".join(map(str, node.label.parts)))
        pending.extend(parts(node))
    return found


def _names_read(item: Item) -> set[str]:
    """All names whose values a declaration uses; those of an import stand for themselves."""
    declaration = item.declaration
    found: set[str] = set()
    pending: list[Any] = [] if isinstance(declaration, tree.Import) else [declaration]
    while pending:
        node = pending.pop()
        if node.__class__ is tree.Name:
            found.add(node.id)
        else:
            pending.extend(_read_parts(node))
    return found


def _read_parts(node: Any) -> Iterator[Any]:
    skipped: Sequence[Any] = node.targets if isinstance(node, _BINDERS) else ()
    # A label written as a bare word is a Text that names nothing.
    if isinstance(node, tree.As) and all(isinstance(part, str) for part in node.label.parts):
        skipped = (node.label,)
    return (part for part in parts(node) if not any(part is other for other in skipped))


def _bare_names(module: Module) -> set[str]:
    """Names that stand somewhere else than before parentheses, so that something else may take their place."""
    found: set[str] = set()
    pending: list[Any] = [item.declaration for item in module.file.items if item.fault is None]
    while pending:
        node = pending.pop()
        if isinstance(node, tree.Name):
            found.add(node.id)
        elif isinstance(node, tree.Call) and isinstance(node.callee, tree.Name):
            pending.extend(node.arguments)
            if _leaves_out(module, node, node.callee.id):
                found.add(node.callee.id)
        elif isinstance(node, tree.Chain):  # applied by its name alone
            pending.extend(part for part in node.items if not isinstance(part, tree.Name))
        else:
            pending.extend(_read_parts(node))
    return found


def _leaves_out(module: Module, call: tree.Call, name: str) -> bool:
    """Whether what is called waits for more arguments, so that it is passed on as bare names are."""
    item = module.names.get(name)
    if item is None or not isinstance(item.declaration, tree.Definition) or item.kind == "fn":
        return False
    required = [param.name for param in item.declaration.params if param.default is None]
    given = named(described_parameters(item.declaration), call.arguments)
    return given is not None and not given.keys() >= set(required)
