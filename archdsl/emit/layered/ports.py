"""Decides where links meet their nodes: operands in order, loose ones such that none cross, bars as wide as needed.

two operands of a bar come down at 10 and 90: a bar that is at least 30 wide stretches to 2 .. 98, and both arrive
without a bend
"""

from __future__ import annotations

from itertools import pairwise

from archdsl.emit.layered.grid import TRUNK, Grid, Net


def meet_nodes(grid: Grid) -> None:
    """Sets where each link meets its target, as far as that is known before rows are in order."""
    for item, node in enumerate(grid.nodes):
        edges = _arriving(grid, item)
        if node.stretch:
            count = max((grid.links[grid.link_of_edge[e]].into for e in edges), default=0) + 1
            for edge in edges:
                link = grid.link_of_edge[edge]
                grid.ends[link] = node.width * ((grid.links[link].into + 1) / (count + 1) - 0.5)
        elif node.ins:
            for edge in edges:
                link = grid.link_of_edge[edge]
                grid.ends[link] = node.ins[grid.links[link].into] - node.width / 2
        else:
            _part_twins(grid, edges, node.width)


def _arriving(grid: Grid, item: int) -> list[int]:
    return [edge for edge in grid.ups[item] if grid.link_of_edge[edge] != TRUNK]


def _part_twins(grid: Grid, edges: list[int], width: float) -> None:
    """Lets links of one tensor that meet one node arrive beside each other."""
    nets = sorted({grid.net_of_edge[edge] for edge in edges})
    for net in nets:
        twins = [edge for edge in edges if grid.net_of_edge[edge] == net]
        gap = min(grid.gaps.wire, width / (len(twins) + 1))
        for k, edge in enumerate(twins):
            grid.ends[grid.link_of_edge[edge]] = (k - (len(twins) - 1) / 2) * gap


def settle_ends(grid: Grid) -> None:
    """Gives loose operands their places, now that rows are in order, and reserves room for the texts of links."""
    place = [0] * len(grid.rank)
    for row in grid.rows:
        for index, item in enumerate(row):
            place[item] = index
    for item, node in enumerate(grid.nodes):
        edges = _arriving(grid, item)
        if node.loose and node.ins and not node.stretch:
            edges.sort(key=lambda edge: (place[grid.upper[edge]], grid.start_of(edge)))
            spots = sorted(node.ins)
            for k, edge in enumerate(edges):
                spot = spots[k if len(edges) <= len(spots) else k * len(spots) // len(edges)]
                grid.ends[grid.link_of_edge[edge]] = spot - node.width / 2
        if not node.stretch:
            _reserve_heads(grid, item, edges, -float("inf"), float("inf"))
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
    taken = low
    for k, link in enumerate(links):
        end, width = grid.ends[link], grid.links[link].head[0]
        reach = width + 2 * text
        following = high if k + 1 == len(links) else grid.ends[links[k + 1]]
        if width > 0 and end + reach <= following:
            grid.head_sides[link] = 1
            grid.right[item] = max(grid.right[item], end + text + width)
            taken = end + reach
        elif width > 0 and end - reach >= taken:
            grid.head_sides[link] = -1
            grid.left[item] = max(grid.left[item], text + width - end)
            taken = end
        else:
            taken = end


def stretch_bars(grid: Grid, middles: list[float]) -> None:
    """Widens each bar over all that it is linked to, as far as its neighbours let it, and settles where they meet."""
    nets: list[list[Net]] = [[] for _ in grid.nodes]
    for net in grid.nets:
        nets[net.source].append(net)
    for row in grid.rows:
        for index, item in enumerate(row):
            if item < len(grid.nodes) and grid.nodes[item].stretch:
                low = _limit(grid, middles, item, row[index - 1] if index > 0 else None, -1)
                high = _limit(grid, middles, item, row[index + 1] if index + 1 < len(row) else None, 1)
                _stretch(grid, middles, item, nets[item], low, high)


def _limit(grid: Grid, middles: list[float], item: int, neighbour: int | None, side: int) -> float:
    """How far an item may reach to the left (-1) or right (1)."""
    if neighbour is None:
        return side * float("inf")
    reach = grid.left[neighbour] if side == 1 else grid.right[neighbour]
    gap = grid.gaps.node if neighbour < len(grid.nodes) else grid.gaps.wire / 2
    free = middles[neighbour] - side * (reach + gap)
    # Rounding must not make a bar narrower than it is.
    own = middles[item] + side * (grid.right[item] if side == 1 else grid.left[item])
    return max(free, own) if side == 1 else min(free, own)


def _stretch(grid: Grid, middles: list[float], item: int, nets: list[Net], low: float, high: float) -> None:
    node, text = grid.nodes[item], grid.gaps.text
    inset = min(grid.gaps.wire / 2, node.width / 2)
    ins = _arriving(grid, item)
    wants = {edge: middles[grid.upper[edge]] + grid.start_of(edge) for edge in ins}
    if node.loose:
        ins.sort(key=lambda edge: wants[edge])
    else:
        ins.sort(key=lambda edge: (grid.links[grid.link_of_edge[edge]].into, wants[edge]))
    nets = sorted(nets, key=lambda net: net.out)
    goals = [_goal(grid, middles, net) for net in nets]
    spots = [wants[edge] for edge in ins] + goals
    heads = [grid.links[grid.link_of_edge[edge]].head[0] for edge in ins]
    tails = [net.label[0] if net.label_side == 1 else 0.0 for net in nets]
    left, right = middles[item] - node.width / 2, middles[item] + node.width / 2
    left = max(low, min([left] + [spot - inset for spot in spots]))
    right = min(high, max([right] + [spot + inset for spot in spots]))
    ends = _spread([wants[edge] for edge in ins], heads, left + inset, right - inset, high, grid)
    starts = _spread(goals, tails, left + inset, right - inset, high, grid)
    middle = middles[item] = (left + right) / 2
    grid.widths[item] = right - left
    grid.left[item] = grid.right[item] = (right - left) / 2
    for edge, end in zip(ins, ends, strict=True):
        grid.ends[grid.link_of_edge[edge]] = end - middle
    _reserve_heads(grid, item, ins, low - middle, high - middle)
    for net, start, tail in zip(nets, starts, tails, strict=True):
        net.start = start - middle
        if tail > 0:
            grid.right[item] = max(grid.right[item], start - middle + tail + text)


def _goal(grid: Grid, middles: list[float], net: Net) -> float:
    """Where a net should leave its bar: above the middle of what it leads to; above one of them if that is near."""
    spots = [middles[grid.lower[edge]] + grid.end_of(edge) for edge in grid.downs[net.source]
             if grid.nets[grid.net_of_edge[edge]] is net and not grid.is_weak(edge)]  # fmt: skip
    if not spots:
        return middles[net.source]
    return (min(spots) + max(spots)) / 2


def _spread(wants: list[float], texts: list[float], low: float, high: float, limit: float, grid: Grid) -> list[float]:
    """Places in order, each near where it is wanted, with room for the texts to their right; spread if out of order."""
    count = len(wants)
    room = [grid.gaps.wire + (text + grid.gaps.text if text > 0 else 0.0) for text in texts]
    ordered = all(a <= b for a, b in pairwise(wants))
    if not ordered:
        return [low + (high - low) * (k + 1) / (count + 1) for k in range(count)]
    result = wants[:]
    bound = low
    for k in range(count):
        result[k] = max(result[k], bound)
        bound = result[k] + room[k]
    bound = high
    for k in range(count - 1, -1, -1):
        ceiling = min(bound, limit - texts[k] - grid.gaps.text) if texts[k] > 0 else bound
        result[k] = min(result[k], ceiling)
        bound = result[k] - (room[k - 1] if k > 0 else 0.0)
    if count and result[0] < low:
        return [low + (high - low) * (k + 1) / (count + 1) for k in range(count)]
    return result
