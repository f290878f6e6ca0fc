"""Turns a network's report into the table that a terminal shows, and into JSON."""

from __future__ import annotations

from html import escape
from textwrap import wrap

from archdsl.analysis import registry
from archdsl.analysis.cost import Cost
from archdsl.analysis.depth import MOST_BITS
from archdsl.analysis.kernels import kernels_by_kind
from archdsl.analysis.not_defined import NotDefined
from archdsl.analysis.report import Report, json_int
from archdsl.analysis.rows import Row
from archdsl.diagnostics.display import safe
from archdsl.emit.cells import number_text, share_text, table
from archdsl.emit.html import LEFT, html_table
from archdsl.types import TensorType

COSTS = {"params": "params", "macs": "macs", "memory": "memory_access"}  # what --sort may name


class PrintedReport(Report):
    """A report whose text is the table that `archdsl analyze` prints, 80 columns wide; notebooks show it as HTML."""

    def __str__(self) -> str:
        return analysis_text(self, by="block", sort="order", depth=1, width=80).rstrip("\n")

    def _repr_html_(self) -> str:
        return analysis_html(self)


def analysis_text(report: Report, *, by: str, sort: str, depth: int, width: int, kernels: bool = False) -> str:
    """The table and the totals, at most `width` columns.

    `by` is "block" (rows in order, `depth` levels of blocks opened), "op", "kind" or "stage" (sums); `sort` is "order"
    or one of COSTS, largest first. `kernels` leaves biases and norms out of the parameters of kinds.
    """
    if by == "block":
        shown = table(_rows(report, sort, depth), width, texts=3, modules=True)
    else:
        shown = table(_sums(report, by, sort, kernels), width, texts=1)
    below = "".join(f"{name:<22}{value}\n" for name, value in totals(report))
    return f"{safe(_signature(report))}\n\n{shown}\n{below}"


def analysis_html(report: Report) -> str:
    """The table by block with the totals below it, as HTML for a notebook; what stands in a spec is escaped."""
    rows = _rows(report, "order", 1)
    ends = [(f'<th colspan="3" {LEFT}>{name}</th>', escape(value)) for name, value in totals(report)]
    wide = len(rows[0]) - 3
    foot = [f'<tr>{name}<td colspan="{wide}" {LEFT}>{value}</td></tr>' for name, value in ends]
    return html_table(_signature(report), rows, 3, foot)


def _signature(report: Report) -> str:
    """The name with the shapes of inputs and outputs: `resnet50: x 3x224x224 -> 1000`."""
    inputs = ", ".join(f"{name} {_shape(type)}" for name, type in report.inputs)
    return f"{report.name}: {inputs} -> {', '.join(map(_shape, report.outputs))}"


def metrics_text(report: Report) -> str:
    """Every number that `@expect` knows, one a line; "not defined" with the reason where the network has none."""
    lines: list[str] = []
    for name in registry.names():
        lines += wrap(f"{name:<22}{_metric(report, name)}", 80, subsequent_indent=" " * 22)
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
    return number_text(value)


def _shape(type: TensorType) -> str:
    prefix = "" if type.dtype == "float" else f"{type.dtype} "
    return prefix + "x".join(map(str, type.shape)) if type.shape else f"{prefix}scalar"


def _rows(report: Report, sort: str, depth: int) -> list[list[str]]:
    """A head, and a line per op or block; equal neighbours fold into one with their number, and sum their costs."""
    cells = [["module", "what", "output", "params", "MACs", "line"]]
    for row in sorted_rows(report, sort, depth):
        what = row.word + (f", {row.steps:,} steps" if row.steps > 1 else "")
        what += (f" × {row.repeats}" if row.repeats > 1 else "") + (" (shared)" if row.shared else "")
        output = ", ".join(map(_shape, row.outputs[:2])) + (", …" if len(row.outputs) > 2 else "")
        costs = [f"{cost * row.repeats:,}" for cost in (row.inclusive.params, row.inclusive.macs)]
        line = "" if row.span is None else str(row.span.line)
        cells.append(["  " * row.level + (row.path or "·"), what, output, *costs, line])
    return cells


def sorted_rows(report: Report, sort: str, depth: int) -> list[Row]:
    """The rows in order of application, or the leaves by cost, largest first: sorted rows never contain each other."""
    rows = list(report.rows(depth, fold=True))
    if sort == "order":
        return rows
    leaves = [row for row in rows if row.leaf]
    weights = sort in ("params", "buffers")
    return sorted(leaves, key=lambda row: -getattr(row.inclusive, COSTS[sort]) * (row.copies if weights else row.times))


def _sums(report: Report, by: str, sort: str, kernels: bool) -> list[list[str]]:
    """A head, and a line per kind or word of op, or per stage: how many ops, and their share of the totals."""
    cells = [[by, "count", "kernels" if kernels else "params", "%", "MACs", "%", "memory access", "%"]]
    total = report.total
    held = kernels_by_kind(report.graph) if kernels else {}
    for name, part in sorted_sums(report, by, sort):
        params, all_params = (held.get(name, 0), sum(held.values())) if kernels else (part.params, total.params)
        parts = [(params, all_params), (part.macs, total.macs), (part.memory_access, total.memory_access)]
        cells.append([name, f"{part.ops:,}", *(c for n, whole in parts for c in (f"{n:,}", share_text(n, whole)))])
    return cells


def sorted_sums(report: Report, by: str, sort: str) -> list[tuple[str, Cost]]:
    """Costs by kind, word or stage; "order" is the report's own: most macs first, stages as they come."""
    found = {"kind": report.by_kind, "op": report.by_word, "stage": report.by_stage}[by]()
    parts = list(found.items())
    return parts if sort == "order" else sorted(parts, key=lambda item: -getattr(item[1], COSTS[sort]))
