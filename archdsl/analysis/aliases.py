"""Turns a body into the identity of its tensors: which names are one, because a call returned what it was given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import NamedTuple

from archdsl.ir.graph import INPUT, Graph, Node, Ref
from archdsl.ir.per_body import per_body_alone, per_mould

# Which inputs of a body are one tensor: for each input, the first input that is the same tensor.
Aliasing = tuple[int, ...]

# What each output is: input number i as i, a new tensor as -1 - (first output that is the same tensor).
Returns = tuple[int, ...]


def distinct(graph: Graph) -> Aliasing:
    """The aliasing of a body whose inputs are all different tensors."""
    return tuple(range(len(graph.inputs)))


def aliasing_of(tensors: Sequence[Hashable]) -> Aliasing:
    """The aliasing of a call that is given these tensors."""
    if len(tensors) == 1:
        return (0,)
    first: dict[Hashable, int] = {}
    return tuple([first.setdefault(tensor, i) for i, tensor in enumerate(tensors)])


# Which tensors the states of a scan are: number i for the first state i, more for others; equal numbers are one.
_States = tuple[int, ...]


def aliasings(node: Node, given: Sequence[Hashable]) -> dict[Aliasing, int]:
    """In which aliasings a call or scan of a body, given these tensors, applies it, and how often each.

    An element of a sequence is a tensor of its own in every step.
    """
    if node.length is None:
        return {aliasing_of(given): 1}
    if node.each:
        return {aliasing_of(given): node.length}
    found: Counter[Aliasing] = Counter()
    for states, times in _states(node, given)[0].items():
        found[0, *[1 + i for i in aliasing_of(states)]] += times
    return found


def _states(node: Node, given: Sequence[Hashable]) -> tuple[dict[_States, int], _States]:
    """The states before the steps of a scan, with the number of steps that begin so, and those after the last."""
    assert isinstance(node.target, Graph) and node.length is not None
    returned = passing(node.target).returns
    count = len(node.target.inputs) - 1
    states: _States = aliasing_of(given[1:]) or tuple(range(count))  # zeros are tensors of their own
    seen: dict[_States, int] = {}
    while len(seen) < node.length and states not in seen:
        seen[states] = 1
        after = [states[r - 1] if r > 0 else 2 * count - r for r in returned[-count:]]
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
    """The tensors inside one body called with inputs equal as `aliasing` says; equal names are one tensor."""

    def __init__(self, graph: Graph, aliasing: Aliasing) -> None:
        self._same = {Ref(INPUT, i): Ref(INPUT, first) for i, first in enumerate(aliasing) if i != first}
        for index, node, callee in graph.calls:
            if node.length is not None:
                if node.states:
                    self._scanned(index, node)
                continue
            for output, same in enumerate(() if passing(callee).unaliased else passing(callee).returns):
                if same >= 0:
                    self._same[Ref(index, output)] = self.of(node.operands)[same]
                elif same != -1 - output:
                    self._same[Ref(index, output)] = Ref(index, -1 - same)

    def _scanned(self, index: int, node: Node) -> None:
        """The last states of a scan may be initial ones, or each other; what is stacked is new."""
        given = self.of(node.operands)
        last = _states(node, given)[1]
        for k, state in enumerate(last):
            if state + 1 < len(given):
                self._same[Ref(index, 1 + k)] = given[1 + state]
            elif last.index(state) != k:
                self._same[Ref(index, 1 + k)] = Ref(index, 1 + last.index(state))

    def of(self, refs: Sequence[Ref]) -> Sequence[Ref]:
        """The first name of the tensor that each of `refs` names."""
        return [self._same.get(ref, ref) for ref in refs] if self._same else refs


@per_body_alone
def tensors_in(graph: Graph, aliasing: Aliasing) -> Tensors:
    """The tensors of a body called in this aliasing."""
    return Tensors(graph, aliasing)


class Passing(NamedTuple):
    """What a body gives, called with different tensors, and whether no tensor has two names then, here, in what it
    calls, or outside: false for a scan, whose steps give each other tensors. That takes a closer look.
    """

    returns: Returns
    unaliased: bool


@per_mould
def passing(graph: Graph) -> Passing:
    """Which outputs of a body are inputs, and which are one tensor."""
    if (
        len(set(graph.outputs)) == len(graph.outputs)
        and all(ref.node != INPUT for ref in graph.outputs)
        and all(n.length is None and len(set(n.operands)) == len(n.operands) for _, n, _ in graph.calls)
        and all(passing(callee).unaliased for callee, _ in graph.callees)
    ):
        return Passing(tuple([-1 - k for k in range(len(graph.outputs))]), True)
    outputs = tensors_in(graph, distinct(graph)).of(graph.outputs)
    first = aliasing_of(outputs)
    return Passing(tuple([r.output if r.node == INPUT else -1 - k for r, k in zip(outputs, first, strict=True)]), False)


def called(graph: Graph, aliasing: Aliasing) -> dict[tuple[int, Aliasing], int]:
    """The bodies (numbers in `callees`) that `graph`, called in this aliasing, calls, in which aliasings, and how often
    each.

    Left out are those in which then no tensor has two names.
    """
    tensors = tensors_in(graph, aliasing)
    found: Counter[tuple[int, Aliasing]] = Counter()
    for number, (callee, at) in enumerate(graph.callees):
        for index in at:
            node = graph.nodes[index]
            for given, times in aliasings(node, tensors.of(node.operands)).items():
                if given != distinct(callee) or not passing(callee).unaliased:
                    found[number, given] += times
    return found
