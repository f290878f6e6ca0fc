"""Knows definitions before any is run: what a name at the top of a file can be, and which names each one mentions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from archdsl.elaborate.steering import steering
from archdsl.syntax import tree
from archdsl.syntax.items import File, Item
from archdsl.syntax.parts import parts

if TYPE_CHECKING:
    from archdsl.diagnostics.model import Diagnostic
    from archdsl.source import Source, Span

FARTHEST = 200  # variants of variants, and imports of imports, that are followed


@dataclass(eq=False)
class Block:
    """A block, cell or network; a variant has its base's body and defaults of its own.

    `item` is where this definition stands, `body_item` where the body that it runs stands (another one for variants).
    """

    kind: str
    name: str
    item: Item
    definition: tree.Definition
    body_item: Item
    module: Module  # where names of the body are looked up
    defaults: dict[str, Any]  # a variant's own defaults, already evaluated
    taps: tuple[str, ...] = ()  # the labels of what it gives, where that is not what its body returns
    tapped: dict[tuple[str, ...], Block] = field(default_factory=dict)  # the same block, tapped

    @cached_property
    def input_names(self) -> tuple[str, ...]:
        """Names of the tensors that flow in."""
        return tuple(tensor.name for tensor in self.definition.inputs)

    @cached_property
    def span(self) -> Span:
        """Where the definition stands."""
        return self.item.span(self.item.declaration.start, self.item.declaration.end)

    @cached_property
    def doc(self) -> str:
        """What stands above it in the file, or above its base."""
        return self.item.doc or self.body_item.doc

    @cached_property
    def steering(self) -> tuple[str, ...]:
        """The parameters on which depends what the body consists of."""
        return steering(self.definition)

    @cached_property
    def assigned(self) -> frozenset[str]:
        """All names that the body sets."""
        return frozenset(assigned_names(self.definition.body))


@dataclass(eq=False)
class Function:
    """A `fn`."""

    name: str
    item: Item
    definition: tree.Definition
    module: Module
    described = "a function"


@dataclass(eq=False)
class Module:
    """One file's names, before any of them has a value; nothing in it changes once its spec is read.

    `names` maps a name to its declaration, and `twice` one with two declarations to what is wrong. `imports` holds for
    each import, by the identity of its item, the module that it names, or why there is none.
    """

    source: Source
    file: File
    names: dict[str, Item] = field(default_factory=dict)
    twice: dict[str, Diagnostic] = field(default_factory=dict)
    imports: dict[int, Module | list[Diagnostic]] = field(default_factory=dict)
    broken_imports: list[Diagnostic] = field(default_factory=list)  # any unknown name may be one of theirs
    described = "an imported file"


def bases(module: Module, name: str) -> Iterator[tuple[Module, Item]]:
    """The definition of that name at the top of a file, then that of which it is a variant, and so on, by way of
    imports; the last one is the definition whose body they run, where all is right.
    """
    for _ in range(FARTHEST):
        item = module.names.get(name)
        if item is None or name in module.twice:
            return
        declaration, found = item.declaration, None
        if isinstance(declaration, tree.Import):
            found = module.imports.get(id(item)) if declaration.names else None
        else:
            yield module, item
        if isinstance(declaration, tree.Variant):
            base = declaration.base.callee if isinstance(declaration.base, tree.Call) else declaration.base
            if isinstance(base, tree.Name):
                found, name = module, base.id
            elif isinstance(base, tree.Attribute) and isinstance(base.value, tree.Name):
                found, name = module.imports.get(id(module.names.get(base.value.id))), base.name
        if not isinstance(found, Module):
            return
        module = found


def assigned_names(statements: Sequence[tree.Statement]) -> set[str]:
    """All names that these statements set, in any branch or loop."""
    names: set[str] = set()
    pending = list(statements)
    while pending:
        statement = pending.pop()
        if isinstance(statement, tree.Assign):
            names.update(target.id for target in tree.names_in(statement.targets))
        elif isinstance(statement, tree.For):
            names.update(target.id for target in tree.names_in(statement.targets))
            pending.extend(statement.body)
        elif isinstance(statement, tree.If):
            for _, body in statement.branches:
                pending.extend(body)
            pending.extend(statement.otherwise)
    return names


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
    found: list[tree.Name | tree.Attribute] = []
    _find_outer(_expressions(definition), own_names(definition), found)
    return found


def _find_outer(nodes: list[Any], known: set[str], found: list[tree.Name | tree.Attribute]) -> None:
    """Add to `found` the names in `nodes` that are not `known`."""
    pending = nodes[::-1]
    while pending:
        node = pending.pop()
        kind = node.__class__
        if kind is tree.Comprehension:
            own = {name.id for clause in node.clauses for name in tree.names_in(clause.targets)}
            _find_outer(parts(node), known | own, found)
            continue
        name = node.value if kind is tree.Attribute else node
        if name.__class__ is tree.Name:
            if name.id not in known:
                found.append(node)
        elif kind is tree.As and all(isinstance(p, str) for p in node.label.parts):
            pending.append(node.value)  # the label is no name; only names interpolated into one are looked at
        else:
            pending += reversed(parts(node))


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
