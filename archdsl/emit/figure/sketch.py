"""Turns one body into boxes and edges: ops that papers draw as one are one box, and what repeats in a row is folded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from operator import is_
from typing import Any

from archdsl.emit.figure.choices import chosen_parts
from archdsl.emit.figure.measure import short_name
from archdsl.emit.figure.pieces import Origin, Unit, opened, units
from archdsl.emit.figure.rows import NUMBERED, STAGE, operand_names, owned_by, rows, symbol
from archdsl.emit.figure.runs import FoldedPart, folded
from archdsl.emit.figure.scene import (
    BRANCHES,
    MAIN,
    SMALL,
    Box,
    BoxRow,
    Edge,
    Fold,
    Outline,
    Phrase,
    Sketch,
    Style,
)
from archdsl.emit.figure.words import shape_text, style_of, value_text
from archdsl.ir.chosen import Choosing, Maybe, SomeOf, is_taken
from archdsl.ir.graph import INPUT, Graph, Ref
from archdsl.ir.per_body import per_body_alone, per_body_and
from archdsl.ops.base import Kind
from archdsl.types import TensorType

Key = tuple[Hashable, ...]
_ALIKE = 2  # boxes that may name one stage
_SHAPE = ": "  # between which result a tensor is and its shape


def key_of(graph: Graph) -> Key:
    """What bodies of one block have in common."""
    return (*graph.definition, graph.name, graph.kind)


@per_body_alone
def called(graph: Graph) -> list[tuple[Graph]]:
    """The bodies that boxes of a body's sketch call, each once; wrappers, which are opened, are none."""
    callees = (piece.target for piece in opened(graph).pieces if isinstance(piece.target, Graph))
    return [(callee,) for callee in {id(callee): callee for callee in callees}.values()]


@per_body_and(called)
def sketch(graph: Graph) -> Sketch:
    """A body as boxes and edges, each input ahead of its first use and each output right after its source."""
    parts, outputs = units(opened(graph))
    return _Sketcher(graph, parts, outputs).sketch(_folded(parts, outputs))


def _folded(parts: Sequence[Unit], outputs: Sequence[Ref]) -> list[FoldedPart]:
    """The boxes of a body."""
    return folded(parts, outputs, _look, _facts, chosen_parts(parts, outputs, _look, _facts))


@per_body_alone
def apart(graph: Graph) -> Sketch:
    """A body as `sketch` has it, but with a box for each call, so that all can be drawn open."""
    parts, outputs = units(opened(graph))
    found = _folded(parts, outputs)
    split = _split(parts, found)
    made: list[FoldedPart] = []
    for number, part in enumerate(found):
        made += [FoldedPart((member,)) for member in part.members] if number in split else [part]
    return _Sketcher(graph, parts, outputs).sketch(made)


def _split(parts: Sequence[Unit], found: Sequence[FoldedPart]) -> set[int]:
    """Which boxes stand for several calls, or lie on paths side by side with one of these: no path is half one box."""
    split = {
        i for i, part in enumerate(found) if part.members[1:] and any(parts[m].call is not None for m in part.members)
    }
    beside = {member: i for i, part in enumerate(found) if part.fold is Fold.BESIDE for member in part.members}
    follows = [
        (beside[before.node], i)
        for i, part in enumerate(found)
        if part.fold is Fold.BESIDE
        for before in parts[part.members[0]].operands
        if before.node in beside
    ]
    for before, behind in (*follows, *reversed(follows)):  # down the paths, then up
        if before in split or behind in split:
            split |= {before, behind}
    return split


@per_body_alone
def flat_sketch(graph: Graph) -> Sketch:
    """A body as one box per unit, in order: what `sketch` folds is told one by one."""
    parts, outputs = units(opened(graph))
    return _Sketcher(graph, parts, outputs).sketch([FoldedPart((number,)) for number in range(len(parts))])


@per_body_alone
def topology(graph: Graph) -> Key:
    """What two bodies of one block have in common if one panel can show both: boxes, edges, and what they are."""
    return skeleton_of(sketch(graph))


def with_inside(found: Sketch, inside: Mapping[int, Sketch]) -> Sketch:
    """A sketch with bodies drawn inside of boxes, by number; which of their results a tensor is, is then seen."""
    boxes = [box._replace(inside=inside.get(i)) for i, box in enumerate(found.boxes)]
    edges = [
        edge._replace(label=edge.label.partition(_SHAPE)[2])
        if edge.source in inside and boxes[edge.source].outs
        else edge
        for edge in found.edges
    ]
    return replace(found, boxes=tuple(boxes), edges=tuple(edges))


def of_module(found: Sketch, path: str) -> Sketch:
    """A sketch as it reads in a box that stands for the module at `path`: whose weights are shared is told from there.

    It stays the same object where it says of no weights that they are shared.
    """
    boxes = []
    for box in found.boxes:
        rows = tuple([owned_by(row, path) for row in box.rows])
        inside = None if box.inside is None else of_module(box.inside, path)
        alike = inside is box.inside and all(map(is_, rows, box.rows))
        boxes.append(box if alike else box._replace(rows=rows, inside=inside))
    return found if all(map(is_, boxes, found.boxes)) else replace(found, boxes=tuple(boxes))


def skeleton_of(found: Sketch) -> Key:
    """All of a sketch but the phrases that may differ between the instances of a panel."""
    boxes = tuple(
        [
            (
                box.style,
                box.shape,
                box.fold,
                len(box.units) if box.fold in (Fold.BESIDE, Fold.CHOICE, Fold.COUNTED) else 0,
                box.period,
                box.feeds,
                tuple([len(unit) for unit in box.units[: box.period]]),
                tuple([callee and key_of(callee) for callee in box.callees[: box.period]]),
                tuple([(p.key, p.text if p.fixed else "") for row in box.rows for p in row.phrases]),
                box.ins,
                box.outs,
                None if box.inside is None else skeleton_of(box.inside),
            )
            for box in found.boxes
        ]
    )
    edges = tuple([edge._replace(name="" if edge.varies else edge.name, label="") for edge in found.edges])
    return boxes, edges


@dataclass(slots=True)
class _Sketcher:
    graph: Graph
    parts: Sequence[Unit]
    outputs: Sequence[Ref]
    boxes: list[Box] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)
    # Where a unit's results come from: box, how many units of the box come after it, and what the box was given.
    place: dict[int, tuple[int, int, TensorType | None]] = field(default_factory=dict)
    ports: dict[int, int] = field(default_factory=dict)  # boxes of inputs
    used: dict[int, set[int]] = field(default_factory=dict)  # by unit, which of its results something takes

    def sketch(self, parts: Sequence[FoldedPart]) -> Sketch:
        for ref in [ref for unit in self.parts for ref in unit.operands] + list(self.outputs):
            self.used.setdefault(ref.node, set()).add(ref.output)
        for part in parts:
            self._add(part)
        for position, ref in enumerate(self.outputs):
            if ref.node == INPUT:  # an input handed on as it came
                self._leave(ref, position)
        for number in range(len(self.graph.inputs)):
            self._arrive(number)
        for edge in self.edges:
            source = self.boxes[edge.source]
            if source.fold is Fold.ONE and len(edge.operands) == source.outs:  # all its results leave it at one place
                self.boxes[edge.source] = source._replace(outs=0)
        return Sketch(self.graph, tuple(_told_apart(self.graph, self.boxes)), tuple(_labelled_once(self.edges)))

    def _add(self, part: FoldedPart) -> None:
        """Adds the box for a part behind inputs that it is the first to use, its edges, and the outputs it gives."""
        first = self.parts[part.members[0]]
        for ref in first.operands:
            if ref.node == INPUT:
                self._arrive(ref.output)
        me = len(self.boxes)
        self.edges += (edges := self._into(part, me))
        self.boxes.append(_box(self.parts, part, len(edges)))
        for number, member in enumerate(part.members):
            given = first.given[0] if first.given else None
            self.place[member] = (me, len(part.members) - 1 - number, given)
        for position, ref in enumerate(self.outputs):
            if ref.node in part.members:
                self._leave(ref, position)

    def _into(self, part: FoldedPart, me: int) -> list[Edge]:
        """The edges into box `me`: one per operand of its first unit, but one for all branches of a fold."""
        first = self.parts[part.members[0]]
        names = operand_names(first)
        chooses = isinstance(first.main.target, Choosing) and part.fold is Fold.ONE
        varies = first.call is None and first.main.kind is Kind.CONCAT
        edges: list[Edge] = []
        for i, ref in enumerate(first.operands):
            edge = self._from(ref, me, shaped=not varies, operands=(i,), name=names[i], varies=varies)
            if chooses and not is_taken(first.main.target, i):
                edge = edge._replace(chosen=True)
            fold = self.boxes[edge.source].fold
            beside = fold is Fold.BESIDE and part.fold is not Fold.BESIDE
            if edges and edge.source == edges[-1].source and (beside or self._goes_on(edges[-1], edge, ref)):
                edges[-1] = edges[-1]._replace(operands=(*edges[-1].operands, i))
            else:
                edges.append(edge._replace(back=0) if edge.back and fold is Fold.BESIDE else edge)
        if len(edges) < 2 and not (edges and edges[0].operands[1:]):
            return edges
        return [edge._replace(into=i, name=_of_branches(edge)) for i, edge in enumerate(edges)]

    def _goes_on(self, before: Edge, edge: Edge, ref: Ref) -> bool:
        """Whether what may be missing comes along one edge with the result before it, of which the same is said."""
        follows = edge.output == before.output + len(before.operands)
        maybe = isinstance(self.parts[ref.node].main.target, Maybe) if ref.node != INPUT else False
        return maybe and follows and (edge.name, edge.chosen) == (before.name, before.chosen)

    def _from(self, ref: Ref, target: int, shaped: bool = False, **arrives: Any) -> Edge:
        """An edge from a tensor to a box; its label says which it is, and if `shaped` a shape that the box changed.

        Which result of an op it is need not be said where all of them are used: then they stand in a row.
        """
        if ref.node == INPUT:
            return Edge(self.ports[ref.output], target, **arrives)
        source, back, given = self.place[ref.node]
        unit = self.parts[ref.node]
        which = "last but one" if back and self.boxes[source].fold is Fold.RUN else ""
        if len(unit.types) > 1 and (unit.call is not None or len(self.used[ref.node]) < len(unit.types)):
            which = f"output {ref.output + 1}" + (f", {which}" if which else "")
        made = unit.types[ref.output]
        several = len(unit.types) > 1 and not isinstance(unit.main.target, SomeOf)
        shape = shape_text(made) if not isinstance(unit.main.target, Maybe) and (several or given != made) else ""
        label = _SHAPE.join(filter(None, (which, shape if shaped else "")))
        chosen = isinstance(unit.main.target, Maybe) and not is_taken(unit.main.target, ref.output)
        return Edge(source, target, ref.output, label=label, out=ref.output, back=back, chosen=chosen, **arrives)

    def _arrive(self, number: int) -> None:
        """Adds the port of an input that has none yet."""
        if number not in self.ports:
            self.ports[number] = len(self.boxes)
            name = short_name(self.graph.input_names[number])
            self.boxes.append(_port(name, self.graph.inputs[number], number))

    def _leave(self, ref: Ref, position: int) -> None:
        """Adds an output of the body."""
        if ref.node == INPUT:
            self._arrive(ref.output)
        name = f"output {position + 1}" if len(self.outputs) > 1 else ""
        self.edges.append(self._from(ref, len(self.boxes)))
        self.boxes.append(_port(name, self.graph.type_of(self.graph.outputs[position]), position))


def _look(unit: Unit) -> Hashable:
    """What two units must have in common to be drawn as one: the block called, or the ops; and the weights shared."""
    shared = tuple(piece.path if piece.shared else "" for piece in unit.pieces)
    if unit.call is None:
        return tuple(piece.target for piece in unit.pieces), shared
    goes = unit.main.length, unit.main.node.each
    return key_of(unit.call), tuple(name for name, _ in unit.call.arguments), goes, shared


def _facts(unit: Unit) -> tuple[Hashable, ...]:
    """What may differ between calls that are drawn as one: which variant of the block, and its arguments."""
    if unit.call is None:
        return ()
    return (topology(unit.call), *(value_text(value) for _, value in unit.call.arguments))


def _box(parts: Sequence[Unit], part: FoldedPart, ins: int) -> Box:
    found = [parts[member] for member in part.members]
    first, last = found[0], found[-1]
    shape, style = Outline.BOX, style_of(first.main)
    results = len(last.types)
    if part.fold is Fold.CHOICE:
        style = Style.CHOICE
    if part.fold is Fold.ONE and first.call is None:
        if symbol(first):
            shape, style = Outline.CIRCLE, Style.MERGE
        elif first.main.kind in (Kind.CONCAT, Kind.SPLIT) and max(ins, results) > 1:
            shape, style = Outline.BAR, Style.MERGE
    return Box(
        rows(parts, part),
        Style.BLOCK if part.fold is Fold.TURNS else style,
        shape,
        units=tuple(tuple(piece.place for piece in unit.pieces) for unit in found),
        fold=part.fold,
        period=part.period,
        feeds=part.feeds,
        callees=tuple(unit.call for unit in found) if any(unit.call is not None for unit in found) else (),
        ins=ins if ins > 1 else 0,
        outs=results if results > 1 else 0,
        deep=len(found) > 1 and part.fold is not Fold.CHOICE,
        origin=_origin(found),
    )


def _of_branches(edge: Edge) -> str:
    """The name of an edge, with the number of branches that come along it: `× 32`, or `32 × 4` channels."""
    count = len(edge.operands)
    return edge.name if count == 1 else f"{count}{BRANCHES}{edge.name}" if edge.name else f"× {count}"


def _port(name: str, x: TensorType, number: int) -> Box:
    """An input or output; its shape may differ between the instances of a panel."""
    told = BoxRow((Phrase("name", name, fixed=True),), MAIN, True)
    return Box((told, BoxRow((Phrase("shape", shape_text(x)),), SMALL)), Style.PORT, Outline.TEXT, port=number)


def _origin(found: Sequence[Unit]) -> Origin:
    """What a box for these units stands for."""
    called = {None if (call := unit.call) is None else call.definition for unit in found}
    pieces = tuple([piece for unit in found for piece in unit.pieces])
    return Origin(called.pop() if len(called) == 1 else None, pieces)


def _told_apart(graph: Graph, boxes: Sequence[Box]) -> list[Box]:
    """The boxes without names of stages that would mislead.

    `features` of many boxes tells none from another; one of which other boxes have modules, too, reads as these boxes
    alone; `left` beside `left_1`, whose number is left out, as the only one; and in a cell the names are those of sums.
    """
    own = [{p.text for row in box.rows for p in row.phrases if p.key == STAGE} - {""} for box in boxes]
    if not any(own):
        return list(boxes)
    many = {name for name, count in Counter(name for names in own for name in names).items() if count > _ALIKE}
    below: dict[str, set[int]] = {}  # by a dotted module path and each of its beginnings, the boxes
    for number, box in enumerate(boxes):
        for path in box.origin.paths if box.origin is not None else ():
            for part in accumulate(path.split("."), "{}.{}".format):
                below.setdefault(part, set()).add(number)
    counted = {NUMBERED.sub("", part) for part in below if NUMBERED.search(part)}

    def misleads(box: Box, name: str) -> bool:
        if name in many or name[1:-1] in counted:
            return True
        elsewhere = any(name not in own[number] for number in below.get(name[1:-1], ()))
        return bool(box.callees) and (graph.kind == "cell" or elsewhere)

    def silent(row: BoxRow) -> BoxRow:
        return row._replace(phrases=tuple([p._replace(text="") if p.key == STAGE else p for p in row.phrases]))

    return [
        box._replace(rows=tuple(map(silent, box.rows))) if any(misleads(box, name) for name in names) else box
        for box, names in zip(boxes, own, strict=True)
    ]


def _labelled_once(edges: Sequence[Edge]) -> list[Edge]:
    """The edges with each tensor's shape on the first of its edges only."""
    seen: set[tuple[int, int, int]] = set()
    made = []
    for edge in edges:
        key = edge.tensor
        made.append(edge._replace(label="") if key in seen else edge)
        seen.add(key)
    return made
