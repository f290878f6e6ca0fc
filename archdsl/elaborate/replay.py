"""Makes a body at other input types from what it applied at the first ones, without running its statements again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from archdsl.elaborate.body import Applied, Body, flat_ops
from archdsl.elaborate.nodes import applied, check_flat_ops
from archdsl.elaborate.session import Elaborated, Exhausted, Frame, Problem
from archdsl.elaborate.values import BlockStage, OpStage
from archdsl.ir.graph import INPUT, Graph, Node
from archdsl.ops.base import Op, OpError, Types, apply
from archdsl.source import Span

ElaborateBlock = Callable[[Frame, BlockStage, Types, Span], Elaborated | None]


@dataclass(frozen=True)
class Recording:
    """A finished body whose statements would do the same at any input types, and what each of its nodes applies."""

    made: Elaborated
    applied: tuple[Applied, ...]


def record(body: Body, made: Elaborated) -> Recording | None:
    """The recording of a body; None when its statements asked for a shape, or more was made than stands in the graph.

    Sessions in which choices may be asked keep no recordings.
    """
    nodes = made.graph.nodes
    if body.reads_types or not len(nodes) == len(body.nodes) == len(body.applied):
        return None
    if any(node.slot is not None for node in nodes):  # what shares weights is compared at each application
        return None
    return Recording(made, tuple(body.applied))


def replay(frame: Frame, recording: Recording, types: Types, elaborate: ElaborateBlock) -> Elaborated | None:
    """The recorded body at other input types; None when something does not fit, which running the statements explains.

    Raises:
        Exhausted: a budget is used up.
    """
    again, nodes, ops = recording.made.graph, list[Node](), 0
    for node, what in zip(again.nodes, recording.applied, strict=True):
        given = tuple([types[k] if index == INPUT else nodes[index].types[k] for index, k in node.operands])
        target: Op | Graph
        try:
            if isinstance(what, tuple):
                inner = elaborate(frame, what[0], given, node.spans[0])
                if inner is None or inner.structure != what[1]:
                    return None
                target, results = inner.graph, inner.graph.output_types
                ops += flat_ops(target)
            else:
                target, results = applied(what.op, given) if isinstance(what, OpStage) else apply(what, given)
                ops += 1
        except Exhausted:
            raise
        except (OpError, Problem):
            return None
        if len(results) != len(node.types):
            return None
        nodes.append(Node(target, node.operands, results, node.label, node.spans, node.site))
    assert frame.body is not None
    frame.body.flat_ops = ops
    frame.session.budget.nodes += len(nodes)
    check_flat_ops(frame, 0, again.span)
    graph = replace(again, inputs=types, nodes=tuple(nodes))
    return Elaborated(graph, recording.made.structure)
