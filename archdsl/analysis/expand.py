"""Turns a graph into the flat list of its op applications, for the analyses that do not compose over bodies."""

from __future__ import annotations

from dataclasses import dataclass, field

from archdsl.analysis.not_defined import NotDefined
from archdsl.ir.graph import INPUT, Graph, Node
from archdsl.ir.per_body import per_mould
from archdsl.ops.base import Op, Types
from archdsl.source import Span
from archdsl.transform.unroll import TooManySteps, unrolled

# More op applications than this are not written out: the analysis says so instead.
MOST_OPS = 100_000


@dataclass(frozen=True, slots=True)
class Application:
    """One op applied once. Tensors are numbered: the graph's inputs first, then results in order.

    `top` is the index of the node that it is in, of the graph `without_scans`; `path` the dotted module name.
    """

    op: Op
    word: str
    path: str
    top: int
    operands: tuple[int, ...]
    results: tuple[int, ...]
    inputs: Types
    outputs: Types
    span: Span | None


@dataclass(frozen=True, slots=True)
class Expanded:
    """A graph without calls: applications in order, the type of every tensor, and which tensors are the outputs."""

    inputs: Types
    applications: tuple[Application, ...]
    tensors: Types
    outputs: tuple[int, ...]

    def consumers(self) -> list[list[int]]:
        """For every tensor the applications that read it, each once, in order."""
        found: list[list[int]] = [[] for _ in self.tensors]
        for index, application in enumerate(self.applications):
            for tensor in set(application.operands):
                found[tensor].append(index)
        return found

    def before(self) -> list[list[int]]:
        """For every application the applications whose results it reads, each once, in order."""
        maker = {tensor: i for i, application in enumerate(self.applications) for tensor in application.results}
        return [sorted({maker[t] for t in a.operands if t in maker}) for a in self.applications]


@dataclass(slots=True)
class _ExpansionFrame:
    """A body being written out: the tensors that its refs name so far, and its next node."""

    graph: Graph
    inputs: tuple[int, ...]
    prefix: str
    top: int
    nodes: list[tuple[int, ...]] = field(default_factory=list)

    def of(self, node: Node) -> tuple[int, ...]:
        return tuple([self.inputs[o] if n == INPUT else self.nodes[n][o] for n, o in node.sources])

    def results(self) -> tuple[int, ...]:
        return tuple([self.inputs[o] if n == INPUT else self.nodes[n][o] for n, o in self.graph.outputs])


def is_small(graph: Graph, limit: int = MOST_OPS) -> bool:
    """Whether `graph` has at most `limit` op applications and steps of scans; found without writing it out."""
    return _size(graph) <= limit


@per_mould
def _size(graph: Graph) -> int:
    parts = [(node.steps, 1 if node.body is None else _size(node.body)) for node in graph.nodes]
    return sum([steps * (size if steps == 1 else size + 1) for steps, size in parts])


def without_scans(graph: Graph) -> Graph:
    """`graph` with its scans written out.

    Raises:
        NotDefined: a scan has too many steps.
    """
    try:
        return unrolled(graph)
    except TooManySteps as error:
        raise NotDefined(f"not defined: {error}") from None


def expand(graph: Graph) -> Expanded:
    """Every op application of `graph`, calls and scans written out; ask `is_small` first.

    Raises:
        NotDefined: a scan has too many steps.
    """
    graph = without_scans(graph)
    types = list(graph.inputs)
    applications: list[Application] = []
    places = [_ExpansionFrame(graph, tuple(range(len(types))), "", -1)]
    while True:
        place = places[-1]
        if len(place.nodes) == len(place.graph.nodes):
            results = place.results()
            places.pop()
            if not places:
                return Expanded(graph.inputs, tuple(applications), tuple(types), results)
            places[-1].nodes.append(results)
            continue
        node = place.graph.nodes[len(place.nodes)]
        top = len(place.nodes) if place.top < 0 else place.top
        path = ".".join([part for part in (place.prefix, node.label) if part])
        operands = place.of(node)
        if isinstance(node.target, Graph):
            places.append(_ExpansionFrame(node.target, operands, path, top))
            continue
        made = tuple(range(len(types), len(types) + len(node.types)))
        types.extend(node.types)
        span = node.spans[0] if node.spans else None
        given = tuple(map(place.graph.type_of, node.sources))
        applications.append(Application(node.target, node.word, path, top, operands, made, given, node.types, span))
        place.nodes.append(made)
