"""Gives items their x, after Brandes, Köpf 2001 with the erratum of Brandes, Walter, Zink 2020.

Items are aligned with the median of what they are linked to in the row above, or below, from the left or from the
right; aligned items make blocks, and blocks are pushed together. Of the four layouts that come of it, aligned to the
narrowest, each item takes the mean of the two middle places. Items have sizes and links leave and arrive at any place
of them, so within a block items are shifted (Rüegg, Schulze, Carstens, von Hanxleden 2015).

    a -> b, a -> c, a -> d     from above, a takes b (from the left) or d (from the right) into its block; from below
                               it stands above c both times; the mean of the middle two is c's column

Which of its links an item may be aligned along is decided beforehand from both ends (`_straight_edges`): in a residual
block the long way, so that it is one straight column, and not the skip.
"""

from __future__ import annotations

from itertools import pairwise
from operator import add, sub

from archdsl.emit.layered.grid import TRUNK, Grid

# What each item may be aligned with in the next row, in order, and its shift against that.
Alignments = list[list[tuple[int, float]]]


def place_columns(grid: Grid, above: Alignments, below: Alignments) -> list[float]:
    """The x of the middle of each item; the leftmost reach is at 0."""
    layouts: list[list[float]] = []
    extents: list[tuple[float, float]] = []
    for upwards in (False, True):
        for mirrored in (False, True):
            middles = _one_layout(grid, below if upwards else above, upwards, mirrored)
            extents.append(_extent(grid, middles))
            layouts.append(middles)
    goal = min(extents, key=lambda extent: extent[1] - extent[0])
    for index, middles in enumerate(layouts):
        move = goal[index % 2] - extents[index][index % 2]
        layouts[index] = [middle + move for middle in middles]
    result: list[float] = []
    for places in zip(*layouts, strict=True):
        four = sorted(places)
        result.append((four[1] + four[2]) / 2)
    low = _extent(grid, result)[0]
    return [middle - low for middle in result]


def _extent(grid: Grid, middles: list[float]) -> tuple[float, float]:
    low, high = min(map(sub, middles, grid.left), default=0.0), max(map(add, middles, grid.right), default=0.0)
    return low, high


def alignments(grid: Grid) -> tuple[Alignments, Alignments]:
    """What items may be aligned with above them, and below them."""
    place = grid.places()
    straight = _straight_edges(grid, place)
    above: Alignments = [[] for _ in grid.rank]
    below: Alignments = [[] for _ in grid.rank]
    for edge, upper in enumerate(grid.upper):
        if straight[edge]:
            shift = _anchor_below(grid, edge) - _anchor_above(grid, edge)
            above[grid.lower[edge]].append((upper, shift))
            below[upper].append((grid.lower[edge], -shift))
    for linked in [*above, *below]:
        if len(linked) > 1:
            linked.sort(key=lambda pair: place[pair[0]])
    return above, below


def _straight_edges(grid: Grid, place: list[int]) -> list[bool]:
    """Which edges may be straight: those that both ends prefer and that cross none of more weight."""
    count = [0] * len(grid.upper)
    for item in range(len(grid.rank)):
        for edge in _preferred_below(grid, item):
            count[edge] += 1
        for edge in preferred_above(grid, item):
            count[edge] += 1
    straight = [both == 2 for both in count]
    weight = [_weight(grid, edge) for edge in range(len(grid.upper))]
    for row in grid.rows:
        edges = [edge for item in row for edge in grid.downs[item] if straight[edge]]
        edges.sort(key=lambda edge: place[grid.lower[edge]])
        for strong in (2, 1) if len(edges) > 1 else ():
            _drop_crossing(grid, edges, strong, place, weight, straight)
    return straight


def _weight(grid: Grid, edge: int) -> int:
    """What an edge counts where two cross and one must bend: 2 on the longest way on, 1 between lanes, else 0."""
    upper, lower = grid.upper[edge], grid.lower[edge]
    if upper < len(grid.nodes) and lower < len(grid.nodes):
        return 2 if grid.depths[upper] == grid.depths[lower] + 1 else 0
    return int(upper >= len(grid.nodes) and lower >= len(grid.nodes))


def _drop_crossing(
    grid: Grid, edges: list[int], strong: int, place: list[int], weight: list[int], straight: list[bool]
) -> None:
    """Unmarks edges of less than `strong` weight that cross one of that weight; `edges` are sorted by lower place."""
    for backwards in (False, True):
        limit = -1  # the furthest upper place of strong edges whose lower place is strictly passed
        pending, at = -1, -1
        for edge in reversed(edges) if backwards else edges:
            upper, lower = place[grid.upper[edge]], place[grid.lower[edge]]
            if backwards:
                upper = len(grid.rank) - upper
            if lower != at:
                limit, at = max(limit, pending), lower
            if weight[edge] == strong and straight[edge]:
                pending = max(pending, upper)
            elif weight[edge] < strong and limit > upper:
                straight[edge] = False


def _preferred_below(grid: Grid, item: int) -> list[int]:
    """The edges out of an item that should be straight: of two the one with the longer way, and no skips."""
    edges = grid.downs[item]
    if len(edges) == 1:
        return edges
    trunk = [edge for edge in edges if grid.link_of_edge[edge] == TRUNK]
    if item >= len(grid.nodes):
        return trunk or edges
    edges = [edge for edge in edges if not grid.is_weak(edge)] or edges
    if len(edges) == 2:
        depths = [_depth(grid, edge) for edge in edges]
        if depths[0] != depths[1]:
            return [edges[0] if depths[0] > depths[1] else edges[1]]
    return edges


def _depth(grid: Grid, edge: int) -> int:
    """How far down the way goes on that an edge begins."""
    net = grid.nets[grid.net_of_edge[edge]]
    link = grid.link_of_edge[edge]
    return grid.depths[grid.links[net.links[0] if link == TRUNK else link].target]


def preferred_above(grid: Grid, item: int) -> list[int]:
    """The edges into an item that should be straight: of two the direct one; no skip, nor what stands on its own."""
    edges = grid.ups[item]
    if len(edges) == 1:
        return edges
    edges = [edge for edge in edges if not grid.is_weak(edge)] or edges
    edges = [edge for edge in edges if not grid.free[grid.nets[grid.net_of_edge[edge]].source]] or edges
    edges = [edge for edge in edges if grid.ups[grid.nets[grid.net_of_edge[edge]].source]] or edges
    if item < len(grid.nodes) and len(edges) == 2:
        direct = [edge for edge in edges if grid.upper[edge] < len(grid.nodes)]
        return direct if len(direct) == 1 else edges
    return edges


def _anchor_below(grid: Grid, edge: int) -> float:
    """Where an edge leaves its upper item, for alignment: a node that several nets leave is aligned as a whole."""
    item = grid.upper[edge]
    return _only_start(grid, item) if item < len(grid.nodes) else 0.0


def _only_start(grid: Grid, item: int) -> float:
    if grid.nodes[item].stretch or not grid.downs[item]:
        return 0.0
    start = grid.start_of(grid.downs[item][0])
    return start if all(grid.start_of(edge) == start for edge in grid.downs[item]) else 0.0


def _anchor_above(grid: Grid, edge: int) -> float:
    """Where an edge meets its lower item, for alignment: a node with several operands stands below its results'."""
    item = grid.lower[edge]
    if item >= len(grid.nodes) or grid.nodes[item].stretch:
        return 0.0
    end = grid.end_of(edge)
    return end if all(grid.end_of(other) == end for other in grid.ups[item]) else _only_start(grid, item)


def _one_layout(grid: Grid, linked: Alignments, upwards: bool, mirrored: bool) -> list[float]:
    rows = [row[::-1] if mirrored else row for row in (reversed(grid.rows) if upwards else grid.rows)]
    sign = -1.0 if mirrored else 1.0
    root, shift = _align(rows, linked, mirrored)
    left, right = (grid.right, grid.left) if mirrored else (grid.left, grid.right)
    middles = _push_together(grid, rows, root, shift, left, right)
    return [sign * middle for middle in middles]


def _align(rows: list[list[int]], linked: Alignments, mirrored: bool) -> tuple[list[int], list[float]]:
    """The block of each item, named by its first item, and the item's shift against that."""
    root = list(range(len(linked)))
    shift = [0.0] * len(linked)
    place = [0] * len(linked)
    for row in rows:
        for index, item in enumerate(row):
            place[item] = index
        last = -1  # of the row before, the last that is aligned
        for item in row:
            middle = linked[item][(len(linked[item]) - 1) // 2 : len(linked[item]) // 2 + 1]
            for other, move in reversed(middle) if mirrored else middle:
                if root[item] == item and place[other] > last:
                    root[item] = root[other]
                    shift[item] = shift[other] - move if mirrored else shift[other] + move
                    last = place[other]
    return root, shift


def _push_together(
    grid: Grid, rows: list[list[int]], root: list[int], shift: list[float], left: list[float], right: list[float]
) -> list[float]:
    """Puts blocks as far to the left as their neighbours let them, then each up to its right neighbours."""
    size = len(grid.rank)
    nexts: list[list[tuple[int, float]]] = [[] for _ in range(size)]
    waiting = [0] * size
    start = [0.0] * size
    for item in range(size):
        start[root[item]] = max(start[root[item]], left[item] - shift[item])
    nodes, apart, near = len(grid.nodes), grid.gaps.node, grid.gaps.wire  # as `grid.gap`
    for row in rows:
        for a, b in pairwise(row):
            gap = apart if a < nodes and b < nodes else near
            nexts[root[a]].append((root[b], right[a] + gap + left[b] + shift[a] - shift[b]))
            waiting[root[b]] += 1
    sequence = [item for item in range(size) if root[item] == item and waiting[item] == 0]
    for block in sequence:  # grows while it is read
        for other, distance in nexts[block]:
            start[other] = max(start[other], start[block] + distance)
            waiting[other] -= 1
            if waiting[other] == 0:
                sequence.append(other)
    for block in reversed(sequence):
        if nexts[block]:
            start[block] = max(start[block], min(start[other] - distance for other, distance in nexts[block]))
    return [start[root[item]] + shift[item] for item in range(size)]
