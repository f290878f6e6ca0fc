"""Lets wires meet small nodes, such as the circle of an addition, from the left and the right beside from above.

    x -> conv -> add, x -> add: conv's wire comes straight down, and x's, which passes to the right, turns into the
    right side of the circle: one bend, and two arrows that a reader can tell apart

Which wires should is decided when rows are in order, so that there is room; where they go down, when all has its x.
"""

from __future__ import annotations

from archdsl.emit.layered.columns import preferred_above
from archdsl.emit.layered.grid import Grid


def choose_sides(grid: Grid) -> None:
    """Says which links should meet their targets from a side, by the order of rows, and reserves room for these.

    What should come straight comes from above, of three and more the middle one, and those next to it from the sides.
    """
    place = grid.places()
    for item, node in enumerate(grid.nodes):
        edges = grid.arriving(item)
        nets = {grid.net_of_edge[edge] for edge in edges}
        if not node.sides or len(edges) < 2:
            continue
        head = _widest_head(grid, edges)
        if head > 0:  # two that come from above after all have their texts on either side
            grid.left[item] = max(grid.left[item], node.width / 2 + head + grid.gaps.text)
            grid.right[item] = max(grid.right[item], node.width / 2 + head + grid.gaps.text)
        if len(nets) < len(edges):
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
                link = grid.link_of_edge[edges[index]]
                grid.sides[link] = side
                reserved = near_side(grid, item) + _beside(grid, link)
                if side == 1:
                    grid.right[item] = max(grid.right[item], reserved)
                else:
                    grid.left[item] = max(grid.left[item], reserved)


def _widest_head(grid: Grid, edges: list[int]) -> float:
    return max([grid.links[grid.link_of_edge[edge]].head[0] for edge in edges], default=0.0)


def near_side(grid: Grid, item: int) -> float:
    """How far from the middle of an item a wire to its side goes down at least: texts at its top stand between."""
    head = _widest_head(grid, grid.arriving(item))
    return max(grid.widths[item] / 2 + grid.gaps.arrow, head + 2 * grid.gaps.text if head > 0 else 0.0)


def between_sides(grid: Grid, middles: list[float], item: int, low: float, high: float) -> tuple[float, float]:
    """What is left of the room from `low` to `high` above an item between the wires to its sides."""
    for edge in grid.ups[item]:
        side = grid.sides.get(grid.link_of_edge[edge], 0)
        clear = near_side(grid, item) - grid.gaps.text
        if side == 1:
            high = min(high, middles[item] + clear)
        elif side == -1:
            low = max(low, middles[item] - clear)
    return low, high


def _beside(grid: Grid, link: int) -> float:
    """The room that the text of a link needs on the far side of where it goes down."""
    head = grid.links[link].head[0]
    return head + grid.gaps.text if head > 0 else 0.0


def keep_sides(grid: Grid, middles: list[float], item: int) -> bool:
    """Whether all links that should meet a side of an item come from there; one that comes from above it does not."""
    before = len(grid.sides)
    for edge in grid.ups[item]:
        link = grid.link_of_edge[edge]
        if link in grid.sides and _away(grid, middles, edge) < grid.widths[item] / 2:
            del grid.sides[link]
    return len(grid.sides) == before


def side_offset(grid: Grid, middles: list[float], edge: int) -> float:
    """How far an edge to a side comes down from the place next to its target, 0 for one that is far enough away."""
    item, side = grid.lower[edge], grid.sides[grid.link_of_edge[edge]]
    return side * min(0.0, _away(grid, middles, edge) - near_side(grid, item))


def _away(grid: Grid, middles: list[float], edge: int) -> float:
    """How far from the middle of its target an edge comes down, on the side that it should meet."""
    comes = middles[grid.upper[edge]] + grid.start_of(edge)
    return grid.sides[grid.link_of_edge[edge]] * (comes - middles[grid.lower[edge]])


def settle_sides(grid: Grid, middles: list[float], row: list[int], index: int) -> None:
    """Says where links that meet a side of an item go down: where they come from, or if that is cut off next to it."""
    item = row[index]
    for edge in grid.ups[item]:
        link = grid.link_of_edge[edge]
        if link not in grid.sides:
            continue
        side, away = grid.sides[link], _away(grid, middles, edge)
        free = float("inf")
        if 0 <= index + side < len(row):
            other = row[index + side]
            reach = grid.left[other] if side == 1 else grid.right[other]
            free = side * (middles[other] - middles[item]) - reach - grid.gaps.wire - _beside(grid, link)
        near = near_side(grid, item)
        comes = middles[grid.upper[edge]] + grid.start_of(edge)
        grid.drops[link] = comes if near - 1e-6 <= away <= free else middles[item] + side * near
        grid.head_sides[link] = side if grid.links[link].head[0] > 0 else 0
        reach = side * (grid.drops[link] - middles[item]) + _beside(grid, link)
        if side == 1:
            grid.right[item] = max(grid.right[item], reach)
        else:
            grid.left[item] = max(grid.left[item], reach)
