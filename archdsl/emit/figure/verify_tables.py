"""Reads tables of instances and their words back: rows that stand for several, words that are products of others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from archdsl.emit.figure.scene import Instance, Panel
from archdsl.emit.figure.where import where
from archdsl.emit.figure.words import shape_text, value_text
from archdsl.ir.graph import Graph

_RANGE = re.compile(r"\(?(\d+) to (\d+) by (−?\d+)\)?")
_CHANNELS = re.compile(r"C(\((.*)\))?")


def table_differences(panel: Panel) -> Iterator[str]:
    """Where a panel's table does not have the values and counts of its instances."""
    if panel.table is None:
        heads: tuple[str, ...] = tuple(dict.fromkeys(word for one in panel.instances for word, _ in one.values))
        known = {tuple(cell(one, head) for head in heads) for one in panel.instances}
        if len(known) > 1:
            yield "instances differ, but there is no table"
        return
    head = panel.table.head
    places = "where (modules)" if panel.instances and "where" in _names(panel.instances[0].graph) else "where"
    uses = next((place for place, name in enumerate(head) if name in ("×", places)), len(head))
    counted = "×" in head
    if head[uses:] not in ((), ("×",), (places,), ("×", places)) or len(set(head)) < len(head):
        yield f"nobody knows what stands under {head[uses:]}"
        return
    said: Counter[tuple[str, ...]] = Counter()
    for row in panel.table.rows:
        if len(row) != len(head):
            yield f"a row has {len(row)} cells under {len(head)} heads"
            continue
        columns = [expanded(text) for text in row[:uses]]
        count = max(map(len, columns), default=0)
        whole = all(len(column) in (1, count) for column in columns)
        cells = [tuple(column[i % len(column)] for column in columns) for i in range(count)] if whole else []
        total = int(row[uses].replace(",", "")) if counted else len(cells)
        if not cells or total % len(cells):
            yield f"the row {row} cannot be read"
            continue
        yield from _misplaced(panel, head[:uses], cells, row[-1] if head[-1] == places else "")
        for values in cells:
            said[values] += total // len(cells)
    wanted: Counter[tuple[str, ...]] = Counter()
    for instance in panel.instances:
        wanted[tuple(cell(instance, name) or "" for name in head[:uses])] += instance.uses
    if said != wanted:
        yield f"its table says {dict(said - wanted)}, which should be {dict(wanted - said)}"


def _misplaced(panel: Panel, head: tuple[str, ...], cells: Sequence[tuple[str, ...]], said: str) -> Iterator[str]:
    """Where a row of one body, or of several that are alike, does not say where these stand."""
    there = [one for one in panel.instances if tuple(cell(one, name) or "" for name in head) == cells[0]]
    paths = [path for one in there for path in one.paths]
    wanted = where(paths, sum(one.modules for one in there)) if len(cells) == 1 else ""
    if said != wanted:
        yield f"the row of {cells[0]} stands at {wanted!r}, not {said!r}"


def expanded(text: str) -> list[str]:
    """The values that a cell stands for: 64 × 7, 96 × 7 of `(64 to 96 by 32) × 7`; one where there is no range."""
    found = list(_RANGE.finditer(text))
    if not found:
        return [text]
    columns = []
    for part in found:
        first, last, step = (int(number.replace("−", "-")) for number in part.groups())
        columns.append([str(number) for number in range(first, last + (1 if step > 0 else -1), step)])
    if len({len(column) for column in columns}) > 1:
        return []
    return [_filled(text, found, values) for values in zip(*columns, strict=True)]


def _filled(text: str, found: list[re.Match[str]], values: tuple[str, ...]) -> str:
    made, at = "", 0
    for part, value in zip(found, values, strict=True):
        made += text[at : part.start()] + value
        at = part.end()
    return made + text[at:]


def cell(instance: Instance, head: str) -> str | None:
    """What an instance has under a head of the table, read in its body wherever it stands there."""
    graph = instance.graph
    arguments = dict(graph.arguments)
    if head in arguments:
        return value_text(arguments[head])
    shapes = dict(zip(graph.input_names, map(shape_text, graph.inputs), strict=True))
    outputs = graph.output_types
    for number, x in enumerate(outputs, start=1):
        shapes[result_head(graph) if len(outputs) == 1 else f"output {number}"] = shape_text(x)
    return shapes[head] if head in shapes else dict(instance.values).get(head)


def _names(graph: Graph) -> set[str]:
    return {*(name for name, _ in graph.arguments), *graph.input_names}


def result_head(graph: Graph) -> str:
    """What the column of a body's only output is called."""
    return "output (result)" if "output" in _names(graph) else "output"


def value_of(instance: Instance, word: str) -> str | None:
    """The value of a word of the panel for an instance: a column, the channels of an input, or a product of these."""
    if (simple := _simple(instance, word)) is not None:
        return simple
    for sign in "·/":
        before, joint, after = word.partition(sign)
        if joint:
            a = before if before.isdigit() else _simple(instance, before)
            b = after if after.isdigit() else _simple(instance, after)
            if a is not None and b is not None and a.isdigit() and b.isdigit():
                return str(int(a) * int(b) if sign == "·" else int(a) // int(b))
    return None


def _simple(instance: Instance, word: str) -> str | None:
    found = cell(instance, word)
    if found is not None:
        return found
    channels = _CHANNELS.fullmatch(word)
    if channels is None:
        return None
    inputs = instance.graph.inputs
    names = instance.graph.input_names
    maps = [x for name, x in zip(names, inputs, strict=True) if x.shape and channels[2] in (None, name)]
    return str(maps[0].shape[0]) if maps else None
