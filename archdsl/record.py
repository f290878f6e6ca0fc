"""Records what elaboration knows of a text, for editors and pages: what each name means, and what each expression was.

Names are resolved from the trees alone, once per definition. Expressions are recorded while a network is elaborated:
each has one value per instance of its body, so the conv of a block called at two widths has two types. A load without
a record pays for none of this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from archdsl.diagnostics.model import Diagnostics
from archdsl.elaborate.advice import BUILTIN_WORDS
from archdsl.elaborate.decisions import Decisions
from archdsl.elaborate.definitions import Module, is_any_size
from archdsl.elaborate.elaborator import elaborate
from archdsl.elaborate.overrides import Shapes
from archdsl.elaborate.session import Elaborated, Frame
from archdsl.elaborate.shown import kind_of, show
from archdsl.elaborate.spec import Spec, name_span
from archdsl.elaborate.values import ListValue, Tensor, Value
from archdsl.ops import registry
from archdsl.source import Source, Span
from archdsl.syntax import tree
from archdsl.syntax.items import Item
from archdsl.syntax.parts import parts
from archdsl.types import TensorType

MOST_INSTANCES = 100  # of one expression that are told apart; all are counted


@dataclass(frozen=True)
class NameUse:
    """A name where it is used, what it means there, and where that is defined (None for words of the language).

    `kind` is "input", "parameter", "variable", "constant", "fn", "block", "cell", "network", "file", "op", "builtin" or
    "unknown".
    """

    span: Span
    kind: str
    target: Span | None = None


@dataclass(frozen=True)
class Seen:
    """What an expression was in one instance of its body: `within` names it, as in "basic(width = 64)".

    `kind` is how messages call it ("an int", "a stage", "a tensor [64, 56, 56]"), `text` its value as a spec would
    write it, `types` the tensors that it is or holds, in order.
    """

    kind: str
    text: str
    types: tuple[TensorType, ...]
    within: str


class Record:
    """What was seen of each expression; filled by `recorded`."""

    def __init__(self) -> None:
        self.made: Elaborated | None = None
        self.diagnostics = Diagnostics()
        self._seen: dict[Span, dict[Seen, int]] = {}

    def see(self, frame: Frame, node: tree.Expr, value: Value) -> None:
        """Note the value of an expression; called at each evaluation."""
        known = self._seen.setdefault(frame.span(node), {})
        seen = Seen(kind_of(value), show(value), tuple(_types(value)), frame.shown)
        if seen in known or len(known) < MOST_INSTANCES:
            known[seen] = known.get(seen, 0) + 1

    def of(self, span: Span) -> dict[Seen, int]:
        """What the expression at exactly this place was, and how often; empty if it was never evaluated."""
        return self._seen.get(span, {})

    def at(self, source: Source, offset: int) -> Span | None:
        """The place of the smallest recorded expression around a character of a file."""
        around = [span for span in self._seen if span.source is source and span.start <= offset < span.end]
        return min(around, key=lambda span: span.end - span.start, default=None)

    def expressions(self) -> Iterator[tuple[Span, dict[Seen, int]]]:
        """All of them, in order of first evaluation."""
        return iter(self._seen.items())


def _types(value: Value) -> Iterator[TensorType]:
    if isinstance(value, Tensor):
        yield value.type
    elif isinstance(value, ListValue) and value.holds_tensors:
        for item in value.items:
            yield from _types(item)


def recorded(
    spec: Spec,
    network: str,
    parameters: Mapping[str, Any] | None = None,
    shapes: Shapes | None = None,
    decisions: Decisions | None = None,
) -> Record:
    """Elaborate a network and record each expression on the way; a mistake ends up in `.diagnostics`, not here.

    Raises:
        ArchError: there is no such network, or an override names no parameter or input.
    """
    record = Record()
    record.made = elaborate(
        spec, network, parameters, shapes, diagnostics=record.diagnostics, decisions=decisions, observe=record.see
    )
    return record


def names_of(spec: Spec) -> list[NameUse]:
    """Every name that the spec's own file uses, in order of writing, with what it means; nothing is run."""
    found = [use for item in spec.root.file.items for use in _names_in(spec.root, item)]
    return sorted(found, key=lambda use: use.span.start)


def _names_in(module: Module, item: Item) -> Iterator[NameUse]:
    declaration = item.declaration
    if isinstance(declaration, tree.Import):
        for node in declaration.names:
            yield _outer(module, item.span(node.start, node.end), node.id)
        return
    local: dict[str, NameUse] = {}
    pending: list[tuple[Any, dict[str, NameUse]]] = []
    if isinstance(declaration, tree.Definition):
        for tensor in declaration.inputs:
            local[tensor.name] = NameUse(item.span(tensor.start, tensor.end), "input")
        for param in declaration.params:
            local[param.name] = NameUse(item.span(param.start, param.end), "parameter")
        for target in _targets(declaration.body):
            local.setdefault(target.id, NameUse(item.span(target.start, target.end), "variable"))
    if isinstance(declaration, (tree.Definition, tree.Variant, tree.Constant)):
        pending = [(part, local) for part in parts(declaration)]
    while pending:
        node, scope = pending.pop()
        if isinstance(node, tree.Comprehension):
            own = [target for clause in node.clauses for target in tree.names_in(clause.targets)]
            scope = {**scope, **{target.id: NameUse(item.span(target.start, target.end), "variable") for target in own}}
        if isinstance(node, tree.Name):
            span = item.span(node.start, node.end)
            known = scope.get(node.id)
            if known is None and is_any_size(node):
                continue
            yield _outer(module, span, node.id) if known is None else NameUse(span, known.kind, known.span)
            continue
        if isinstance(node, tree.Attribute) and isinstance(node.value, tree.Name) and node.value.id not in scope:
            file = module.imports.get(id(module.names.get(node.value.id)))
            if isinstance(file, Module) and node.name in file.names:
                yield _outer(file, item.span(node.end - len(node.name), node.end), node.name)
        fixed = isinstance(node, tree.As) and all(isinstance(part, str) for part in node.label.parts)
        pending.extend((part, scope) for part in parts(node) if not (fixed and part is node.label))


def _targets(statements: list[tree.Statement]) -> Iterator[tree.Name]:
    for statement in statements:
        if isinstance(statement, (tree.Assign, tree.For)):
            yield from tree.names_in(statement.targets)
        if isinstance(statement, tree.For):
            yield from _targets(statement.body)
        elif isinstance(statement, tree.If):
            for _, body in statement.branches:
                yield from _targets(body)
            yield from _targets(statement.otherwise)


def _outer(module: Module, span: Span, name: str) -> NameUse:
    """What a name from the top of a file means: what an import brings is followed to where it is defined."""
    item = module.names.get(name)
    for _ in range(1000):  # files cannot import each other in a circle, so this ends before
        if item is None:
            break
        if item.kind != "import":
            return NameUse(span, item.kind, name_span(item, name))
        file = module.imports.get(id(item))
        declaration = item.declaration
        if not isinstance(file, Module) or not isinstance(declaration, tree.Import):
            return NameUse(span, "unknown")
        if not declaration.names:
            return NameUse(span, "file", Span(file.source, 0, 0))
        module, item = file, file.names.get(name)
    if name in BUILTIN_WORDS:
        return NameUse(span, "builtin")
    return NameUse(span, "op" if registry.load(name) is not None else "unknown")
