"""Turns a network at two input sizes into the linears that mix other axes: a map of size 1 counts as a vector."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from archdsl.analysis.sizes.loss import walk
from archdsl.analysis.sizes.regions import Region
from archdsl.ir.graph import Graph
from archdsl.ops.linear import Linear, counts_as_vector
from archdsl.source import Span

CHANNELS, LAST = "the channels", "the last axis"


class Mixing(NamedTuple):
    """What a linear on a map mixes: `CHANNELS` where the map has size 1 and counts as a vector, else `LAST`."""

    path: str
    span: Span | None
    what: str


def mixing(graph: Graph) -> tuple[Mixing, ...]:
    """The linears of `graph` on maps and sequences, each body looked at once."""
    return tuple(
        Mixing(path, span, CHANNELS if counts_as_vector(x) else LAST)
        for body, node, path, span in walk(graph)
        if isinstance(node.target, Linear) and (x := body.operand_types(node)[0]).rank > 1
    )


def mixed_otherwise(native: tuple[Mixing, ...], here: tuple[Mixing, ...]) -> Iterator[Mixing]:
    """Those of `here` that mix something else than in `native`, the network as declared."""
    known = {(m.path, m.span): m.what for m in native}
    return (m for m in here if known.get((m.path, m.span), m.what) != m.what)


def mixed_regions(variants: Sequence[tuple[tuple[Mixing, ...], Region]]) -> tuple[tuple[Mixing, Region], ...]:
    """The same for forms of one network and the input sizes that take them, the first being as declared."""
    found: dict[Mixing, Region] = {}
    for mixes, region in variants[1:]:
        for mixed in mixed_otherwise(variants[0][0], mixes):
            found[mixed] = found.get(mixed, Region(())) | region
    return tuple(found.items())


def remark(mixed: Mixing) -> str:
    """One line about a linear that mixes something else than in the network as declared."""
    other = LAST if mixed.what == CHANNELS else CHANNELS
    place = f"line {mixed.span.line}" if mixed.span is not None else mixed.path
    return f"the linear at {place} mixes {mixed.what}, not {other} as declared"
