"""Turns what a network reads and writes, in all and per convolution beside the bound of G1, into text and JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from archdsl.analysis.cost import by_kind, cost
from archdsl.analysis.intensity import (
    ELEMENTWISE,
    ConvolutionAccess,
    arithmetic_intensity,
    convolutions,
    elementwise_share,
)
from archdsl.analysis.report import json_int
from archdsl.emit.cells import cut, cut_left, share_text
from archdsl.emit.memory_table import place
from archdsl.ir.graph import Graph

_BYTES = 4  # of a float32 element


def text(graph: Graph, most: int) -> str:
    """At most 80 columns: the totals, shares per kind, and the `most` convolutions with the most beyond their bound."""
    total = cost(graph)
    lines = [f"{graph.name}: elements read and written, weights among them", ""]
    lines.append(f"{'memory access':<24}{total.memory_access:,} elements, {_BYTES * total.memory_access:,} bytes")
    lines.append(
        f"{'arithmetic intensity':<24}{float(arithmetic_intensity(graph)):.4g} multiply-accumulates an element"
    )
    lines.append(f"{'element-wise (G4)':<24}{share_text(elementwise_share(graph), 1)} % of it")
    lines += ["", f"{'kind':<20}{'memory access':>18}{'%':>8}{'macs an element':>18}"]
    kinds = by_kind(graph).items()
    for kind, part in sorted(kinds, key=lambda item: -item[1].memory_access):
        share = share_text(part.memory_access, total.memory_access)
        mark = " *" if kind in ELEMENTWISE else ""
        ratio = part.macs / max(part.memory_access, 1)
        lines.append(f"{kind + mark:<20}{part.memory_access:>18,}{share:>8}{ratio:>18.4g}")
    rows = [row for row in _costliest(graph) if row.kind != "depthwise"][:most]  # their widths cannot differ
    home = graph.span.source.name
    places = [place(row.span, home) for row in rows]
    wide = min(24, max([13, *(len(at) + 1 for at in places)]))
    names = (49 - wide) // 2
    if rows:
        lines += ["", "convolutions furthest above the least that their macs allow (G1):"]
        head = f"{'block':<{names}}{'module':<{names}}{'line':>{wide}}"
        lines.append(f"{head}{'times':>7}{'accesses':>14}{'over G1':>10}")
    for row, at in zip(rows, places, strict=True):
        lines.append(
            f"{cut(row.block, names - 1):<{names}}{cut(row.label, names - 1):<{names}}"
            f"{cut_left(at, wide - 1):>{wide}}{row.applications:>7,}"
            f"{row.memory_access:>14,}{100 * (row.excess - 1):>8.1f} %"
        )
    return "\n".join(lines) + "\n"


def as_json(graph: Graph) -> dict[str, Any]:
    """The same as plain data, with every convolution."""
    total = cost(graph)
    return {
        "name": graph.name,
        "memory_access_elements": json_int(total.memory_access),
        "memory_access_bytes": json_int(_BYTES * total.memory_access),
        "macs": json_int(total.macs),
        "macs_per_element": float(arithmetic_intensity(graph)),
        "elementwise_share": float(elementwise_share(graph)),
        "by_kind_elements": {kind: json_int(part.memory_access) for kind, part in by_kind(graph).items()},
        "convolutions": [_json(row) for row in _costliest(graph)],
    }


def _costliest(graph: Graph) -> list[ConvolutionAccess]:
    """All convolutions, those first that access the most beyond their bound."""
    return sorted(
        convolutions(graph),
        key=lambda row: -row.applications * (row.memory_access - row.least_memory_access),
    )


def _json(row: ConvolutionAccess) -> dict[str, Any]:
    plain = {key: value for key, value in asdict(row).items() if key != "span"}
    line = None if row.span is None else row.span.line
    place_of = {"file": None if row.span is None else row.span.source.name, "line": line}
    return {**plain, "over_bound": row.excess - 1, **place_of}
