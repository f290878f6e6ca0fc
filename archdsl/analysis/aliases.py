"""Turns a body into the identity of its tensors: which names are one, because a call returned what it was given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archdsl.ir.graph import INPUT, Graph, Ref, bodies

# Which inputs of a body are one tensor: for each input, the first input that is the same tensor.
Pattern = tuple[int, ...]

# What each output is: input number i as i, a new tensor as -1 - (first output that is the same tensor).
Returns = tuple[int, ...]

_FACT = "aliases.returns"
_TENSORS = "aliases.tensors"  # of a body whose inputs are all different


def distinct(graph: Graph) -> Pattern:
    """The pattern of a body whose inputs are all different tensors."""
    return tuple(range(len(graph.inputs)))


def pattern_of(tensors: Sequence[int]) -> Pattern:
    """The pattern of a call that is given these tensors."""
    first: dict[int, int] = {}
    return tuple(first.setdefault(tensor, i) for i, tensor in enumerate(tensors))


class Tensors:
    """The tensors inside one body called with inputs equal as `pattern` says; equal numbers are one tensor.

    Bodies that it calls must have passed through `learn_returns`.
    """

    def __init__(self, graph: Graph, pattern: Pattern) -> None:
        self._inputs = pattern
        self._nodes: list[tuple[int, ...]] = []
        fresh = len(pattern)
        for node in graph.nodes:
            if isinstance(node.target, Graph):
                given = self.of(node.operands)
                returns: Returns = node.target._facts[_FACT]
                numbers = tuple([given[r] if r >= 0 else fresh - 1 - r for r in returns])
            else:
                numbers = tuple(range(fresh, fresh + len(node.types)))
            self._nodes.append(numbers)
            fresh += len(node.types)

    def of(self, refs: Sequence[Ref]) -> tuple[int, ...]:
        """The tensor that each of `refs` names."""
        inputs, nodes = self._inputs, self._nodes
        return tuple([inputs[output] if node == INPUT else nodes[node][output] for node, output in refs])


def learn_returns(root: Graph) -> None:
    """Note in every body reachable from `root` which outputs are inputs, and which are one tensor."""
    for graph in bodies(root):
        if _FACT in graph._facts:
            continue
        count = len(graph.inputs)
        tensors = graph._facts[_TENSORS] = Tensors(graph, distinct(graph))
        outputs = tensors.of(graph.outputs)
        first = pattern_of(outputs)
        graph._facts[_FACT] = tuple(
            tensor if tensor < count else -1 - k for tensor, k in zip(outputs, first, strict=True)
        )


def uses(root: Graph, known: str) -> Iterator[tuple[Graph, Pattern, Tensors]]:
    """Every body reachable from `root` with every pattern in which it is called, callees first; without recursion.

    Pairs for which the body already holds the fact `(known, pattern)` are left out, with all that they call.
    """
    learn_returns(root)
    done: set[tuple[int, Pattern]] = set()
    stack: list[tuple[Graph, Pattern, Tensors | None]] = [(root, distinct(root), None)]
    while stack:
        graph, pattern, tensors = stack.pop()
        key = (id(graph), pattern)
        if key in done or (known, pattern) in graph._facts:
            continue
        if tensors is not None:
            done.add(key)
            yield graph, pattern, tensors
            continue
        tensors = graph._facts[_TENSORS] if pattern == distinct(graph) else Tensors(graph, pattern)
        stack.append((graph, pattern, tensors))
        called: dict[tuple[int, Pattern], Graph] = {}
        for node in graph.nodes:
            if isinstance(node.target, Graph):
                called.setdefault((id(node.target), pattern_of(tensors.of(node.operands))), node.target)
        stack.extend((callee, p, None) for (number, p), callee in called.items() if (number, p) not in done)
