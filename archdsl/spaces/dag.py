"""Turns a labelled graph without cycles into its canonical form, which isomorphic graphs share and no others.

The method is that of McKay 1981 ("Practical graph isomorphism"), for graphs that have a direction: vertices are told
apart by what is below and above them; those that are not are taken apart in parts that hang together, and where one
part has vertices that are alike, each is tried as the first of them and the least result kept.

Nothing here is exact by luck: numbers that stand for what is around a vertex may at worst meet by chance, and then
tell apart less than they could, which the search makes up for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

# (an earlier vertex, a number): the place among operands in order; or, of operands in no order, how often it is one.
Link = tuple[int, int]
# In the order of the form, each vertex: what it is, and its operands as places in the form.
CanonicalForm = tuple[tuple[str, tuple[Link, ...]], ...]
# The same of a part of a graph, ranks in place of labels.
_Told = tuple[tuple[int, tuple[Link, ...]], ...]

_BITS = (1 << 64) - 1
_ODD, _ODD_TOO = 0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F  # from fractional parts of roots: any odd numbers would do


class Dag(NamedTuple):
    """Vertices by what they are, and the operands of each, which come before it.

    Isomorphic are two of which one becomes the other by another numbering, labels and numbers of edges kept. Outputs
    in order are the operands of one more vertex, and weights that several vertices share an operand of them all.
    """

    labels: Sequence[str]
    operands: Sequence[Sequence[Link]]


def canonical_form(dag: Dag) -> CanonicalForm:
    """The canonical form: equal for isomorphic graphs, and only for those."""
    labels = dag.labels
    rank_of = {label: i for i, label in enumerate(sorted(set(labels)))}
    order = _order([rank_of[label] for label in labels], dag.operands)
    place = _places(order)
    return tuple([(labels[v], tuple(sorted([(place[o], n) for o, n in dag.operands[v]]))) for v in order])


def _places(order: Sequence[int]) -> list[int]:
    place = [0] * len(order)
    for i, v in enumerate(order):
        place[v] = i
    return place


def _order(ranks: list[int], operands: Sequence[Sequence[Link]]) -> list[int]:
    """The vertices in an order that depends on the graph and its ranks alone, but for automorphisms."""
    size, classes = len(ranks), 0
    while True:
        ranks, found = _refined(ranks, operands)
        if found == size:
            return sorted(range(size), key=ranks.__getitem__)
        if found == classes:
            break
        classes = found
    parts = _parts(ranks, operands)
    if len(parts) == 1:
        return _tried(ranks, operands)
    told = [_told(part, ranks, operands) for part in parts]
    told.sort(key=lambda pair: pair[0])
    return [v for _, order in told for v in order]


def _refined(ranks: list[int], operands: Sequence[Sequence[Link]]) -> tuple[list[int], int]:
    """Ranks that also tell apart what has other vertices below or above it, and how many there are."""
    below: list[int] = []
    for rank, edges in zip(ranks, operands, strict=True):
        mixed = (rank + 1) * _ODD
        for o, n in edges:
            x = (below[o] ^ n) * _ODD & _BITS
            mixed += x ^ x >> 31
        mixed &= _BITS
        below.append((mixed ^ mixed >> 29) * _ODD_TOO & _BITS)
    around = below[:]
    for v in range(len(ranks) - 1, -1, -1):
        mixed = around[v] & _BITS
        around[v] = mixed = (mixed ^ mixed >> 29) * _ODD_TOO & _BITS
        for o, n in operands[v]:
            x = (mixed ^ n) * _ODD & _BITS
            around[o] += x ^ x >> 31
    keys = list(zip(ranks, around, strict=True))
    distinct = sorted(set(keys))
    rank_of = {key: i for i, key in enumerate(distinct)}
    return [rank_of[key] for key in keys], len(distinct)


def _parts(ranks: list[int], operands: Sequence[Sequence[Link]]) -> list[list[int]]:
    """The vertices in parts that no edge joins, but for edges that all pairs of vertices of two ranks have alike.

    Such edges say nothing that ranks do not say. So each order of the parts, and of alike parts, is as good.
    """
    sizes = Counter(ranks)
    alike: Counter[tuple[int, int, tuple[int, ...]]] = Counter()
    pairs: list[tuple[int, int, tuple[int, int, tuple[int, ...]]]] = []
    for v, edges in enumerate(operands):
        numbers: dict[int, tuple[int, ...]] = {}
        for o, n in edges:
            if sizes[ranks[v]] > 1 or sizes[ranks[o]] > 1:
                numbers[o] = (*numbers.get(o, ()), n)
        for o, several in numbers.items():
            key = ranks[v], ranks[o], tuple(sorted(several))
            alike[key] += 1
            pairs.append((v, o, key))
    head = list(range(len(ranks)))

    def first(v: int) -> int:
        while head[v] != v:
            head[v] = v = head[head[v]]
        return v

    for v, o, key in pairs:
        if alike[key] != sizes[key[0]] * sizes[key[1]]:
            head[first(v)] = first(o)
    parts: dict[int, list[int]] = {}
    for v in range(len(ranks)):
        parts.setdefault(first(v), []).append(v)
    return list(parts.values())


def _told(part: list[int], ranks: list[int], operands: Sequence[Sequence[Link]]) -> tuple[_Told, list[int]]:
    """What a part is, by its ranks and inner edges, and its vertices in order."""
    if len(part) == 1:
        return ((ranks[part[0]], ()),), part
    number = {v: i for i, v in enumerate(part)}
    inner_ranks = [ranks[v] for v in part]
    inner = [[(number[o], n) for o, n in operands[v] if o in number] for v in part]
    order = _order(inner_ranks, inner)
    return _shape(order, inner_ranks, inner), [part[i] for i in order]


def _shape(order: list[int], ranks: list[int], operands: Sequence[Sequence[Link]]) -> _Told:
    place = _places(order)
    return tuple([(ranks[v], tuple(sorted([(place[o], n) for o, n in operands[v]]))) for v in order])


def _tried(ranks: list[int], operands: Sequence[Sequence[Link]]) -> list[int]:
    """The order of a graph that hangs together, by trying each vertex of the smallest class of several as its first."""
    sizes = Counter(ranks)
    _, chosen = min((size, rank) for rank, size in sizes.items() if size > 1)
    best: tuple[_Told, list[int]] | None = None
    for v, rank in enumerate(ranks):
        if rank == chosen:
            order = _order([2 * r - (w == v) for w, r in enumerate(ranks)], operands)
            told = _shape(order, ranks, operands)
            if best is None or told < best[0]:
                best = told, order
    assert best is not None
    return best[1]
