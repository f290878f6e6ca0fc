"""Turns a graph into the shape of its computation: lengths of its paths, its width, and how parallel it is.

Paths and the critical path compose over bodies; the width does not, and is taken on the graph with calls written out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from archdsl.analysis.cost import cost
from archdsl.analysis.depth import LAYERS, paths
from archdsl.analysis.expand import is_small, without_scans
from archdsl.analysis.not_defined import NotDefined
from archdsl.analysis.outline import Counting, outline, parallel
from archdsl.analysis.recurrence import Semiring, over_scan, over_steps
from archdsl.ir.graph import INPUT, Graph, Ref
from archdsl.ir.per_body import per_body_alone, per_mould
from archdsl.ops.base import Kind

MOST_BITS = 2**24  # of all counts of a distribution of path lengths together
MOST_OPS = 20_000  # of a graph whose width is taken

_COUNTS: Semiring[int] = Semiring(1, int.__mul__, int.__add__)
_MOST_MACS: Semiring[int] = Semiring(0, int.__add__, max)


@dataclass(frozen=True, slots=True)
class PathLengths:
    """How many paths from an input to an output there are of each length: `counts[n]` of them pass n layers."""

    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """All paths."""
        return sum(self.counts)

    @property
    def mean(self) -> Fraction:
        """Layers on a path, on average over paths; 0 without paths."""
        return Fraction(sum(n * count for n, count in enumerate(self.counts)), max(self.total, 1))


def path_lengths(graph: Graph, kinds: frozenset[Kind] = LAYERS) -> PathLengths:
    """The distribution of path lengths, ops of `kinds` counted (see `depth.paths`), exact.

    A distribution is a polynomial, and a polynomial one large integer: the count of length n is its bits from n * b on,
    where b bits hold the number of all paths. So paths in sequence multiply and paths side by side add up.

    Raises:
        NotDefined: the counts take more than MOST_BITS bits.
    """
    whole = paths(graph, kinds)
    if whole is None:
        return PathLengths(())
    if whole.count is None:
        raise NotDefined(f"not defined: the path lengths of {graph.name}: there are too many paths to be counted")
    bits = whole.count.bit_length()
    if (whole.longest + 1) * bits > MOST_BITS:
        reason = f"{whole.longest + 1:,} lengths of up to {bits:,} bits are more than {MOST_BITS:,} bits"
        raise NotDefined(f"not defined: the path lengths of {graph.name}: {reason}")
    packed = sum(entry for row in _matrix(graph, kinds, bits) for entry in row)
    mask = (1 << bits) - 1
    return PathLengths(tuple([packed >> n * bits & mask for n in range(whole.longest + 1)]))


@per_mould
def _matrix(graph: Graph, kinds: frozenset[Kind], bits: int) -> tuple[tuple[int, ...], ...]:
    """The matrix of a body: a row per output, an entry per input, 0 without a path."""
    count = len(graph.inputs)
    inputs = [tuple([int(i == j) for j in range(count)]) for i in range(count)]
    nodes: list[list[tuple[int, ...]]] = []

    def row(ref: Ref) -> tuple[int, ...]:
        return inputs[ref.output] if ref.node == INPUT else nodes[ref.node][ref.output]

    for node in graph.nodes:
        given = [row(ref) for ref in node.sources]
        if isinstance(node.target, Graph):
            matrix = _matrix(node.target, kinds, bits)
            if node.length is not None:
                sparse = [[entry or None for entry in entries] for entries in matrix]
                steps = over_scan(sparse, node.states, node.length, _COUNTS)
                matrix = tuple([tuple([entry or 0 for entry in entries]) for entries in steps])
                given += [(0,) * count] * (len(matrix[0]) - len(given))  # states that start at zero
        else:
            matrix = ((1 << bits * (node.target.kind in kinds),) * len(given),)
        found = [
            tuple([sum([b[j] * e for b, e in zip(given, entries, strict=True) if b[j] and e]) for j in range(count)])
            for entries in matrix
        ]
        nodes.append(found if isinstance(node.target, Graph) else found * len(node.types))
    return tuple([row(ref) for ref in graph.outputs])


def width(graph: Graph, kinds: frozenset[Kind] | None = LAYERS) -> int:
    """The most ops of `kinds` (None: of any kind) with no path between any two: what could run side by side.

    Raises:
        NotDefined: the graph has more than MOST_OPS op applications.
    """
    return _width(graph, kinds)


@per_body_alone
def _width(graph: Graph, kinds: frozenset[Kind] | None) -> int:
    if not is_small(graph, MOST_OPS):
        raise NotDefined(f"not defined: more than {MOST_OPS:,} op applications")
    return parallel(outline(without_scans(graph), Counting(kinds)).links)


# Most macs on a path to one tensor, from each input (None where there is no path) and, last, from anywhere inside.
_LengthsByInput = tuple[int | None, ...]


def critical_path_macs(graph: Graph) -> int:
    """Multiply-accumulates on the path that has most: what is left to do with unlimited machines; max-plus per body."""
    return max([macs for macs in _critical(graph)[1] if macs is not None], default=0)


@per_mould
def _critical(graph: Graph) -> tuple[tuple[_LengthsByInput, ...], _LengthsByInput]:
    """The rows of a body's outputs, and that of the path to anywhere inside it."""
    count = len(graph.inputs)
    inputs: list[_LengthsByInput] = [
        tuple([0 if i == j or j == count else None for j in range(count + 1)]) for i in range(count)
    ]
    nodes: list[tuple[_LengthsByInput, ...]] = []
    anywhere: _LengthsByInput = (0,) * (count + 1)
    source: _LengthsByInput = (*[None] * count, 0)
    for node in graph.nodes:
        given = [inputs[r.output] if r.node == INPUT else nodes[r.node][r.output] for r in node.sources]
        given.append(source)
        if isinstance(node.target, Graph):
            rows: Sequence[_LengthsByInput]
            rows, inside = _critical(node.target)
            if node.length is not None and node.states:
                rows, inside = _scanned(rows, inside, node.length)
                given[-1:] = [source] * (len(inside) - len(given) + 1)  # states that start at zero
            nodes.append(tuple([_longest(given, entries) for entries in rows]))
            ends = _longest(given, inside)
        else:
            macs = node.target.macs(graph.operand_types(node), node.types)
            ends = _longest(given, [macs] * len(given))
            nodes.append((ends,) * len(node.types))
        anywhere = _most([anywhere, ends])
    return tuple([inputs[r.output] if r.node == INPUT else nodes[r.node][r.output] for r in graph.outputs]), anywhere


def _scanned(
    rows: Sequence[_LengthsByInput], inside: _LengthsByInput, length: int
) -> tuple[Sequence[_LengthsByInput], _LengthsByInput]:
    """The rows of a scan of which these are those of its cell, and that of the path to anywhere in any step."""
    states = len(inside) - 2
    step = [(entries[0], entries[-1], *entries[1:-1]) for entries in (rows[0], inside, *rows[-states:])]
    made = [(entries[0], *entries[2:], entries[1]) for entries in over_steps(step, states, 2, length, _MOST_MACS)]
    return [made[0], *made[2:]], made[1]


def _longest(given: Sequence[_LengthsByInput], entries: Sequence[int | None]) -> _LengthsByInput:
    """The row of a place that operand i, with row `given[i]`, reaches by `entries[i]`."""
    return _most(
        [
            tuple([None if macs is None or entry is None else macs + entry for macs in row])
            for row, entry in zip(given, entries, strict=True)
        ]
    )


def _most(rows: Sequence[_LengthsByInput]) -> _LengthsByInput:
    """The largest of each column."""
    return tuple([max([m for m in column if m is not None], default=None) for column in zip(*rows, strict=True)])


def average_parallelism(graph: Graph) -> Fraction:
    """All multiply-accumulates over those on the critical path; 1 without any."""
    critical = critical_path_macs(graph)
    return Fraction(cost(graph).macs, critical) if critical else Fraction(1)


METRICS: dict[str, Callable[[Graph], int | float]] = {
    "width": width,
    "critical_path_macs": critical_path_macs,
    "average_parallelism": lambda graph: float(average_parallelism(graph)),
}
