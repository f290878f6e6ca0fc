"""Turns a body into the identity of its tensors: which names are one, because a call returned what it was given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from archdsl.ir.graph import INPUT, Graph, Node, Ref, bodies

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


# Which tensors the states of a scan are: number i for the first state i, more for others; equal numbers are one.
_States = tuple[int, ...]


def patterns(node: Node, given: Sequence[int]) -> dict[Pattern, int]:
    """In which patterns a call or scan of a body, given these tensors, applies it, and how often each.

    An element of a sequence is a tensor of its own in every step.
    """
    if node.length is None:
        return {pattern_of(given): 1}
    found: Counter[Pattern] = Counter()
    for states, times in _states(node, given)[0].items():
        found[0, *[1 + i for i in pattern_of(states)]] += times
    return found


def _states(node: Node, given: Sequence[int]) -> tuple[dict[_States, int], _States]:
    """The states before the steps of a scan, with the number of steps that begin so, and those after the last."""
    assert isinstance(node.target, Graph) and node.length is not None
    returns: Returns = node.target._facts[_FACT]
    count = len(node.target.inputs) - 1
    states: _States = pattern_of(given[1:]) or tuple(range(count))  # zeros are tensors of their own
    seen: dict[_States, int] = {}
    while len(seen) < node.length and states not in seen:
        seen[states] = 1
        after = [states[r - 1] if r > 0 else 2 * count - r for r in returns[-count:]]
        made = {tensor: count + i for i, tensor in enumerate(dict.fromkeys(t for t in after if t >= count))}
        states = tuple([made.get(tensor, tensor) for tensor in after])
    if states in seen:  # from here on the steps take turns
        turn = list(seen)[list(seen).index(states) :]
        whole, rest = divmod(node.length - len(seen), len(turn))
        for i, again in enumerate(turn):
            seen[again] += whole + (i < rest)
        states = turn[rest]
    return seen, states


class Tensors:
    """The tensors inside one body called with inputs equal as `pattern` says; equal numbers are one tensor.

    Bodies that it calls must have passed through `learn_returns`.
    """

    def __init__(self, graph: Graph, pattern: Pattern) -> None:
        self._inputs = pattern
        self._nodes: list[tuple[int, ...]] = []
        fresh = len(pattern)
        for node in graph.nodes:
            if isinstance(node.target, Graph) and node.length is None:
                given = self.of(node.operands)
                returns: Returns = node.target._facts[_FACT]
                numbers = tuple([given[r] if r >= 0 else fresh - 1 - r for r in returns])
            elif node.length is not None:
                given = self.of(node.operands)
                last = _states(node, given)[1]
                numbers = (fresh, *[given[1 + i] if i + 1 < len(given) else fresh + 1 + i for i in last])
                fresh += len(last)
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
                for given in patterns(node, tensors.of(node.operands)):
                    called.setdefault((id(node.target), given), node.target)
        stack.extend((callee, p, None) for (number, p), callee in called.items() if (number, p) not in done)
