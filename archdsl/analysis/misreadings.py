"""Turns a network into warnings about what is legal in it but likely not meant: each op's doubts, where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from archdsl.diagnostics.model import WARNING, Diagnostic
from archdsl.ir.graph import INPUT, Graph, Node, bodies
from archdsl.ir.per_body import per_body
from archdsl.library import is_bundled
from archdsl.ops.base import Kind, Op
from archdsl.ops.doubts import Doubt, Provenance
from archdsl.source import Span

_NONE = Provenance(0)
# What the results of an op are; where a kind is missing and not in `_KEEPS`, nothing is known of them.
_MAKES = {
    Kind.CONVOLUTION: Provenance.WINDOW,
    Kind.POOL: Provenance.WINDOW,
    Kind.LINEAR: Provenance.FEATURES,
    Kind.EMBEDDING: Provenance.FEATURES,
}
_KEEPS = {Kind.ACTIVATION, Kind.NORM, Kind.DROP}


class _TensorOrigin(NamedTuple):
    """A tensor of a body, as far as the body alone tells.

    `source` is the input of the body that it is still like, or -1: then its origin is `origin`. `depends` has a bit for
    each input of the body that it depends on.
    """

    origin: Provenance
    source: int
    depends: int


_TensorOrigins = list[tuple[_TensorOrigin, ...]]  # per node its results


def misreadings(root: Graph) -> Iterator[Diagnostic]:
    """Warnings of `root`. Every distinct body is read twice, however often it is called.

    First callees before callers: what a body makes of its inputs. Then callers before callees: what its inputs are, in
    any of its calls, and what its ops have to say to that.
    """
    order = list(bodies(root))
    given: dict[int, list[Provenance]] = {id(graph): [_NONE] * len(graph.inputs) for graph in order}
    given[id(root)] = [Provenance.INPUT | Provenance.SAMPLE] * len(root.inputs)
    callers: dict[int, tuple[Graph, Node]] = {}  # of each body the first call
    for graph in reversed(order):
        own = given[id(graph)]
        varying = sum(1 << index for index, origin in enumerate(own) if Provenance.SAMPLE in origin)
        for node in graph.nodes:
            origins = tuple([_origin(own, varying, _read(graph, _tensors(graph), ref)) for ref in node.operands])
            if isinstance(node.target, Graph):
                inside = given[id(node.target)]
                callers.setdefault(id(node.target), (graph, node))
                if node.length is not None:  # a step sees elements of the sequence, and states
                    origins = ((origins[0] & Provenance.SAMPLE),) + (Provenance.SAMPLE,) * (len(inside) - 1)
                for index, origin in enumerate(origins):
                    inside[index] |= origin
                continue
            for doubt in node.target.doubts(graph.operand_types(node), origins):
                yield _warning(root, _chain(graph, callers), node.spans[0], doubt)


def _chain(graph: Graph, callers: dict[int, tuple[Graph, Node]]) -> list[tuple[Graph, Span]]:
    """The bodies that lead to `graph`, itself first, each with the place of its call."""
    chain = []
    while id(graph) in callers:
        caller, node = callers[id(graph)]
        chain.append((graph, node.spans[0]))
        graph = caller
    return chain


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
            help = f"change what flows into {body.name}, or its arguments; or write a block of your own in its place"
    return Diagnostic(doubt.code, doubt.message, span, WARNING, (), tuple(notes), help)


@per_body
def _tensors(graph: Graph) -> _TensorOrigins:
    found: _TensorOrigins = []
    for node in graph.nodes:
        operands = [_read(graph, found, ref) for ref in node.operands]
        depends = 0
        for operand in operands:
            depends |= operand.depends
        if isinstance(node.target, Op):
            found.append((_made_by(node.target, operands, depends),) * len(node.types))
        elif node.length is not None:
            found.append((_TensorOrigin(_NONE, -1, depends),) * len(node.types))
        else:
            found.append(tuple(_results(node.target, operands)))
    return found


def _made_by(op: Op, operands: list[_TensorOrigin], depends: int) -> _TensorOrigin:
    if op.kind in _KEEPS:
        return operands[0]._replace(depends=depends)
    return _TensorOrigin(_MAKES.get(op.kind, _NONE), -1, depends)


def _results(callee: Graph, operands: list[_TensorOrigin]) -> Iterator[_TensorOrigin]:
    """The outputs of a callee in terms of the caller's inputs."""
    for ref in callee.outputs:
        tensor = _read(callee, _tensors(callee), ref)
        depends = 0
        for index, operand in enumerate(operands):
            if tensor.depends >> index & 1:
                depends |= operand.depends
        if tensor.source >= 0:
            yield operands[tensor.source]._replace(depends=depends)
        else:
            yield tensor._replace(depends=depends)


def _read(graph: Graph, made: _TensorOrigins, ref: tuple[int, int]) -> _TensorOrigin:
    node, output = ref
    return _TensorOrigin(_NONE, output, 1 << output) if node == INPUT else made[node][output]


def _origin(given: list[Provenance], varying: int, tensor: _TensorOrigin) -> Provenance:
    """The origin of a tensor of a body whose inputs are `given`; `varying` has a bit for those that hold a sample."""
    known = tensor.origin if tensor.source < 0 else given[tensor.source] & ~Provenance.SAMPLE
    return known | Provenance.SAMPLE if tensor.depends & varying else known
