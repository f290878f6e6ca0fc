"""States which node of a body owns weights that several of its nodes share."""

from __future__ import annotations

from archdsl.ir.graph import Graph
from archdsl.ir.per_body import per_body_alone


@per_body_alone
def owners(graph: Graph) -> tuple[int, ...]:
    """For each node the index of the node that owns its weights: the first one of its slot, without a slot itself.

    Whoever counts, names or copies weights does so at the owner; the other nodes of the slot borrow them.
    """
    first: dict[int, int] = {}
    return tuple([i if n.slot is None else first.setdefault(n.slot, i) for i, n in enumerate(graph.nodes)])


@per_body_alone
def owns(graph: Graph) -> tuple[bool, ...]:
    """For each node whether its weights are its own and not those of an earlier node."""
    return tuple([i == owner for i, owner in enumerate(owners(graph))])
