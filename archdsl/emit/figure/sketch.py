"""Turns one body into boxes and edges: ops that papers draw as one are one box, and what repeats in a row is folded."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from archdsl.analysis.cost import NOTHING
from archdsl.emit.figure.measure import shorten
from archdsl.emit.figure.pieces import Unit, opened, units
from archdsl.emit.figure.runs import FoldedRun, fold
from archdsl.emit.figure.scene import MAIN, SMALL, Box, Edge, Fold, Origin, Outline, Sketch, Style, TextLine
from archdsl.emit.figure.words import op_text, shape_text, style_of, value_text
from archdsl.ir.graph import INPUT, Graph, Ref
from archdsl.ir.per_body import per_body_alone
from archdsl.ops.base import Kind

_NAME = 36  # characters of a block's name


@per_body_alone
def sketch(graph: Graph) -> Sketch:
    """A body as boxes and edges, each input ahead of its first use and each output right after its source."""
    return _Sketcher(graph).sketch()


@dataclass(slots=True)
class _Sketcher:
    graph: Graph
    boxes: list[Box] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    place: dict[Ref, tuple[int, int]] = field(default_factory=dict)  # box and output where a unit's result comes from

    def sketch(self) -> Sketch:
        body = opened(self.graph)
        parts, outputs = units(body)
        for part in fold(parts, outputs, self.look):
            self._add(parts, part)
            for position, ref in enumerate(outputs):
                if ref.node in part.members:
                    self._leave(ref, position, len(outputs))
        for position, ref in enumerate(outputs):
            if ref.node == INPUT:  # an input handed on as it came
                self._leave(ref, position, len(outputs))
        return Sketch(self.graph, tuple(self.boxes), tuple(_labelled_once(self.edges)))

    def look(self, unit: Unit) -> Hashable:
        """What two units must have in common to be drawn as one: the block called, or the text of the box."""
        if unit.call is None:
            return tuple(piece.target for piece in unit.pieces)
        return unit.call.definition, unit.call.name, unit.main.length

    def _add(self, parts: Sequence[Unit], part: FoldedRun) -> None:
        """Adds the box for a part, behind inputs that it is the first to use, and the edges into it."""
        first = parts[part.members[0]]
        outside = [(i, ref) for i, ref in enumerate(first.operands)]
        for _, ref in outside:
            self._arrive(ref)
        me = len(self.boxes)
        last = parts[part.members[-1]]
        self.boxes.append(self._box(parts, part))
        names = self._names(first)
        ways = len(first.operands)
        for i, ref in outside:
            box, output = self.place[ref]
            label = shape_text(self._type(parts, ref))
            into = i if ways > 1 else 0
            out = output if self.boxes[box].outs else 0
            self.edges.append(Edge(box, me, output, (i,), names[i] if ways > 1 else "", label, out, into))
        for output in range(len(last.types)):
            self.place[Ref(part.members[-1], output)] = (me, output)

    def _type(self, parts: Sequence[Unit], ref: Ref) -> object:
        return self.graph.inputs[ref.output] if ref.node == INPUT else parts[ref.node].types[ref.output]
