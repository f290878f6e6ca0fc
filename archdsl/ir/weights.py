"""Gives every weight of a network its identity: the node that owns it, and its key in a state_dict."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from archdsl.ir.graph import Graph, Node
from archdsl.ir.per_body import per_mould_alone
from archdsl.ops.base import Weight


@per_mould_alone
def owners(graph: Graph) -> tuple[int, ...]:
    """For each node the index of the node that owns its weights: the first one of its slot, without a slot itself.

    Whoever counts, names or copies weights does so at the owner; the other nodes of the slot borrow them.
    """
    first: dict[int, int] = {}
    return tuple([i if n.slot is None else first.setdefault(n.slot, i) for i, n in enumerate(graph.nodes)])


@per_mould_alone
def owns(graph: Graph) -> tuple[bool, ...]:
    """For each node whether its weights are its own and not those of an earlier node."""
    first: dict[int, Node] = {}
    return tuple([node.slot is None or first.setdefault(node.slot, node) is node for node in graph.nodes])


@per_mould_alone
def applied(graph: Graph) -> tuple[tuple[int, int], ...]:
    """For each of `graph.callees` how often it is applied, steps counted, and with how many sets of weights."""
    owned = owns(graph)
    return tuple(
        [(sum([graph.nodes[i].steps for i in at]), sum([owned[i] for i in at])) for _, at in graph.callees]
    )  # fmt: skip


class Owned(NamedTuple):
    """A weight of a network: node `node` of `body`, which is reached by the module names `path`, owns it.

    `path` is "" for the network's own body, else it ends in a dot. The same body is reached by several paths where it
    is called several times; each time it has weights of its own.
    """

    path: str
    body: Graph
    node: int
    weight: Weight

    @property
    def name(self) -> str:
        """Its name inside the body: "conv1.weight" by label and parameter; a learned tensor's is its label."""
        names = (*module_path(self.body.nodes[self.node].label), self.weight.name)
        return ".".join(filter(None, names))

    @property
    def key(self) -> str:
        """Its name in the state_dict of the emitted module."""
        return self.path + self.name


TAKEN = "training"


def module_path(label: str) -> tuple[str, ...]:
    """The submodule names along a label. `training` is torch's own flag, which no module can replace: `training_`."""
    return tuple([part + "_" if part.rstrip("_") == TAKEN else part for part in label.split(".")])


def weights(root: Graph) -> Iterator[Owned]:
    """Every weight of `root` once, shared ones at their owner, in the order in which modules are first applied."""
    stack = [("", root, 0)]
    while stack:
        path, body, start = stack.pop()
        for index in range(start, len(body.nodes)):
            node = body.nodes[index]
            if not owns(body)[index]:
                continue
            if isinstance(node.target, Graph):
                stack.append((path, body, index + 1))
                stack.append((f"{path}{'.'.join(module_path(node.label))}.", node.target, 0))
                break
            for weight in node.target.weights(body.operand_types(node)):
                yield Owned(path, body, index, weight)


def keys(root: Graph) -> list[str]:
    """The keys of the state_dict, in its order."""
    return [owned.key for owned in weights(root)]
