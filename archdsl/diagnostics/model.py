"""Holds one mistake as data: what is wrong, where, why, and what to do; rendering lives elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from archdsl.lazy import load_module
from archdsl.source import Span

ERROR = "error"
WARNING = "warning"
INFO = "info"


@dataclass(frozen=True)
class Label:
    """A span with a short remark under its underline; an empty remark only underlines."""

    span: Span
    text: str = ""


@dataclass(frozen=True)
class Diagnostic:
    """One message.

    `code` is a kebab-case name listed in `archdsl.diagnostics.catalog` (it has a page: `archdsl explain CODE`).
    `span` is None only for mistakes without a place in a file (a missing file).
    `labels` are further underlines, `notes` the history ("= …"), `help` what to do.
    """

    code: str
    message: str
    span: Span | None
    severity: str = ERROR
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: str = ""


@dataclass
class Diagnostics:
    """Collects messages: one per (code, span), in the order in which they were found."""

    items: list[Diagnostic] = field(default_factory=list)
    _seen: set[tuple[str, object]] = field(default_factory=set)

    def add(self, diagnostic: Diagnostic) -> None:
        """Keep `diagnostic` unless the same code was already reported at the same span."""
        span = diagnostic.span
        place = (diagnostic.message,) if span is None else (span.source.name, span.start, span.end)
        key = (diagnostic.code, place)
        if key not in self._seen:
            self._seen.add(key)
            self.items.append(diagnostic)

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Add each of `diagnostics`."""
        for diagnostic in diagnostics:
            self.add(diagnostic)

    def take(self, start: int) -> list[Diagnostic]:
        """Those from place `start` on, as if they had never been added."""
        taken, kept = self.items[start:], self.items[:start]
        self.items, self._seen = [], set()
        self.extend(kept)
        return taken

    @property
    def errors(self) -> list[Diagnostic]:
        """Those that stop a network from being used."""
        return [d for d in self.items if d.severity == ERROR]

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)


class ArchError(Exception):
    """The one exception of the public interface: `.diagnostics` is the list of what is wrong."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics: list[Diagnostic] = list(diagnostics)
        super().__init__()

    def __reduce__(self) -> tuple[type[ArchError], tuple[list[Diagnostic]]]:
        """What crosses to another process, as out of a pool of them."""
        return type(self), (self.diagnostics,)

    def __str__(self) -> str:
        """What a terminal shows: every message with its lines, its notes and its help."""
        found: str = load_module("archdsl.diagnostics.render").listing(self.diagnostics)
        return found
