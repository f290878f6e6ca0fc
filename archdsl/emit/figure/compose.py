"""Turns a network into panels: its skeleton first, then one for each distinct block."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

from archdsl.analysis.cost import NOTHING
from archdsl.emit.diagram.measure import shorten
from archdsl.emit.diagram.pieces import Opened, Unit, opened, units
from archdsl.emit.diagram.runs import FoldedRun, fold
from archdsl.emit.diagram.scene import MAIN, SMALL, Box, Edge, Origin, Outline, Panel, Style, TextLine, Title
from archdsl.emit.diagram.usage import Key, Usage, blocks, key_of
from archdsl.emit.diagram.words import op_text, shape_text, style_of, value_text
from archdsl.ir.graph import INPUT, Graph, Ref, SiteKey
from archdsl.ops.base import Kind

_NAME = 36  # characters of a block's name
_PORTED = 12  # branches that a bar keeps apart


def panels(root: Graph) -> tuple[Panel, ...]:
    """The skeleton of `root`, then a panel per block in order of first call."""
    found = blocks(root)
    made = [_Composer(opened(root), found, frozenset(), {}).panel(Title("network"))]
    for usage in found.values():
        title = Title(shorten(usage.name, _NAME), f"× {usage.uses:,}" if usage.uses > 1 else "", usage.remarks())
        made.append(_Composer(usage.drawn, found, usage.optional, usage.alternatives).panel(title))
    return tuple(made)


@dataclass(slots=True)
class _Composer:
    """Draws one body; `blocks` gives what calls look like.

    `optional` lists the places that not every instance has, `alternatives` what else stands in a place.
    """

    body: Opened
    blocks: dict[Key, Usage]
    optional: frozenset[SiteKey]
    alternatives: dict[SiteKey, str]

    def panel(self, title: Title) -> Panel:
        """The body as boxes and edges, each input ahead of its first use and each output right after its source."""
        parts, outputs = units(self.body)
        folded = fold(parts, outputs, self.look)
        home = {member: number for number, part in enumerate(folded) for member in part.members}
        boxes: list[Box] = []
        place: dict[Ref, int] = {}  # where a tensor comes from: Ref(number of the folded part, output), or an input
        edges: list[Edge] = []
        for number, part in enumerate(folded):
            members = set(part.members)
            wanted = self._wanted(parts, part, members)
            for ref, _ in wanted:
                if ref.node == INPUT and ref not in place:
                    place[ref] = len(boxes)
                    boxes.append(self._port(self.body.graph.input_names[ref.output], self.body.graph, ref))
            me = len(boxes)
            box = self.box(parts, part, self._branches(parts, part, folded, home))
            boxes.append(replace(box, origin=_origin(parts, part)))
            edges += self._edges(parts, folded, home, place, boxes, me, wanted)
            for output in range(len(parts[part.members[-1]].types)):
                place[Ref(number, output)] = me
            self._leave(parts, outputs, part, me, boxes, edges)
        for ref in outputs:
            if ref.node == INPUT:  # an input handed on as it came
                if ref not in place:
                    place[ref] = len(boxes)
                    boxes.append(self._port(self.body.graph.input_names[ref.output], self.body.graph, ref))
                edges.append(Edge(place[ref], len(boxes)))
                boxes.append(_output(shape_text(self.body.graph.type_of(ref))))
        return Panel(title, tuple(boxes), tuple(_labelled_once(edges)))

    def _wanted(self, parts: Sequence[Unit], part: FoldedRun, members: set[int]) -> list[tuple[Ref, int]]:
        """What a part takes from outside: place and number of the operand; a repeat takes each thing once."""
        if len(part.members) == 1:
            return [(ref, i) for i, ref in enumerate(parts[part.members[0]].operands)]
        refs = [ref for m in part.members for ref in parts[m].operands if ref.node not in members]
        return [(ref, i) for i, ref in enumerate(dict.fromkeys(refs))]

    def _edges(
        self,
        parts: Sequence[Unit],
        folded: Sequence[FoldedRun],
        home: dict[int, int],
        place: dict[Ref, int],
        boxes: list[Box],
        me: int,
        wanted: list[tuple[Ref, int]],
    ) -> list[Edge]:
        """The edges into box `me`; several tensors out of one repeat come along one edge."""
        edges, seen = [], set()
        for ref, i in wanted:
            into = i if boxes[me].ports else None
            if ref.node == INPUT:
                edges.append(Edge(place[ref], me, into=into, dashed=boxes[me].dashed))
                continue
            source = folded[home[ref.node]]
            origin = place[Ref(home[ref.node], min(ref.output, len(parts[source.members[-1]].types) - 1))]
            repeat = len(source.members) > 1
            if repeat and origin in seen:
                continue
            seen.add(origin)
            first, unit = parts[source.members[0]], parts[ref.node]
            changed = not first.given or first.given[0] != unit.types[ref.output]
            label = shape_text(unit.types[ref.output]) if changed else ""
            out = ref.output if boxes[origin].ports and boxes[origin].shape is Outline.BAR and unit is first else None
            out = out if len(unit.types) > 1 else None
            edges.append(Edge(origin, me, label, boxes[me].dashed or boxes[origin].dashed, out, into))
        return edges

    def _leave(
        self,
        parts: Sequence[Unit],
        outputs: Sequence[Ref],
        part: FoldedRun,
        me: int,
        boxes: list[Box],
        edges: list[Edge],
    ) -> None:
        """Adds the panel's outputs that come from box `me`."""
        members = set(part.members)
        for ref in outputs:
            if ref.node in members:
                unit = parts[ref.node]
                out = ref.output if boxes[me].ports and len(unit.types) > 1 else None
                edges.append(Edge(me, len(boxes), dashed=boxes[me].dashed, out=out))
                boxes.append(_output(shape_text(unit.types[ref.output])))

    def _port(self, name: str, graph: Graph, ref: Ref) -> Box:
        lines = (TextLine(shorten(name, _NAME), MAIN, True), TextLine(shape_text(graph.type_of(ref)), SMALL))
        return Box(lines, Style.PORT, Outline.TEXT)

    def look(self, unit: Unit) -> Hashable:
        """What two units must have in common to be drawn as one: the block called, or the text of the box."""
        return (*key_of(unit.call), unit.main.length) if unit.call is not None else self._texts(unit)

    def _branches(
        self, parts: Sequence[Unit], part: FoldedRun, folded: Sequence[FoldedRun], home: dict[int, int]
    ) -> int:
        """How many different tensors come into a part that is one unit."""
        wanted = parts[part.members[-1]].operands
        single = {
            ref if ref.node == INPUT or len(folded[home[ref.node]].members) == 1 else home[ref.node] for ref in wanted
        }
        return len(single)

    def box(self, parts: Sequence[Unit], part: FoldedRun, branches: int) -> Box:
        """The box for a part of the figure that so many branches come into."""
        if part.hidden:
            return Box((TextLine(f"… {part.hidden:,} more"),), Style.GAP, dashed=True)
        if len(part.period) > 1:
            lines = [line for run in part.period for line in self._run_lines(parts, run)]
            return Box((*lines, TextLine(f"× {part.times}", MAIN, True)), Style.BLOCK, deep=True)
        run = part.period[0]
        unit = parts[run[0]]
        dashed = unit.main.origin in self.optional
        if unit.call is None and len(run) == 1:
            special = self._symbol(unit, dashed, branches)
            if special is not None:
                return special
        lines = self._run_lines(parts, run)
        other = self.alternatives.get(unit.main.origin)
        if other:
            lines.append(TextLine(f"or {other}", SMALL))
        if part.beside > 1:
            lines.append(TextLine(f"{part.beside} side by side", SMALL))
        return Box(tuple(lines), style_of(unit.main), dashed=dashed, deep=len(part.members) > 1)

    def _symbol(self, unit: Unit, dashed: bool, branches: int) -> Box | None:
        """⊕ for a sum, a bar for what joins or parts tensors."""
        op = unit.main.target
        assert not isinstance(op, Graph)
        count = len(unit.operands)
        if op.symbol and count > 1:
            return Box((TextLine(op.symbol, 13.0),), Style.MERGE, Outline.CIRCLE, dashed)
        ways = max(count, len(unit.types))
        if op.kind in (Kind.CONCAT, Kind.SPLIT) and ways > 1:
            ports = ways if ways <= _PORTED and branches == count else 0
            return Box((TextLine(op_text(unit.main)),), Style.MERGE, Outline.BAR, dashed, ports)
        return None

    def _run_lines(self, parts: Sequence[Unit], run: Sequence[int]) -> list[TextLine]:
        """The text for a run: what it is, how often, and the arguments that tell it from others."""
        unit = parts[run[0]]
        times = f" × {len(run)}" if len(run) > 1 else ""
        if unit.call is None:
            before, main, after = self._texts(unit)
            small = [TextLine(text, SMALL) for text in (before, after)]
            lines = [small[0], TextLine(f"({main}){times}" if times else main), small[1]]
            return [line for line in lines if line.text]
        lines = [TextLine(shorten(unit.call.name, _NAME) + times, MAIN, True)]
        if unit.main.length is not None:
            lines.append(TextLine(f"↻ {unit.main.length:,} steps"))
        text = self._arguments([parts[i].call for i in run])
        if text:
            lines.append(TextLine(text, SMALL))
        if unit.main.shared:
            lines.append(TextLine("shared weights", SMALL))
        return lines

    def _texts(self, unit: Unit) -> tuple[str, str, str]:
        """Words before, about and after the layer of an op unit."""
        words = [op_text(piece) for piece in unit.pieces]
        if unit.layer is None:
            return "", " · ".join(words), ""
        after = words[unit.layer + 1 :] + (["shared weights"] if unit.main.shared else [])
        return " · ".join(words[: unit.layer]), words[unit.layer], " · ".join(after)

    def _arguments(self, calls: Sequence[Graph | None]) -> str:
        """Arguments that tell these calls of one block from others: constant ones, and a first one that stands out."""
        graphs = [call for call in calls if call is not None]
        around = {} if self.body.graph.kind == "network" else dict(self.body.graph.arguments)
        told = []
        for name in self.blocks[key_of(graphs[0])].varying:
            values = [dict(graph.arguments).get(name) for graph in graphs]
            different = len(set(map(repr, values)))
            if len(set(map(repr, values[1:]))) > 1 or (different == 1 and around.get(name) == values[0]):
                continue
            if len(values) > 1 and values[0] != values[1]:
                if len(values) > 2 or name == "stride":
                    told.append(f"{name} {value_text(values[0])}, then {value_text(values[1])}")
            elif isinstance(values[0], bool):
                told += [name] if values[0] else []
            elif (name, values[0]) != ("stride", 1):
                told.append(f"{name} {value_text(values[0])}")
        return shorten(" · ".join(told[:3]) + (" …" if len(told) > 3 else ""), 60)


def _origin(parts: Sequence[Unit], part: FoldedRun) -> Origin:
    """What the box for a part of the figure stands for."""
    units = [parts[member] for member in sorted(part.members)]
    pieces = [piece for unit in units for piece in unit.pieces]
    found, owners = NOTHING, set[tuple[int, ...]]()
    for piece in pieces:
        found = found.plus(piece.cost, weight_sets=int(piece.weights not in owners))
        owners.add(piece.weights)
    called = {unit.call.definition if unit.call is not None else None for unit in units}
    return Origin(
        called.pop() if len(called) == 1 else None,
        tuple(piece.origin for piece in pieces),
        tuple(piece.path for piece in pieces),
        tuple(piece.span for piece in pieces if piece.span is not None),
        found,
    )


def _output(shape: str) -> Box:
    return Box((TextLine(shape, SMALL),), Style.PORT, Outline.TEXT)


def _labelled_once(edges: Sequence[Edge]) -> list[Edge]:
    """The edges with each tensor's shape on the first of its edges only."""
    seen: set[tuple[int, int | None, str]] = set()
    made = []
    for edge in edges:
        key = (edge.source, edge.out, edge.label)
        label = edge.label if key not in seen else ""
        seen.add(key)
        made.append(Edge(edge.source, edge.target, label, edge.dashed, edge.out, edge.into))
    return made
