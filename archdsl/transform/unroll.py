"""Turns a graph with scans into one without: each scan a call of a body in which its steps are written out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from archdsl.ir.graph import INPUT, Graph, Node, Ref
from archdsl.ir.per_body import per_body, per_body_alone
from archdsl.ops.base import Kind, Op, Types
from archdsl.ops.merge import Stack
from archdsl.ops.split import Unbind
from archdsl.ops.torch_form import Call, TorchForm
from archdsl.source import Span
from archdsl.types import TensorType

MOST_STEPS = 20_000  # of one scan


class TooManySteps(ValueError):
    """A scan is too long to be written out."""


@dataclass(frozen=True, slots=True)
class Zeros(Op):
    """A first state that starts at zero."""

    name: ClassVar[str] = "zeros"
    kind: ClassVar[Kind] = Kind.PARAMETER
    arity: ClassVar[tuple[int, int | None]] = (0, 0)
    shape: tuple[int, ...]

    def results(self, inputs: Types) -> Types:
        return (TensorType(self.shape),)

    def torch(self, inputs: Types) -> TorchForm:
        return TorchForm(function=Call("torch.zeros", self.shape))


PLUMBING = (Unbind, Zeros, Stack)  # the ops of a scan that are none of its cell's


@per_body
def unrolled(graph: Graph) -> Graph:
    """`graph` with every scan written out as PyTorch runs it; nodes keep their places. The graph itself if it has none.

    Raises:
        TooManySteps: a scan has more than MOST_STEPS steps.
    """
    read = {ref for node in graph.nodes for ref in node.operands} | set(graph.outputs)
    nodes = tuple([_rewritten_node(graph, node, Ref(i) in read) for i, node in enumerate(graph.nodes)])
    if all(new is old for new, old in zip(nodes, graph.nodes, strict=True)):
        return graph
    return replace(graph, nodes=nodes)


def _rewritten_node(graph: Graph, node: Node, collects: bool) -> Node:
    if not isinstance(node.target, Graph):
        return node
    target = unrolled(node.target)
    if node.length is None:
        return node if target is node.target else node._replace(target=target)
    if node.length > MOST_STEPS:
        raise TooManySteps(f"a scan of {node.length:,} steps is over {MOST_STEPS:,}")
    steps = _steps(target, node.length, graph.operand_types(node), node.spans, collects)
    return node._replace(target=steps, length=None)


@per_body_alone
def _steps(cell: Graph, length: int, given: Types, spans: tuple[Span, ...], collects: bool) -> Graph:
    """The steps of a scan as a body; equal scans share it. Outputs that nobody reads are not put together."""
    element, *states = cell.inputs

    def node(target: Op | Graph, operands: tuple[Ref, ...], types: Types, site: int, slot: int | None = None) -> Node:
        return Node(target, operands, types, "", spans, (site,), slot)

    nodes = [node(Unbind(), (Ref(INPUT, 0),), tuple([element] * length), 0)]
    before = [Ref(INPUT, 1 + i) for i in range(len(given) - 1)]
    if not before:
        nodes += [node(Zeros(x.shape), (), (x,), 1 + i) for i, x in enumerate(states)]
        before = [Ref(1 + i) for i in range(len(states))]
    outputs = []
    for step in range(length):
        index = len(nodes)
        nodes.append(node(cell, (Ref(0, step), *before), cell.output_types, index, slot=0))
        outputs.append(Ref(index, 0))
        first = len(cell.outputs) - len(states)
        before = [Ref(index, first + i) for i in range(len(states))]
    if collects:
        nodes.append(
            node(
                Stack(),
                tuple(outputs),
                (TensorType((length, *cell.output_types[0].shape), cell.output_types[0].dtype),),
                len(nodes),
            )
        )
    return Graph(
        name=cell.name,
        kind="block",
        definition=cell.definition,
        arguments=(),
        input_names=cell.input_names[: len(given)],
        inputs=given,
        nodes=tuple(nodes),
        outputs=(Ref(len(nodes) - 1) if collects else Ref(INPUT, 0), *before),
        span=cell.span,
    )
