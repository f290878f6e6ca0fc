"""Turns a network into what its outputs depend on: per body and outputs that are read, the nodes that matter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from archdsl.emit.pytorch.executed import Executed
from archdsl.ir.graph import INPUT, Graph, Node, Ref
from archdsl.ir.per_body import per_body

Wanted = frozenset[int] | None
"""The outputs of a body that somebody reads; None: all that its `forward` executes, whoever reads what."""

Times = Mapping[Wanted, int]
"""How often a node runs for each set of its outputs that is read: more than once in a scan."""

_NOTHING: frozenset[int] = frozenset()


class Reads:
    """Who reads what in `root`. `traced`: only what the outputs of `root` depend on; else all that is executed."""

    def __init__(self, root: Graph, became: Mapping[int, Executed], traced: bool) -> None:
        self._became = became
        self._known: dict[tuple[int, Wanted], dict[int, Times]] = {}
        self._root = root
        self.everything: Wanted = frozenset(range(len(root.outputs))) if traced else None

    def nodes(self, graph: Graph, wanted: Wanted) -> dict[int, Times]:
        """The nodes of a body that matter when `wanted` of its outputs are read, and which outputs of theirs are."""
        key = id(graph), wanted
        if key not in self._known:
            ran = self._became[id(graph)].nodes
            everything: dict[int, Times] = {index: {None: graph.nodes[index].steps} for index in ran}
            self._known[key] = everything if wanted is None else self._backward(graph, wanted)
        return self._known[key]

    def _backward(self, graph: Graph, wanted: frozenset[int]) -> dict[int, Times]:
        found: dict[int, Times] = {}
        read: dict[int, set[int]] = {}
        for node, output in (graph.outputs[i] for i in wanted):
            read.setdefault(node, set()).add(output)
        for index in range(len(graph.nodes) - 1, -1, -1):
            if index not in read:
                continue
            made = graph.nodes[index]
            outputs = frozenset(read[index])
            found[index], needed = {outputs: 1}, list(range(len(made.operands)))
            if made.body is not None:
                found[index], needed = _needed(made, outputs)
            for node, output in (made.operands[i] for i in needed):
                read.setdefault(node, set()).add(output)
        return found

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
            for index, times in self.nodes(graph, wanted).items():
                callee = graph.nodes[index].target
                if isinstance(callee, Graph):
                    stack.extend((callee, read, False) for read in times if (id(callee), read) not in done)


@per_body
def _depends(graph: Graph) -> list[frozenset[int]]:
    """For each output the inputs that it depends on."""
    nodes: list[list[frozenset[int]]] = []

    def of(refs: tuple[Ref, ...]) -> list[frozenset[int]]:
        return [frozenset({output}) if node == INPUT else nodes[node][output] for node, output in refs]

    for node in graph.nodes:
        given = of(node.operands)
        if isinstance(node.target, Graph):
            results = [_needed(node, frozenset({o}))[1] for o in range(len(node.types))]
            nodes.append([_NOTHING.union(*(given[i] for i in needed)) for needed in results])
        else:
            nodes.append([_NOTHING.union(*given)] * len(node.types))
    return of(graph.outputs)


def _needed(node: Node, read: frozenset[int]) -> tuple[Times, list[int]]:
    """What is read of a call's body, or of a cell at each step of a scan, when `read` of its results are.

    Also the operands that matter. A cell's first output is stacked, its last are the states of the next step.
    """
    assert isinstance(node.target, Graph)
    inner = _depends(node.target)
    if node.length is None:
        return {read: 1}, sorted(_NOTHING.union(*(inner[output] for output in read)))
    states = node.states
    if not states:
        return {read: node.length}, sorted(_NOTHING.union(*(inner[output] for output in read)))
    offset = len(inner) - states  # of the states among the cell's outputs
    always = read & {0}
    wanted = always | {offset + result - 1 for result in read if result}
    times: Counter[Wanted] = Counter()
    sequence: frozenset[int] = _NOTHING
    inputs: frozenset[int] = _NOTHING
    for _ in range(node.length):  # from the last step to the first
        times[wanted] += 1
        inputs = _NOTHING.union(*(inner[output] for output in wanted))
        sequence |= inputs & {0}
        wanted = always | {offset + i - 1 for i in inputs if i}
    times.pop(_NOTHING, None)
    return times, sorted(i for i in inputs | sequence if i < len(node.operands))
