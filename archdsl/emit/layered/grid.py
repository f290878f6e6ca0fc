"""Holds nodes and passing wires in rows: what the steps of the layered layout read and write.

A net is a tensor: all links of one source and one place where they leave it. In each row that a net passes between its
source and its last target it has one lane, an item of no width; links of one net share their lanes. So edges lead
from a row to the next only:

    nodes 0, 1, 2 in rows 0, 1, 2;  links 0 -> 1, 1 -> 2, 0 -> 2
    items 0, 1, 2 and 3, the lane of 0 -> 2 in row 1;  edges 0 -> 1, 0 -> 3, 1 -> 2, 3 -> 2
"""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.emit.layered.model import LayeredGaps, LayeredLink, LayeredNode, Spot
from archdsl.emit.layered.ranks import rank_nodes

TRUNK = -1  # stands where an edge of a link names its link: this one leads on to the net's next lane


class Net:
    """A tensor: `source`, where it leaves from the source's middle, its links, its first lane and last row.

    `label` is the size of its text; `label_side` puts it to the right (1) or left (-1) of its start, or beside its
    first lane (0).
    """

    def __init__(self, source: int, out: int) -> None:
        """A net without links."""
        self.source = source
        self.out = out
        self.links: list[int] = []
        self.label: Spot = (0.0, 0.0)
        self.label_side = 1
        self.start = 0.0
        self.first_lane = -1
        self.last_rank = 0


class Grid:
    """Items in rows. Node k is item k; lanes follow. All places within an item count from its middle.

    Per item: `rank`, `left` and `right` (how far it and its texts reach), `height`, `ups` and `downs` (its edges).
    Per edge: `upper`, `lower`, `net_of_edge`, `link_of_edge`. Per link: `net_of_link`, `ends` (where it arrives),
    `head_sides` (1: the text of its arrow head stands to the right, -1: to the left, 0: there is none),
    `sides` (of links that meet their target from the left, -1, or right, 1) and `drops` (where such a link goes down).
    """

    def __init__(self, nodes: Sequence[LayeredNode], links: Sequence[LayeredLink], gaps: LayeredGaps) -> None:
        """Ranks nodes, and adds lanes and edges."""
        self.nodes = nodes
        self.links = links
        self.gaps = gaps
        self.nets: list[Net] = []
        self.net_of_link: list[int] = []
        self._find_nets()
        self._find_label_sides()
        steps = [
            (link.source, link.target, 2 if self.nets[net].label_side == 0 else 1)
            for link, net in zip(links, self.net_of_link, strict=True)
        ]
        self.rank, self.depths, self.free = rank_nodes(len(nodes), steps)
        self.widths = self._least_widths()
        self.left = [width / 2 for width in self.widths]
        self.right = [width / 2 for width in self.widths]
        self.height = [node.height for node in nodes]
        self.upper: list[int] = []
        self.lower: list[int] = []
        self.net_of_edge: list[int] = []
        self.link_of_edge: list[int] = []
        self.ends = [0.0] * len(links)
        self.head_sides = [0] * len(links)
        self.sides: dict[int, int] = {}
        self.drops: dict[int, float] = {}
        self._add_lanes()
        self.rows: list[list[int]] = [[] for _ in range(max(self.rank, default=-1) + 1)]

    def _find_nets(self) -> None:
        known: dict[tuple[int, int], int] = {}
        for index, link in enumerate(self.links):
            node = self.nodes[link.source]
            key = (link.source, link.out)
            if key not in known:
                known[key] = len(self.nets)
                self.nets.append(Net(*key))
                if node.outs and not node.stretch:
                    self.nets[-1].start = node.outs[key[1]] - node.width / 2
            net = self.nets[known[key]]
            net.links.append(index)
            net.label = (max(net.label[0], link.label[0]), max(net.label[1], link.label[1]))
            self.net_of_link.append(known[key])

    def _find_label_sides(self) -> None:
        """Puts a label to the right of its net's start, else to the left, else beside its first lane."""
        leaving: list[list[Net]] = [[] for _ in self.nodes]
        for net in self.nets:
            leaving[net.source].append(net)
        for node, nets in zip(self.nodes, leaving, strict=True):
            nets.sort(key=lambda net: (net.start, net.out))
            taken = float("-inf")
            for k, net in enumerate(nets):
                if net.label[0] > 0:
                    reach = net.label[0] + 2 * self.gaps.text
                    if len(nets) > 1 and (node.stretch or not node.outs):
                        net.label_side = 0
                    elif k + 1 == len(nets) or net.start + reach <= nets[k + 1].start:
                        net.label_side = 1
                    elif k == 0 or net.start - reach >= taken:
                        net.label_side = -1
                    else:
                        net.label_side = 0
                taken = net.start + (net.label[0] + self.gaps.text if net.label_side == 1 else 0.0)

    def _least_widths(self) -> list[float]:
        """Widths of nodes; where the layout chooses how links arrive, the texts of these have room between."""
        coming: list[list[float]] = [[] for _ in self.nodes]
        for link in self.links:
            coming[link.target].append(link.head[0])
        widths: list[float] = []
        for node, heads in zip(self.nodes, coming, strict=True):
            width = node.width
            chosen = node.stretch or not (node.ins or node.outs or node.sides)
            if chosen and len(heads) > 1 and max(heads) > 0:
                room = [self.room(head) for head in heads]
                total = self.gaps.wire - min(room)
                for needed in room:
                    total += needed
                width = max(width, total)
            widths.append(width)
        return widths

    def _add_lanes(self) -> None:
        for index, net in enumerate(self.nets):
            top = self.rank[net.source]
            net.last_rank = max(self.rank[self.links[link].target] for link in net.links)
            net.first_lane = len(self.rank)
            for rank in range(top + 1, net.last_rank):
                labelled = net.label_side == 0 and rank == top + 1
                self.rank.append(rank)
                self.left.append(0.0)
                self.right.append(net.label[0] + self.gaps.text if labelled else 0.0)
                self.height.append(net.label[1] if labelled else 0.0)
                self._add_edge(self.item_of(net, rank - 1), len(self.rank) - 1, index, TRUNK)
            for link in net.links:
                target = self.links[link].target
                self._add_edge(self.item_of(net, self.rank[target] - 1), target, index, link)
        self.ups: list[list[int]] = [[] for _ in self.rank]
        self.downs: list[list[int]] = [[] for _ in self.rank]
        for edge, (upper, lower) in enumerate(zip(self.upper, self.lower, strict=True)):
            self.ups[lower].append(edge)
            self.downs[upper].append(edge)

    def _add_edge(self, upper: int, lower: int, net: int, link: int) -> None:
        self.upper.append(upper)
        self.lower.append(lower)
        self.net_of_edge.append(net)
        self.link_of_edge.append(link)

    def item_of(self, net: Net, rank: int) -> int:
        """The item that holds `net` in a row at or below that of its source and above its last target's."""
        down = rank - self.rank[net.source]
        return net.source if down == 0 else net.first_lane + down - 1

    def gap(self, item: int, other: int) -> float:
        """The least distance of two neighbours in a row."""
        return self.gaps.node if max(item, other) < len(self.nodes) else self.gaps.wire

    def room(self, text: float) -> float:
        """The least distance from a wire with a text of a width to its right to the next, farther from the text."""
        return max(self.gaps.wire, text + 3 * self.gaps.text) if text > 0 else self.gaps.wire

    def least_width(self) -> float:
        """What the widest row takes at least, whatever its order."""
        taken = [-self.gaps.wire] * len(self.rows)
        for item, rank in enumerate(self.rank):
            taken[rank] += self.left[item] + self.right[item] + self.gaps.wire
        return max(taken, default=0.0)

    def places(self) -> list[int]:
        """The place of each item in its row."""
        place = [0] * len(self.rank)
        for row in self.rows:
            for index, item in enumerate(row):
                place[item] = index
        return place

    def arriving(self, item: int) -> list[int]:
        """The edges that end at a node."""
        return [edge for edge in self.ups[item] if self.link_of_edge[edge] != TRUNK]

    def start_of(self, edge: int) -> float:
        """Where an edge leaves its upper item."""
        net = self.nets[self.net_of_edge[edge]]
        return net.start if self.upper[edge] == net.source else 0.0

    def end_of(self, edge: int) -> float:
        """Where an edge meets its lower item."""
        link = self.link_of_edge[edge]
        return 0.0 if link == TRUNK else self.ends[link]

    def is_weak(self, edge: int) -> bool:
        """Whether an edge is part of a long way of a tensor that is used elsewhere too: a skip, or a trunk."""
        net = self.nets[self.net_of_edge[edge]]
        direct = self.upper[edge] == net.source and self.link_of_edge[edge] != TRUNK
        return len(net.links) > 1 and not direct
