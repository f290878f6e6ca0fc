"""Turns a body into what its outputs see of its inputs, by composing the windows of its ops along all paths."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from archdsl.analysis.recurrence import Semiring, over_scan
from archdsl.ir.graph import INPUT, Graph, Node, Ref
from archdsl.ir.per_body import per_body
from archdsl.ops.base import IDENTITY, All, Kind, Op, Reach, Types, Undefined, spatial_axes

Number = int | Fraction  # whole numbers are kept as int, because they are common and fast


class Bundle(NamedTuple):
    """The windows of all paths with one effective stride, in input elements: output i sees them moved by i * stride.

    `begin` is the first and `end` the last element that output 0 sees by any of them (negative: padding). The doubled
    centre (first + last element of output 0) of each path lies from `low` to `high`; equal means that all agree.
    `least` and `most` are the sizes of the smallest and the largest window of a single path. `exact` is false where
    a window is a bound (see `Window`), and the bundle one too.
    """

    stride: Number
    begin: Number
    end: Number
    low: Number
    high: Number
    least: Number
    most: Number
    exact: bool


class View(NamedTuple):
    """What one tensor sees of one axis of one input of its body, by all paths together.

    A path is *direct* if it crosses windows only, *whole* if it first crosses an op that sees the whole axis, else
    undefined: it first crosses an op that has no windows, for the reason `undefined`. `crossed` is the smallest number
    of global ops on a path. `bundles`, sorted by stride, are the windows of the paths that cross so few, each up to its
    first global op; none where a path is undefined.
    """

    direct: bool
    whole: bool
    undefined: str
    crossed: int
    bundles: tuple[Bundle, ...]

    @property
    def aligned(self) -> bool:
        """Whether all windows have one stride and one centre."""
        return len(self.bundles) < 2 and all(bundle.low == bundle.high for bundle in self.bundles)


HERE = View(True, False, "", 0, (Bundle(1, 0, 0, 0, 0, 1, 1, True),))
_WHOLE = View(False, True, "", 1, HERE.bundles)

# What a tensor sees of each axis of each input of its body; None where there is no path.
Row = tuple[tuple[View | None, ...], ...]


class Join(NamedTuple):
    """A node where paths from one input meet whose windows do not fit, although they do within each operand.

    `axis` counts the input's spatial axes from 0; `views` are (number of the operand, what the result sees by it).
    """

    node: int
    input: int
    axis: int
    views: tuple[tuple[int, View], ...]


def then(before: View, after: View) -> View:
    """What is seen through `after` by a tensor that sees a tensor that sees `before`."""
    if after is HERE:
        return before
    if before is HERE:
        return after
    reasons = (before.undefined, after.undefined if before.direct else "")
    undefined = min(filter(None, reasons), default="")
    if undefined:
        bundles: tuple[Bundle, ...] = ()
    elif before.crossed:
        bundles = before.bundles
    else:
        bundles = _merged([_composed(p, q) for p in before.bundles for q in after.bundles])
    return View(
        before.direct and after.direct,
        before.whole or (before.direct and after.whole),
        undefined,
        before.crossed + after.crossed,
        bundles,
    )


def beside(a: View, b: View) -> View:
    """What is seen by the paths of either."""
    if a is b:
        return a
    undefined = min(filter(None, (a.undefined, b.undefined)), default="")
    if undefined:
        bundles: tuple[Bundle, ...] = ()
    elif a.crossed != b.crossed:
        bundles = a.bundles if a.crossed < b.crossed else b.bundles
    else:
        bundles = _merged([*a.bundles, *b.bundles])
    return View(a.direct or b.direct, a.whole or b.whole, undefined, min(a.crossed, b.crossed), bundles)


def _composed(p: Bundle, q: Bundle) -> Bundle:
    s = p.stride
    return Bundle(
        _plain(s * q.stride),
        _plain(p.begin + s * q.begin),
        _plain(p.end + s * q.end),
        _plain(p.low + s * q.low),
        _plain(p.high + s * q.high),
        _plain(p.least + s * (q.least - 1)),
        _plain(p.most + s * (q.most - 1)),
        p.exact and q.exact,
    )


def _merged(bundles: list[Bundle]) -> tuple[Bundle, ...]:
    if len(bundles) == 1:
        return (bundles[0],)
    found: dict[Number, Bundle] = {}
    for b in bundles:
        a = found.get(b.stride)
        found[b.stride] = b if a is None or a == b else Bundle(
            a.stride,
            min(a.begin, b.begin),
            max(a.end, b.end),
            min(a.low, b.low),
            max(a.high, b.high),
            min(a.least, b.least),
            max(a.most, b.most),
            a.exact and b.exact,
        )  # fmt: skip
    return tuple([found[stride] for stride in sorted(found)])


def _plain(value: Number) -> Number:
    return value if type(value) is int or value.denominator != 1 else value.numerator


def outputs_of(graph: Graph) -> tuple[Row, ...]:
    """What each output of `graph` sees of its inputs."""
    return _seen(graph)[0]


def joins_of(graph: Graph) -> tuple[Join, ...]:
    """The joins of misaligned paths among the nodes of this one body."""
    return _seen(graph)[1]


@per_body
def _seen(body: Graph) -> tuple[tuple[Row, ...], tuple[Join, ...]]:
    joins: list[Join] = []
    rows = fold(body, start(body), joins)
    return tuple(row_of(body, ref, start(body), rows) for ref in body.outputs), tuple(joins)


def start(graph: Graph) -> list[Row]:
    """What the inputs of a body see of themselves: one row per input."""
    counts = [len(spatial_axes(x)) for x in graph.inputs]
    return [
        tuple((HERE if i == j else None,) * count for j, count in enumerate(counts)) for i in range(len(counts))
    ]  # fmt: skip


def row_of(graph: Graph, ref: Ref, given: Sequence[Row], rows: Sequence[tuple[Row, ...]]) -> Row:
    """The row of the tensor `ref`, `given` being those of the inputs and `rows` those of the nodes."""
    return given[ref.output] if ref.node == INPUT else rows[ref.node][ref.output]


def fold(graph: Graph, given: Sequence[Row], joins: list[Join] | None = None) -> list[tuple[Row, ...]]:
    """The rows of all outputs of all nodes, `given` being those of the inputs.

    Rows may be told in terms of any tensors: this body's own inputs, or those of the network that calls it.
    """
    rows: list[tuple[Row, ...]] = []
    for index, node in enumerate(graph.nodes):
        before = [given[r.output] if r.node == INPUT else rows[r.node][r.output] for r in node.operands]
        if node.length is not None:
            found: tuple[Row, ...] = _scanned(graph, node)
        elif isinstance(node.target, Graph):
            found = outputs_of(node.target)
        else:
            found = edges(node.target, graph.operand_types(node))
        if len(before) == 1:
            rows.append(tuple([_through_one(before[0], edge[0]) for edge in found]))
        else:
            rows.append(tuple([_through_many(index, before, edge, given, joins) for edge in found]))
    return rows


# Step t sees all steps before it, so what it sees does not move along with it as a window does.
_SCANNED = View(False, False, "a scan carries a state", 0, ())
_EDGES: Semiring[bool] = Semiring(True, bool.__and__, bool.__or__)


def _scanned(graph: Graph, node: Node) -> tuple[Row, ...]:
    """The rows of a scan: no window describes it, along no axis of what reaches a result through its steps."""
    assert isinstance(node.target, Graph) and node.length is not None
    step = [[True if not views or any(views) else None for views in row] for row in outputs_of(node.target)]
    types = graph.operand_types(node)
    return tuple(
        tuple((_SCANNED if reaches else None,) * len(spatial_axes(x)) for x, reaches in zip(types, row, strict=False))
        for row in over_scan(step, node.length, _EDGES)
    )


def _through_one(before: Row, edge: tuple[View | None, ...]) -> Row:
    if all(view is HERE for view in edge):
        return before
    return tuple([_along_axes(views, edge) for views in before])


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
_GONE = View(False, False, "the axis is gone", 0, ())


def _through_many(
    node: int,
    before: Sequence[Row],
    edge: Row,
    given: Sequence[Row],
    joins: list[Join] | None,
) -> Row:
    """The union over operands; a join that spoils the alignment is noted in `joins`."""
    reached = [_through_one(row, views) for row, views in zip(before, edge, strict=True)]
    if not reached:
        return tuple((None,) * len(views) for views in (given[0] if given else ()))
    found = []
    for input in range(len(reached[0])):
        axes = []
        for axis in range(len(reached[0][input])):
            seen = [(operand, view) for operand, row in enumerate(reached) if (view := row[input][axis]) is not None]
            union = seen[0][1] if seen else None
            for _, view in seen[1:]:
                assert union is not None
                union = beside(union, view)
            if joins is not None and union is not None and not union.aligned and not union.crossed:
                met = tuple((operand, view) for operand, view in seen if not view.crossed)
                if all(view.aligned for _, view in met):
                    joins.append(Join(node, input, axis, met))
            axes.append(union)
        found.append(tuple(axes))
    return tuple(found)


@lru_cache(maxsize=8192)
def edges(op: Op, inputs: Types) -> tuple[Row, ...]:
    """An op's `reach` as views: a row per output, in it an entry per operand, in it one per spatial axis of that."""
    return tuple(
        tuple(tuple(_view(reach, op.kind) for reach in reaches) for reaches in output) for output in op.reach(inputs)
    )


def _view(reach: Reach, kind: Kind) -> View:
    if reach == IDENTITY:
        return HERE
    if isinstance(reach, All):
        return _WHOLE
    if isinstance(reach, Undefined):
        return View(False, False, reach.reason, 0, ())
    stride, begin = _plain(reach.stride), _plain(reach.begin)
    end = _plain(begin + reach.size - 1)
    # Along the axis of a concat an output sees one operand only.
    exact = type(stride) is int and type(begin) is int and kind is not Kind.CONCAT
    centre = begin + end
    bundle = Bundle(stride, begin, end, centre, centre, reach.size, reach.size, exact)
    return View(True, False, "", 0, (bundle,))


def forget() -> None:
    """Drop what is remembered of ops (for measurements)."""
    edges.cache_clear()
