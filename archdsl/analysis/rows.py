"""Turns a graph into table rows, one per op or call, in order, expanded no deeper than asked and only when read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

from archdsl.analysis.cost import NOTHING, Cost, node_cost
from archdsl.analysis.walk import walked
from archdsl.ir.graph import Graph, Node
from archdsl.ir.per_body import per_body_alone
from archdsl.ir.weights import owns
from archdsl.source import Span
from archdsl.types import TensorType


@dataclass(frozen=True, slots=True)
class Row:
    """One op application, or one call of a block with everything in it.

    `path` is the dotted module name from the root ("" parts are left out), `level` how many calls it is inside.
    `inclusive` is what the whole row costs, `own` what the ops directly in the block cost (for an op the same);
    neither counts `params` and `buffers` of weights that an earlier row already counted: then `shared` is true.
    `repeats` > 1 stands for that many equal rows in sequence, of which the costs describe *one* and `path` the first;
    `times` is `repeats` multiplied by those of the rows that it is inside and by their `steps`, `copies` the same
    without steps: what weights are to be multiplied by.
    `steps` is the length of a scan, 1 for anything else: its row costs what all steps do, a row inside what one does.
    `kind` is that of the op, or "block", "cell", "network" for a call (`is_op` tells which).
    `leaf` is true when no rows inside it follow: the leaves' `inclusive`, times `times` (weights: `copies`), add up to
    the total (but for `memory_access` where a call is given one tensor twice: a row takes a block's inputs as different
    tensors).
    """

    path: str
    level: int
    word: str
    kind: str
    inputs: tuple[TensorType, ...]
    outputs: tuple[TensorType, ...]
    own: Cost
    inclusive: Cost
    repeats: int
    steps: int
    times: int
    copies: int
    shared: bool
    leaf: bool
    is_op: bool
    span: Span | None


def rows(graph: Graph, depth: float = inf, *, fold: bool = False) -> Iterator[Row]:
    """The rows of `graph` in order of application; a call's row comes before the rows inside it.

    `depth` is how many levels are listed: 1 lists the root's own ops and calls. With `fold`, equal neighbours in a body
    that have weights of their own become one row with `repeats`, and are expanded once.
    """
    for here in walked(graph, depth, fold=fold):
        node = here.node
        found = _costs(here.body, node)
        weights = found[1].params + found[1].buffers
        own, inclusive = (NOTHING.plus(c, 1, 0) for c in found) if here.shared else found
        yield Row(
            path=here.path,
            level=here.level,
            word=node.word,
            kind=node.target.kind if isinstance(node.target, Graph) else node.target.kind.value,
            inputs=here.body.operand_types(node),
            outputs=node.types,
            own=own,
            inclusive=inclusive,
            repeats=here.repeats,
            steps=node.steps,
            times=here.times,
            copies=here.copies,
            shared=here.shared and weights > 0,
            leaf=not here.opens,
            is_op=not isinstance(node.target, Graph),
            span=node.spans[0] if node.spans else None,
        )


def _costs(graph: Graph, node: Node) -> tuple[Cost, Cost]:
    """What a node costs by itself and with everything in it, as if it owned its weights."""
    whole = node_cost(graph, node)
    return NOTHING.plus(_own(node.target), node.steps) if isinstance(node.target, Graph) else whole, whole


@per_body_alone
def _own(graph: Graph) -> Cost:
    """What the ops written directly in a body cost."""
    found = NOTHING
    for owned, node in zip(owns(graph), graph.nodes, strict=True):
        if not isinstance(node.target, Graph):
            found = found.plus(node_cost(graph, node), 1, int(owned))
    return found
