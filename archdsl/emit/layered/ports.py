"""Decides where links meet their nodes: operands in order, loose ones such that none cross, bars as wide as needed.

    two operands come down at 10 and 90: a bar that is at least 30 wide stretches to 6 .. 94, and both arrive without
    a bend; a box from 30 to 70 takes them at 34 and 66

Where a node says itself where it is met, that is so. The text at an arrow head stands to the right of its wire where
the next wire leaves it room, else to the left.
"""

from __future__ import annotations

from archdsl.emit.layered.grid import Grid, Net
from archdsl.emit.layered.sides import between_sides, keep_sides, settle_sides

_FAR = float("inf")
_ROUNDING = 1e-9


def meet_nodes(grid: Grid) -> None:
    """Sets where each link meets its target, and each net leaves its source, before rows are in order."""
    for item, node in enumerate(grid.nodes):
        edges = grid.arriving(item)
        fixed = node.ins and not node.stretch
        count = max([grid.links[grid.link_of_edge[edge]].into for edge in edges], default=0) + 1
        for edge in edges:
            link = grid.link_of_edge[edge]
            into = grid.links[link].into
            spread = grid.widths[item] * ((into + 1) / (count + 1) - 0.5)
            grid.ends[link] = node.ins[into] - node.width / 2 if fixed else spread
    leaving = [0] * len(grid.nodes)
    for net in grid.nets:
        leaving[net.source] = max(leaving[net.source], net.out + 1)
    for net in grid.nets:
        node = grid.nodes[net.source]
        if (node.stretch or not node.outs) and leaving[net.source] > 1:
            net.start = grid.widths[net.source] * ((net.out + 1) / (leaving[net.source] + 1) - 0.5)


def settle_ends(grid: Grid) -> None:
    """Gives loose operands their places, now that rows are in order, and reserves room for the texts of links."""
    place = grid.places()
    for item, node in enumerate(grid.nodes):
        edges = grid.arriving(item)
        if node.ins and not node.stretch:
            if node.loose:
                edges.sort(key=lambda edge: (place[grid.upper[edge]], grid.start_of(edge)))
                spots = sorted(node.ins)
                for k, edge in enumerate(edges):
                    spot = spots[k if len(edges) <= len(spots) else k * len(spots) // len(edges)]
                    grid.ends[grid.link_of_edge[edge]] = spot - node.width / 2
            _reserve_heads(grid, item, edges, -_FAR, _FAR)
        elif len(edges) == 1 and not node.stretch:
            _reserve_heads(grid, item, edges, -_FAR, _FAR)
        elif not node.sides:
            head = max([grid.links[grid.link_of_edge[edge]].head[0] for edge in edges], default=0.0)
            if head > 0:
                last = grid.widths[item] / 2 - _inset(grid, item)
                grid.right[item] = max(grid.right[item], last + head + grid.gaps.text)
    for net in grid.nets:
        reach = net.label[0] + grid.gaps.text
        if net.label[0] > 0 and net.label_side == 1:
            grid.right[net.source] = max(grid.right[net.source], net.start + reach)
        elif net.label[0] > 0 and net.label_side == -1:
            grid.left[net.source] = max(grid.left[net.source], reach - net.start)


def _reserve_heads(grid: Grid, item: int, edges: list[int], low: float, high: float) -> None:
    """Puts the text of each arrow head beside it where there is room between `low` and `high`; else there is none."""
    text = grid.gaps.text
    links = sorted([grid.link_of_edge[edge] for edge in edges], key=lambda link: grid.ends[link])
    taken = low - text
    for k, link in enumerate(links):
        end, width = grid.ends[link], grid.links[link].head[0]
        reach = width + 2 * text
        following = high + text if k + 1 == len(links) else grid.ends[links[k + 1]]
        if width > 0 and end + reach <= following + _ROUNDING:
            grid.head_sides[link] = 1
            grid.right[item] = max(grid.right[item], end + text + width)
            taken = end + reach
        elif width > 0 and end - reach >= taken - _ROUNDING:
            grid.head_sides[link] = -1
            grid.left[item] = max(grid.left[item], text + width - end)
            taken = end
        else:
            taken = end


def settle_ports(grid: Grid, middles: list[float]) -> None:
    """Settles where links meet nodes that leave it to the layout, and widens bars over all that they are linked to."""
    nets: list[list[Net]] = [[] for _ in grid.nodes]
    for net in grid.nets:
        nets[net.source].append(net)
    for row in grid.rows:
        for index, item in enumerate(row):
            if item < len(grid.nodes):
                node = grid.nodes[item]
                low = _limit(grid, middles, item, row[index - 1] if index > 0 else None, -1)
                high = _limit(grid, middles, item, row[index + 1] if index + 1 < len(row) else None, 1)
                keep_sides(grid, middles, item)
                if node.stretch:
                    _stretch(grid, middles, item, nets[item], low, high)
                if node.stretch or not node.ins:
                    _settle_ins(grid, middles, item, low, high)
                if node.stretch or not node.outs:
                    _settle_outs(grid, middles, item, nets[item], high)


def settle_drops(grid: Grid, middles: list[float]) -> None:
    """Settles which links meet a side of their target, now that all else stands where it stays."""
    for row in grid.rows:
        for index, item in enumerate(row):
            if item < len(grid.nodes) and grid.nodes[item].sides:
                if not keep_sides(grid, middles, item):
                    _settle_ins(grid, middles, item, middles[item] - grid.left[item], middles[item] + grid.right[item])
                settle_sides(grid, middles, row, index)


def _limit(grid: Grid, middles: list[float], item: int, neighbour: int | None, side: int) -> float:
    """How far an item may reach to the left (-1) or right (1)."""
    if neighbour is None:
        return side * _FAR
    reach = grid.left[neighbour] if side == 1 else grid.right[neighbour]
    gap = grid.gaps.node if neighbour < len(grid.nodes) else grid.gaps.wire / 2
    free = middles[neighbour] - side * (reach + gap)
    own = middles[item] + side * (grid.right[item] if side == 1 else grid.left[item])
    return max(free, own) if side == 1 else min(free, own)  # rounding must not take from its own room


def _stretch(grid: Grid, middles: list[float], item: int, nets: list[Net], low: float, high: float) -> None:
    inset = _inset(grid, item)
    spots = [middles[grid.upper[edge]] + grid.start_of(edge) for edge in grid.arriving(item)]
    spots += [_goal(grid, middles, net) for net in nets]
    left, right = middles[item] - grid.widths[item] / 2, middles[item] + grid.widths[item] / 2
    for spot in spots:
        left, right = min(left, spot - inset), max(right, spot + inset)
    left, right = max(left, low), min(right, high)
    middle = (left + right) / 2
    grid.left[item] = max(grid.left[item] + middle - middles[item], (right - left) / 2)
    grid.right[item] = max(grid.right[item] - middle + middles[item], (right - left) / 2)
    middles[item] = middle
    grid.widths[item] = right - left


def _inset(grid: Grid, item: int) -> float:
    """How far from its ends a bar is met at least."""
    return min(grid.gaps.wire / 2, grid.widths[item] / 2)


def _settle_ins(grid: Grid, middles: list[float], item: int, low: float, high: float) -> None:
    node, middle = grid.nodes[item], middles[item]
    edges = [edge for edge in grid.arriving(item) if grid.link_of_edge[edge] not in grid.sides]
    if not edges:
        return
    wants = {edge: middles[grid.upper[edge]] + grid.start_of(edge) - middle for edge in edges}
    if node.loose or node.sides:
        edges.sort(key=lambda edge: wants[edge])
    else:
        edges.sort(key=lambda edge: (grid.links[grid.link_of_edge[edge]].into, wants[edge]))
    heads = [grid.links[grid.link_of_edge[edge]].head[0] for edge in edges]
    if node.sides:
        low, high = between_sides(grid, middles, item, low, high)
    goals = [wants[edge] if node.stretch or len(edges) > 1 else 0.0 for edge in edges]
    for edge, end in zip(edges, _spread_heads(grid, item, goals, heads, high - middle), strict=True):
        grid.ends[grid.link_of_edge[edge]] = end
    if node.stretch or node.sides or len(edges) > 1:
        _reserve_heads(grid, item, edges, low - middle, high - middle)


def _spread_heads(grid: Grid, item: int, goals: list[float], heads: list[float], high: float) -> list[float]:
    """Places of arrows; where the text of the last has no room to the right and some to the left, it stands there."""
    ends = _spread(grid, item, goals, heads, high)
    if len(ends) > 1 and heads[-1] > 0 and ends[-1] < goals[-1]:
        nearer = _spread(grid, item, goals, [*heads[:-1], 0.0], high)
        text = heads[-1] + 2 * grid.gaps.text
        if nearer[-1] - text >= nearer[-2] + (heads[-2] + 2 * grid.gaps.text if heads[-2] > 0 else 0.0):
            return nearer
    return ends


def _settle_outs(grid: Grid, middles: list[float], item: int, nets: list[Net], high: float) -> None:
    nets = sorted(nets, key=lambda net: net.out)
    texts = [net.label[0] if net.label_side == 1 else 0.0 for net in nets]
    several = grid.nodes[item].stretch or len(nets) > 1
    goals = [_goal(grid, middles, net) - middles[item] if several else 0.0 for net in nets]
    for net, start, text in zip(nets, _spread(grid, item, goals, texts, high - middles[item]), texts, strict=True):
        net.start = start
        if text > 0:
            grid.right[item] = max(grid.right[item], start + text + grid.gaps.text)


def _goal(grid: Grid, middles: list[float], net: Net) -> float:
    """Where a net should leave its source: above the middle of what it leads to."""
    edges = [edge for edge in grid.downs[net.source] if grid.nets[grid.net_of_edge[edge]] is net]
    edges = [edge for edge in edges if not grid.is_weak(edge)] or edges
    spots: list[float] = []
    for edge in edges:
        lower = grid.lower[edge]
        bar = lower < len(grid.nodes) and grid.nodes[lower].stretch
        fixed = lower < len(grid.nodes) and grid.nodes[lower].ins and not bar
        # A bar takes what comes down wherever that is.
        spots.append(middles[net.source] if bar else middles[lower] + (grid.end_of(edge) if fixed else 0.0))
    return (min(spots) + max(spots)) / 2


def _spread(grid: Grid, item: int, wants: list[float], texts: list[float], limit: float) -> list[float]:
    """Places on a side of an item, in order, as near as can be to where they are wanted, with room for texts.

    Of places that come too near to each other the mean stays: a regression that rises (Ayer et al. 1955).
    """
    if wants == [0.0] and texts[0] <= 0:
        return [0.0]  # of most nodes
    half = grid.widths[item] / 2 - _inset(grid, item)
    room = [grid.room(text) for text in texts]
    bounds = [half if text <= 0 else min(half, limit - text - grid.gaps.text) for text in texts]
    offsets = [0.0]
    for distance in room[:-1]:
        offsets.append(offsets[-1] + distance)
    groups: list[tuple[float, int]] = []  # sum and number of what is wanted, less the offsets
    for want, offset in zip(wants, offsets, strict=False):
        total, count = min(max(want, -half), half) - offset, 1
        while groups and groups[-1][0] / groups[-1][1] >= total / count:
            total, count = total + groups[-1][0], count + groups[-1][1]
            groups.pop()
        groups.append((total, count))
    places: list[float] = []
    for total, count in groups:
        places += [total / count] * count
    places = [place + offset for place, offset in zip(places, offsets, strict=False)]
    ceiling = _FAR
    for k in range(len(places) - 1, -1, -1):
        places[k] = min(places[k], bounds[k], ceiling)
        ceiling = places[k] - (room[k - 1] if k > 0 else 0.0)
    floor = -half
    for k in range(len(places)):
        places[k] = max(places[k], floor)
        floor = places[k] + room[k]
    if all(place <= bound + _ROUNDING for place, bound in zip(places, bounds, strict=True)):
        return places
    return [grid.widths[item] * ((k + 1) / (len(wants) + 1) - 0.5) for k in range(len(wants))]
