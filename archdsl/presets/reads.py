"""Turns a network into what its outputs depend on: per body and outputs that are read, the nodes that matter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archdsl.emit.pytorch.executed import Executed
from archdsl.ir.graph import INPUT, Graph, Ref, bodies

Wanted = frozenset[int] | None
"""The outputs of a body that somebody reads; None: all that its `forward` executes, whoever reads what."""

_NOTHING: frozenset[int] = frozenset()


class Reads:
    """Who reads what in `root`. `traced`: only what the outputs of `root` depend on; else all that is executed."""

    def __init__(self, root: Graph, became: Mapping[int, Executed], traced: bool) -> None:
        self._became = became
        self._known: dict[tuple[int, Wanted], dict[int, Wanted]] = {}
        self._root = root
        self.everything: Wanted = frozenset(range(len(root.outputs))) if traced else None
        # By body: for each output, the inputs that it depends on.
        self._inputs: dict[int, list[frozenset[int]]] = {}
        for graph in bodies(root) if traced else ():
            self._inputs[id(graph)] = self._depends(graph)

    def _depends(self, graph: Graph) -> list[frozenset[int]]:
        nodes: list[list[frozenset[int]]] = []

        def of(refs: tuple[Ref, ...]) -> list[frozenset[int]]:
            return [frozenset({output}) if node == INPUT else nodes[node][output] for node, output in refs]

        for node in graph.nodes:
            given = of(node.operands)
            if isinstance(node.target, Graph):
                inner = self._inputs[id(node.target)]
                nodes.append([_NOTHING.union(*(given[i] for i in needed)) for needed in inner])
            else:
                nodes.append([_NOTHING.union(*given)] * len(node.types))
        return of(graph.outputs)

    def nodes(self, graph: Graph, wanted: Wanted) -> dict[int, Wanted]:
        """The nodes of a body that matter when `wanted` of its outputs are read, and which outputs of theirs are."""
        key = id(graph), wanted
        if key not in self._known:
            ran = self._became[id(graph)].nodes
            self._known[key] = dict.fromkeys(ran) if wanted is None else self._backward(graph, wanted)
        return self._known[key]

    def _backward(self, graph: Graph, wanted: frozenset[int]) -> dict[int, Wanted]:
        read: dict[int, set[int]] = {}
        for node, output in (graph.outputs[i] for i in wanted):
            read.setdefault(node, set()).add(output)
        for index in range(len(graph.nodes) - 1, -1, -1):
            if index not in read:
                continue
            made = graph.nodes[index]
            needed = list(range(len(made.operands)))
            if isinstance(made.target, Graph):
                inner = self._inputs[id(made.target)]
                needed = sorted(_NOTHING.union(*(inner[output] for output in read[index])))
            for node, output in (made.operands[i] for i in needed):
                read.setdefault(node, set()).add(output)
        read.pop(INPUT, None)
        return {index: frozenset(outputs) for index, outputs in read.items()}

    def uses(self) -> Iterator[tuple[Graph, Wanted]]:
        """Every body with every set of its outputs that is read somewhere, callees first; without recursion."""
        done: set[tuple[int, Wanted]] = set()
        stack: list[tuple[Graph, Wanted, bool]] = [(self._root, self.everything, False)]
        while stack:
            graph, wanted, expanded = stack.pop()
            if (id(graph), wanted) in done:
                continue
            if expanded:
                done.add((id(graph), wanted))
                yield graph, wanted
                continue
            stack.append((graph, wanted, True))
            for index, read in self.nodes(graph, wanted).items():
                callee = graph.nodes[index].target
                if isinstance(callee, Graph) and (id(callee), read) not in done:
                    stack.append((callee, read, False))
