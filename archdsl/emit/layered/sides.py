"""Lets wires meet small nodes, such as the circle of an addition, from the left and the right beside from above.

x -> conv -> add, x -> add: the box above comes straight down, and x's wire, which passes to the right, turns into
the right side of the circle: one bend, and two arrows that a reader can tell apart
"""

from __future__ import annotations

from archdsl.emit.layered.columns import preferred_above
from archdsl.emit.layered.grid import TRUNK, Grid


def choose_sides(grid: Grid) -> None:
    """Says which links should meet their targets from a side, by the order of rows, and reserves room for these.

    What should come straight comes from above, of three and more the middle one, and those next to it from the sides.
    """
    place = [0] * len(grid.rank)
    for row in grid.rows:
        for index, item in enumerate(row):
            place[item] = index
    for item, node in enumerate(grid.nodes):
        edges = [edge for edge in grid.ups[item] if grid.link_of_edge[edge] != TRUNK]
        nets = {grid.net_of_edge[edge] for edge in edges}
        named = any(grid.links[grid.link_of_edge[edge]].head[0] > 0 for edge in edges)  # their names need the room
        if not node.sides or named or len(edges) < 2 or len(nets) < len(edges):
            continue
        edges.sort(key=lambda edge: (place[grid.upper[edge]], grid.start_of(edge)))
        straight = preferred_above(grid, item)
        if len(straight) == 1:
            top = edges.index(straight[0])
            beside = [(-1, top - 1), (1, top + 1)]
        elif len(edges) == 2:
            beside = [(-1, 0), (1, 1)]
        else:
            beside = [(-1, len(edges) // 2 - 1), (1, len(edges) // 2 + 1)]
        for side, index in beside:
            if 0 <= index < len(edges):
                grid.sides[grid.link_of_edge[edges[index]]] = side
                reserved = node.width / 2 + grid.gaps.arrow
                if side == 1:
                    grid.right[item] = max(grid.right[item], reserved)
                else:
                    grid.left[item] = max(grid.left[item], reserved)


def keep_sides(grid: Grid, middles: list[float], item: int) -> bool:
    """Whether all links that should meet a side of an item come from there; one that comes from above it does not."""
    before = len(grid.sides)
    for edge in grid.ups[item]:
        link = grid.link_of_edge[edge]
        if link != TRUNK and link in grid.sides and _away(grid, middles, edge) < grid.widths[item] / 2:
            del grid.sides[link]
    return len(grid.sides) == before


def side_offset(grid: Grid, middles: list[float], edge: int) -> float:
    """How far an edge to a side comes down from the place next to its target, 0 for one that is far enough away."""
    item, side = grid.lower[edge], grid.sides[grid.link_of_edge[edge]]
    return side * min(0.0, _away(grid, middles, edge) - grid.widths[item] / 2 - grid.gaps.arrow)


def _away(grid: Grid, middles: list[float], edge: int) -> float:
    """How far from the middle of its target an edge comes down, on the side that it should meet."""
    comes = middles[grid.upper[edge]] + grid.start_of(edge)
    return grid.sides[grid.link_of_edge[edge]] * (comes - middles[grid.lower[edge]])


def settle_sides(grid: Grid, middles: list[float], row: list[int], index: int) -> None:
    """Says where links that meet a side of an item go down: where they come from, or if that is cut off next to it."""
    item = row[index]
    for edge in grid.ups[item]:
        link = grid.link_of_edge[edge]
        if link == TRUNK or link not in grid.sides:
            continue
        side, away = grid.sides[link], _away(grid, middles, edge)
        free = float("inf")
        if 0 <= index + side < len(row):
            other = row[index + side]
            reach = grid.left[other] if side == 1 else grid.right[other]
            free = side * (middles[other] - middles[item]) - reach - grid.gaps.wire
        near = grid.widths[item] / 2 + grid.gaps.arrow
        comes = middles[grid.upper[edge]] + grid.start_of(edge)
        grid.drops[link] = comes if near - 1e-6 <= away <= free else middles[item] + side * near
        if side == 1:
            grid.right[item] = max(grid.right[item], grid.drops[link] - middles[item])
        else:
            grid.left[item] = max(grid.left[item], middles[item] - grid.drops[link])
