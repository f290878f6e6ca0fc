"""Turns a graph into one typed record of all its numbers, ready for a table or for JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
from typing import Any, Self

from archdsl.analysis.cost import Cost, by_kind, by_word, cost
from archdsl.analysis.depth import WEIGHTED, paths
from archdsl.analysis.kernels import kernels_by_kind
from archdsl.analysis.rows import Row, rows
from archdsl.analysis.stages import by_stage
from archdsl.ir.graph import Graph
from archdsl.types import TensorType

_EXACT = 1 << 63
_MOST_DIGITS = 4000


@dataclass(frozen=True)
class Report:
    """Totals at batch 1, and ways to list where they come from. Sizes are in elements, not bytes.

    `depth` and `shortest_depth` count convolutions and non-global pools on the longest and shortest path from an input
    to an output, `weighted_depth` convolutions and linear layers on the longest; `path_count` counts those paths (None
    when there are too many to be counted). All four are 0 when no output depends on an input.
    """

    graph: Graph
    name: str
    inputs: tuple[tuple[str, TensorType], ...]
    outputs: tuple[TensorType, ...]
    total: Cost
    depth: int
    shortest_depth: int
    weighted_depth: int
    path_count: int | None

    @classmethod
    def of(cls, graph: Graph) -> Self:
        """All numbers of `graph`."""
        layers, weighted = paths(graph), paths(graph, WEIGHTED)
        return cls(
            graph=graph,
            name=graph.name,
            inputs=tuple(zip(graph.input_names, graph.inputs, strict=True)),
            outputs=graph.output_types,
            total=cost(graph),
            depth=layers.longest if layers else 0,
            shortest_depth=layers.shortest if layers else 0,
            weighted_depth=weighted.longest if weighted else 0,
            path_count=layers.count if layers else 0,
        )

    def __repr__(self) -> str:
        return f"<Report on {self.name}: {self.total.params:,} params, {self.total.macs:,} macs>"

    def rows(self, depth: float = inf, *, fold: bool = False) -> Iterator[Row]:
        """Rows per block and op in order, blocks opened `depth` levels deep; see `archdsl.analysis.rows`."""
        return rows(self.graph, depth, fold=fold)

    def ops(self) -> Iterator[Row]:
        """Rows of single ops only, in order."""
        return (row for row in rows(self.graph) if row.is_op)

    def by_kind(self) -> dict[str, Cost]:
        """Cost per kind of op, most macs first."""
        return by_kind(self.graph)

    def by_word(self) -> dict[str, Cost]:
        """Cost per op as named in the language, most macs first."""
        return by_word(self.graph)

    def by_stage(self) -> dict[str, Cost]:
        """Cost per size at which ops work, "56x56" or "vector", in order of first appearance; see stages.py."""
        return {"x".join(map(str, size)) or "vector": part for size, part in by_stage(self.graph).items()}

    def to_json(self, depth: float = 1) -> dict[str, Any]:
        """Plain data: totals, kinds, words, and the rows `depth` levels deep.

        Integers beyond 64 bits are decimal strings, beyond 4000 digits in scientific notation.
        """
        return {
            "name": self.name,
            "inputs": {name: list(x.shape) for name, x in self.inputs},
            "outputs": [list(x.shape) for x in self.outputs],
            "totals": {
                **cost_json(self.total),
                "depth": json_int(self.depth),
                "shortest_depth": json_int(self.shortest_depth),
                "weighted_depth": json_int(self.weighted_depth),
                "paths": None if self.path_count is None else json_int(self.path_count),
            },
            "by_kind": {kind: cost_json(part) for kind, part in self.by_kind().items()},
            "by_word": {word: cost_json(part) for word, part in self.by_word().items()},
            "by_stage": {size: cost_json(part) for size, part in self.by_stage().items()},
            "kernel_params_by_kind": {kind: json_int(n) for kind, n in kernels_by_kind(self.graph).items()},
            "rows": [row_json(row) for row in self.rows(depth)],
        }


def report(graph: Graph) -> Report:
    """All numbers of `graph`."""
    return Report.of(graph)


def row_json(row: Row) -> dict[str, Any]:
    """One row as plain data; its costs are for one of its `repeats`."""
    return {
        "path": row.path,
        "level": row.level,
        "word": row.word,
        "kind": row.kind,
        "inputs": [list(x.shape) for x in row.inputs],
        "outputs": [list(x.shape) for x in row.outputs],
        **cost_json(row.inclusive),
        "own_params": json_int(row.own.params),
        "own_macs": json_int(row.own.macs),
        "repeats": row.repeats,
        "steps": row.steps,
        "times": json_int(row.times),
        "shared": row.shared,
        "file": None if row.span is None else row.span.source.name,
        "line": None if row.span is None else row.span.line,
    }


def cost_json(part: Cost) -> dict[str, int | str]:
    """The fields of a cost, and `flops` (two per multiply-accumulate)."""
    return {name: json_int(value) for name, value in {**part._asdict(), "flops": part.flops}.items()}


def json_int(value: int) -> int | str:
    """`value` itself if it fits into 64 bits, else its decimal digits, else scientific notation with 16 digits."""
    if abs(value) < _EXACT:
        return value
    digits = int(abs(value).bit_length() * 0.30103)  # at most the true number of digits
    if digits < _MOST_DIGITS:
        return str(value)
    dropped = digits - 20
    leading = str(abs(value) // 10**dropped)
    sign = "-" if value < 0 else ""
    return f"{sign}{leading[0]}.{leading[1:16]}e+{dropped + len(leading) - 1}"
