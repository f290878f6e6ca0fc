"""Turns a body into what its outputs see of its inputs, by composing the windows of its ops along all paths."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import NamedTuple

from archdsl.analysis.recurrence import Semiring, over_scan
from archdsl.analysis.turns import Turn, turns
from archdsl.analysis.views import (
    APART,
    HERE,
    LIKE_INPUT,
    WHOLE,
    View,
    Views,
    beside,
    edges,
    then,
    turned_edge,
    undefined,
)
from archdsl.ir.graph import INPUT, Graph, Node, Ref
from archdsl.ir.per_body import per_mould_showing
from archdsl.ops.base import Kind, Types, spatial_axes


class Join(NamedTuple):
    """A node where paths from one input meet whose windows do not fit, although they do within each operand.

    `axis` counts the input's spatial axes from 0; `views` are (number of the operand, what the result sees by it).
    """

    node: int
    input: int
    axis: int
    views: tuple[tuple[int, View], ...]


def outputs_of(graph: Graph) -> tuple[Views, ...]:
    """What each output of `graph` sees of its inputs."""
    return seen(graph).outputs


def joins_of(graph: Graph) -> tuple[Join, ...]:
    """The joins of misaligned paths among the nodes of this one body."""
    return seen(graph).joins


class _SeenAndJoins(NamedTuple):
    outputs: tuple[Views, ...]
    joins: tuple[Join, ...]


def _outputs(found: _SeenAndJoins) -> tuple[Views, ...]:
    return found.outputs


@per_mould_showing(_outputs)
def seen(body: Graph) -> _SeenAndJoins:
    """`outputs_of` and `joins_of`; who calls the body looks at the first."""
    joins: list[Join] = []
    rows = fold(body, start(body), joins)
    return _SeenAndJoins(tuple([views_of(body, ref, start(body), rows) for ref in body.outputs]), tuple(joins))


def start(graph: Graph) -> list[Views]:
    """What the inputs of a body see of themselves: one row per input."""
    counts = [len(spatial_axes(x)) for x in graph.inputs]
    return [
        tuple((HERE if i == j else None,) * count for j, count in enumerate(counts)) for i in range(len(counts))
    ]  # fmt: skip


def views_of(graph: Graph, ref: Ref, given: Sequence[Views], rows: Sequence[tuple[Views, ...]]) -> Views:
    """The views of the tensor `ref`, `given` being those of the inputs and `rows` those of the nodes."""
    return given[ref.output] if ref.node == INPUT else rows[ref.node][ref.output]


def fold(
    graph: Graph, given: Sequence[Views], joins: list[Join] | None = None, told: Views | None = None
) -> list[tuple[Views, ...]]:
    """The views of all outputs of all nodes, `given` being those of the inputs.

    Rows may be told in terms of any tensors: this body's own inputs, or those of the network that calls it, as `told`
    is, a row of these; a body without inputs has none of its own.
    """
    if told is None:
        told = given[0] if given else ()
    unseen: Views = tuple((None,) * len(views) for views in told)
    rows: list[tuple[Views, ...]] = []
    turned = turns(graph)
    for index, node in enumerate(graph.nodes):
        if index in turned:
            rows.append((_there_and_back(turned[index], views_of(graph, turned[index].before, given, rows)),))
            continue
        before = [given[r.output] if r.node == INPUT else rows[r.node][r.output] for r in node.operands]
        if node.each and isinstance(node.target, Graph):
            found: tuple[Views, ...] = tuple(
                [_of_elements(graph.operand_types(node), row) for row in outputs_of(node.target)]
            )
        elif node.length is not None:
            found = _scanned(graph, node)
        elif isinstance(node.target, Graph):
            found = outputs_of(node.target)
        else:
            found = edges(node.target, graph.operand_types(node))
        called = isinstance(node.target, Graph)
        if len(before) == 1:
            rows.append(tuple([_through_one(before[0], edge[0], called) for edge in found]))
        else:
            made = [_through_many(index, before, edge, unseen, joins, called) for edge in found]
            apart = _joins_channels(graph, node) and any(row != before[0] for row in before)
            rows.append(tuple([_apart(row) for row in made] if apart else made))
    return rows


def _there_and_back(turn: Turn, row: Views) -> Views:
    for op, inputs in turn.between:
        row = _through_one(row, turned_edge(op, inputs, turn.order), many=False)
    return row


def _joins_channels(graph: Graph, node: Node) -> bool:
    is_concat = node.op is not None and node.op.kind is Kind.CONCAT
    return is_concat and node.types[0].shape[:1] != graph.type_of(node.operands[0]).shape[:1]


def _apart(row: Views) -> Views:
    return tuple([tuple([view and view._replace(channels=APART) for view in views]) for views in row])


# Step t sees all steps before it, so what it sees does not move along with it as a window does.
_SCANNED = undefined("a scan carries a state")
_EDGES: Semiring[bool] = Semiring(True, bool.__and__, bool.__or__)


def _scanned(graph: Graph, node: Node) -> tuple[Views, ...]:
    """The views of a scan: no window describes it, along no axis of what reaches a result through its steps."""
    assert isinstance(node.target, Graph) and node.length is not None
    step = [[True if not views or any(views) else None for views in row] for row in outputs_of(node.target)]
    types = graph.operand_types(node)
    return tuple(
        tuple((_SCANNED if reaches else None,) * len(spatial_axes(x)) for x, reaches in zip(types, row, strict=False))
        for row in over_scan(step, node.states, node.length, _EDGES)
    )


def _of_elements(types: Types, row: Views) -> Views:
    """What the elements of a sequence see of those of others, told of the sequences: their channels are seen whole."""
    found = []
    for x, views in zip(types, row, strict=True):
        own = tuple([view and view._replace(channels=LIKE_INPUT) for view in views])
        found.append(own if len(own) == x.rank - 1 else ((WHOLE if any(own) else None), *own))
    return tuple(found)


def _through_one(before: Views, edge: tuple[View | None, ...], many: bool) -> Views:
    """`many` says that several paths may lie within the edge."""
    if all(view is HERE for view in edge):
        return before
    return tuple([_along_axes(_sure(views) if many else views, edge) for views in before])


def _sure(views: tuple[View | None, ...]) -> tuple[View | None, ...]:
    """The views of several axes before paths join, as bounds where one axis has positions that see nothing.

    Which paths are seen along one axis then depends on the place along the other.
    """
    if len(views) < 2 or not any(b.seen.has_holes for view in views if view for b in view.bundles):
        return views
    return tuple([view and view.bounded() for view in views])


def _along_axes(views: tuple[View | None, ...], edge: tuple[View | None, ...]) -> tuple[View | None, ...]:
    """Axis by axis; of square maps and windows the axes are equal, and one does for all."""
    found: list[View | None] = []
    for axis, view in enumerate(views):
        step = edge_of(edge, axis)
        if axis and view is views[axis - 1] and step == edge_of(edge, axis - 1):
            found.append(found[-1])
        else:
            found.append(None if view is None or step is None else then(view, step))
    return tuple(found)


def edge_of(edge: tuple[View | None, ...], axis: int) -> View | None:
    """What an op does to one axis; if its operand has lost that axis, nothing: a global op has seen all of it."""
    return edge[axis] if axis < len(edge) else _GONE if any(edge) or not edge else None


# The axis is no more: fine after a global op, which `then` keeps as it is, and else not defined.
_GONE = undefined("the axis is gone")


def _through_many(
    node: int,
    before: Sequence[Views],
    edge: Views,
    unseen: Views,
    joins: list[Join] | None,
    called: bool,
) -> Views:
    """The union over operands; a join that spoils the alignment is noted in `joins`."""
    reached = [_through_one(row, views, called) for row, views in zip(before, edge, strict=True)]
    if sum(any(any(views) for views in row) for row in reached) > 1:
        reached = [tuple([_sure(views) for views in row]) for row in reached]
    if not reached:
        return unseen
    found = []
    for input in range(len(reached[0])):
        axes: list[View | None] = []
        for axis in range(len(reached[0][input])):
            by = [(operand, view) for operand, row in enumerate(reached) if (view := row[input][axis]) is not None]
            if axis and all(row[input][axis] is row[input][axis - 1] for row in reached):
                union = axes[-1]  # of square maps and windows
            else:
                union = reduce(beside, [view for _, view in by]) if by else None
            if joins is not None and union is not None and not union.aligned and not union.crossed:
                met = tuple((operand, view) for operand, view in by if not view.crossed)
                if all(view.aligned for _, view in met):
                    joins.append(Join(node, input, axis, met))
            axes.append(union)
        found.append(tuple(axes))
    return tuple(found)
