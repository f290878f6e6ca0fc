"""Turns a network's report into the table that a terminal shows, and into JSON."""

from __future__ import annotations

import io

from rich import box
from rich.console import Console
from rich.table import Table

from archdsl.analysis import registry
from archdsl.analysis.cost import Cost
from archdsl.analysis.depth import MOST_BITS
from archdsl.analysis.kernels import kernels_by_kind
from archdsl.analysis.not_defined import NotDefined
from archdsl.analysis.report import Report, json_int
from archdsl.analysis.rows import Row
from archdsl.types import TensorType

COSTS = {"params": "params", "macs": "macs", "memory": "memory_access"}  # what --sort may name


def analysis_text(report: Report, *, by: str, sort: str, depth: int, width: int, kernels: bool = False) -> str:
    """The table and the totals, at most `width` columns.

    `by` is "block" (rows in order, `depth` levels of blocks opened), "op", "kind" or "stage" (sums); `sort` is "order"
    or one of COSTS, largest first. `kernels` leaves biases and norms out of the parameters of kinds.
    """
    console = Console(file=io.StringIO(), width=width, color_system=None, highlight=False, emoji=False, markup=False)
    inputs = ", ".join(f"{name} {_shape(type)}" for name, type in report.inputs)
    outputs = ", ".join(map(_shape, report.outputs))
    console.print(f"{report.name}: {inputs} -> {outputs}\n")
    console.print(_rows_table(report, sort, depth) if by == "block" else _sums_table(report, by, sort, kernels))
    console.print()
    for name, value in totals(report):
        console.print(f"{name:<22}{value}")
    file = console.file
    assert isinstance(file, io.StringIO)
    return "\n".join(line.rstrip() for line in file.getvalue().splitlines()) + "\n"


def metrics_text(report: Report) -> str:
    """Every number that `@expect` knows, one a line; "not defined" with the reason where the network has none."""
    lines = []
    for name in registry.names():
        lines.append(f"{name:<22}{_metric(report, name)}")
    return "\n".join(lines) + "\n"


def _metric(report: Report, name: str) -> str:
    try:
        value = registry.metric(name)(report.graph)
    except NotDefined as error:
        return str(error)
    return count_text(value) if isinstance(value, int) else f"{float(value):.4g}"


def metrics_json(report: Report) -> dict[str, object]:
    """The same as plain data: a number, or `{"not_defined": reason}`."""
    found: dict[str, object] = {}
    for name in registry.names():
        try:
            value = registry.metric(name)(report.graph)
        except NotDefined as error:
            found[name] = {"not_defined": str(error)}
        else:
            found[name] = json_int(value) if isinstance(value, int) else float(value)
    return found


def totals(report: Report) -> list[tuple[str, str]]:
    """The lines below the table: what is counted, and the number."""
    total = report.total
    return [
        ("parameters", f"{total.params:,}" + (f" (and {total.buffers:,} in buffers)" if total.buffers else "")),
        ("multiply-accumulates", f"{total.macs:,} ({total.flops:,} FLOPs)"),
        ("element-wise ops", f"{total.elementwise_ops:,}"),
        ("activations", f"{total.activations:,} elements"),
        ("memory access", f"{total.memory_access:,} elements read and written"),
        ("depth", f"{report.depth} convolutions and pools (shortest path {report.shortest_depth})"),
        ("weighted depth", f"{report.weighted_depth} convolutions and linear layers"),
        ("paths", count_text(report.path_count)),
    ]


def count_text(value: int | None) -> str:
    """A count in full, or in powers of ten when it is longer than a line; None is one that is too large."""
    if value is None:
        return f"not defined: their number has more than {MOST_BITS:,} bits"
    if value < 10**40:
        return f"{value:,}"
    digits = str(value) if value < 10**4000 else ""
    return f"{digits[0]}.{digits[1:4]}e+{len(digits) - 1}" if digits else f"about 2^{value.bit_length() - 1}"


def _shape(type: TensorType) -> str:
    prefix = "" if type.dtype == "float" else f"{type.dtype} "
    return prefix + "x".join(map(str, type.shape)) if type.shape else f"{prefix}scalar"


def _table() -> Table:
    return Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)


def _rows_table(report: Report, sort: str, depth: int) -> Table:
    """One line per op or block; equal neighbours fold into one with their number, whose costs it then sums."""
    table = _table()
    table.add_column("module", overflow="ellipsis", no_wrap=True, ratio=3)
    table.add_column("what", overflow="ellipsis", no_wrap=True, ratio=3)
    table.add_column("output", no_wrap=True)
    for name in ("params", "MACs", "line"):
        table.add_column(name, justify="right", no_wrap=True)
    table.expand = True
    for row in sorted_rows(report, sort, depth):
        what = row.word + (f", {row.steps:,} steps" if row.steps > 1 else "")
        what += (f" × {row.repeats}" if row.repeats > 1 else "") + (" (shared)" if row.shared else "")
        output = ", ".join(map(_shape, row.outputs[:2])) + (", …" if len(row.outputs) > 2 else "")
        table.add_row(
            "  " * row.level + (row.path or "·"),
            what,
            output,
            f"{row.inclusive.params * row.repeats:,}",
            f"{row.inclusive.macs * row.repeats:,}",
            "" if row.span is None else str(row.span.line),
        )
    return table


def sorted_rows(report: Report, sort: str, depth: int) -> list[Row]:
    """The rows in order of application, or the leaves by cost, largest first: sorted rows never contain each other."""
    rows = list(report.rows(depth, fold=True))
    if sort == "order":
        return rows
    leaves = [row for row in rows if row.leaf]
    weights = sort in ("params", "buffers")
    return sorted(leaves, key=lambda row: -getattr(row.inclusive, COSTS[sort]) * (row.copies if weights else row.times))


def _sums_table(report: Report, by: str, sort: str, kernels: bool) -> Table:
    """One line per kind or word of op, or per stage: how many ops, and their share of the totals."""
    table = _table()
    table.add_column(by, no_wrap=True)
    for name in ("count", "kernels" if kernels else "params", "%", "MACs", "%", "memory access", "%"):
        table.add_column(name, justify="right", no_wrap=True)
    total = report.total
    held = kernels_by_kind(report.graph) if kernels else {}
    for name, part in sorted_sums(report, by, sort):
        params, all_params = (held.get(name, 0), sum(held.values())) if kernels else (part.params, total.params)
        table.add_row(
            name,
            f"{part.ops:,}",
            f"{params:,}",
            _share(params, all_params),
            f"{part.macs:,}",
            _share(part.macs, total.macs),
            f"{part.memory_access:,}",
            _share(part.memory_access, total.memory_access),
        )
    return table


def sorted_sums(report: Report, by: str, sort: str) -> list[tuple[str, Cost]]:
    """Costs by kind, word or stage; "order" is the report's own: most macs first, stages as they come."""
    found = {"kind": report.by_kind, "op": report.by_word, "stage": report.by_stage}[by]()
    parts = list(found.items())
    return parts if sort == "order" else sorted(parts, key=lambda item: -getattr(item[1], COSTS[sort]))


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f}" if whole else "-"
