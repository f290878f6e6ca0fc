"""Turns a network into warnings about what is legal in it but likely not meant: each op's doubts, where it stands."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from archdsl.diagnostics.model import WARNING, Diagnostic
from archdsl.ir.graph import INPUT, Graph, Node, Ref
from archdsl.library import is_bundled
from archdsl.ops.base import Kind, Op, Types, Undefined
from archdsl.ops.doubts import AxesOrigin, Doubt, Provenance, Provenances
from archdsl.source import Span

_FIXED, _OTHER = Provenance(AxesOrigin.FIXED), Provenance(AxesOrigin.OTHER)
_MAKES = {
    Kind.CONVOLUTION: Provenance(AxesOrigin.MAP),
    Kind.POOL: Provenance(AxesOrigin.MAP),
    Kind.LINEAR: Provenance(AxesOrigin.FEATURES),
    Kind.EMBEDDING: Provenance(AxesOrigin.FEATURES),
}
# What leaves the number of axes as it is leaves them what they are, but for reshapes that say otherwise.
_KEEPS = {
    Kind.ACTIVATION,
    Kind.NORM,
    Kind.DROP,
    Kind.ARITHMETIC,
    Kind.CONCAT,
    Kind.SPLIT,
    Kind.RESHAPE,
    Kind.RESAMPLE,
}
# A body is read once for each way in which the origins of its inputs differ, of two inputs for all that there are; if
# there are more, without knowing them.
_MOST_WAYS = 25


class _Visit:
    """A body that is being read for inputs of these provenances, up to the node behind those of `made`."""

    def __init__(self, graph: Graph, given: Provenances, call: Span) -> None:
        self.graph = graph
        self.given = given
        self.call = call
        self.made: list[Provenances] = []

    def read(self, refs: tuple[Ref, ...]) -> Provenances:
        return tuple([self.given[output] if node == INPUT else self.made[node][output] for node, output in refs])


def misreadings(root: Graph) -> Iterator[Diagnostic]:
    """Warnings of `root`, each node's once. Every distinct body is read once for each origin of its inputs."""
    results: dict[tuple[int, Provenances], Provenances] = {}
    ways: Counter[int] = Counter()
    told: set[tuple[int, str]] = set()
    visits = [_Visit(root, tuple([Provenance(AxesOrigin.INPUT, x) for x in root.inputs]), root.span)]
    while visits:
        visit = visits[-1]
        graph, made = visit.graph, visit.made
        while len(made) < len(graph.nodes):
            node = graph.nodes[len(made)]
            given = visit.read(node.operands)
            if isinstance(node.target, Op):
                inputs = graph.operand_types(node)
                for doubt in node.target.doubts(inputs, given):
                    if (id(node), doubt.code) not in told:
                        told.add((id(node), doubt.code))
                        chain = [(v.graph, v.call) for v in reversed(visits[1:])]
                        yield _warning(root, chain, node.spans[0], doubt)
                made.append((_made_by(node.target, inputs, given, node.types),) * len(node.types))
                continue
            inside = _inside(node, node.target, given)
            key = id(node.target), inside
            if key not in results and ways[id(node.target)] >= _MOST_WAYS:
                inside = (_OTHER,) * len(inside)
                key = id(node.target), inside
            if key not in results:
                ways[id(node.target)] += 1
                visits.append(_Visit(node.target, inside, node.spans[0]))
                break
            made.append(results[key] if node.length is None else (_unknown(given),) * len(node.types))
        else:
            results[id(graph), visit.given] = visit.read(graph.outputs)
            visits.pop()


def _inside(node: Node, callee: Graph, given: Provenances) -> Provenances:
    """What a call gives its callee: of a scan elements of the sequence, and states."""
    if node.length is None:
        return given
    sequences = len(callee.inputs) - node.states
    return (*[_unknown((p,)) for p in given[:sequences]], *(_OTHER,) * node.states)


def _unknown(given: Provenances) -> Provenance:
    return _FIXED if all(p == _FIXED for p in given) else _OTHER


def _made_by(op: Op, inputs: Types, given: Provenances, results: Types) -> Provenance:
    """The provenance of an op's results."""
    if _unknown(given) == _FIXED:
        return _FIXED
    if op.kind in _MAKES:
        return _MAKES[op.kind]
    if op.kind not in _KEEPS or not _keeps_axes(op, inputs, results):
        return _OTHER
    # A gate or a shift of a smaller shape says nothing of the whole.
    changing = [(x, p) for x, p in zip(inputs, given, strict=True) if p != _FIXED]
    whole = [p for x, p in changing if x.shape == results[0].shape]
    return _joined(whole or [p for _, p in changing])


def _keeps_axes(op: Op, inputs: Types, results: Types) -> bool:
    """Whether channels stay channels and columns columns; `flatten(1)` leaves the channels, and the places in order."""
    x, y = inputs[0], results[0]
    if x.rank != y.rank:
        return op.kind is Kind.RESHAPE and x.rank > 1 and y.shape == (x.shape[0], math.prod(x.shape[1:]))
    return op.kind is not Kind.RESHAPE or not any(isinstance(r, Undefined) for r in op.reach(inputs)[0][0])


def _joined(parts: list[Provenance]) -> Provenance:
    """Of tensors whose axes are the same: an input is whatever it is joined to, a short sequence aside."""
    first, *rest = sorted(dict.fromkeys(parts), key=lambda p: p.origin is AxesOrigin.INPUT)
    for other in rest:
        beside = other.declared is not None and (other.declared.rank > 2 or first.origin is not AxesOrigin.MAP)
        if not beside:
            return _OTHER
    return first


def _warning(root: Graph, chain: list[tuple[Graph, Span]], span: Span, doubt: Doubt) -> Diagnostic:
    """A doubt as errors are told: with the calls that lead to it; what came along, at the reader's own call."""
    reader = root.span.source.name
    help = doubt.help
    notes = []
    for body, call in chain[:2]:
        came_along = is_bundled(call.source.name, reader)
        file = f" of {Path(call.source.name).name}" if came_along else ""
        arguments = ", ".join(f"{name} = {value}" for name, value in body.arguments)
        notes.append(f"in {body.name}({arguments}), called at line {call.line}{file}")
    if is_bundled(span.source.name, reader):
        own = next(((body, call) for body, call in chain if not is_bundled(call.source.name, reader)), None)
        if own is not None:
            body, span = own
            if not doubt.of_input:
                help = (
                    f"change what flows into {body.name}, or its arguments; or write a block of your own in its place"
                )
    return Diagnostic(doubt.code, doubt.message, span, WARNING, (), tuple(notes), help)
