"""Measures a network as commands do: what differs from another one, memory, fields, access, structure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from archdsl.diagnostics.unknown import UnknownName
from archdsl.ir.graph import Graph
from archdsl.lazy import load_module
from archdsl.takes import NAME, SWITCH, TEXT, ArgumentKind, is_whole, takes

_WIDTH = 80  # columns of text
LEVELS = ArgumentKind("a whole number above 0", lambda value: is_whole(value) and value > 0)
_COUNT = ArgumentKind("a whole number that is not negative", lambda value: is_whole(value) and value >= 0)
_ORDERS = ("written", "minimal")


@dataclass(frozen=True)
class Printout:
    """What a command prints: `print` shows it, and so does a notebook; `to_json` is what it prints with --json."""

    text: str
    data: dict[str, Any]

    def __str__(self) -> str:
        """The text, without a line break at its end."""
        return self.text.rstrip("\n")

    def __repr__(self) -> str:
        return f"<Printout: {len(self.text.splitlines())} lines, {', '.join(self.data)}>"

    def _repr_html_(self) -> str:
        return str(load_module("archdsl.emit.html").preformatted(str(self)))

    def to_json(self) -> dict[str, Any]:
        """The same as plain data; docs/json.md says what each entry is."""
        return self.data


class Measured:
    """What commands say of a network: its `graph`."""

    graph: Graph

    @takes(other=ArgumentKind("a Network", lambda value: isinstance(value, Measured)), depth=LEVELS)
    def diff(self, other: Measured, depth: int = 1) -> Printout:
        """What changes from this network to another one: numbers, and the rows that are added, removed or changed.

        `depth` levels of changed blocks are opened, as by `archdsl diff`.
        """
        graphs = self.graph, other.graph
        changes = list(load_module("archdsl.analysis.compare").compare(*graphs, depth=depth))
        said = load_module("archdsl.emit.comparison")
        return Printout(said.text(*graphs, changes, _WIDTH), said.as_json(*graphs, changes))

    @takes(order=TEXT, steps=SWITCH)
    def memory(self, order: str = "written", steps: bool = False) -> Printout:
        """How much memory activations take at their peak and what is held then, as `archdsl memory` says.

        `order` is "written" or "minimal", that which needs least; with `steps` each op of it is listed.

        Raises:
            ValueError: there is no such order.
        """
        if order not in _ORDERS:
            raise ValueError(f"{order!r} is no order: there are {', '.join(_ORDERS)}")
        said = load_module("archdsl.emit.memory_table")
        asked = {"order": order, "steps": steps}
        return Printout(said.text(self.graph, **asked), said.as_json(self.graph, **asked))

    @takes(depth=LEVELS, at=NAME)
    def field(self, depth: int = 1, at: str | None = None) -> Printout:
        """Receptive fields of the outputs and of what stands `depth` levels deep, as `archdsl field` says.

        `at` is one module, as in "layer4.0.conv2".

        Raises:
            KeyError: there is no such module; the message says which name is near.
        """
        said = load_module("archdsl.emit.field_table")
        try:
            rows = said.rows_at(self.graph, depth, at)
        except KeyError:
            known = [row.path for row in load_module("archdsl.analysis.receptive_field").field_rows(self.graph)]
            raise UnknownName("module", str(at), known) from None
        return Printout(said.text(self.graph, rows), said.as_json(self.graph, rows))

    @takes(most=_COUNT)
    def access(self, most: int = 12) -> Printout:
        """Memory access in all, per kind of op, and of the `most` convolutions furthest above their bound (G1)."""
        said = load_module("archdsl.emit.access_table")
        return Printout(said.text(self.graph, most), said.as_json(self.graph))

    def structure(self) -> Printout:
        """Paths and their lengths, what can run side by side, fragments of each building block."""
        said = load_module("archdsl.emit.structure_table")
        return Printout(said.text(self.graph), said.as_json(self.graph))
