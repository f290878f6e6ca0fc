"""Turns a few calls into a Graph by hand, so that emission is tested without the language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from archdsl.ir.graph import INPUT, Graph, Node, Ref
from archdsl.ops.base import Op
from archdsl.source import Source, Span
from archdsl.types import TensorType

SPAN = Span(Source("test.arch", "test"), 0, 4)


class Builder:
    """Collects the nodes of one body. `site` defaults to the position, so equal positions correspond."""

    def __init__(
        self, name: str, inputs: dict[str, Sequence[int]], kind: str = "block", doc: str = "", **arguments: Any
    ) -> None:
        self.name, self.kind, self.doc, self.arguments = name, kind, doc, arguments
        self.names = tuple(inputs)
        self.types = tuple(TensorType(tuple(shape)) for shape in inputs.values())
        self.nodes: list[Node] = []

    def __getitem__(self, number: int) -> Ref:
        """Input `number`."""
        return Ref(INPUT, number)

    def type_of(self, ref: Ref) -> TensorType:
        return self.types[ref.output] if ref.node == INPUT else self.nodes[ref.node].types[ref.output]

    def add(
        self,
        target: Op | Graph,
        *operands: Ref,
        label: str = "",
        site: Any = None,
        slot: int | None = None,
        length: int | None = None,
    ) -> Ref:
        """One node; gives its first output. With a `length` a scan."""
        types = tuple(self.type_of(ref) for ref in operands)
        if isinstance(target, Graph) and length is not None:
            output = target.output_types[0]
            results = (TensorType((length, *output.shape)), *target.inputs[1:])
        elif isinstance(target, Graph):
            assert target.inputs == types, (target.name, target.inputs, types)
            results = target.output_types
        else:
            target = target.resolve(types)
            results = target.results(types)
        place = (len(self.nodes),) if site is None else (site,)
        self.nodes.append(Node(target, operands, results, label, (SPAN,), place, slot, length))
        return Ref(len(self.nodes) - 1)

    def build(self, *outputs: Ref) -> Graph:
        return Graph(
            self.name,
            self.kind,
            ("test.arch", self.name),
            tuple(self.arguments.items()),
            self.names,
            self.types,
            tuple(self.nodes),
            outputs,
            SPAN,
            self.doc,
        )

    def build_live(self, *outputs: Ref) -> Graph:
        """As `build`, without what no output needs: so elaboration does, and `ir.verify` asks for it."""
        self.nodes, live = without_dead(self.nodes, outputs)
        return self.build(*live)


def without_dead(nodes: list[Node], outputs: tuple[Ref, ...]) -> tuple[list[Node], tuple[Ref, ...]]:
    """The nodes that lead to an output, and the outputs, by their new places."""
    live = {ref.node for ref in outputs}
    for i in range(len(nodes) - 1, -1, -1):
        if i in live:
            live.update(ref.node for ref in nodes[i].operands)
    place = {old: new for new, old in enumerate(sorted(live - {INPUT}))} | {INPUT: INPUT}

    def moved(refs: tuple[Ref, ...]) -> tuple[Ref, ...]:
        return tuple(Ref(place[ref.node], ref.output) for ref in refs)

    return [nodes[i]._replace(operands=moved(nodes[i].operands)) for i in sorted(live - {INPUT})], moved(outputs)
