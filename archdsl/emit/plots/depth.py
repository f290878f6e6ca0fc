"""Turns a network into the axis of plots along depth: its ops in the order as written, and their modules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import inf
from typing import NamedTuple

from archdsl.analysis.cost import Cost, by_kind, kind_of, node_cost
from archdsl.analysis.expand import is_small
from archdsl.analysis.walk import walked
from archdsl.emit.figure.measure import shorten
from archdsl.emit.memory_table import place
from archdsl.ir.graph import Graph, Node, bodies
from archdsl.ir.per_body import per_body_alone
from archdsl.ops.base import Kind
from archdsl.source import Span

MOST_PLACES = 20_000  # blocks are opened no deeper than gives so many
_MOST_LEVELS = 32  # of blocks that are opened where not all can be
_MOST_MODULES = 80
_LONGEST = 48  # characters of a module's path
_MOST_PARTS = 6  # of a module's path that are named


@dataclass(frozen=True, slots=True)
class PlacedOp:
    """One op, or one call of a block that is not opened: applications `start` to `end` of ops, counted from 0.

    `parts` is its cost per kind of op, as `archdsl.analysis.cost.by_kind` tells them apart, weights once per set.
    Ops in a scan stand beside each other, each as long as the scan has steps.
    """

    path: str
    word: str
    op_kind: Kind | None
    start: int
    end: int
    parts: Mapping[str, Cost]
    span: Span | None


def described(path: str, word: str, span: Span | None, home: str) -> str:
    """An op in words: its module, what it applies, and the line: `layer1.0.conv1 (conv, line 21)`."""
    line = place(span, home)
    name, said = shorten(path or word, _LONGEST), [word] if path else []
    said += [line if ":" in line else f"line {line}"] if line else []
    return f"{name} ({', '.join(said)})" if said else name


class DepthModule(NamedTuple):
    """Consecutive ops whose module paths begin alike: their name, the first and the one after the last."""

    name: str
    start: int
    end: int


def placed_ops(graph: Graph, depth: float, *, scans: bool = True) -> Iterator[PlacedOp]:
    """The ops of `graph` in order, calls opened `depth` levels deep as by `rows`; those of scans only if `scans`."""
    end = 0
    for here in walked(graph, depth, scans=scans):
        if here.opens:
            continue
        node = here.node
        own, steps = int(not here.shared), here.times * node.steps
        parts = {kind: part.times(steps, own) for kind, part in _parts(here.body, node).items()}
        start, end = end, end + sum(part.ops for part in parts.values())
        span = node.spans[0] if node.spans else None
        op_kind = None if isinstance(node.target, Graph) else node.target.kind
        yield PlacedOp(here.path, node.word, op_kind, start, end, parts, span)


def _parts(graph: Graph, node: Node) -> Mapping[str, Cost]:
    """What one step of a node costs per kind of op."""
    if isinstance(node.target, Graph):
        return by_kind(node.target)
    return {kind_of(node.target, graph.operand_types(node)): node_cost(graph, node)}


@per_body_alone
def deepest(graph: Graph) -> float:
    """The levels of blocks that plots open: all, or as many as give no more than MOST_PLACES."""
    if is_small(graph, MOST_PLACES):
        return inf
    counts = {id(body): 1 for body in bodies(graph)}  # of places, a body not opened at all
    for depth in range(_MOST_LEVELS):
        opened = {}
        for body in bodies(graph):
            parts = (counts[id(node.body)] if node.body and node.body.nodes else 1 for node in body.nodes)
            opened[id(body)] = sum(parts)
        counts = opened
        if counts[id(graph)] > MOST_PLACES:
            return max(1, depth)
    return _MOST_LEVELS


def layers(ops: Iterable[PlacedOp], most: int) -> list[list[PlacedOp]]:
    """Runs of ops as figures draw them: what multiplies or holds weights, with the norms and activations behind it.

    Neighbours share a run where there would be more than `most`.
    """
    runs: list[list[PlacedOp]] = []
    for one in ops:
        if not runs or (one.op_kind is not Kind.NORM and any(part.macs or part.params for part in one.parts.values())):
            runs.append([])
        runs[-1].append(one)
    size = -(-len(runs) // most)
    return [[one for run in runs[i : i + size] for one in run] for i in range(0, len(runs), size or 1)]


def modules(places: Sequence[tuple[str, int, int]], *, returning: bool = False) -> tuple[DepthModule, ...]:
    """The modules of ops given by module path, start and end: the first parts of the paths, as few as tell them apart.

    A further part is taken where one module holds more than half of all ops. Ops outside modules go with those before.
    Unless they may be `returning`, none is taken that makes more modules come back: steps of a scan stay one module.
    """
    whole = places[-1][2] if places else 0
    found: tuple[DepthModule, ...] = ()
    for count in range(1, _MOST_PARTS + 1):
        finer = _modules(places, count)
        if found and (len(finer) > _MOST_MODULES or len(finer) == len(found)):
            break
        if found and not returning and _returns(finer) > _returns(found):
            break
        found = finer
        if all(2 * (module.end - module.start) <= whole for module in found):
            break
    return found


def _returns(found: Sequence[DepthModule]) -> int:
    """How often a name is there once more."""
    return len(found) - len({module.name for module in found})


def _modules(places: Sequence[tuple[str, int, int]], count: int) -> tuple[DepthModule, ...]:
    named = []
    name = next((_beginning(path, count) for path, _, _ in places if path), "")
    for path, start, end in places:
        part = _beginning(path, count)
        name = name if name.startswith(part) else part
        named.append(DepthModule(name, start, end))
    groups = (list(group) for _, group in groupby(named, key=lambda module: module.name))
    return tuple(DepthModule(group[0].name, group[0].start, group[-1].end) for group in groups)


def _beginning(path: str, count: int) -> str:
    return ".".join(path.split(".")[:count])
