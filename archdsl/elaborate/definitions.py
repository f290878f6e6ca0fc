"""Holds what a name at the top of a file can mean: a block (cell, network), a function, a constant, a module."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from archdsl.syntax import tree

if TYPE_CHECKING:
    from archdsl.source import Source


@dataclass(eq=False)
class Block:
    """A block, cell or network; a variant has its base's body and defaults of its own.

    `item` is where this definition stands, `body_item` where the body that it runs stands (another one for variants).
    """

    kind: str
    name: str
    item: tree.Item
    definition: tree.Definition
    body_item: tree.Item
    module: Module  # where names of the body are looked up
    defaults: dict[str, Any]  # a variant's own defaults, already evaluated


@dataclass(eq=False)
class Function:
    """A `fn`."""

    name: str
    item: tree.Item
    definition: tree.Definition
    module: Module
    described = "a function"


@dataclass(eq=False)
class Module:
    """One file's names. `names` maps a name to its declaration; `values` holds what has been made of them so far."""

    source: Source
    file: tree.File
    names: dict[str, tree.Item] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    imported: dict[str, tuple[Module, str] | Module | None] = field(default_factory=dict)
    evaluating: list[str] = field(default_factory=list)
    broken: set[str] = field(default_factory=set)
    imports_anything: bool = False  # an import does not parse: any unknown name may be its
    described = "an imported file"

    @property
    def key(self) -> Hashable:
        """What identifies the file."""
        return self.source.name
