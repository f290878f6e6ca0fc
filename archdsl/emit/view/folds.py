"""Turns the folds of a sketch, `× 6`, into bodies of their own: all that they stand for, tied to what is around."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass

from archdsl.emit.figure.pieces import Unit, opened, units
from archdsl.emit.figure.scene import Box, Edge, Fold, Sketch
from archdsl.emit.figure.sketch import flat_sketch, sketch
from archdsl.ir.graph import Graph

Tie = tuple[int, int]  # output of what a source opens to, input of what a target opens to
FlatTensor = tuple[int, int]  # a box of the flat sketch, and which of its results


@dataclass(frozen=True, slots=True)
class TiedEdge:
    """An edge between two boxes of one body of the page; `ties` are its tensors, more than one between branches."""

    source: int
    target: int
    ties: tuple[Tie, ...]
    out: int
    into: int
    name: str
    label: str


class BodyFolds:
    """A body folded, as its figure draws it, and flat: a box for each unit. `say` makes boxes say what figures do."""

    def __init__(self, graph: Graph, say: Callable[[Sketch], Sketch]) -> None:
        self.graph = graph
        self.folded = say(sketch(graph))
        folds = any(len(box.units) > 1 for box in self.folded.boxes)
        self.flat = say(flat_sketch(graph)) if folds else self.folded
        self.parts: Sequence[Unit] = units(opened(graph))[0]
        self._unit_at = {part.pieces[0].place: number for number, part in enumerate(self.parts)}
        self._flat_box = [index for index, box in enumerate(self.flat.boxes) if box.units]  # by unit
        self._given: list[dict[int, Edge]] = [{} for _ in self.flat.boxes]  # by operand, where it comes from
        for edge in self.flat.edges:
            self._given[edge.target][edge.operands[0]] = edge
        self._members: dict[int, Members] = {}

    def units_of(self, box: Box) -> list[int]:
        """The units that a box stands for, in order."""
        return [self._unit_at[places[0]] for places in box.units]

    def members(self, index: int) -> Members:
        """What fold `index` stands for."""
        if index not in self._members:
            box = self.folded.boxes[index]
            indices = [self._flat_box[unit] for unit in self.units_of(box)]
            into = [edge for edge in self.folded.edges if edge.target == index]
            out = [edge for edge in self.folded.edges if edge.source == index]
            inputs = {tensor: edge.name for edge in into for tensor in self._tensors(edge)}
            outputs = dict.fromkeys(tensor for edge in out for tensor in self._tensors(edge))
            title = next((line.text for line in box.lines if line.bold), box.lines[0].text)
            self._members[index] = Members(self, index, title, sorted(indices), inputs, list(outputs))
        return self._members[index]

    def edges(self) -> Iterator[TiedEdge]:
        """The edges of the folded body."""
        for edge in self.folded.edges:
            ties = tuple(self._tie(edge, tensor, operand) for tensor, operand in self._tensors(edge).items())
            out = edge.out if self.folded.boxes[edge.source].outs else 0
            into = edge.into if self.folded.boxes[edge.target].ins else 0
            yield TiedEdge(edge.source, edge.target, ties, out, into, edge.name, edge.label)

    def _tensors(self, edge: Edge) -> dict[FlatTensor, int]:
        """The tensors that go along an edge, and as which operand the first of each arrives."""
        target = self.folded.boxes[edge.target]
        if target.port is not None:
            return {self._leaving(target.port): 0}
        members = self.units_of(target) if target.fold is Fold.BESIDE else self.units_of(target)[:1]
        found: dict[FlatTensor, int] = {}
        for unit in members:
            for operand in edge.operands:
                given = self._given[self._flat_box[unit]][operand]
                found.setdefault((given.source, given.output), operand)
        return found

    def _leaving(self, port: int) -> FlatTensor:
        """The tensor that is output number `port` of the body."""
        edge = next(
            e
            for i, b in enumerate(self.flat.boxes)
            if b.port == port and 0 in self._given[i]
            for e in [self._given[i][0]]
        )
        return edge.source, edge.output

    def _tie(self, edge: Edge, tensor: FlatTensor, operand: int) -> Tie:
        source, target = self.folded.boxes[edge.source], self.folded.boxes[edge.target]
        output = self.members(edge.source).outputs.index(tensor) if len(source.units) > 1 else tensor[1]
        return output, list(self.members(edge.target).inputs).index(tensor) if len(target.units) > 1 else operand


@dataclass(frozen=True, slots=True, eq=False)
class Members:
    """What fold `number` of a body stands for: boxes of the flat sketch, what they take from outside and give away.

    `inputs` are tensors with the names of operands.
    """

    body: BodyFolds
    number: int
    title: str
    indices: list[int]
    inputs: dict[FlatTensor, str]
    outputs: list[FlatTensor]

    @property
    def key(self) -> Hashable:
        """What tells it from all other folds."""
        return id(self.body.graph), self.number

    def edges(self, ports: int) -> Iterator[TiedEdge]:
        """The edges between inputs, which stand first, then the members, then outputs."""
        box_of = {index: ports + number for number, index in enumerate(self.indices)}
        port_of = {tensor: number for number, tensor in enumerate(self.inputs)}
        boxes = self.body.flat.boxes
        for edge in self.body.flat.edges:
            if edge.target not in box_of:
                continue
            into = edge.into if boxes[edge.target].ins else 0
            if edge.source in box_of:
                out = edge.out if boxes[edge.source].outs else 0
                tie = edge.output, edge.operands[0]
                yield TiedEdge(box_of[edge.source], box_of[edge.target], (tie,), out, into, edge.name, edge.label)
            else:
                tie = 0, edge.operands[0]
                source = port_of[edge.source, edge.output]
                yield TiedEdge(source, box_of[edge.target], (tie,), 0, into, edge.name, "")
        for number, (source, output) in enumerate(self.outputs):
            out = output if boxes[source].outs else 0
            yield TiedEdge(box_of[source], ports + len(self.indices) + number, ((output, 0),), out, 0, "", "")
