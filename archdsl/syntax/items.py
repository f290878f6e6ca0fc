"""Holds the items of a file: what each declares, and at which place; parsed when they are asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from archdsl.diagnostics.model import Diagnostic
from archdsl.source import Source, Span
from archdsl.syntax.tree import Declaration, Decorator


class Parsed(NamedTuple):
    """What the text of an item says: `fault` is the mistake of one that does not parse, whose declaration is Broken."""

    declaration: Declaration
    decorators: list[Decorator]
    fault: Diagnostic | None = None


class Item:
    """A declaration at its place in a file: `offset` is where its text starts; doc and decorators stand above it.

    Offsets inside `declaration` *and* `decorators` count from `offset` (the item's text starts with its decorators).
    `kind` and `name` are what its first line says (an import has no name); `text` is parsed when the rest is asked for.
    """

    __slots__ = ("doc", "kind", "name", "offset", "parse", "parsed", "source", "text")

    def __init__(
        self, source: Source, offset: int, text: str, kind: str, doc: str, parse: Callable[[Item], Parsed]
    ) -> None:
        self.source = source
        self.offset = offset
        self.text = text
        self.kind = kind
        self.doc = doc
        self.name: str | None = None
        self.parse = parse  # sets `parsed`, once for all threads
        self.parsed: Parsed | None = None

    @property
    def declaration(self) -> Declaration:
        """What it declares."""
        return (self.parsed or self.parse(self)).declaration

    @property
    def decorators(self) -> list[Decorator]:
        """Its attributes, in order."""
        return (self.parsed or self.parse(self)).decorators

    @property
    def fault(self) -> Diagnostic | None:
        """What is wrong with its text, if anything."""
        return (self.parsed or self.parse(self)).fault

    def span(self, start: int, end: int) -> Span:
        """A span of the file from offsets of the item."""
        return Span(self.source, self.offset + start, self.offset + end)


@dataclass(slots=True)
class File:
    """A file's items in order, and the mistakes that stand outside of them."""

    source: Source
    items: list[Item] = field(default_factory=list)
    faults: list[Diagnostic] = field(default_factory=list)
