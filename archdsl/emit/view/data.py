"""Turns a network into the data of its page: every distinct body once, as boxes and edges with the figure's words.

The data are tables, and bodies whose numbers are indices into them:

    strings   all text
    types     [size, bold] of a line of text
    looks     [style, shape, width, height, deep, width of the title, line, its type, line, its type, …]
    ops       [name, argument, value, argument, value, …]
    costs     [parameters, multiply-accumulates, activations, memory access]
    spans     [file, line, column, last line, last column]
    pieces    [op, span, module path from the body, types of operands, types of results]
    labels    [text, width, height]
    bodies    [title, its width, real, span, doc, boxes of inputs, of outputs, boxes, edges, [argument, value, …]]
      boxes   [look, cost, pieces, 1 + the body that it opens to, ins, outs, steps of a scan, unit]
      edges   [source, target, label, name of the operand, output, operand, out, into]
    fieldOf   what each place of the network sees, as an index into `fields`, in the order of unfolding

Zeros at the end of a box or edge are left out. A body that is not `real` lists one by one what a fold (`× 6`) of
another body stands for; its boxes have the paths and units of that body. Units number what a body draws as one box each
if nothing is folded; a box says which by how many are between it and the box before. An edge leaves as `output` of what
its source opens to and arrives as its input `operand`; `out` and `into` are the spots while it is closed. What is shown
is decided here: the page's JavaScript makes no words, it decides where they stand.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from archdsl.analysis.cost import cost
from archdsl.emit.figure.measure import shorten
from archdsl.emit.figure.pieces import Piece, Unit, opened, units
from archdsl.emit.figure.scene import SMALL, Box, Edge, Outline, Sketch, Style
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
_DOC, _NAME = 1000, 60


def page_data(root: Graph) -> dict[str, Any]:
    """The data of the page of `root`, ready for JSON."""
    return _PageWriter(root).write()


class _PageWriter:
    """Writes bodies as they are first called; `_number` and `_pending` are those met so far, and not yet written."""

    def __init__(self, root: Graph) -> None:
        self.root = root
        self.tables = Tables()
        self.text = self.tables.text
        self._number: dict[int, int] = {}
        self._pending: list[Graph] = []

    def write(self) -> dict[str, Any]:
        tables = self.tables
        self.text("")
        tables.label("", SMALL)  # the first of all: 0 is none
        self._body_number(self.root)
        bodies: list[Any] = []
        while len(bodies) < len(self._pending):
            bodies.append(self._body(self._pending[len(bodies)]))
        seen = fields_in_order(self.root)
        tables.span(self.root.span)
        return {
            "format": _FORMAT,
            "about": {"name": self.root.name, "doc": shorten(self.root.doc, _DOC)},
            "root": 0,
            "total": cost_row(cost(self.root)),
            "styles": [self.text(style.value) for style in Style],
            "types": tables.types.values,
            "shapes": [outline.value for outline in Outline],
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
        title = shorten(graph.name, _NAME)
        boxes, before = [], -1
        for box in drawn.boxes:
            members = [unit_at[places[0]] for places in box.units]
            boxes.append(
                self._box(box, [parts[number] for number in members], members[-1] - before - 1 if members else 0)
            )
            before = members[-1] if members else before
        return [
            self.text(title),
            round(text_width(title, SMALL, True), 1),
            1,
            self.tables.span(graph.span),
            self.text(shorten(graph.doc, _DOC)),
            _ports(drawn, len(graph.inputs), sources=True),
            _ports(drawn, len(graph.outputs), sources=False),
            boxes,
            [self._edge(edge) for edge in drawn.edges],
            self.tables.pairs(arguments),
        ]

    def _box(self, box: Box, members: Sequence[Unit], skipped: int) -> list[Any]:
        pieces = [self._piece(piece) for unit in members for piece in unit.pieces]
        spent = 0 if box.origin is None else self.tables.cost(box.origin.cost)
        opens = 1 + self._body_number(box.callees[0]) if box.callees else 0
        steps = members[0].main.length or 0 if members else 0
        return _trimmed([self._look(box), spent, pieces, opens, box.ins, box.outs, steps, skipped])

    def _look(self, box: Box) -> int:
        tables = self.tables
        width, height = box.size
        title = round(text_width(box.lines[0].text, _OPERAND), 1) if box.port is not None and box.lines else 0
        lines = [n for line in box.lines for n in (self.text(line.text), tables.types((line.size, int(line.bold))))]
        kind = list(Style).index(box.style), list(Outline).index(box.shape)
        return tables.looks((*kind, round(width, 1), round(height, 1), int(box.deep), title, *lines))

    def _piece(self, piece: Piece) -> int:
        given = tuple(self.text(shape_text(x)) for x in piece.given)
        types = tuple(self.text(shape_text(x)) for x in piece.types)
        return self.tables.pieces(
            (self._op(piece.target), self.tables.span(piece.span), self.text(piece.path), given, types)
        )

    def _op(self, target: Op | Graph) -> int:
        if isinstance(target, Graph):
            values = [(name, _value(value)) for name, value in target.arguments]
        else:
            values = [(f.name, _value(getattr(target, f.name))) for f in dataclasses.fields(target)]
        return self.tables.ops((self.text(shorten(target.name, _NAME)), *self.tables.pairs(values)))

    def _edge(self, edge: Edge) -> list[int]:
        texts = self.tables.label(edge.label, SMALL), self.tables.label(edge.name, _OPERAND)
        return _trimmed([edge.source, edge.target, *texts, edge.output, edge.operands[0], edge.out, edge.into])


def _trimmed(row: list[Any]) -> list[Any]:
    while row and row[-1] == 0:
        row.pop()
    return row


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
