"""Turns one body into boxes and edges: ops that papers draw as one are one box, and what repeats in a row is folded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from archdsl.analysis.cost import NOTHING
from archdsl.emit.figure.measure import shorten
from archdsl.emit.figure.pieces import Unit, opened, units
from archdsl.emit.figure.scene import MAIN, SMALL, Box, Edge, Origin, Outline, Sketch, Style, TextLine
from archdsl.emit.figure.words import op_text, shape_text, style_of, value_text
from archdsl.ir.graph import INPUT, Graph, Ref
from archdsl.ir.per_body import per_body
from archdsl.ops.base import Kind
from archdsl.types import TensorType

_NAME = 60  # characters of a name


@per_body
def sketch(graph: Graph) -> Sketch:
    """A body as boxes and edges, each input ahead of its first use and each output right after its source."""
    return _Sketcher(graph).sketch()


@dataclass(slots=True)
class _Sketcher:
    graph: Graph
    boxes: list[Box] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    place: dict[Ref, tuple[int, int]] = field(default_factory=dict)  # box and output where a unit's result comes from
    parts: tuple[Unit, ...] = ()

    def sketch(self) -> Sketch:
        self.parts, outputs = units(opened(self.graph))
        for number, unit in enumerate(self.parts):
            me = self._add(unit)
            for output in range(len(unit.types)):
                self.place[Ref(number, output)] = (me, output)
            for position, ref in enumerate(outputs):
                if ref.node == number:
                    self._leave(ref, position, len(outputs))
        for position, ref in enumerate(outputs):
            if ref.node == INPUT:  # an input handed on as it came
                self._arrive(ref)
                self._leave(ref, position, len(outputs))
        for number in range(len(self.graph.inputs)):
            self._arrive(Ref(INPUT, number))
        return Sketch(self.graph, tuple(self.boxes), tuple(_labelled_once(self.edges)))

    def _add(self, unit: Unit) -> int:
        """Adds the box for a unit behind inputs that it is the first to use, and its edges; gives its number."""
        for ref in unit.operands:
            self._arrive(ref)
        me = len(self.boxes)
        self.boxes.append(_box(unit))
        names = operand_names(unit)
        for i, ref in enumerate(unit.operands):
            self.edges.append(self._edge(ref, me, i, names[i]))
        return me

    def _edge(self, ref: Ref, target: int, operand: int, name: str) -> Edge:
        source, output = self.place[ref]
        out = output if self.boxes[source].outs else 0
        label = "" if ref.node == INPUT else shape_text(self._type(ref))
        given = self.parts[ref.node].given if ref.node != INPUT else ()
        if given and given[0] == self._type(ref):
            label = ""
        into = operand if self.boxes[target].ins else 0
        return Edge(source, target, output, (operand,), name, label, out, into)

    def _arrive(self, ref: Ref) -> None:
        """Adds the port of an input that has none yet."""
        if ref.node == INPUT and ref not in self.place:
            self.place[ref] = (len(self.boxes), 0)
            name = shorten(self.graph.input_names[ref.output], _NAME)
            lines = (TextLine(name, MAIN, True), TextLine(shape_text(self._type(ref)), SMALL))
            self.boxes.append(Box(lines, Style.PORT, Outline.TEXT, port=ref.output))

    def _leave(self, ref: Ref, position: int, count: int) -> None:
        """Adds an output of the body."""
        me = len(self.boxes)
        text = shape_text(self._type(ref))
        lines = (TextLine(f"output {position + 1}", MAIN, True),) if count > 1 else ()
        self.boxes.append(Box((*lines, TextLine(text, SMALL)), Style.PORT, Outline.TEXT, port=position))
        self.edges.append(replace(self._edge(ref, me, 0, ""), label=""))

    def _type(self, ref: Ref) -> TensorType:
        return self.graph.inputs[ref.output] if ref.node == INPUT else self.parts[ref.node].types[ref.output]


def operand_names(unit: Unit) -> tuple[str, ...]:
    """What each operand is called where there is more than one: an input of the block, or its number."""
    count = len(unit.operands)
    if unit.call is not None and count > 1:
        return tuple(shorten(name, _NAME) for name in unit.call.input_names[:count])
    if count < 2 or not isinstance(unit.call, type(None)) or unit.main.kind in (Kind.ARITHMETIC, Kind.CONCAT):
        return ("",) * count
    return tuple(str(i + 1) for i in range(count))


def _box(unit: Unit) -> Box:
    count, results = len(unit.operands), len(unit.types)
    made = Box(
        tuple(_lines(unit)),
        style_of(unit.main),
        units=(tuple(piece.place for piece in unit.pieces),),
        callees=() if unit.call is None else (unit.call,),
        ins=count if count > 1 else 0,
        outs=results if results > 1 else 0,
        origin=_origin([unit]),
    )
    if unit.call is None and not isinstance(unit.main.target, Graph):
        op = unit.main.target
        if op.symbol and count > 1:
            return replace(made, lines=(TextLine(op.symbol, 13.0),), style=Style.MERGE, shape=Outline.CIRCLE)
        if op.kind in (Kind.CONCAT, Kind.SPLIT) and max(count, results) > 1:
            return replace(made, style=Style.MERGE, shape=Outline.BAR)
    return made


def _lines(unit: Unit) -> list[TextLine]:
    if unit.call is not None:
        lines = [TextLine(shorten(unit.call.name, _NAME), MAIN, True)]
        if unit.main.length is not None:
            lines.append(TextLine(f"↻ {unit.main.length:,} steps"))
        told = ", ".join(f"{name} {value_text(value)}" for name, value in unit.call.arguments)
        lines += [TextLine(told, SMALL)] if told else []
        return lines + ([TextLine("shared weights", SMALL)] if unit.main.shared else [])
    words = [op_text(piece) for piece in unit.pieces]
    if unit.layer is None:
        return [TextLine(" · ".join(words))]
    after = words[unit.layer + 1 :] + (["shared weights"] if unit.main.shared else [])
    before = [TextLine(" · ".join(words[: unit.layer]), SMALL)] if unit.layer else []
    return [*before, TextLine(words[unit.layer]), *([TextLine(" · ".join(after), SMALL)] if after else [])]


def _origin(found: Sequence[Unit]) -> Origin:
    """What a box for these units stands for."""
    pieces = [piece for unit in found for piece in unit.pieces]
    total, owners = NOTHING, set[tuple[int, ...]]()
    for piece in pieces:
        total = total.plus(piece.cost, weight_sets=int(piece.weights not in owners))
        owners.add(piece.weights)
    called = {unit.call.definition if unit.call is not None else None for unit in found}
    return Origin(
        called.pop() if len(called) == 1 else None,
        tuple(piece.origin for piece in pieces),
        tuple(piece.path for piece in pieces),
        tuple(piece.span for piece in pieces if piece.span is not None),
        total,
    )


def _labelled_once(edges: Sequence[Edge]) -> list[Edge]:
    """The edges with each tensor's shape on the first of its edges only."""
    seen: set[tuple[int, int, str]] = set()
    made = []
    for edge in edges:
        key = (edge.source, edge.output, edge.label)
        made.append(replace(edge, label="") if key in seen else edge)
        seen.add(key)
    return made
