"""Turns two bodies whose nodes are matched into what the matched ones read otherwise: tensors, and weights."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from archdsl.ir.graph import INPUT, Graph, Ref


class Wires:
    """Tells whether matched nodes read corresponding tensors and weights.

    It looks through what was added or removed on the way, and through blocks that hand an input on as it is.
    """

    def __init__(self, old: Graph, new: Graph, partner: Mapping[int, int]) -> None:
        self.graphs = old, new
        self.partner = partner
        self.kept = set(partner), set(partner.values())
        self.owners = [_owners(graph, kept) for graph, kept in zip(self.graphs, self.kept, strict=True)]

    def note(self, i: int, j: int) -> str:
        """In words, what node `j` of the new body reads that node `i` of the old one did not; "" if they agree."""
        return "; ".join(filter(None, (self._tensors(i, j), self._weights(i, j))))

    def _weights(self, i: int, j: int) -> str:
        """Whose weights the two have, where these are not one another's."""
        old, new = self.owners[0].get(i, i), self.owners[1].get(j, j)
        if self.partner[old] == new:
            return ""
        of = [
            "its own" if owner == node else f"those of {self._name(side, Ref(owner, 0))}"
            for side, (owner, node) in enumerate(((old, i), (new, j)))
        ]
        return f"weights: {of[1]} instead of {of[0] if of[0] != of[1] else 'another'}"

    def _tensors(self, i: int, j: int) -> str:
        old, new = self.graphs[0].nodes[i].operands, self.graphs[1].nodes[j].operands
        if [self._translated(self._origin(0, ref)) for ref in old] == [self._origin(1, ref) for ref in new]:
            return ""
        return f"reads {self._instead(old, new) or 'other tensors'}"

    def _instead(self, old: Sequence[Ref], new: Sequence[Ref]) -> str:
        """`b instead of a`; inputs by their numbers where they have one name; "" where all names are equal."""
        for numbered in (False, True):
            names = [self._names(side, refs, numbered) for side, refs in enumerate((old, new))]
            if names[0] != names[1]:
                return f"{names[1]} instead of {names[0]}"
        return ""

    def other_outputs(self) -> Iterator[tuple[int, str]]:
        """The outputs of the new body that the old one has not, or that are other tensors, and which."""
        before = self.graphs[0].outputs
        for number, ref in enumerate(self.graphs[1].outputs):
            if number >= len(before):
                yield number, "an output more"
            elif self._translated(self._origin(0, before[number])) != self._origin(1, ref):
                yield number, self._instead(before[number : number + 1], (ref,)) or "another tensor"

    def _origin(self, side: int, ref: Ref) -> tuple[int, int]:
        """The node that both bodies have, or INPUT, and which of its outputs."""
        nodes = self.graphs[side].nodes
        while (ref := _handed_on(self.graphs[side], ref)).node != INPUT and ref.node not in self.kept[side]:
            if not nodes[ref.node].operands:
                return -2 - ref.node, ref.output  # a tensor that the other network has not
            ref = nodes[ref.node].operands[0]
        return ref.node, ref.output

    def _translated(self, origin: tuple[int, int]) -> tuple[int, int]:
        node, output = origin
        return (self.partner[node] if node >= 0 else node, output)

    def _names(self, side: int, refs: Sequence[Ref], numbered: bool) -> str:
        told = ", ".join(self._name(side, _handed_on(self.graphs[side], ref), numbered) for ref in refs[:4])
        return told + (", …" if len(refs) > 4 else "")

    def _name(self, side: int, ref: Ref, numbered: bool = False) -> str:
        graph = self.graphs[side]
        if ref.node == INPUT:
            return f"input {ref.output + 1}" if numbered else graph.input_names[ref.output]
        node = graph.nodes[ref.node]
        return node.label or node.word


def _owners(graph: Graph, kept: Collection[int]) -> dict[int, int]:
    """For each node that shares its weights the first one of `kept` that has them."""
    first: dict[int, int] = {}
    for number in sorted(kept):
        slot = graph.nodes[number].slot
        if slot is not None:
            first.setdefault(slot, number)
    return {number: first[slot] for number in kept if (slot := graph.nodes[number].slot) is not None}


def _handed_on(graph: Graph, ref: Ref) -> Ref:
    """Where a tensor comes from that blocks hand on as they got it."""
    while ref.node != INPUT:
        node = graph.nodes[ref.node]
        if node.body is None or node.length is not None:
            break
        inner = _handed_on(node.body, node.body.outputs[ref.output])
        if inner.node != INPUT:
            break
        ref = node.operands[inner.output]
    return ref
