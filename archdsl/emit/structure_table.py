"""Turns the shape of a network's computation, its paths, width and building blocks, into text and JSON."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from archdsl.analysis.cost import cost
from archdsl.analysis.depth import WEIGHTED, paths
from archdsl.analysis.fragments import BlockFragments, Fragments, fragments
from archdsl.analysis.not_defined import NotDefined
from archdsl.analysis.report import json_int
from archdsl.analysis.structure import PathLengths, average_parallelism, critical_path_macs, path_lengths, width
from archdsl.emit.cells import cut, cut_left
from archdsl.emit.memory_table import place
from archdsl.emit.tables import count_text
from archdsl.ir.graph import Graph

_BAR = 40  # characters of the longest bar
_MOST_BARS = 16

Value = TypeVar("Value")


def text(graph: Graph) -> str:
    """At most 80 columns: paths and how long they are, what can run side by side, fragments of each building block."""
    title = f"{graph.name}: shape of the computation (layers: convolutions, non-global pools)"
    lines = [*textwrap.wrap(title, 80, break_long_words=False), ""]
    found = paths(graph)
    if found is None:
        lines.append("no output depends on an input: there are no paths")
    else:
        lines.append(f"{'longest path':<22}{found.longest:,} layers")
        lines.append(f"{'shortest path':<22}{found.shortest:,} layers")
        weighted = paths(graph, WEIGHTED)
        lines.append(f"{'weighted depth':<22}{weighted.longest if weighted else 0:,} convolutions and linear layers")
        lines.append(f"{'paths':<22}{count_text(found.count)}")
    lengths = _or_reason(path_lengths, graph)
    if isinstance(lengths, PathLengths) and lengths.total:
        lines.append(f"{'layers on a path':<22}{float(lengths.mean):.4g} on average over paths")
    elif isinstance(lengths, str):
        lines.append(f"{'layers on a path':<22}{lengths}")
    wide = _or_reason(width, graph)
    side = (
        f"{wide:,} {'layer' if wide == 1 else 'layers'} of which none waits for another"
        if isinstance(wide, int)
        else str(wide)
    )
    lines.append(f"{'width':<22}{side}")
    macs = cost(graph).macs
    lines.append(f"{'critical path':<22}{critical_path_macs(graph):,} of {macs:,} macs")
    lines.append(f"{'average parallelism':<22}{float(average_parallelism(graph)):.4g}")
    if isinstance(lengths, PathLengths):
        lines += _bars(lengths)
    return "\n".join([*lines, "", *_blocks(fragments(graph), graph.span.source.name)]) + "\n"


def _or_reason(measure: Callable[[Graph], Value], graph: Graph) -> Value | str:
    try:
        return measure(graph)
    except NotDefined as error:
        return str(error)


def _bars(lengths: PathLengths) -> Iterator[str]:
    """The distribution: one bar per length, neighbours together where there are many lengths."""
    shown = [n for n, count in enumerate(lengths.counts) if count]
    if len(shown) < 2:
        return
    step = -(-(shown[-1] - shown[0] + 1) // _MOST_BARS)
    bins = [
        (start, min(start + step - 1, shown[-1]), sum(lengths.counts[start : start + step]))
        for start in range(shown[0], shown[-1] + 1, step)
    ]
    most = max(count for _, _, count in bins)
    yield ""
    yield f"{'layers':>11}  paths"
    for low, high, count in bins:
        share = count / lengths.total
        bar = "█" * round(_BAR * (count / most)) or ("▏" if count else "")
        name = f"{low}" if low == high else f"{low}-{high}"
        yield f"{name:>11}  {bar:<{_BAR}}  {100 * share:.4g} %".rstrip()


def _blocks(found: Fragments, home: str) -> Iterator[str]:
    if not found.blocks and not found.not_counted:
        yield "no building block has a convolution or pool"
        return
    yield f"{'building block':<28}{'line':>16}{'times':>7}{'fragments':>11}{'series':>8}{'parallel':>10}"
    groups: Counter[tuple[str, str, int, int, int]] = Counter()  # arguments and sizes apart, one block is one line
    for block in found.blocks:
        groups[block.name, place(block.span, home), block.fragments, block.series, block.parallel] += block.applications
    for (name, at, count, series, parallel), times in groups.items():
        yield f"{cut(name, 27):<28}{cut_left(at, 15):>16}{times:>7,}{count:>11,}{series:>8,}{parallel:>10,}"
    for name in found.not_counted:
        yield f"{cut(name, 27):<28}not defined: too many ops to be counted"
    yield f"fragments of a block: {found.maximum:,} at most, {float(found.mean):.4g} on average"


def as_json(graph: Graph) -> dict[str, Any]:
    """The same as plain data; what the network has not is `{"not_defined": reason}`."""
    found, weighted = paths(graph), paths(graph, WEIGHTED)
    lengths = _or_reason(path_lengths, graph)
    wide = _or_reason(width, graph)
    blocks = fragments(graph)
    return {
        "name": graph.name,
        "longest_layers": found.longest if found else None,
        "shortest_layers": found.shortest if found else None,
        "weighted_layers": weighted.longest if weighted else None,
        "paths": 0 if not found else None if found.count is None else json_int(found.count),
        "path_lengths": {"not_defined": lengths}
        if isinstance(lengths, str)
        else {str(n): json_int(count) for n, count in enumerate(lengths.counts) if count},
        "width": {"not_defined": wide} if isinstance(wide, str) else wide,
        "macs": json_int(cost(graph).macs),
        "critical_path_macs": json_int(critical_path_macs(graph)),
        "average_parallelism": float(average_parallelism(graph)),
        "blocks": [_block_json(block) for block in blocks.blocks],
        "blocks_not_counted": list(blocks.not_counted),
        "fragments_max": blocks.maximum,
        "fragments_mean": float(blocks.mean),
    }


def _block_json(block: BlockFragments) -> dict[str, Any]:
    return {
        "name": block.name,
        "kind": block.kind,
        "fragments": block.fragments,
        "series": block.series,
        "parallel": block.parallel,
        "applications": block.applications,
        "file": block.span.source.name,
        "line": block.span.line,
    }
