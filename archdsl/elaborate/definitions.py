"""Holds what a name at the top of a file can mean: a block (cell, network), a function, a constant, a module."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from archdsl.record import dataclass
from archdsl.syntax import tree
from archdsl.syntax.items import File, Item

if TYPE_CHECKING:
    from archdsl.diagnostics.model import Diagnostic
    from archdsl.source import Source


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


def assigned_names(statements: Sequence[tree.Statement]) -> set[str]:
    """All names that these statements set, in any branch or loop."""
    names: set[str] = set()
    pending = list(statements)
    while pending:
        statement = pending.pop()
        if isinstance(statement, tree.Assign):
            names.update(target.id for target in statement.targets)
        elif isinstance(statement, tree.For):
            names.update(target.id for target in statement.targets)
            pending.extend(statement.body)
        elif isinstance(statement, tree.If):
            for _, body in statement.branches:
                pending.extend(body)
            pending.extend(statement.otherwise)
    return names
