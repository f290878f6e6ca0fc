"""Collects the nodes that the elaboration of one block makes, and freezes them into a Graph."""

from __future__ import annotations

from typing import Any

from archdsl.elaborate.labels import LabelNode, Labels
from archdsl.ir.graph import INPUT, Graph, Node, Ref, Site
from archdsl.ops.base import Op
from archdsl.source import Span
from archdsl.types import TensorType

FLAT_OPS = "flat ops"  # key of Graph._facts: ops with all calls expanded


class Pending:
    """A node whose label is not known yet."""

    __slots__ = ("label", "length", "operands", "site", "slot", "spans", "target", "types")

    def __init__(
        self,
        target: Op | Graph,
        operands: tuple[Ref, ...],
        types: tuple[TensorType, ...],
        label: LabelNode | None,
        spans: tuple[Span, ...],
        site: Site,
        slot: int | None,
        length: int | None,
    ) -> None:
        self.target = target
        self.operands = operands
        self.types = types
        self.label = label
        self.spans = spans
        self.site = site
        self.slot = slot
        self.length = length


class SharedUse:
    """Counts the leaves of a shared stage while it is applied, so that each finds its slot again."""

    __slots__ = ("count", "token")

    def __init__(self, token: object) -> None:
        self.token = token
        self.count = 0


class Body:
    """The body under construction: nodes, names, and what has been used."""

    def __init__(self, kind: str, inputs: tuple[TensorType, ...]) -> None:
        self.kind = kind
        self.inputs = inputs
        self.nodes: list[Pending] = []
        self.labels = Labels()
        self.path: list[Any] = []  # loop indices and chain positions that lead to the node being made
        self.consumed: set[Ref] = set()
        self.listed: set[Ref] = set()  # by loose()
        self.flat_ops = 0
        self.reads_size = False
        self.unknown = False  # a statement failed, perhaps for a mistake outside that was reported before
        self.asked = 0
        self.in_loop = 0  # `for` loops around the statement being run
        self.shared_use: SharedUse | None = None
        self._slots: dict[tuple[object, int], tuple[int, Pending]] = {}  # keeps the tokens, so that none is mistaken
        self._sites: dict[Site, int] = {}

    def shared_before(self) -> tuple[int, Pending | None] | None:
        """Slot of the leaf being applied under `shared`, with the node that first used it; None outside `shared`."""
        use = self.shared_use
        if use is None:
            return None
        key = (use.token, use.count)
        if key in self._slots:
            return self._slots[key]
        return (len(self._slots), None)

    def applied(self, token: object) -> bool:
        """Whether the shared stage `token` has been applied."""
        return (token, 0) in self._slots

    def add(
        self,
        target: Op | Graph,
        operands: tuple[Ref, ...],
        types: tuple[TensorType, ...],
        label: LabelNode | None,
        spans: tuple[Span, ...],
        length: int | None = None,
    ) -> int:
        """Append a node; returns its index."""
        last = spans[-1]
        site: Site = (*self.path, spans[0].start, last.source.name, last.start, last.end)
        seen = self._sites.get(site, 0)
        self._sites[site] = seen + 1
        if seen:
            site = (*site, seen)
        node = Pending(target, operands, types, label, spans, site, None, length)
        use = self.shared_use
        if use is not None and label is not None:
            slot, _ = self._slots.setdefault((use.token, use.count), (len(self._slots), node))
            node.slot = slot
            use.count += 1
        self.consumed.update(operands)
        ops = target._facts[FLAT_OPS] if isinstance(target, Graph) else 1
        self.flat_ops += ops if length is None else length * max(ops, 1)
        self.nodes.append(node)
        return len(self.nodes) - 1

    def loose(self, with_inputs: bool, rebound: set[Ref]) -> list[Ref]:
        """Outputs that no node consumes, in order of creation.

        With inputs, unused ones come first; without, `rebound`, what the inputs' names are bound to now, is left out.
        """
        refs = [Ref(INPUT, i) for i in range(len(self.inputs))] if with_inputs else []
        refs += [Ref(i, k) for i, node in enumerate(self.nodes) for k in range(len(node.types))]
        found = [ref for ref in refs if ref not in self.consumed and (with_inputs or ref not in rebound)]
        self.listed.update(found)
        return found

    def unused(self, outputs: tuple[Ref, ...]) -> list[Pending]:
        """Nodes whose results nobody takes: no node, no output, no `loose()`."""
        taken = {ref.node for ref in (*self.consumed, *self.listed, *outputs)}
        return [node for i, node in enumerate(self.nodes) if i not in taken]

    def type_of(self, ref: Ref) -> TensorType:
        """Type of the tensor that `ref` names."""
        return self.inputs[ref.output] if ref.node == INPUT else self.nodes[ref.node].types[ref.output]

    def name_modules(self) -> None:
        """Give every label its dotted name."""
        self.labels.finish()

    def freeze(self, outputs: tuple[Ref, ...]) -> tuple[tuple[Node, ...], tuple[Ref, ...]]:
        """Nodes and outputs of the Graph; what no output needs is left out, so that numbers equal the model's."""
        live = [False] * len(self.nodes)
        for ref in outputs:
            if ref.node != INPUT:
                live[ref.node] = True
        for index in range(len(self.nodes) - 1, -1, -1):
            if live[index]:
                for ref in self.nodes[index].operands:
                    if ref.node != INPUT:
                        live[ref.node] = True
        if all(live):
            return tuple(map(_frozen, self.nodes)), outputs
        new_index = {INPUT: INPUT}
        nodes: list[Node] = []
        for index, node in enumerate(self.nodes):
            if live[index]:
                node.operands = tuple(Ref(new_index[ref.node], ref.output) for ref in node.operands)
                new_index[index] = len(nodes)
                nodes.append(_frozen(node))
        return tuple(nodes), tuple(Ref(new_index[ref.node], ref.output) for ref in outputs)


def _frozen(node: Pending) -> Node:
    label = node.label.name if node.label is not None else ""
    return Node(node.target, node.operands, node.types, label, node.spans, node.site, node.slot, node.length)
