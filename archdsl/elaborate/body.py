"""Collects the nodes that the elaboration of one block makes, and freezes them into a Graph."""

from __future__ import annotations

from typing import Any

from archdsl.elaborate.labels import LabelNode, Labels
from archdsl.ir.graph import INPUT, Graph, Node, Ref, Site
from archdsl.ir.per_body import per_body
from archdsl.ops.base import Op
from archdsl.source import Span
from archdsl.types import TensorType


@per_body
def flat_ops(graph: Graph) -> int:
    """Ops of a body, all calls expanded; each step of a scan counts."""
    return len(graph.nodes) + sum([_ops_of(callee, node.length) - 1 for _, node, callee in graph.calls])


def _ops_of(callee: Graph, length: int | None) -> int:
    ops = flat_ops(callee)
    return ops if length is None else length * max(ops, 1)


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
        self.nodes: list[Node] = []  # their labels stay empty until the body is frozen
        self.leaves: list[LabelNode | None] = []  # what each node is called; None: it is no module
        self.labels = Labels()
        self.path: list[Any] = []  # loop indices and chain positions that lead to the node being made
        self.assigned: tuple[str, ...] = ()  # the variables of the statement being run
        self.consumed: set[Ref] = set()
        self.listed: set[Ref] = set()  # by loose()
        self.flat_ops = 0
        self.reads_size = False
        self.unknown = False  # a statement failed, perhaps for a mistake outside that was reported before
        self.asked = 0
        self.in_loop = 0  # `for` loops around the statement being run
        self.shared_use: SharedUse | None = None
        # Index of the node that first used each leaf of a shared stage; keeps the tokens, so that none is mistaken.
        self._slots: dict[tuple[object, int], int] = {}
        self._sites: dict[Site, int] = {}

    def shared_before(self) -> int | None:
        """Index of the node that first used the leaf being applied under `shared`; None if it is the first."""
        use = self.shared_use
        return None if use is None else self._slots.get((use.token, use.count))

    def was_applied(self, token: object) -> bool:
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
        """Append a node, called what `label` will be called; returns its index."""
        last = spans[-1]
        site: Site = (*self.path, spans[0].start, last.source.name, last.start, last.end)
        seen = self._sites.get(site, 0)
        self._sites[site] = seen + 1
        if seen:
            site = (*site, seen)
        slot, use = None, self.shared_use
        if use is not None and label is not None:
            first = self._slots.setdefault((use.token, use.count), len(self.nodes))
            slot = len(self._slots) - 1 if first == len(self.nodes) else self.nodes[first].slot
            use.count += 1
        self.consumed.update(operands)
        self.flat_ops += _ops_of(target, length) if isinstance(target, Graph) else 1
        self.nodes.append(Node(target, operands, types, "", spans, site, slot, length, self.assigned))
        self.leaves.append(label)
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

    def unused(self, outputs: tuple[Ref, ...]) -> list[Node]:
        """Nodes whose results nobody takes: no node, no output, no `loose()`."""
        taken = {ref.node for ref in (*self.consumed, *self.listed, *outputs)}
        return [node for i, node in enumerate(self.nodes) if i not in taken]

    def type_of(self, ref: Ref) -> TensorType:
        """Type of the tensor that `ref` names."""
        return self.inputs[ref.output] if ref.node == INPUT else self.nodes[ref.node].types[ref.output]

    def freeze(self, outputs: tuple[Ref, ...]) -> tuple[tuple[Node, ...], tuple[Ref, ...]]:
        """Nodes and outputs of the Graph, with the names that `labels.finish` made.

        What no output needs is left out, so that numbers equal the model's.
        """
        live = [False] * len(self.nodes)
        for ref in outputs:
            if ref.node != INPUT:
                live[ref.node] = True
        for index in range(len(self.nodes) - 1, -1, -1):
            if live[index]:
                for ref in self.nodes[index].operands:
                    if ref.node != INPUT:
                        live[ref.node] = True
        named = [
            n
            if leaf is None
            else Node(n.target, n.operands, n.types, leaf.name, n.spans, n.site, n.slot, n.length, n.names)
            for n, leaf in zip(self.nodes, self.leaves, strict=True)
        ]
        if all(live):
            return tuple(named), outputs
        new_index = {INPUT: INPUT}
        nodes: list[Node] = []
        for index, node in enumerate(named):
            if live[index]:
                operands = tuple([Ref(new_index[number], output) for number, output in node.operands])
                new_index[index] = len(nodes)
                nodes.append(node._replace(operands=operands))
        return tuple(nodes), tuple([Ref(new_index[number], output) for number, output in outputs])
