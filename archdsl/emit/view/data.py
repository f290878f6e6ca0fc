"""Turns a network into the data of its page: every distinct body once, as boxes and edges with the figure's words.

The data are tables, and bodies whose numbers are indices into them:

    strings   all text
    looks     [lines, style, shape, width, height, deep, title, width of the title], lines [[text, size, bold], …]
    ops       [name, [argument, value, …]]
    costs     [parameters, multiply-accumulates, activations, memory access]
    spans     [file, line, column, last line, last column]
    pieces    [op, types of operands, types of results, module path from the body, span, cost]
    labels    [text, width, height]
    bodies    [title, its width, [argument, value, …], boxes of the inputs, of the outputs, boxes, edges, real, doc, span]
      boxes   [look, pieces, cost, body that it opens to or -1, ins, outs, unit, steps, note]
      edges   [source, target, output, operand, out, into, label, name of the operand]
    fieldOf   what each place of the network sees, as an index into `fields`, in the order of unfolding

A body that is not `real` lists one by one what a fold (`× 6`) of another body stands for; its boxes have the paths and
the units of that body. Units number what a body draws as one box each if nothing is folded, -1 for ports. An edge
leaves as `output` of what the source opens to and arrives as its input `operand`; `out` and `into` are the spots while
it is closed. What is shown is decided here: the page's JavaScript makes no words, it decides where they stand.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from archdsl.analysis.cost import cost
from archdsl.emit.figure.measure import shorten
from archdsl.emit.figure.pieces import Piece, Unit, opened, units
from archdsl.emit.figure.scene import SMALL, Box, Edge, Sketch, Style
from archdsl.emit.figure.sketch import sketch
from archdsl.emit.figure.words import number, shape_text
from archdsl.emit.marks.font import text_width
from archdsl.emit.view.seen import fields_in_order
from archdsl.emit.view.tables import Tables, cost_row
from archdsl.ir.graph import Graph
from archdsl.ops.base import Op

_FORMAT = 1
_OPERAND = 7.0  # points
_LONGEST = 2000  # characters of one argument
_DOC = 1000


def page_data(root: Graph, caption: str = "") -> dict[str, Any]:
    """The data of the page of `root`, ready for JSON."""
    return _PageWriter(root).write(caption)


class _PageWriter:
    """Writes bodies as they are first called; `_number` and `_pending` are those met so far, and not yet written."""

    def __init__(self, root: Graph) -> None:
        self.root = root
        self.tables = Tables()
        self.text = self.tables.text
        self._number: dict[int, int] = {}
        self._pending: list[Graph] = []

    def write(self, caption: str) -> dict[str, Any]:
        tables = self.tables
        self.text("")
        self._body_number(self.root)
        bodies: list[Any] = []
        while len(bodies) < len(self._pending):
            bodies.append(self._body(self._pending[len(bodies)]))
        seen = fields_in_order(self.root)
        tables.span(self.root.span)
        return {
            "format": _FORMAT,
            "about": {"name": self.root.name, "caption": caption, "doc": shorten(self.root.doc, _DOC)},
            "root": 0,
            "total": cost_row(cost(self.root)),
            "styles": [self.text(style.value) for style in Style],
            "bodies": bodies,
            "fieldOf": [tables.fields(self.text(words)) for words in seen],
            "fields": tables.fields.values,
            "looks": tables.looks.values,
            "ops": tables.ops.values,
            "costs": tables.costs.values,
            "spans": tables.spans.values,
            "pieces": tables.pieces.values,
            "labels": tables.labels.values,
            "files": tables.files,
            "strings": self.text.values,
        }

    def _body_number(self, graph: Graph) -> int:
        found = self._number.setdefault(id(graph), len(self._pending))
        if found == len(self._pending):
            self._pending.append(graph)
        return found

    def _body(self, graph: Graph) -> list[Any]:
        drawn = sketch(graph)
        parts, _ = units(opened(graph))
        unit_at = {part.pieces[0].place: number for number, part in enumerate(parts)}
        arguments = [(name, _value(value)) for name, value in graph.arguments]
        boxes = [self._box(box, [unit_at[places[0]] for places in box.units], parts) for box in drawn.boxes]
        title = shorten(graph.name, 60)
        return [
            self.text(title),
            round(text_width(title, SMALL, True), 1),
            self.tables.pairs(arguments),
            _ports(drawn, len(graph.inputs), sources=True),
            _ports(drawn, len(graph.outputs), sources=False),
            boxes,
            [self._edge(edge) for edge in drawn.edges],
            1,
            self.text(shorten(graph.doc, _DOC)),
            self.tables.span(graph.span),
        ]

    def _box(self, box: Box, members: Sequence[int], parts: Sequence[Unit]) -> list[Any]:
        pieces = [self._piece(piece) for number in members for piece in parts[number].pieces]
        width, height = box.size
        lines = tuple((self.text(line.text), line.size, int(line.bold)) for line in box.lines)
        title = box.lines[0].text if box.lines else ""
        style = list(Style).index(box.style)
        extent = round(width, 1), round(height, 1)
        wide = round(text_width(title, _OPERAND), 1)
        look = self.tables.looks((lines, style, box.shape.value, *extent, int(box.deep), self.text(title), wide))
        spent = -1 if box.origin is None else self.tables.cost(box.origin.cost)
        opens = self._body_number(box.callees[0]) if box.callees else -1
        steps = 1 if not members else parts[members[0]].main.length or 1
        unit = members[-1] if members else -1
        return [look, pieces, spent, opens, box.ins, box.outs, unit, steps, 0]

    def _piece(self, piece: Piece) -> int:
        given = tuple(self.text(shape_text(x)) for x in piece.given)
        types = tuple(self.text(shape_text(x)) for x in piece.types)
        facts = self.text(piece.path), self.tables.span(piece.span), self.tables.cost(piece.cost)
        return self.tables.pieces((self._op(piece.target), given, types, *facts))

    def _op(self, target: Op | Graph) -> int:
        if isinstance(target, Graph):
            values = [(name, _value(value)) for name, value in target.arguments]
        else:
            values = [(f.name, _value(getattr(target, f.name))) for f in dataclasses.fields(target)]
        return self.tables.ops((self.text(shorten(target.name, 60)), self.tables.pairs(values)))

    def _edge(self, edge: Edge) -> list[int]:
        texts = self.tables.label(edge.label, SMALL), self.tables.label(edge.name, _OPERAND)
        return [edge.source, edge.target, edge.output, edge.operands[0], edge.out, edge.into, *texts]


def _ports(drawn: Sketch, count: int, *, sources: bool) -> list[int]:
    """The boxes of the inputs, or outputs, by their number; -1 where one is not drawn."""
    ends = {edge.target for edge in drawn.edges}
    found = [-1] * count
    for index, box in enumerate(drawn.boxes):
        if box.port is not None and (index not in ends) == sources:
            found[box.port] = index
    return found


def _value(value: Any) -> str:
    """An argument's value in full."""
    text = f"({', '.join(map(_value, value))})" if isinstance(value, tuple) else number(value)
    return shorten(text, _LONGEST)
