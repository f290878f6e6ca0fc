"""Turns what changed between two networks into the text that a terminal shows, and into JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from textwrap import fill, wrap
from typing import Any

from archdsl.analysis import registry
from archdsl.analysis.compare import Change, Side
from archdsl.analysis.not_defined import NotDefined
from archdsl.analysis.report import cost_json, json_int
from archdsl.diagnostics.display import safe
from archdsl.emit.cells import cut, table
from archdsl.emit.titles import titles
from archdsl.ir.graph import Graph

_SIGNS = {"equal": "=", "renamed": "=", "resized": "=", "changed": "~", "added": "+", "removed": "-"}
_FOLDED = {"equal", "renamed", "resized"}
_HEAD = 16  # columns of a network's name above its numbers
_MOST_DIGITS = 12  # of a count written in full; the paths of a dense network have fifty

MaybeNumber = int | float | None


def numbers(old: Graph, new: Graph) -> dict[str, tuple[MaybeNumber, MaybeNumber]]:
    """Every number that `@expect` knows, of both; None where a network has no such number."""
    return {name: (_number(name, old), _number(name, new)) for name in registry.names()}


def _number(name: str, graph: Graph) -> MaybeNumber:
    try:
        return registry.metric(name)(graph)
    except NotDefined:
        return None


def text(old: Graph, new: Graph, changes: Iterable[Change], width: int) -> str:
    """Numbers that differ, side by side, then the rows that differ with what differs; at most `width` columns."""
    found = numbers(old, new)
    names = titles(old, new)
    heads = [cut(name, _HEAD) for name in names]
    heads = heads if heads == [*names] else ["old", "new"]
    parts = [*wrap(" -> ".join(names), width), "", table(_numbers(heads, found), width, texts=1)]
    equal = [name for name, (a, b) in found.items() if a == b and a is not None and name not in ("params", "macs")]
    if equal:
        parts.append(fill(f"equal: {', '.join(equal)}", width, break_on_hyphens=False) + "\n")
    lines = [cut(safe(line), width).rstrip() for line in _lines(changes, width)]
    return "\n".join([*parts, *lines]) + "\n"


def _numbers(heads: Sequence[str], found: dict[str, tuple[MaybeNumber, MaybeNumber]]) -> list[list[str]]:
    cells = [["", *heads, "difference", "ratio"]]
    for name, (a, b) in found.items():
        if a == b and name not in ("params", "macs"):
            continue
        if a is None or b is None:
            cells.append([name, *("not defined" if value is None else _shown(value) for value in (a, b)), "", ""])
        else:
            cells.append([name, _shown(a), _shown(b), _signed(b - a), f"× {float(b / a):.4g}" if a else ""])
    return cells


def _shown(value: int | float) -> str:
    if isinstance(value, int):
        return f"{value:,}" if abs(value) < 10**_MOST_DIGITS else str(_scientific(value))
    return f"{float(value):.4g}"


def _scientific(value: int) -> str:
    digits = str(abs(value)) if abs(value) < 10**4000 else ""
    if not digits:
        return f"{'-' if value < 0 else ''}2^{abs(value).bit_length() - 1}"
    return f"{'-' if value < 0 else ''}{digits[0]}.{digits[1:4]}e+{len(digits) - 1}"


def _signed(value: int | float) -> str:
    return ("+" if value > 0 else "") + _shown(value)


def _lines(changes: Iterable[Change], width: int) -> Iterator[str]:
    """One line per row that differs, with a line of notes below; neighbours that do not differ share a line."""
    differs = False
    for (folded, level), group in groupby(changes, key=lambda change: (change.status in _FOLDED, change.level)):
        rows = list(group)
        if folded:
            yield "  " * level + _folded(rows)
            continue
        for change in rows:
            differs = True
            yield _line(change, width)
            if change.notes:
                yield "  " * level + "      " + "; ".join(change.notes)
    if not differs:
        yield "no block or op is added, removed or changed"


def _folded(rows: Sequence[Change]) -> str:
    sides = [row.new for row in rows if row.new is not None]
    names = _name(sides[0]) if len(rows) == 1 else f"{_name(sides[0])} to {_name(sides[-1])}"
    resized = [row for row in rows if row.status == "resized"]
    renamed = sum(row.status == "renamed" for row in rows)
    said = [f"{len(rows)} {'row' if len(rows) == 1 else 'rows'} {'as before' if len(resized) < len(rows) else ''}"]
    if resized:
        gained = [(sum(row.params for row in resized), "params"), (sum(row.macs for row in resized), "macs")]
        costs = ", ".join(f"{_signed(value)} {unit}" for value, unit in gained if value)
        number = "" if len(resized) == len(rows) else f"{len(resized)} "
        said.append(f"{number}at other sizes{f' ({costs})' if costs else ''}")
    if renamed:
        said.append(f"{renamed} under other names")
    return f"=  {', '.join(said).replace(' , ', ' ')}: {names}"


def _name(side: Side) -> str:
    return side.path.rpartition(".")[2] if side.path.endswith(f".{side.word}") else side.path or side.word


def _line(change: Change, width: int) -> str:
    side = change.new or change.old
    assert side is not None
    times = f" × {side.repeats}" if side.repeats > 1 else ""
    left = "  " * change.level + f"{_SIGNS[change.status]}  {side.path or '·'}  {side.word}"
    right = f"{_signed(change.params):>13} params {_signed(change.macs):>15} macs  {_where(change)}"
    room = max(width - len(right) - 1, 20)
    if len(left) + len(times) > room:
        left = left[: room - len(times) - 1] + "…"
    return f"{left + times:<{room}} {right}"


def _where(change: Change) -> str:
    lines = [f"{side.span.line}" for side in (change.old, change.new) if side is not None and side.span is not None]
    return "line " + "→".join(dict.fromkeys(lines)) if lines else ""


def as_json(old: Graph, new: Graph, changes: Iterable[Change]) -> dict[str, Any]:
    """Plain data: both names, all numbers as [old, new] (null where not defined), and every row, equal ones too."""
    return {
        "old": old.name,
        "new": new.name,
        "numbers": {name: [_plain(a), _plain(b)] for name, (a, b) in numbers(old, new).items()},
        "rows": [
            {
                "status": change.status,
                "level": change.level,
                "old": _side(change.old),
                "new": _side(change.new),
                "notes": list(change.notes),
            }
            for change in changes
        ],
    }


def _plain(value: MaybeNumber) -> int | float | str | None:
    if value is None or isinstance(value, float):
        return value
    return json_int(value) if isinstance(value, int) else float(value)


def _side(side: Side | None) -> dict[str, Any] | None:
    if side is None:
        return None
    return {
        "path": side.path,
        "word": side.word,
        "repeats": side.repeats,
        "inputs": [list(x.shape) for x in side.inputs],
        "outputs": [list(x.shape) for x in side.outputs],
        **cost_json(side.cost),
        "file": None if side.span is None else side.span.source.name,
        "line": None if side.span is None else side.span.line,
    }
