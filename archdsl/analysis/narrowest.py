"""Turns a graph into the smallest receptive field that any channel of an output has, composed over bodies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

from archdsl.analysis.fields import axis_names
from archdsl.analysis.view_fold import edge_of, fold, outputs_of, start, views_of
from archdsl.analysis.views import View, Views, beside, edges, then
from archdsl.ir.graph import INPUT, Graph, Ref
from archdsl.ir.per_body import per_body
from archdsl.ops.base import Kind, Op, Types, spatial_axes

MOST_CLASSES = 32  # kinds of channels that one tensor may have; beyond, nothing is said


@dataclass(frozen=True, slots=True)
class Narrowest:
    """The smallest receptive field over the channels of one output, along one axis of one input, in input elements.

    As in `Field.rf_without_global`, global ops are left out, and with them the mixing of channels by them and after
    them: for a classifier these are the channels of its trunk. `exact` is false where channels are split, shuffled,
    grouped or paired with others on the way: then this is a lower bound. `size` is None where no window describes the
    output, or where too many kinds of channels meet.
    """

    input: str
    axis: int
    name: str
    size: int | None
    exact: bool


class ChannelViews(NamedTuple):
    """What a channel sees of one input: `own` through the same channel of it, `all` through all of its channels."""

    own: View | None
    all: View | None


# One kind of channel: what it sees of each input of its body, along one axis.
ChannelKind = tuple[ChannelViews, ...]


class ChannelKinds(NamedTuple):
    """The kinds of channels of a tensor along one axis, the wider of comparable ones left out; None: too many."""

    kinds: tuple[ChannelKind, ...] | None
    exact: bool


_MIXING = frozenset({Kind.CONVOLUTION, Kind.LINEAR, Kind.MATMUL})
_MOVES_CHANNELS = frozenset({Kind.SPLIT, Kind.RESHAPE})


def narrowest(graph: Graph) -> tuple[tuple[Narrowest, ...], ...]:
    """Per output the smallest field of its channels, for each connected (input, axis). Each body is looked at once."""
    found = zip(_outputs(graph), outputs_of(graph), strict=True)
    return tuple(_told(graph, by_axis, row) for by_axis, row in found)


def _told(graph: Graph, by_axis: Sequence[ChannelKinds], row: Views) -> tuple[Narrowest, ...]:
    found = []
    for number, (name, x) in enumerate(zip(graph.input_names, graph.inputs, strict=True)):
        for place, (axis, called) in enumerate(zip(spatial_axes(x), axis_names(x), strict=True)):
            if row[number][place] is not None:
                classes = by_axis[place]
                found.append(Narrowest(name, axis, called, _size(classes, number), classes.exact))
    return tuple(found)


def _size(classes: ChannelKinds, number: int) -> int | None:
    """The smallest hull over the kinds of channels that see the input at all."""
    sizes = []
    for kind in classes.kinds or ():
        view = _joined(kind[number].own, kind[number].all)
        if view is not None:
            if len(view.bundles) != 1:
                return None
            sizes.append(view.bundles[0].seen.sizes()[1])
    return min(sizes, default=None)


def _joined(a: View | None, b: View | None) -> View | None:
    return a if b is None else b if a is None else beside(a, b)


@per_body
def _outputs(graph: Graph) -> tuple[tuple[ChannelKinds, ...], ...]:
    """For each output and axis the kinds of channels."""
    given = start(graph)
    rows = fold(graph, given)
    axes = max((len(spatial_axes(x)) for x in graph.inputs), default=0)
    by_axis = [_along(graph, given, rows, axis) for axis in range(axes)]
    return tuple(tuple(found[k] for found in by_axis) for k in range(len(graph.outputs)))


def _along(graph: Graph, given: Sequence[Views], rows: Sequence[tuple[Views, ...]], axis: int) -> list[ChannelKinds]:
    """The kinds of channels of each output, along one axis."""

    def column(row: Views) -> tuple[View | None, ...]:
        return tuple([views[axis] if axis < len(views) else None for views in row])

    inputs = [ChannelKinds((tuple(ChannelViews(view, None) for view in column(row)),), True) for row in given]
    nodes: list[tuple[ChannelKinds, ...]] = []

    def classes_of(ref: Ref) -> ChannelKinds:
        return inputs[ref.output] if ref.node == INPUT else nodes[ref.node][ref.output]

    for node in graph.nodes:
        before = [classes_of(ref) for ref in node.operands]
        hulls = [column(views_of(graph, ref, given, rows)) for ref in node.operands]
        moves = False
        if node.length is not None:
            steps = [_GONE] * len(node.types)
        elif isinstance(node.target, Graph):
            steps = [by_axis[axis] if axis < len(by_axis) else _GONE for by_axis in _outputs(node.target)]
        else:
            types = graph.operand_types(node)
            steps = [_of_op(node.target, types, output, axis) for output in range(len(node.types))]
            moves = node.target.kind in _MOVES_CHANNELS or _groups(node.target, types) > 1
        nodes.append(tuple([_through(step, before, hulls, len(given), moves) for step in steps]))
    return [classes_of(ref) for ref in graph.outputs]


_GONE = ChannelKinds(None, False)


def _of_op(op: Op, inputs: Types, output: int, axis: int) -> ChannelKinds:
    """The kinds of channels of an op's output, told in terms of its operands."""
    views = [edge_of(edge, axis) for edge in edges(op, inputs)[output]]
    if op.kind in _MIXING and _groups(op, inputs) == 1:
        return ChannelKinds((tuple(ChannelViews(None, view) for view in views),), True)
    results = op.results(inputs)
    if op.kind is Kind.CONCAT and len(inputs) > 1 and results[0].shape[0] == sum(x.shape[0] for x in inputs):
        kinds = [
            tuple(ChannelViews(view if i == j else None, None) for j, view in enumerate(views))
            for i in range(len(views))
        ]
        return ChannelKinds(tuple(kinds), True)
    return ChannelKinds((tuple(ChannelViews(view, None) for view in views),), True)


def _groups(op: Op, inputs: Types) -> int:
    """How many groups a convolution has; 0 for one group per channel, whose outputs are the channels in order."""
    if op.kind is not Kind.CONVOLUTION:
        return 1
    groups = op.channel_groups(inputs)
    return 0 if groups == inputs[0].shape[0] == op.results(inputs)[0].shape[0] > 1 else groups


def _through(
    step: ChannelKinds, before: Sequence[ChannelKinds], hulls: Sequence[Sequence[View | None]], count: int, moves: bool
) -> ChannelKinds:
    """The kinds of channels of a result of which `step` tells the kinds in terms of the operands.

    `before` and `hulls` are the operands' kinds and what all their channels see together, of `count` inputs; `moves`
    says that the op leaves channels out or changes their order.
    """
    if step.kinds is None or any(operand.kinds is None for operand in before):
        return _GONE
    exact = step.exact
    found: list[ChannelKind] = []
    for kind in step.kinds:
        all_of = _nothing(count)
        options: list[list[ChannelKind]] = []
        placed = 0  # operands of which it matters which channel is which
        for seen, operand, hull in zip(kind, before, hulls, strict=True):
            view = _joined(seen.own, seen.all)
            if view is None:
                continue
            after_global = view.crossed or all(v is None or v.crossed for v in hull)
            if seen.all is not None and not after_global:
                through = tuple(ChannelViews(None, None if v is None else then(v, seen.all)) for v in hull)
                all_of = _union(all_of, through)
            own = view if after_global else seen.own
            if own is not None:
                kinds = operand.kinds or ()
                exact = exact and operand.exact  # what all channels see together is known in any case
                options.append([_composed(one, own) for one in kinds])
                placed += not after_global and (len(kinds) > 1 or any(part.own for one in kinds for part in one))
        if _combinations(options) > MOST_CLASSES:
            return _GONE
        paired = len(options) > 1 and any(len(kinds) > 1 for kinds in options)
        exact = exact and not (moves and placed) and not (paired and placed > 1)
        for chosen in product(*options):
            one = all_of
            for part in chosen:
                one = _union(one, part)
            found.append(one)
    narrow = _narrow(found)
    return ChannelKinds(narrow, exact) if len(narrow) <= MOST_CLASSES else _GONE


def _combinations(options: Sequence[Sequence[ChannelKind]]) -> int:
    count = 1
    for kinds in options:
        count *= len(kinds)
    return count


def _nothing(count: int) -> ChannelKind:
    return (ChannelViews(None, None),) * count


def _composed(one: ChannelKind, view: View) -> ChannelKind:
    return tuple([ChannelViews(seen.own and then(seen.own, view), seen.all and then(seen.all, view)) for seen in one])


def _union(a: ChannelKind, b: ChannelKind) -> ChannelKind:
    return tuple([ChannelViews(_joined(p.own, q.own), _joined(p.all, q.all)) for p, q in zip(a, b, strict=True)])


def _narrow(kinds: Sequence[ChannelKind]) -> tuple[ChannelKind, ...]:
    """Those that contain no other, and of equal ones the first; channels that see no input are dropped."""
    nothing = _nothing(len(kinds[0])) if kinds else ()
    kept: list[ChannelKind] = []
    for one in dict.fromkeys(kinds):
        if one == nothing or any(_contains(one, other) for other in kept):
            continue
        kept = [other for other in kept if not _contains(other, one)]
        kept.append(one)
    return tuple(kept) or (nothing,)


def _contains(a: ChannelKind, b: ChannelKind) -> bool:
    return all(_holds(p, q) for one, other in zip(a, b, strict=True) for p, q in zip(one, other, strict=True))


def _holds(a: View | None, b: View | None) -> bool:
    """Whether `a` sees all that `b` sees, both being of one sort."""
    if a is None or b is None:
        return a is b
    if a[:4] != b[:4] or [p.stride for p in a.bundles] != [q.stride for q in b.bundles]:
        return False
    return all(p.seen.contains(q.seen) for p, q in zip(a.bundles, b.bundles, strict=True))
