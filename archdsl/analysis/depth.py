"""Turns a graph into its longest and shortest path from input to output, counted in layers, and its number of paths."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from archdsl.analysis.not_defined import NotDefined
from archdsl.analysis.recurrence import Semiring, over_scan
from archdsl.ir.graph import INPUT, Graph, Node, Ref
from archdsl.ir.per_body import per_mould
from archdsl.ops.base import Kind

# depth: convolutions and non-global pools; weighted depth: layers with weights that mix channels or features.
LAYERS = frozenset({Kind.CONVOLUTION, Kind.POOL})
WEIGHTED = frozenset({Kind.CONVOLUTION, Kind.LINEAR})
MOST_BITS = 2**22  # of a number of paths


@dataclass(frozen=True, slots=True)
class Paths:
    """All paths from one place to another: layers on the longest and on the shortest, and how many paths there are.

    `count` is None when the number has more than MOST_BITS bits: then nobody counts on.
    A path follows operands, so the two edges of `x + x` make two paths.
    """

    longest: int
    shortest: int
    count: int | None

    def then(self, other: Paths) -> Paths:
        """The paths through both, one after the other."""
        return Paths(self.longest + other.longest, self.shortest + other.shortest, _product(self.count, other.count))

    def beside(self, other: Paths) -> Paths:
        """The paths through either."""
        return Paths(
            max(self.longest, other.longest), min(self.shortest, other.shortest), _sum(self.count, other.count)
        )


def _product(a: int | None, b: int | None) -> int | None:
    if a is None or b is None or a.bit_length() + b.bit_length() > MOST_BITS:
        return None
    return a * b


def _sum(a: int | None, b: int | None) -> int | None:
    return None if a is None or b is None else a + b


# For one tensor: the paths to it from each input of the body, None where there is no path.
ByInput = tuple[Paths | None, ...]

_HERE = Paths(0, 0, 1)
_ONE = Paths(1, 1, 1)


def paths(graph: Graph, kinds: frozenset[Kind] = LAYERS) -> Paths | None:
    """All paths from any input to any output, counting ops of `kinds`; None when no output depends on an input.

    Composes by max-plus and min-plus matrices per body, kept in the bodies; a scan is a power of its cell's.
    """
    return _union([entry for row in _rows(graph, kinds) for entry in row])


@per_mould
def _rows(graph: Graph, kinds: frozenset[Kind]) -> tuple[ByInput, ...]:
    """The matrix of a body: a row per output, a column per input."""
    count = len(graph.inputs)
    inputs: list[ByInput] = [tuple(_HERE if i == j else None for j in range(count)) for i in range(count)]
    nodes: list[tuple[ByInput, ...]] = []

    def row(ref: Ref) -> ByInput:
        return inputs[ref.output] if ref.node == INPUT else nodes[ref.node][ref.output]

    for node in graph.nodes:
        given = [row(ref) for ref in node.sources]
        if isinstance(node.target, Graph):
            matrix: Sequence[ByInput] = _rows(node.target, kinds)
            if node.length is not None:
                matrix = _scanned(node, matrix)
                given += [(None,) * count] * (len(matrix[0]) - len(given))  # states that start at zero
            nodes.append(tuple([_through(given, entries, count) for entries in matrix]))
        else:
            reached = given[0] if len(given) == 1 else tuple([_union([row[j] for row in given]) for j in range(count)])
            if node.target.kind in kinds:
                reached = tuple([_then(before, _ONE) for before in reached])
            nodes.append((reached,) * len(node.types))
    return tuple(row(ref) for ref in graph.outputs)


def _scanned(node: Node, step: Sequence[ByInput]) -> list[ByInput]:
    """The matrix of a scan of which `step` is that of its cell."""
    assert node.length is not None
    return over_scan(step, node.states, node.length, Semiring(_HERE, Paths.then, Paths.beside))


def _through(given: Sequence[ByInput], entries: Sequence[Paths | None], count: int) -> ByInput:
    """The row of an output that operand i, with row `given[i]`, reaches by `entries[i]`."""
    return tuple(
        [_union([_then(row[j], entry) for row, entry in zip(given, entries, strict=True)]) for j in range(count)]
    )


def _then(before: Paths | None, after: Paths | None) -> Paths | None:
    return before and after and before.then(after)


def _union(entries: Sequence[Paths | None]) -> Paths | None:
    found: Paths | None = None
    for entry in entries:
        if entry is not None:
            found = entry if found is None else found.beside(entry)
    return found


def _count(found: Paths) -> int:
    if found.count is None:
        raise NotDefined(f"not defined: the number of paths has more than {MOST_BITS:,} bits")
    return found.count


def _metric(part: Callable[[Paths], int], kinds: frozenset[Kind]) -> Callable[[Graph], int]:
    def measure(graph: Graph) -> int:
        found = paths(graph, kinds)
        return 0 if found is None else part(found)

    return measure


METRICS: dict[str, Callable[[Graph], int]] = {
    "depth": _metric(lambda found: found.longest, LAYERS),
    "shortest_depth": _metric(lambda found: found.shortest, LAYERS),
    "weighted_depth": _metric(lambda found: found.longest, WEIGHTED),
    "paths": _metric(_count, LAYERS),
}
