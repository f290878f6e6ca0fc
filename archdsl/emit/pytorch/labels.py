"""Turns the labels that aligned nodes have in each instance into one module path per row."""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.emit.pytorch.unify import Incompatible
from archdsl.ir.align import Aligned
from archdsl.ir.graph import Graph
from archdsl.ir.weights import module_path

LabelPath = tuple[str, ...]


def row_labels(rows: Sequence[Aligned], graphs: Sequence[Graph]) -> tuple[list[LabelPath], frozenset[str]]:
    """The module path of each row, and the containers whose members are counted anew.

    An optional member of a numbered container (`(expand -> filter) as conv`, with or without expand) shifts the
    numbers of those behind it. Such a container is numbered as if nothing were missing: an nn.Sequential without
    the optional member counts as the instance does.

    Raises:
        Incompatible: labels differ in any other way.
    """
    given = [[_path(graph, node) for graph, node in zip(graphs, row.nodes, strict=True)] for row in rows]
    shifted = {_shifting([p for p in paths if p is not None]) for paths in given} - {""}
    labels = [next(p for p in paths if p is not None) for paths in given]
    for container in shifted:
        members = [i for i, label in enumerate(labels) if len(label) > 1 and label[0] == container]
        numbers = _number([given[i] for i in members], len(graphs))
        for i, number in zip(members, numbers, strict=True):
            labels[i] = (container, str(number), *labels[i][2:])
    return labels, frozenset(shifted)


def _path(graph: Graph, node: int | None) -> LabelPath | None:
    if node is None:
        return None
    label = graph.nodes[node].label
    return module_path(label) if label else ()


def _shifting(paths: list[LabelPath]) -> str:
    """The container in which the paths differ by number only; "" when they are equal."""
    first = paths[0]
    if all(path == first for path in paths):
        return ""
    rests = {(len(path), path[:1], path[2:]) for path in paths}
    if len(rests) > 1 or len(first) < 2 or not all(path[1].isdecimal() for path in paths):
        raise Incompatible
    return first[0]


def _number(members: list[list[LabelPath | None]], count: int) -> list[int]:
    """Which member of the common container each row belongs to; members keep their order in every instance."""
    known: list[dict[str, int]] = [{} for _ in range(count)]
    numbers = []
    total = 0
    for paths in members:
        keys = [(i, path[1]) for i, path in enumerate(paths) if path is not None]
        found = {known[i][key] for i, key in keys if key in known[i]}
        if len(found) > 1:
            raise Incompatible
        number = found.pop() if found else total
        total = max(total, number + 1)
        for i, key in keys:
            if known[i].setdefault(key, number) != number:
                raise Incompatible
        numbers.append(number)
    for table in known:
        in_order = list(table) == [str(i) for i in range(len(table))]
        if not in_order or len(set(table.values())) < len(table) or list(table.values()) != sorted(table.values()):
            raise Incompatible
    return numbers
