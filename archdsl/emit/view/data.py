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
      boxes   [look, cost, pieces, 1 + the body that it opens to, ins, outs, steps of a scan, unit, mark]
      edges   [source, target, label, name of the operand, output, operand, out, into, output, operand, …]
    marks     [sign, what differs, …] where two networks stand beside each other; 0 is none
    fieldOf   what each place of the network sees, as an index into `fields`, in the order of unfolding

Zeros at the end of a box or edge are left out. A body that is not `real` lists one by one what a fold (`× 6`) of
another body stands for; its boxes have the paths and units of that body. Units number what a body draws as one box each
if nothing is folded; a box says which by how many are between it and the box before. An edge leaves as `output` of what
its source opens to and arrives as input `operand` of what its target opens to; where a fold of branches is at its end,
there is a pair of these for each tensor. `out` and `into` are the spots while it is closed. What is shown
is decided here: the page's JavaScript makes no words, it decides where they stand.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable
from typing import Any, NamedTuple

from archdsl.analysis.cost import cost
from archdsl.emit.figure.instances import CalledBlocks
from archdsl.emit.figure.measure import shorten
from archdsl.emit.figure.pieces import Piece
from archdsl.emit.figure.scene import SMALL, Box, Outline, Sketch, Style
from archdsl.emit.figure.scenes import speaker
from archdsl.emit.figure.words import number, shape_text
from archdsl.emit.marks.font import text_width
from archdsl.emit.view.folds import BodyFolds, Members, TiedEdge
from archdsl.emit.view.seen import fields_in_order
from archdsl.emit.view.tables import Tables, cost_row
from archdsl.ir.graph import Graph
from archdsl.ops.base import Op
from archdsl.ops.constant import count_of

_FORMAT = 1
_OPERAND = 7.0  # points
_LONGEST = 2000  # characters of one argument
_MOST_NUMBERS = 16  # of a list that is shown
_DOC, _NAME = 1000, 60


def page_data(root: Graph) -> dict[str, Any]:
    """The data of the page of `root`, ready for JSON."""
    return PageWriter(root).write()


class _MarkedRow(NamedTuple):
    """The number of a box's last unit (-1 for ports), its row up to what that says, and its mark."""

    unit: int
    row: list[Any]
    mark: int


class PageWriter:
    """Writes bodies as they are first called; `_number` and `_pending` are those met so far, and not yet written."""

    def __init__(self, root: Graph) -> None:
        self.root = root
        self._blocks = CalledBlocks(root, tabled=False)
        self._say = speaker(self._blocks)
        self.tables = Tables()
        self.text = self.tables.text
        self._number: dict[Hashable, int] = {}
        self._pending: list[Graph | Members] = []

    def write(self) -> dict[str, Any]:
        tables = self.tables
        self.text("")
        tables.label("", SMALL)  # the first of all: 0 is none
        self._number_of(self.root)
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
            "marks": tables.marks.values,
            "files": tables.files,
            "strings": self.text.values,
        }

    def mark(self, graph: Graph, flat: bool, index: int) -> int:
        """The mark of a box of a body, which is folded or flat; 0 where there is nothing to compare with."""
        return 0

    def _number_of(self, member: Graph | Members) -> int:
        """The number of a body, or of what a fold of one stands for, which is written later."""
        key = id(member) if isinstance(member, Graph) else member.key
        found = self._number.setdefault(key, len(self._pending))
        if found == len(self._pending):
            self._pending.append(member)
        return found

    def _body(self, member: Graph | Members) -> list[Any]:
        if isinstance(member, Graph):
            return self._real_body(member)
        ports = [self._port(name) for name in member.inputs.values()]
        inside = [self._box(member.body, index, member.body.flat.boxes[index], flat=True) for index in member.indices]
        ends = [self._port("") for _ in member.outputs]
        title = shorten(member.title, _NAME)
        return [
            *self._title(title),
            *(0, -1, 0),
            list(range(len(ports))),
            [len(ports) + len(inside) + number for number in range(len(ends))],
            _numbered([*ports, *inside, *ends]),
            [self._edge(edge) for edge in member.edges(len(ports))],
            (),
        ]

    def _real_body(self, graph: Graph) -> list[Any]:
        body = BodyFolds(graph, self._say)
        boxes = [self._box(body, index, box, flat=False) for index, box in enumerate(body.folded.boxes)]
        return [
            *self._title(" ".join(filter(None, (self._blocks.named(graph), self._blocks.letter(graph))))),
            1,
            self.tables.span(graph.span),
            self.text(shorten(graph.doc, _DOC)),
            ports_of(body.folded, len(graph.inputs), sources=True),
            ports_of(body.folded, len(graph.outputs), sources=False),
            _numbered(boxes),
            [self._edge(edge) for edge in body.edges()],
            self.tables.pairs([(name, _value(value)) for name, value in graph.arguments]),
        ]

    def _title(self, text: str) -> tuple[int, float]:
        return self.text(text), round(text_width(text, SMALL, True), 1)

    def _box(self, body: BodyFolds, index: int, box: Box, *, flat: bool) -> _MarkedRow:
        parts = [body.parts[number] for number in body.units_of(box)]
        pieces = [self._piece(piece) for unit in parts for piece in unit.pieces]
        spent = 0 if box.origin is None else self.tables.cost(box.origin.cost)
        steps = parts[0].main.length or 0 if parts else 0
        opens: Graph | Members | None = body.members(index) if len(parts) > 1 else parts[0].call if parts else None
        number = 0 if opens is None else 1 + self._number_of(opens)
        row = [self._look(box), spent, pieces, number, box.ins, box.outs, steps]
        return _MarkedRow(body.units_of(box)[-1] if parts else -1, row, self.mark(body.graph, flat, index))

    def _port(self, name: str) -> _MarkedRow:
        lines = (self.text(name), self.tables.types((SMALL, 0))) if name else ()
        kind = list(Style).index(Style.PORT), list(Outline).index(Outline.TEXT)
        look = self.tables.looks((*kind, 0, 0, 0, round(text_width(name, _OPERAND), 1), *lines))
        return _MarkedRow(-1, [look, 0, [], 0, 0, 0, 0], 0)

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
            values = [(f.name, _argument(target, f.name)) for f in dataclasses.fields(target) if f.metadata]
        return self.tables.ops((self.text(shorten(target.name, _NAME)), *self.tables.pairs(values)))

    def _edge(self, edge: TiedEdge) -> list[int]:
        texts = self.tables.label(edge.label, SMALL), self.tables.label(edge.name, _OPERAND)
        (output, operand), *more = edge.ties
        row = [edge.source, edge.target, *texts, output, operand, edge.out, edge.into]
        return _trimmed([*row, *(number for tie in more for number in tie)])


def _numbered(boxes: list[_MarkedRow]) -> list[list[Any]]:
    """The rows of boxes, each with how many units stand between it and the one before, and its mark."""
    rows, before = [], -1
    for unit, row, mark in boxes:
        rows.append(_trimmed([*row, unit - before - 1 if unit >= 0 else 0, mark]))
        before = unit if unit >= 0 else before
    return rows


def _trimmed(row: list[Any]) -> list[Any]:
    while row and row[-1] == 0:
        row.pop()
    return row


def ports_of(drawn: Sketch, count: int, *, sources: bool) -> list[int]:
    """The boxes of the inputs, or outputs, by their number; -1 where one is not drawn."""
    ends = {edge.target for edge in drawn.edges}
    found = [-1] * count
    for index, box in enumerate(drawn.boxes):
        if box.port is not None and (index not in ends) == sources:
            found[box.port] = index
    return found


def _argument(op: Op, name: str) -> str:
    """An argument's value; of a long list, how many numbers it has."""
    value = getattr(op, name)
    if name == op.long_list and (count := count_of(value)) > _MOST_NUMBERS:
        return f"{count} numbers"
    return _value(value)


def _value(value: Any) -> str:
    """An argument's value in full."""
    text = f"({', '.join(map(_value, value))})" if isinstance(value, tuple) else number(value)
    return shorten(text, _LONGEST)
