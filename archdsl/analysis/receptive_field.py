"""Turns a graph into the receptive fields of its outputs: how much of each input one output element can depend on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import chain, repeat
from math import inf

from archdsl.analysis.fields import Branch, Field, FieldRow, Misalignment, ReceptiveField, Windows, axis_names
from archdsl.analysis.intervals import NOWHERE
from archdsl.analysis.not_defined import NotDefined
from archdsl.analysis.view_fold import fold, joins_of, outputs_of, seen, start, views_of
from archdsl.analysis.views import Bundle, Views
from archdsl.analysis.walk import walked
from archdsl.ir.graph import INPUT, Graph, Node, Ref, bodies
from archdsl.ir.per_body import per_mould_through
from archdsl.ops.base import Kind, spatial_axes
from archdsl.source import Span
from archdsl.types import TensorType


def receptive_field(graph: Graph) -> ReceptiveField:
    """The receptive fields of all outputs of `graph`, composed over its bodies; each body is looked at once."""
    return ReceptiveField(
        name=graph.name,
        outputs=tuple(map(_fields, repeat(graph), outputs_of(graph), graph.output_types)),
        misaligned=tuple(dict.fromkeys(found for body in bodies(graph) for found in misaligned(body))),
    )


def field_rows(graph: Graph, depth: float = inf) -> Iterator[FieldRow]:
    """A row per node in order, calls opened `depth` levels deep: 1 lists the nodes of `graph` itself.

    Scans are not opened: no window describes what a step sees.
    """
    outputs_of(graph)
    given = start(graph)
    told = given[0] if given else ()
    opened = [(given, fold(graph, given))]  # a body's inputs and nodes in terms of the network's inputs, by level
    for here in walked(graph, depth, scans=False):
        node = here.node
        del opened[here.level + 1 :]
        given, nodes = opened[-1]
        yield FieldRow(
            path=here.path,
            level=here.level,
            word=node.word,
            is_op=not isinstance(node.target, Graph),
            types=node.types,
            span=_span(node),
            outputs=tuple(map(_fields, repeat(graph), nodes[here.index], node.types)),
        )
        if here.opens and isinstance(node.target, Graph):
            inner = [views_of(here.body, ref, given, nodes) for ref in node.operands]
            opened.append((inner, fold(node.target, inner, told=told)))


def field_at(graph: Graph, path: str) -> FieldRow:
    """The row of the node whose dotted module name is `path`, for example "layer4.0.conv2".

    Raises:
        KeyError: no node is called so.
    """
    depth = path.count(".") + 1
    for row in field_rows(graph, depth):
        if row.path == path and row.path:
            return row
    raise KeyError(path)


def _fields(graph: Graph, row: Views, y: TensorType) -> tuple[Field, ...]:
    """What a tensor of type `y` sees of the inputs of `graph`."""
    extents = [y.shape[axis] for axis in spatial_axes(y)]
    found = []
    for name, x, views in zip(graph.input_names, graph.inputs, row, strict=True):
        fields = []
        for place, (axis, called, view) in enumerate(zip(spatial_axes(x), axis_names(x), views, strict=True)):
            if view is not None:
                positions = extents[place] if not view.crossed and place < len(extents) else None
                windows = tuple(_windows(bundle, positions) for bundle in view.bundles)
                fields.append(
                    Field(name, axis, called, x.shape[axis], view.undefined, view.whole, view.crossed, windows)
                )
        if any(field.empty for field in fields):  # what reads no row reads no column either
            fields = [replace(f, undefined="", whole=False, crossed=0, windows=(_NOTHING,)) for f in fields]
        found += fields
    return tuple(found)


_NOTHING = Windows(Fraction(1), NOWHERE, 0, 0, 0, 0, Fraction(0), Fraction(0))


def _windows(bundle: Bundle, positions: int | None = None) -> Windows:
    smallest, size = bundle.seen.sizes(positions)
    return Windows(
        stride=Fraction(bundle.stride),
        seen=bundle.seen,
        size=size,
        smallest=smallest,
        least=bundle.least,
        most=bundle.most,
        centre_low=Fraction(bundle.low) / 2,
        centre_high=Fraction(bundle.high) / 2,
    )


def misaligned(graph: Graph) -> Iterator[Misalignment]:
    """The joins of one body; a node that gives several outputs is one join."""
    noted: set[tuple[int, int, int]] = set()
    for join in joins_of(graph):
        if (join.node, join.input, join.axis) in noted:
            continue
        noted.add((join.node, join.input, join.axis))
        node, x = graph.nodes[join.node], graph.inputs[join.input]
        if _side_by_side(node, spatial_axes(x)[join.axis]):
            continue
        yield Misalignment(
            block=graph.name,
            word=node.word,
            span=_span(node),
            input=graph.input_names[join.input],
            axis=spatial_axes(x)[join.axis],
            name=axis_names(x)[join.axis],
            paths=tuple(
                Branch(operand, _made(graph, node.operands[operand]), _windows(view.bundles[0]))
                for operand, view in join.views
            ),
        )


def _side_by_side(node: Node, axis: int) -> bool:
    """Whether the operands are put behind each other along that axis: they have no places in common there."""
    return node.op is not None and node.op.kind is Kind.CONCAT and getattr(node.op, "axis", None) == axis


def _made(graph: Graph, ref: Ref) -> Span | None:
    return None if ref.node == INPUT else _span(graph.nodes[ref.node])


def _span(node: Node) -> Span | None:
    return node.spans[0] if node.spans else None


def largest(graph: Graph) -> int:
    """The number that `@expect(receptive_field = …)` compares: the largest `rf_without_global` of any output and axis.

    For a square network that is the one number of the papers (resnet50: 427).

    Raises:
        NotDefined: some field has none or the largest is known as a bound only, or no output depends on an input.
    """
    found = _largest(graph)
    if isinstance(found, str):
        raise NotDefined(f"receptive field {found}")
    return found


@per_mould_through(seen.number)
def _largest(graph: Graph) -> int | str:
    """The number, or why there is none."""
    fields = list(chain(*map(_fields, repeat(graph), outputs_of(graph), graph.output_types)))
    if not fields:
        return "not defined: no output depends on an input"
    for field in fields:
        if field.only is None:
            return field.problem
    widest = max(fields, key=lambda field: field.at_most or 0)
    return widest.problem if widest.rf_without_global is None else widest.rf_without_global


METRICS: dict[str, Callable[[Graph], int]] = {"receptive_field": largest}
