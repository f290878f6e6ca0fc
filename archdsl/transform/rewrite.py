"""Rewrites graphs: changes the nodes of one body, and carries that up through all bodies that call it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from archdsl.ir.graph import INPUT, Graph, Node, Ref, bodies
from archdsl.ir.verify import verify

BodyChange = Callable[[Graph, Graph], Graph]


def rewrite(root: Graph, change: BodyChange) -> Graph:
    """`root` with every distinct body changed once, callees first, so that what was shared stays shared.

    `change(body, current)` gives what stands for `body`. `current` is `body` with its calls led to what stands for
    their bodies: the same object where nothing below changed. Its nodes have the places that they have in `body`, and
    the types too, unless a changed callee gives others.

    Raises:
        InvariantError: `root` breaks an invariant, or what was made of it does.
    """
    verify(root)
    stands: dict[Graph, Graph] = {}
    for body in bodies(root):
        current = body
        if any(stands[callee] is not callee for _, _, callee in body.calls):
            nodes = [n._replace(target=stands[n.target]) if isinstance(n.target, Graph) else n for n in body.nodes]
            current = replace(body, nodes=tuple(nodes))
        stands[body] = change(body, current)
    verify(stands[root])
    return stands[root]


class Edit:
    """Changes to the nodes of one body, collected until `body` makes them.

    Refs name nodes by their places in the body as it was, whatever was inserted and removed; `insert` gives the refs
    of the new ones.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.outputs = graph.outputs
        self._nodes = dict(enumerate(graph.nodes))
        self._order = [[i] for i in range(len(graph.nodes))] + [[]]  # each node behind what was inserted before it
        self._instead: dict[Ref, Ref] = {}

    def replace(self, index: int, node: Node) -> None:
        """Let `node` stand where node `index` stood."""
        self._nodes[index] = node

    def insert(self, before: int, node: Node) -> tuple[Ref, ...]:
        """Put `node` before node `before` (their number: at the end); returns its results."""
        index = sum(map(len, self._order))
        self._nodes[index] = node
        place = self._order[before]
        place.insert(len(place) - (before < len(self.graph.nodes)), index)
        return tuple(Ref(index, k) for k in range(len(node.types)))

    def remove(self, index: int, *instead: Ref) -> None:
        """Take node `index` away; who read its result k reads `instead[k]`."""
        del self._nodes[index]
        self._instead.update({Ref(index, k): ref for k, ref in enumerate(instead)})

    def body(self) -> Graph:
        """The body with all changes made; what no output needs any more is left out."""
        order = [i for place in self._order for i in place if i in self._nodes]
        operands = {i: tuple(map(self._followed, self._nodes[i].operands)) for i in order}
        outputs = tuple(map(self._followed, self.outputs))
        live = {ref.node for ref in outputs}
        for i in reversed(order):
            if i in live:
                live.update(ref.node for ref in operands[i])
        place = {INPUT: INPUT} | {i: new for new, i in enumerate(i for i in order if i in live)}

        def moved(refs: tuple[Ref, ...]) -> tuple[Ref, ...]:
            return tuple([Ref(place[ref.node], ref.output) for ref in refs])

        nodes = tuple([self._nodes[i]._replace(operands=moved(operands[i])) for i in order if i in live])
        return replace(self.graph, nodes=nodes, outputs=moved(outputs))

    def _followed(self, ref: Ref) -> Ref:
        while ref in self._instead:
            ref = self._instead[ref]
        return ref
