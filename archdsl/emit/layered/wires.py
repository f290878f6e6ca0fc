"""Draws the links of a grid whose items have their x: heights of rows and channels, polylines, places of texts."""

from __future__ import annotations

from archdsl.emit.layered.channels import Crossbar, assign_tracks
from archdsl.emit.layered.grid import TRUNK, Grid, Net
from archdsl.emit.layered.model import LayeredPlan, Spot

_STRAIGHT = 1e-6  # what two places may differ by, in points, and be one: rounding


class Channel:
    """The room below a row: the parts of nets in it, and how high it and the texts in it are."""

    def __init__(self) -> None:
        """A channel without wires."""
        self.bars: list[Crossbar] = []
        self.first: dict[int, Crossbar] = {}  # of each net that bends
        self.fixed: list[float] = []  # where nets pass straight
        self.height = 0.0
        self.before_tracks = 0.0


def draw_wires(grid: Grid, middles: list[float]) -> LayeredPlan:
    """The plan of a grid."""
    channels = [_channel(grid, middles, rank) for rank in range(len(grid.rows))]
    spans = [max([grid.height[item] for item in row], default=0.0) for row in grid.rows]
    tops: list[float] = []
    height = 0.0
    for span, channel in zip(spans, channels, strict=True):
        tops.append(height)
        height = height + span + channel.height
    corners = [
        (middles[k] - grid.widths[k] / 2, tops[grid.rank[k]] + (spans[grid.rank[k]] - node.height) / 2)
        for k, node in enumerate(grid.nodes)
    ]
    bottoms = [top + span for top, span in zip(tops, spans, strict=True)]
    wires: list[list[Spot]] = [[] for _ in grid.links]
    for index, net in enumerate(grid.nets):
        _draw_net(grid, middles, index, net, channels, bottoms, corners, wires)
    labels = [_label(grid, middles, link, tops, spans) for link in range(len(grid.links))]
    heads = [_head(grid, middles, link, tops) for link in range(len(grid.links))]
    low, high = _reach(grid, corners, wires, labels, heads)
    return LayeredPlan(
        high - low,
        height,
        tuple([(x - low, y) for x, y in corners]),
        tuple(grid.widths),
        tuple([tuple([(x - low, y) for x, y in wire]) for wire in wires]),
        tuple([None if spot is None else (spot[0] - low, spot[1]) for spot in labels]),
        tuple([None if spot is None else (spot[0] - low, spot[1]) for spot in heads]),
    )


def _channel(grid: Grid, middles: list[float], rank: int) -> Channel:
    channel = Channel()
    labels = heads = 0.0
    for item in grid.rows[rank]:
        for edge in grid.downs[item]:
            index, link = grid.net_of_edge[edge], grid.link_of_edge[edge]
            net = grid.nets[index]
            upper = middles[item] + grid.start_of(edge)
            lower = grid.drops[link] if link in grid.drops else middles[grid.lower[edge]] + grid.end_of(edge)
            if index in channel.first:
                channel.first[index].add(lower)
            else:
                channel.first[index] = Crossbar(index, upper, [lower])
            if item == net.source and net.label_side != 0 and net.label[0] > 0:
                labels = max(labels, net.label[1] + grid.gaps.text)
            if link != TRUNK and grid.head_sides[link] != 0:
                heads = max(heads, grid.links[link].head[1] + grid.gaps.text)
    for bar in [*channel.first.values()]:
        if bar.high - bar.low <= _STRAIGHT:
            channel.fixed.append(bar.upper)
            del channel.first[bar.net]
        else:
            channel.bars.append(bar)
    tracks = assign_tracks(channel.bars, channel.fixed, grid.gaps.wire)
    after = max(heads, grid.gaps.arrow)
    channel.before_tracks = max(labels, 0.75 * grid.gaps.wire)
    if rank + 1 < len(grid.rows):
        wanted = channel.before_tracks + (tracks - 1) * grid.gaps.wire + after if tracks > 0 else labels + heads
        channel.height = max(grid.gaps.row, wanted)
    return channel


def _draw_net(
    grid: Grid,
    middles: list[float],
    index: int,
    net: Net,
    channels: list[Channel],
    bottoms: list[float],
    corners: list[Spot],
    wires: list[list[Spot]],
) -> None:
    """Draws the links of a net, the nearest target first: the way of each goes on where that of the last left lanes."""
    source, rank, gap = net.source, grid.rank[net.source], grid.gaps.wire
    x = middles[source] + net.start
    way: list[Spot] = [(x, corners[source][1] + grid.nodes[source].height)]
    for link in sorted(net.links, key=lambda link: grid.rank[grid.links[link].target]):
        target = grid.links[link].target
        while rank + 1 < grid.rank[target]:
            lane = middles[grid.item_of(net, rank + 1)]
            way += _turns(channels[rank], bottoms[rank], gap, index, x, lane)
            x = lane
            rank += 1
        goal = grid.drops[link] if link in grid.drops else middles[target] + grid.ends[link]
        wire = way + _turns(channels[rank], bottoms[rank], gap, index, x, goal)
        top = corners[target][1]
        if link in grid.drops:
            middle = top + grid.nodes[target].height / 2
            wire += [(goal, middle), (middles[target] + grid.sides[link] * grid.widths[target] / 2, middle)]
        else:
            wire.append((goal, top))
        wires[link] = wire


def _turns(channel: Channel, bottom: float, gap: float, net: int, x: float, goal: float) -> list[Spot]:
    """Where a net that comes down at `x` turns in a channel, below what ends at `bottom`, to leave it at `goal`."""
    turns: list[Spot] = []
    part = channel.first.get(net)
    while part is not None:
        y = bottom + channel.before_tracks + part.track * gap
        turn = goal if part.after is None else part.lowers[0]
        if abs(turn - x) > _STRAIGHT:
            turns += [(x, y), (turn, y)]
            x = turn
        part = part.after
    return turns


def _label(grid: Grid, middles: list[float], link: int, tops: list[float], spans: list[float]) -> Spot | None:
    net = grid.nets[grid.net_of_link[link]]
    width = grid.links[link].label[0]
    if width <= 0:
        return None
    rank = grid.rank[net.source]
    if net.label_side == 0:
        return middles[net.first_lane] + grid.gaps.text + width / 2, tops[rank + 1] + spans[rank + 1] / 2
    x = middles[net.source] + net.start + net.label_side * (grid.gaps.text + width / 2)
    return x, tops[rank] + spans[rank] + grid.gaps.text / 2 + net.label[1] / 2


def _head(grid: Grid, middles: list[float], link: int, tops: list[float]) -> Spot | None:
    width, height = grid.links[link].head
    target, side = grid.links[link].target, grid.head_sides[link]
    if side == 0:
        return None
    arrives = grid.drops[link] if link in grid.drops else middles[target] + grid.ends[link]
    x = arrives + side * (grid.gaps.text + width / 2)
    return x, tops[grid.rank[target]] - grid.gaps.text / 2 - height / 2


def _reach(
    grid: Grid, corners: list[Spot], wires: list[list[Spot]], labels: list[Spot | None], heads: list[Spot | None]
) -> tuple[float, float]:
    """The least and greatest x of all that is drawn."""
    places = [x for wire in wires for x, _ in wire]
    for (x, _), width in zip(corners, grid.widths, strict=False):
        places += [x, x + width]
    for link, label, head in zip(grid.links, labels, heads, strict=True):
        if label is not None:
            places += [label[0] - link.label[0] / 2, label[0] + link.label[0] / 2]
        if head is not None:
            places += [head[0] - link.head[0] / 2, head[0] + link.head[0] / 2]
    return min(places, default=0.0), max(places, default=0.0)
