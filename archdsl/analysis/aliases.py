"""Turns a body into the identity of its tensors: which names are one, because a call returned what it was given."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence

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


def pattern_of(tensors: Sequence[Hashable]) -> Pattern:
    """The pattern of a call that is given these tensors."""
    if len(tensors) == 1:
        return (0,)
    first: dict[Hashable, int] = {}
    return tuple([first.setdefault(tensor, i) for i, tensor in enumerate(tensors)])


class Tensors:
    """The tensors inside one body called with inputs equal as `pattern` says; equal names are one tensor.

    Bodies that it calls must have passed through `learn_returns`.
    """

    def __init__(self, graph: Graph, pattern: Pattern) -> None:
        self._same = {Ref(INPUT, i): Ref(INPUT, first) for i, first in enumerate(pattern) if i != first}
        for index, node, callee in graph.calls:
            returns: Returns = callee._facts[_FACT]
            for output, same in enumerate(returns):
                if same >= 0:
                    self._same[Ref(index, output)] = self.of(node.operands)[same]
                elif same != -1 - output:
                    self._same[Ref(index, output)] = Ref(index, -1 - same)

    def of(self, refs: Sequence[Ref]) -> Sequence[Ref]:
        """The first name of the tensor that each of `refs` names."""
        return [self._same.get(ref, ref) for ref in refs] if self._same else refs


def learn_returns(root: Graph) -> None:
    """Note in every body reachable from `root` which outputs are inputs, and which are one tensor."""
    for graph in bodies(root):
        if _FACT in graph._facts:
            continue
        tensors = graph._facts[_TENSORS] = Tensors(graph, distinct(graph))
        outputs = tensors.of(graph.outputs)
        first = pattern_of(outputs)
        graph._facts[_FACT] = tuple(
            [ref.output if ref.node == INPUT else -1 - k for ref, k in zip(outputs, first, strict=True)]
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
        for _, node, callee in graph.calls:
            called.setdefault((id(callee), pattern_of(tensors.of(node.operands))), callee)
        stack.extend((callee, p, None) for (number, p), callee in called.items() if (number, p) not in done)
