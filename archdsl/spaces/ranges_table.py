"""Turns the ranges of a space's numbers into the table that `archdsl analyze` prints."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap
from typing import Any

from archdsl.diagnostics.display import safe
from archdsl.emit.cells import number_text, table
from archdsl.emit.tables import COSTS, count_text
from archdsl.spaces.ranges import FROM_TO, RangeRow, Ranges

_TO = " to "
_EXACT = ("parameters", "multiply-accumulates", "element-wise ops", "activations")  # that tables have
_SUMS = {"kind": "by_kind", "op": "by_word", "stage": "by_stage"}


def text(
    ranges: Ranges, by: str = "block", sort: str = "order", width: int = 80, kernels: bool = False, of: str = ""
) -> str:
    """The table and the totals, at most `width` columns; `of` is what a command line calls the space."""
    found = ranges.totals
    shown = table(_rows(ranges, sort), width, texts=3, modules=True)
    if by != "block":
        shown = table(_sums(found, by, sort, kernels), width, texts=1)
    below = "".join(f"{name:<22}{value}\n" for name, value in _totals(found["totals"]))
    if "metrics" in found:
        below += "\n"
        for name, value in found["metrics"].items():
            below += "\n".join(wrap(f"{name:<22}{_said(value)}", width, subsequent_indent=" " * 22)) + "\n"
    known = "\n".join(wrap(safe(_known(ranges, of or ranges.space.name)), width))
    return f"{safe(_signature(found))}\n\n{shown}\n{below}\n{known}\n"


def _known(ranges: Ranges, of: str) -> str:
    """How many designs there are, and of which of them these numbers are."""
    size = ranges.space.size
    found = "1 design elaborates" if size == 1 else f"{number_text(size)} designs, and these numbers are of all of them"
    if ranges.look.how == "sample":
        found = f"{number_text(size)} designs; these numbers are of {ranges.count} at random, not of all"
        if ranges.exact:
            found = f"{number_text(size)} designs; {', '.join(_EXACT)} in all are of all of them, "
            found += f"other numbers of {ranges.count} at random"
    if ranges.space.required:
        found += f"; @require ({', '.join(one.text for one in ranges.space.required)}) is not applied here"
    rows = list(ranges.rows())
    some = " What stands in (…) is in some of them." if any(row.seen < ranges.count for row in rows) else ""
    numbered = next((row.plain["path"] for row in rows if FROM_TO in row.plain["path"]), "")
    some += f" {numbered} is one module, whose number differs." if numbered else ""
    return f"{found}.{some} `archdsl space {of}` tells more."


def _signature(found: dict[str, Any]) -> str:
    inputs = ", ".join(f"{name} {_shape(shape)}" for name, shape in found["inputs"].items())
    return f"{found['name']}: {inputs} -> {_shapes(found['outputs'])}"


def _rows(ranges: Ranges, sort: str) -> list[list[str]]:
    """A head, and a line per op or block; equal neighbours are one, with their number, and sum their costs."""
    rows = list(ranges.rows())
    if sort != "order":
        levels = [row.plain["level"] for row in rows]
        leaves = [row for row, level, after in zip(rows, levels, [*levels[1:], 0], strict=True) if after <= level]
        rows = sorted(leaves, key=lambda row: -_most(row.plain[COSTS[sort]]) * row.folds)
    return [["module", "what", "output", "params", "MACs", "line"], *(_row(row, ranges.count) for row in rows)]


def _row(row: RangeRow, count: int) -> list[str]:
    plain = row.plain
    what = plain["word"] if row.seen == count else f"({plain['word']})"
    what += f", {_range(plain['steps'])} steps" if _most(plain["steps"]) > 1 else ""
    what += (f" × {row.folds}" if row.folds > 1 else "") + (" (shared)" if plain["shared"] is True else "")
    costs = [_range(plain[name], row.folds) for name in ("params", "macs")]
    line = "" if plain["line"] is None else str(plain["line"])
    return ["  " * plain["level"] + (plain["path"] or "·"), what, _shapes(plain["outputs"]), *costs, line]


def _sums(found: dict[str, Any], by: str, sort: str, kernels: bool) -> list[list[str]]:
    """A head, and a line per kind or word of op, or per stage."""
    rows = [[by, "count", "kernels" if kernels else "params", "MACs", "memory access"]]
    parts = list(found[_SUMS[by]].items())
    if sort != "order":
        parts.sort(key=lambda item: -_most(item[1][COSTS[sort]]))
    for name, part in parts:
        held = found["kernel_params_by_kind"].get(name, 0) if kernels else part["params"]
        rows.append([name, *map(_range, (part["ops"], held, part["macs"], part["memory_access"]))])
    return rows


def _totals(total: dict[str, Any]) -> Iterator[tuple[str, str]]:
    buffers = f" (and {_range(total['buffers'])} in buffers)" if total["buffers"] else ""
    yield "parameters", f"{_range(total['params'])}{buffers}"
    yield "multiply-accumulates", f"{_range(total['macs'])} ({_range(total['flops'])} FLOPs)"
    yield "element-wise ops", _range(total["elementwise_ops"])
    yield "activations", f"{_range(total['activations'])} elements"
    yield "memory access", f"{_range(total['memory_access'])} elements read and written"
    shortest = f"shortest path {_range(total['shortest_depth'])}"
    yield "depth", f"{_range(total['depth'])} convolutions and pools ({shortest})"
    yield "weighted depth", f"{_range(total['weighted_depth'])} convolutions and linear layers"
    yield "paths", _range(total["paths"])


def _range(value: Any, times: int = 1) -> str:
    """`1,234`, or `1,234 to 5,678`."""
    if isinstance(value, dict):
        return _TO.join([_range(value["least"], times), _range(value["most"], times)])
    if isinstance(value, str):
        return count_text(times * int(value)) if value.lstrip("-").isdecimal() else value
    return count_text(None if value is None else times * value)


def _said(value: Any) -> str:
    """A metric, which a design may lack."""
    if not isinstance(value, dict):
        return f"{value:.4g}" if isinstance(value, float) else _range(value)
    ends = _TO.join(_said(value[end]) for end in ("least", "most") if end in value)
    why = value.get("not_defined", "")
    return f"{ends}; of some {why}" if ends and why else ends or why


def _most(value: Any) -> int:
    value = value["most"] if isinstance(value, dict) else value
    return int(float(value or 0))


def _shapes(shapes: Any) -> str:
    if shapes is None:
        return "several"
    return ", ".join(map(_shape, shapes[:2])) + (", …" if len(shapes) > 2 else "")


def _shape(shape: Any) -> str:
    if not isinstance(shape, list):
        return "several"
    return "x".join(_range(size).replace(",", "") for size in shape) or "scalar"
