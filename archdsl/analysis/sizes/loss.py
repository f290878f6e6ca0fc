"""Turns a graph with symbolic sizes into what its convolutions and pools cut off, its totals and its weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from archdsl.analysis.fields import axis_names
from archdsl.analysis.sizes import forms
from archdsl.analysis.sizes.forms import Form
from archdsl.analysis.sizes.products import Products, as_form, equality, value_at
from archdsl.analysis.sizes.regions import Region, SizePoint
from archdsl.analysis.sizes.sets import ANY, SizeSet, TooIrregular
from archdsl.analysis.sizes.traced import difference, products
from archdsl.ir.graph import Graph, Node
from archdsl.ir.per_body import per_body
from archdsl.ir.weights import owns
from archdsl.ops.base import Kind, Op, Types, Window
from archdsl.source import Span
from archdsl.types import positive

Parts = tuple[tuple[tuple[Form, ...], int], ...]
SLIDING = (Kind.CONVOLUTION, Kind.POOL)


@dataclass(frozen=True, slots=True)
class Loss:
    """Rows at the end of an op's operand that one more window would read, but that window does not fit.

    With n rows, windows of k rows (dilation counted) every s rows from row -p on, and m windows: the last one ends at
    row e = -p + (m - 1) * s + k - 1, and the loss is max(n - 1 - e - max(s - k, 0), 0). Padding at the end is
    not lost, and neither are rows that the stride skips between windows anyway (a 1x1 convolution of stride 2).
    `side` is the axis of the map ("height"), `amount` the rows as a formula whose values below 0 mean none. `path`
    names the first such module, `span` is its place in the network's own file if it has one there.
    """

    path: str
    span: Span | None
    word: str
    side: str
    amount: Parts

    @property
    def parts(self) -> Products:
        """`amount` as `archdsl.analysis.sizes.products` computes with it."""
        return dict(self.amount)

    def rows(self, point: SizePoint) -> int:
        """Rows lost at these input sizes."""
        return max(value_at(self.parts, point), 0)

    def sizes(self, axis: int) -> SizeSet | None:
        """The sizes of an input axis at which something is lost, whatever the others are.

        None if they matter, or if the sizes form no set that can be told.
        """
        form = as_form(self.parts)
        if form is None:
            return ANY if self.rows(()) else None
        try:
            return ~forms.negative(forms.scaled(form, 1, -1)) if form.axis == axis else None
        except TooIrregular:
            return None

    @property
    def axis(self) -> int | None:
        """The input axis that decides; None if it is none or several."""
        form = as_form(self.parts)
        return None if form is None else form.axis

    def most(self) -> int | None:
        """The largest loss; None if it grows without end or depends on several axes."""
        form = as_form(self.parts)
        if form is None:
            return self.rows(()) if not self.parts or set(self.parts) == {()} else None
        return forms.greatest(forms.positive(form))


def losses(graph: Graph) -> tuple[Loss, ...]:
    """What the ops of `graph` cut off somewhere, in order of application; each body is looked at once."""
    return tuple(
        Loss(path, span, node.word, side, amount)
        for body, node, path, span in walk(graph)
        for side, amount in _cut(node.target, body.operand_types(node), node.types)
    )


def walk(graph: Graph) -> Iterator[tuple[Graph, Node, str, Span | None]]:
    """Every op of every distinct body where it is first applied: its body, path and place.

    The place is in the file of `graph`: for what an imported block does, where that block is called.
    """
    entered = {id(graph)}
    stack: list[tuple[Graph, str, Span | None, Iterator[Node]]] = [(graph, "", None, iter(graph.nodes))]
    while stack:
        body, prefix, place, nodes = stack[-1]
        node = next(nodes, None)
        if node is None:
            stack.pop()
            continue
        path = ".".join(part for part in (prefix, node.label) if part)
        own = next((span for span in node.spans if span.source is graph.span.source), None)
        span = own or place or (node.spans[0] if node.spans else None)
        if not isinstance(node.target, Graph):
            yield body, node, path, span
        elif id(node.target) not in entered:
            entered.add(id(node.target))
            stack.append((node.target, path, span, iter(node.target.nodes)))


def _cut(op: Op | Graph, inputs: Types, results: Types) -> list[tuple[str, Parts]]:
    """Per axis of a sliding op the formula of what it cuts off, where that is ever more than nothing."""
    # "same" padding makes room for every row: output = ceil(input / stride).
    if (
        isinstance(op, Graph)
        or op.kind not in SLIDING
        or not hasattr(op, "pads")
        or getattr(op, "padding", "") == "same"
    ):
        return []
    found = []
    for axis, (side, window) in enumerate(zip(axis_names(inputs[0]), op.reach(inputs)[0][0], strict=True)):
        assert isinstance(window, Window)
        span, stride = window.size, window.stride
        last = (results[0].shape[axis + 1] - 1) * stride + span - 1 + window.begin
        amount = products(inputs[0].shape[axis + 1] - 1 - last - positive(stride - span))
        form = as_form(amount)
        if form is not None:
            ever = forms.positive(form).constant != 0
        else:
            ever = bool(set(amount) - {()}) or amount.get((), 0) > 0
        if ever:
            found.append((side, tuple(sorted(amount.items(), key=repr))))
    return found


@dataclass(frozen=True, slots=True)
class Totals:
    """Numbers at batch 1 as formulas of the input size, defined as in `archdsl.analysis.cost`."""

    params: int
    macs: int
    activations: int


@per_body
def totals(graph: Graph) -> Totals:
    """The sums over a graph with symbolic sizes, which one run has made and no other run meets."""
    params = macs = activations = 0
    for owned, node in zip(owns(graph), graph.nodes, strict=True):
        found = totals(node.target) if isinstance(node.target, Graph) else _priced(node.target, graph, node)
        params += found.params if owned else 0
        macs += found.macs * node.steps
        activations += found.activations * node.steps
    return Totals(params, macs, activations)


def _priced(op: Op, graph: Graph, node: Node) -> Totals:
    inputs = graph.operand_types(node)
    params = sum(weight.size for weight in op.weights(inputs) if weight.trainable)
    if op.kind is Kind.DROP:
        return Totals(params, 0, 0)
    return Totals(params, op.macs(inputs, node.types), sum(x.size for x in node.types))


# The weights of a body: name, and sizes or what is inside; modules without weights are left out.
WeightTree = tuple[tuple[str, tuple[int, ...] | Any], ...]


@per_body
def weight_tree(graph: Graph) -> WeightTree:
    """Names and shapes of all weights, as a state_dict has them; equal subtrees are one object."""
    found: list[tuple[str, Any]] = []
    for node in graph.nodes:
        if isinstance(node.target, Graph):
            inside = weight_tree(node.target)
        else:
            inside = tuple((w.name, w.shape) for w in node.target.weights(graph.operand_types(node)))
        if inside:
            found.append((node.label, inside))
    return tuple(found)


def same_weights(given: WeightTree, wanted: WeightTree, region: Region, axes: int) -> Region:
    """The part of `region` in which a network with the weights `given` takes those of `wanted`, a tree of numbers.

    Raises:
        TooIrregular: that cannot be said.
    """
    stack: list[tuple[Any, Any]] = [(given, wanted)]
    seen: set[tuple[int, int]] = set()
    while stack and region:
        one, other = stack.pop()
        if isinstance(one, int) and isinstance(other, int):
            apart = difference(one, other)
            if apart:
                region &= equality(apart, axes, region)
        elif isinstance(one, tuple) and isinstance(other, tuple) and len(one) == len(other):
            if (id(one), id(other)) not in seen:
                seen.add((id(one), id(other)))
                stack += zip(one, other, strict=True)
        elif isinstance(one, tuple) or isinstance(other, tuple) or one != other:  # tuples of other lengths
            return Region(())
    return region
