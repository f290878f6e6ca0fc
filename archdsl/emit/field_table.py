"""Turns receptive fields, of outputs and of every node, into text of at most 80 columns and JSON."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from textwrap import wrap
from typing import Any

from archdsl.analysis.fields import Field, FieldRow, Misalignment, field_json, paths_text
from archdsl.analysis.receptive_field import field_at, field_rows, receptive_field
from archdsl.emit.cells import cut, cut_left
from archdsl.emit.memory_table import place
from archdsl.ir.graph import Graph

_WIDTH = 80


def text(graph: Graph, rows: Sequence[FieldRow]) -> str:
    """The fields of the outputs, the joins where paths do not align, and a line per row and input."""
    found = receptive_field(graph)
    home = graph.span.source.name
    lines = [f"{graph.name}: receptive fields in elements of the input", ""]
    for number, fields in enumerate(found.outputs):
        name = "output" if len(found.outputs) == 1 else f"output {number}"
        sentences = [f"{name}, {line}" for line in _sentences(fields)] or [f"{name}: depends on no input"]
        lines += [line for sentence in sentences for line in wrap(sentence, _WIDTH, subsequent_indent="    ")]
    if found.misaligned:
        lines += ["", "paths that meet without alignment:"]
        for join in found.misaligned:
            sentence = f"  {join.block} at {_where(join, home)}: {join.word}, {join.reason}"
            lines += wrap(sentence, _WIDTH, subsequent_indent="    ")
    lines += ["", f"{'module':<28}{'what':<16}{'field':>8}{'stride':>7}{'padding':>8}{'line':>13}"]
    for row in rows:
        lines += _row(row, home)
    shown = [field for row in rows for fields in row.outputs[:1] for field in fields]
    legend = [part for line in _legend(shown) for part in wrap(line, _WIDTH, subsequent_indent="  ")]
    lines += ["", *legend] if legend else []
    return "\n".join(lines) + "\n"


def _legend(shown: Sequence[Field]) -> Iterator[str]:
    """What the signs in the rows mean, of those that are there; without a field, all reasons for that."""
    reasons = dict.fromkeys(field.problem.removeprefix("not defined: ") for field in shown if field.only is None)
    signs = {
        "* all is seen, by a global op; the number leaves it out": _seen(shown),
        "≤ at most so much": any(field.only is not None and not field.exact for field in shown),
        f"? not defined: {'; '.join(reasons)}": bool(reasons),
    }
    yield from (line for line, there in signs.items() if there)


def _where(join: Misalignment, home: str) -> str:
    return "an unknown line" if join.span is None else f"line {place(join.span, home)}"


def _sentences(fields: Iterable[Field]) -> Iterator[str]:
    """One line per input and axis; equal axes of one input share it."""
    groups: dict[str, list[str]] = {}
    for field in fields:
        parts = ["whole input" if field.whole else field.size_text]
        if field.only is not None:
            windows = field.only
            parts = ["whole input"] if field.whole else []
            parts.append(f"{field.size_text} without global ops" if field.whole else field.size_text)
            parts += [f"stride {windows.stride}", f"padding {windows.pad_begin}"]
            parts += [f"{windows.smallest} at some positions"] if windows.smallest != windows.size else []
            parts += [f"single paths {paths_text(windows)}"] if windows.least != windows.most else []
            parts += [] if field.aligned else ["not aligned"]
        parts = ["0, no position depends on it"] if field.empty else parts
        groups.setdefault(f"{field.input}|{', '.join(parts)}", []).append(field.name)
    for key, axes in groups.items():
        name, _, sentence = key.partition("|")
        yield f"{name} {' and '.join(axes)}: {sentence}"


def _row(row: FieldRow, home: str) -> Iterator[str]:
    name = "  " * row.level + (row.path or "·")
    line = "" if row.span is None else place(row.span, home)
    inputs: dict[str, list[Field]] = {}
    for field in row.outputs[0] if row.outputs else ():
        inputs.setdefault(field.input, []).append(field)
    several = len(inputs) > 1
    for given, fields in inputs.items() or [("", [])]:
        size = _each(fields, _size) + ("*" if _seen(fields) else "")
        stride = _each(fields, lambda f: "" if f.only is None else str(f.only.stride))
        padding = _each(fields, lambda f: "" if f.only is None else str(f.only.pad_begin))
        what = f"{row.word} ({given})" if several else row.word
        yield f"{cut(name, 27):<28}{cut(what, 15):<16}{size:>8}{stride:>7}{padding:>8}{cut_left(line, 12):>13}".rstrip()


def _size(field: Field) -> str:
    return "?" if field.only is None else f"{'' if field.exact else '≤'}{field.only.size}"


def _seen(fields: Sequence[Field]) -> bool:
    return any(field.whole for field in fields)


def _each(fields: Sequence[Field], show: Callable[[Field], str]) -> str:
    """What all axes say, or each in turn: 7, or 7x1."""
    shown = [show(field) for field in fields]
    return shown[0] if shown and len(set(shown)) == 1 else "x".join(shown) or "-"


def as_json(graph: Graph, rows: Iterable[FieldRow]) -> dict[str, Any]:
    """The same as plain data; lengths in input elements, fractions as text."""
    found = receptive_field(graph)
    return {
        "name": graph.name,
        "aligned": found.aligned,
        "outputs": [[field_json(field) for field in fields] for fields in found.outputs],
        "misaligned": [_join_json(join) for join in found.misaligned],
        "rows": [_row_json(row) for row in rows],
    }


def _join_json(join: Misalignment) -> dict[str, Any]:
    return {
        "block": join.block,
        "word": join.word,
        "file": None if join.span is None else join.span.source.name,
        "line": None if join.span is None else join.span.line,
        "input": join.input,
        "axis": join.name,
        "reason": join.reason,
        "path_lines": [None if path.span is None else path.span.line for path in join.paths],
    }


def _row_json(row: FieldRow) -> dict[str, Any]:
    return {
        "path": row.path,
        "level": row.level,
        "word": row.word,
        "outputs": [[field_json(field) for field in fields] for fields in row.outputs],
        "file": None if row.span is None else row.span.source.name,
        "line": None if row.span is None else row.span.line,
    }


def rows_at(graph: Graph, depth: int, path: str | None) -> list[FieldRow]:
    """The rows `depth` levels deep; only that of the module called `path` if it is given.

    Raises:
        KeyError: no module is called so.
    """
    return list(field_rows(graph, depth)) if path is None else [field_at(graph, path)]
