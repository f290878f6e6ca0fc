"""Compares where edges leave and arrive, and what stands beside them, with the ops and calls of a panel's bodies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archdsl.emit.figure.measure import short_name
from archdsl.emit.figure.places import DrawnPlaces
from archdsl.emit.figure.scene import Box, Edge, Fold, Instance, Outline, Panel, Phrase, Sketch, Style
from archdsl.emit.figure.verify_tables import result_head, value_of
from archdsl.emit.figure.words import STYLES, shape_text
from archdsl.ir.chosen import Choosing, Maybe, SomeOf, is_taken
from archdsl.ir.graph import Graph, Node
from archdsl.ops.base import Kind, Op


def end_differences(panel: Panel) -> Iterator[str]:
    """Where the ends and labels of a panel's edges, or what its boxes call, are not those of its bodies."""
    yield from _differences(panel.sketch, [instance.sketch for instance in panel.instances], panel.instances)
    arrives = {edge.target for edge in panel.sketch.edges}
    for number, box in enumerate(panel.sketch.boxes):
        if box.port is not None and all(len(one.sketch.boxes) == len(panel.sketch.boxes) for one in panel.instances):
            yield from _shape(panel, number, number in arrives)


def _shape(panel: Panel, number: int, arrives: bool) -> Iterator[str]:
    """Where an input or output does not have its shape, or the table has none where the bodies differ in it."""
    shapes: dict[str, str] = {}
    for one in panel.instances:
        port = one.sketch.boxes[number].port or 0
        types = one.graph.output_types if arrives else one.graph.inputs
        several = f"output {port + 1}" if len(types) > 1 else result_head(one.graph)
        if port < len(types):
            shapes[shape_text(types[port])] = several if arrives else one.graph.input_names[port]
    wanted, head = [*shapes.items(), ("", "")][0] if len(shapes) == 1 else ("", "".join([*shapes.values()][:1]))
    said = _said(panel.sketch.boxes[number], "shape")
    if said != wanted:
        yield f"an input or output is {said!r}, not {wanted!r}"
    if not wanted and (panel.table is None or head not in panel.table.head):
        yield f"nothing says the shapes of {head}"


def _differences(drawn: Sketch, own: Sequence[Sketch], instances: Sequence[Instance]) -> Iterator[str]:
    readers = [_LabelReader(found, instance) for found, instance in zip(own, instances, strict=True)]
    if not own or any(reader.places.differences or len(reader.own.boxes) != len(drawn.boxes) for reader in readers):
        return  # said elsewhere
    if len({len(sketch.edges) for sketch in (drawn, *own)}) > 1:
        return
    into: dict[int, list[Edge]] = {}
    for edge in drawn.edges:
        into.setdefault(edge.target, []).append(edge)
        if edge.out != edge.output:
            yield f"result {edge.output + 1} of a box leaves it at place {edge.out + 1}"
        if edge.source >= edge.target or (drawn.boxes[edge.source].port is not None and edge.source in into):
            yield f"an edge leaves an output, or box {edge.source + 1} for an earlier one"
    for number, box in enumerate(drawn.boxes):
        leaving = [edge for edge in drawn.edges if edge.source == number]
        yield from _places(box, into.get(number, []), leaving, readers, number)
        if box.inside is not None:
            inner = [sketch.boxes[number].inside for sketch in own]
            yield from _differences(box.inside, [sketch for sketch in inner if sketch is not None], instances)
    seen: set[tuple[int, int, int]] = set()
    for number, edge in enumerate(drawn.edges):
        key = edge.tensor
        wanted = {("", "")} if key in seen else {reader.label(edge) for reader in readers}
        seen.add(key)
        which, shape = next(iter(wanted))
        text = ": ".join(filter(None, (which, shape if len(wanted) == 1 else "")))
        if edge.label != text:
            yield f"edge {number + 1} says {edge.label!r}, not {text!r}"
        if any(reader.chosen(edge) != edge.chosen for reader in readers):
            yield f"edge {number + 1} is drawn as {'chosen' if edge.chosen else 'sure'}"


def _looks(box: Box, first: Sequence[tuple[Node, Graph]]) -> tuple[Style, Outline]:
    """How a box looks, by the ops of its first unit."""
    if not first:
        return Style.PORT, Outline.TEXT
    if box.fold is Fold.CHOICE or isinstance(first[0][0].target, Choosing):
        return Style.CHOICE, Outline.BOX
    if box.fold is Fold.TURNS or isinstance(first[0][0].target, Graph):
        return Style.BLOCK, Outline.BOX
    ops = [node.target for node, _ in first if isinstance(node.target, Op)]
    main = next((op for op in ops if op.kind in (Kind.CONVOLUTION, Kind.LINEAR)), ops[0])
    if box.fold is Fold.ONE and main.symbol and len(first[0][0].operands) > 1:
        return Style.MERGE, Outline.CIRCLE
    if box.fold is Fold.ONE and main.kind in (Kind.CONCAT, Kind.SPLIT) and max(box.ins, box.outs) > 1:
        return Style.MERGE, Outline.BAR
    return STYLES[main.kind], Outline.BOX


def _places(
    box: Box, into: Sequence[Edge], leaving: Sequence[Edge], readers: Sequence[_LabelReader], number: int
) -> Iterator[str]:
    """Where a box has other places for edges than it has operands and results, or calls other blocks."""
    count = len(into) if len(into) > 1 else 0
    if box.ins != count or [edge.into for edge in into] != list(range(len(into))):
        yield f"{len(into)} edges arrive at {box.ins} places of box {number + 1}"
    for reader in readers:
        yield from reader.step(box, number)
        if (name := reader.port(number, bool(into))) != _said(box, "name") and box.port is not None:
            yield f"an input or output is called {_said(box, 'name')!r}, not {name!r}"
        units = reader.own.boxes[number].units
        if (box.style, box.shape) != (looks := _looks(box, [reader.places.node(place) for place in (*units, ())[0]])):
            yield f"box {number + 1} is drawn as {box.style}, {box.shape}, not as {', '.join(looks)}"
        if box.deep != (len(units) > 1 and box.fold is not Fold.CHOICE):
            yield f"box {number + 1} is drawn as {'several' if box.deep else 'one'} of {len(units)}"
        results = len(reader.places.node(units[-1][-1])[0].types) if units else 1
        whole = box.fold is Fold.ONE and any(len(edge.operands) == results for edge in leaving)
        if box.outs != (results if results > 1 and not whole else 0):
            yield f"box {number + 1} has {box.outs} places for {results} results"
        called = [reader.places.body(unit[0]) for unit in units]
        turn = [_block(callee) for callee in box.callees[: box.period]]  # runs of instances may differ in length
        wanted = [turn[i % box.period] for i in range(len(called))] if turn else []
        if box.fold is Fold.COUNTED and turn:
            wanted[-1] = ()
        if wanted != (list(map(_block, called)) if any(called) else []):
            yield f"box {number + 1} calls other blocks"


def _said(box: Box, key: str) -> str:
    return next((phrase.text for row in box.rows for phrase in row.phrases if phrase.key == key), "")


def _block(graph: Graph | None) -> tuple[str, ...]:
    return () if graph is None else (*graph.definition, graph.name)


class _LabelReader:
    def __init__(self, own: Sketch, instance: Instance) -> None:
        self.own, self._instance = own, instance
        self.places = DrawnPlaces.of(own)
        self._used = {*self.places.outputs, *(tensor for taken in self.places.operands.values() for tensor in taken)}

    def step(self, box: Box, number: int) -> Iterator[str]:
        """Where the box of a run does not say by how many channels its results grow; nothing where they do not."""
        phrase = next((p for row in box.rows for p in row.phrases if p.key == "step"), Phrase("step", ""))
        value = value_of(self._instance, phrase.word) if phrase.word else None
        said = phrase.text if value is None else phrase.form.format(value)
        ends = [self.places.node(unit[-1])[0].types[0] for unit in self.own.boxes[number].units]
        grows = box.fold is Fold.RUN and len(ends) > 1 and ends[0] != ends[1]
        wanted = f"+ {ends[1].shape[0] - ends[0].shape[0]:,} channels each" if grows else ""
        if said != wanted:
            yield f"box {number + 1} says {said!r}, not {wanted!r}"

    def chosen(self, edge: Edge) -> bool:
        """Whether what comes along an edge may be left out: others may be taken in its place, or none."""
        source, target = self.own.boxes[edge.source], self.own.boxes[edge.target]
        if source.units and edge.back < len(source.units):
            giver = self.places.node(source.units[-1 - edge.back][-1])[0].target
            outputs = range(edge.output, edge.output + len(edge.operands))
            if isinstance(giver, Maybe) and not any(is_taken(giver, output) for output in outputs):
                return True
        taker = self.places.node(target.units[0][0])[0].target if target.units else None
        return isinstance(taker, Choosing) and not any(is_taken(taker, operand) for operand in edge.operands)

    def port(self, number: int, arrives: bool) -> str:
        """What an input or output of the body is called; "" for what is none."""
        graph, port = self.own.graph, self.own.boxes[number].port
        if port is None:
            return ""
        several = len(graph.outputs) > 1
        return f"output {port + 1}" if arrives and several else "" if arrives else short_name(graph.input_names[port])

    def label(self, edge: Edge) -> tuple[str, str]:
        """Which of several tensors the first edge of one is, and its shape if the box changed that."""
        source, target = self.own.boxes[edge.source], self.own.boxes[edge.target]
        if not source.units or edge.back >= len(source.units):
            return "", ""
        place = source.units[-1 - edge.back][-1]
        node, _ = self.places.node(place)
        if edge.output >= len(node.types):
            return "", ""
        several = len(node.types) > 1
        whole = all((place, number) in self._used for number in range(len(node.types)))
        said = several and source.inside is None  # else the wire goes on from its own place in the open box
        which = [f"output {edge.output + 1}"] * (said and (node.body is not None or not whole))
        which += ["last but one"] * (edge.back > 0 and source.fold is Fold.RUN)
        first, holder = self.places.node(source.units[0][0])
        given = holder.operand_types(first)
        kept = (not several or isinstance(node.target, SomeOf)) and bool(given) and given[0] == node.types[edge.output]
        kept = kept or isinstance(node.target, Maybe)
        shaped = bool(target.units) and not edge.varies and not kept
        return ", ".join(which), shape_text(node.types[edge.output]) if shaped else ""
