"""Turns a network into what each place of it sees of the inputs, in the order in which its page unfolds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from archdsl.analysis.fields import Field
from archdsl.analysis.receptive_field import field_rows
from archdsl.emit.figure.pieces import opened, units
from archdsl.ir.graph import Graph
from archdsl.ir.per_body import per_body

_MOST_ROWS = 40_000  # ops and calls, all calls expanded, beyond which none is told


def fields_in_order(root: Graph) -> list[str]:
    """In words the receptive field of each unit's last result: units of a body in order, a call ahead of its units.

    Nothing is told of what is inside a scan, and of no place where there are too many.
    """
    if _rows(root) > _MOST_ROWS:
        return []
    rows = [_words(row.outputs[0] if row.outputs else ()) for row in field_rows(root)]
    return list(_in_order(root, rows))


def _in_order(root: Graph, rows: list[str]) -> Iterator[str]:
    stack = [(root, 0, 0)]  # a body, the row at which it begins, and its next unit
    while stack:
        graph, first, next = stack.pop()
        places = _places(graph)
        if next == len(places):
            continue
        row, called = places[next]
        yield rows[first + row]
        stack.append((graph, first, next + 1))
        if called is not None:
            stack.append((called, first + row + 1, 0))


@per_body
def _places(graph: Graph) -> tuple[tuple[int, Graph | None], ...]:
    """Per unit of a body the row of its last op, from the first of the body, and what it opens to that has rows."""
    found = []
    for part in units(opened(graph))[0]:
        inner, row = graph, -1
        for index in part.pieces[-1].place:
            row += 1 + _starts(inner)[index]
            target = inner.nodes[index].target
            inner = target if isinstance(target, Graph) else inner
        found.append((row, part.call if part.main.length is None else None))
    return tuple(found)


@per_body
def _rows(graph: Graph) -> int:
    """How many rows `field_rows` gives for what is inside a body."""
    return _starts(graph)[-1]


@per_body
def _starts(graph: Graph) -> tuple[int, ...]:
    """How many of these rows stand ahead of each node's own, and how many there are in all."""
    found = [0]
    for node in graph.nodes:
        inside = _starts(node.target)[-1] if isinstance(node.target, Graph) and node.length is None else 0
        found.append(found[-1] + 1 + inside)
    return tuple(found)


def _words(fields: Iterable[Field]) -> str:
    """`427, stride 32`, or a part per axis or input where these differ."""
    parts = []
    for name, group in groupby(fields, key=lambda field: field.input):
        axes = list(dict.fromkeys(map(_axis, group)))
        parts.append((name, " × ".join(axes)))
    return "; ".join(words if len(parts) == 1 else f"{name}: {words}" for name, words in parts)


def _axis(field: Field) -> str:
    return f"{field}, stride {field.stride}" if field.only is not None and field.stride != 1 else str(field)
