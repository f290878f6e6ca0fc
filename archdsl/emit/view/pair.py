"""Turns two networks into the data of one page: a body that calls both, and marks on the boxes that differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from archdsl.emit.figure.marking import NEW, OLD, Differences, Marks, Sign
from archdsl.emit.figure.scene import Sketch
from archdsl.emit.figure.sketch import flat_sketch, sketch
from archdsl.emit.titles import titles
from archdsl.emit.view.data import PageWriter, ports_of
from archdsl.ir.graph import INPUT, Graph, Node, Ref, bodies


def pair_data(old: Graph, new: Graph) -> dict[str, Any]:
    """The data of the page of both, ready for JSON; see `archdsl.emit.view.data`. `pair` says that they are two."""
    return _PairWriter(old, new).write() | {"pair": 1}


def both(old: Graph, new: Graph) -> Graph:
    """A body that calls two networks, each with inputs of its own."""
    nodes: list[Node] = []
    inputs = 0
    for graph in (old, new):
        operands = tuple(Ref(INPUT, inputs + number) for number in range(len(graph.inputs)))
        inputs += len(graph.inputs)
        nodes.append(Node(graph, operands, graph.output_types, "", (graph.span,), (len(nodes), 0)))
    return Graph(
        name=" → ".join(titles(old, new)),
        kind="network",
        definition=("", ""),
        arguments=(),
        input_names=(*old.input_names, *new.input_names),
        inputs=(*old.inputs, *new.inputs),
        nodes=tuple(nodes),
        outputs=tuple(Ref(index, k) for index, node in enumerate(nodes) for k in range(len(node.types))),
        span=new.span,
    )


class _PairWriter(PageWriter):
    def __init__(self, old: Graph, new: Graph) -> None:
        old, new = by_counterpart(old, new)
        super().__init__(both(old, new))
        say = self._say
        self._say = lambda found: _called_as_alone(say(found), (old, new)) if found.graph is self.root else say(found)
        self._differences = Differences(old, new)
        self._sides = {id(body): side for side, graph in ((OLD, old), (NEW, new)) for body in bodies(graph)}
        self._marked: dict[tuple[int, bool], Marks] = {}
        self.tables.marks(())  # the first of all: 0 is none

    def mark(self, graph: Graph, flat: bool, index: int) -> int:
        """The mark of a box of a body, which is folded or flat; 0 for what is the same.

        Of the two networks it says which outputs are other tensors.
        """
        if graph is self.root:
            return self._outputs_mark() if sketch(graph).boxes[index].units else 0
        key = id(graph), flat
        if key not in self._marked:
            drawn = flat_sketch if flat else sketch
            self._marked[key] = self._differences.of(self._sides[id(graph)], graph, drawn)
        found = self._marked[key][(index,)]
        if found.sign is Sign.SAME:
            return 0
        return self.tables.marks((self.text(str(found.sign)), *map(self.text, found.notes)))

    def _outputs_mark(self) -> int:
        changed = self._differences.pairs[0].changes.outputs
        notes = [self.text(f"output {number + 1}: {note}") for number, note in changed.items()]
        return self.tables.marks((self.text(str(Sign.CHANGED)), *notes)) if notes else 0


def by_counterpart(old: Graph, new: Graph) -> tuple[Graph, Graph]:
    """Two networks in which each body corresponds to one at most: what differs in it does so wherever it is called.

    Where `f` is called twice and the other network has `f` and `g` there, the two calls are of two bodies then.
    """
    first = Differences(old, new).pairs[0]
    made: dict[int, tuple[Graph, Graph]] = {}
    pending = [first]
    while pending:
        pair = pending[-1]
        if missing := [inner for inner in pair.calls.values() if id(inner) not in made]:
            pending += missing
            continue
        pending.pop()
        partner = {row.old.first: row.new.first for row in pair.changes.rows if row.old and row.new}
        calls = [(index, made[id(inner)]) for index, inner in pair.calls.items()]
        made[id(pair)] = (
            _calling(pair.old, {index: bodies[OLD] for index, bodies in calls}),
            _calling(pair.new, {partner[index]: bodies[NEW] for index, bodies in calls}),
        )
    return made[id(first)]


def _calling(graph: Graph, callees: Mapping[int, Graph]) -> Graph:
    """A body like `graph` that calls these at these of its nodes."""
    nodes = [node._replace(target=callees.get(index, node.target)) for index, node in enumerate(graph.nodes)]
    return replace(graph, nodes=tuple(nodes))


def _called_as_alone(found: Sketch, networks: tuple[Graph, Graph]) -> Sketch:
    """The sketch of both, in which what each gives is called as if there were no other."""
    alone = [(sketch(graph), graph) for graph in networks]
    rows = [one.boxes[i].rows for one, graph in alone for i in ports_of(one, len(graph.outputs), sources=False)]
    ends = {edge.target for edge in found.edges}
    boxes = [
        box if box.port is None or index not in ends else box._replace(rows=rows[box.port])
        for index, box in enumerate(found.boxes)
    ]
    return replace(found, boxes=tuple(boxes))
