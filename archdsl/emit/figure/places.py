"""Reads in the IR what each op of a body takes, where some calls are written out: the places that a figure draws."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from archdsl.emit.figure.pieces import Place
from archdsl.emit.figure.scene import Sketch
from archdsl.ir.graph import INPUT, Graph, Node, Ref

# An op's or call's place and the number of its result; ((-1,), k) is input k of the body.
DrawnTensor = tuple[Place, int]


class DrawnPlaces:
    """A body with those calls written out whose insides are drawn.

    `operands` lists by place what each op or call takes, `outputs` what the body gives; `differences` says which ops
    are drawn not at all, or more than once, or are not there.
    """

    def __init__(self, graph: Graph, drawn: Sequence[Place]) -> None:
        self._drawn = Counter(drawn)
        self._nodes: dict[Place, tuple[Node, Graph]] = {}
        self.graph = graph
        self.differences = list(self._cover(graph, ()))
        self.differences += [f"{place} is drawn, but is no op" for place in self._drawn if place not in self._nodes]
        self.operands: dict[Place, list[DrawnTensor]] = {}
        self.outputs: list[DrawnTensor] = []
        if not self.differences:
            for place, (node, _) in self._nodes.items():
                self.operands[place] = [self.source(place[:-1], ref) for ref in node.operands]
            self.outputs = [self.source((), ref) for ref in graph.outputs]

    @classmethod
    def of(cls, sketch: Sketch) -> DrawnPlaces:
        """The body of a sketch, as that draws it."""
        return cls(sketch.graph, [place for box in sketch.boxes for unit in box.units for place in unit])

    def node(self, place: Place) -> tuple[Node, Graph]:
        """The op or call at a place, and the body that holds it."""
        return self._nodes[place]

    def body(self, place: Place) -> Graph | None:
        """The body called at a place, None for an op."""
        return self._nodes[place][0].body

    def path(self, place: Place) -> str:
        """The dotted module name of an op or call in this body."""
        labels = [self._holder(place[:depth]).nodes[place[depth]].label for depth in range(len(place))]
        return ".".join(filter(None, labels))

    def weights(self, place: Place) -> tuple[tuple[str, int], ...]:
        """What two places have in common if they own one set of weights."""
        owner = []
        for depth in range(len(place)):
            node = self._holder(place[:depth]).nodes[place[depth]]
            owner.append(("node", place[depth]) if node.slot is None else ("slot", node.slot))
        return tuple(owner)

    def _holder(self, prefix: Place) -> Graph:
        graph = self.graph
        for index in prefix:
            body = graph.nodes[index].body
            assert body is not None
            graph = body
        return graph

    def _cover(self, graph: Graph, prefix: Place) -> Iterator[str]:
        """Finds the drawn ops of a body that is written out at `prefix`."""
        for index, node in enumerate(graph.nodes):
            place = (*prefix, index)
            count = self._drawn[place]
            if count:
                self._nodes[place] = node, graph
            if count > 1:
                yield f"{place} is drawn {count} times"
            elif count == 0 and node.body is not None and node.length is None:
                yield from self._cover(node.body, place)
            elif count == 0:
                yield f"{place} ({node.word}) is not drawn"

    def source(self, prefix: Place, ref: Ref) -> DrawnTensor:
        """Where a tensor of the body that is written out at `prefix` comes from."""
        while True:
            if ref.node == INPUT:
                if not prefix:
                    return (-1,), ref.output
                prefix, index = prefix[:-1], prefix[-1]
                ref = self._holder(prefix).nodes[index].operands[ref.output]
                continue
            place = (*prefix, ref.node)
            if place in self._nodes:
                return place, ref.output
            body = self._holder(prefix).nodes[ref.node].body
            assert body is not None
            prefix, ref = place, body.outputs[ref.output]
