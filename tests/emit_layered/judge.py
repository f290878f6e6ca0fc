"""Judges plans of the layered layout without its code: what must not touch, and where wires must begin and end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from archdsl.emit.layered.model import LayeredLink, LayeredNode, LayeredPlan, Spot

EPS = 1e-4
Box = tuple[float, float, float, float]  # left, top, right, bottom
Piece = tuple[Spot, Spot]


def faults(nodes: Sequence[LayeredNode], links: Sequence[LayeredLink], plan: LayeredPlan) -> Iterator[str]:
    """What is wrong with a plan, in words."""
    boxes = [(x, y, x + width, y + n.height) for (x, y), width, n in zip(plan.corners, plan.widths, nodes, strict=True)]
    yield from _sizes(nodes, links, plan, boxes)
    yield from _boxes_apart(boxes)
    for index, (link, wire) in enumerate(zip(links, plan.wires, strict=True)):
        yield from _wire(index, link, wire, nodes, boxes)
    yield from _middles(nodes, links, plan, boxes)
    texts = _texts(links, plan)
    yield from _texts_clear(links, texts, boxes, plan)
    yield from _wires_apart(nodes, links, plan)


def _sizes(
    nodes: Sequence[LayeredNode], links: Sequence[LayeredLink], plan: LayeredPlan, boxes: list[Box]
) -> Iterator[str]:
    for k, (node, width) in enumerate(zip(nodes, plan.widths, strict=True)):
        named = any(link.head[0] > 0 for link in links if link.target == k)
        wider = node.stretch or (named and not node.ins and not node.outs and not node.sides)
        if width < node.width - EPS or (width > node.width + EPS and not wider):
            yield f"node {k} has width {width}"
    if not len(plan.labels) == len(plan.heads) == len(plan.wires) == len(links):
        yield "not one wire and one place of a text for each link"
    for k, link in enumerate(links):
        if (plan.labels[k] is None) != (link.label[0] <= 0):
            yield f"label of link {k}"
        target = nodes[link.target]
        coming = sum(other.target == link.target for other in links)
        chosen = target.stretch or (not target.ins and (not target.outs or coming == 1) and not target.sides)
        chosen = chosen or (target.sides and not target.ins and not target.outs and coming <= 2)
        if (plan.heads[k] is not None and link.head[0] <= 0) or (plan.heads[k] is None and link.head[0] > 0 and chosen):
            yield f"the text at the arrow head of link {k}"
    spots = [spot for wire in plan.wires for spot in wire]
    for left, top, right, bottom in [*boxes, *[box for _, box in _texts(links, plan)]]:
        spots += [(left, top), (right, bottom)]
    for x, y in spots:
        if not (-EPS <= x <= plan.width + EPS and -EPS <= y <= plan.height + EPS):
            yield f"({x}, {y}) is outside of {plan.width} x {plan.height}"


def _apart(a: Box, b: Box) -> bool:
    return a[2] <= b[0] + EPS or b[2] <= a[0] + EPS or a[3] <= b[1] + EPS or b[3] <= a[1] + EPS


def _boxes_apart(boxes: list[Box]) -> Iterator[str]:
    order = sorted(range(len(boxes)), key=lambda k: boxes[k][1])
    for index, a in enumerate(order):
        for b in order[index + 1 :]:
            if boxes[b][1] >= boxes[a][3]:
                break
            if not _apart(boxes[a], boxes[b]):
                yield f"nodes {a} and {b} overlap"


def _wire(
    index: int, link: LayeredLink, wire: Sequence[Spot], nodes: Sequence[LayeredNode], boxes: list[Box]
) -> Iterator[str]:
    source, target = nodes[link.source], nodes[link.target]
    left, _, right, bottom = boxes[link.source]
    x, y = wire[0]
    leaves = abs(y - bottom) < EPS and left - EPS <= x <= right + EPS
    if leaves and source.outs and not source.stretch:
        leaves = abs(x - left - source.outs[link.out]) < EPS
    if not leaves:
        yield f"link {index} leaves at {wire[0]}"
    left, top, right, bottom = boxes[link.target]
    x, y = wire[-1]
    at_side = target.sides and abs(y - (top + bottom) / 2) < EPS and min(abs(x - left), abs(x - right)) < EPS
    above = abs(y - top) < EPS and left - EPS <= x <= right + EPS
    if above and target.ins and not target.stretch:
        wanted = target.ins if target.loose else [target.ins[link.into]]
        above = any(abs(x - left - place) < EPS for place in wanted)
    if not (above or at_side):
        yield f"link {index} arrives at {wire[-1]}"
    pieces = list(pairwise(wire))
    for (x1, y1), (x2, y2) in pieces:
        if abs(x1 - x2) > EPS and abs(y1 - y2) > EPS:
            yield f"link {index} is oblique"
        if y2 < y1 - EPS:
            yield f"link {index} goes up"
    (x1, y1), (x2, y2) = pieces[-1]
    if above and not at_side and (abs(x1 - x2) > EPS or y2 - y1 < 8):
        yield f"link {index} has no room for its arrow head"
    for piece in pieces:
        for k, box in enumerate(boxes):
            if k not in (link.source, link.target) and _meets(piece, box):
                yield f"link {index} meets node {k}"
            elif k in (link.source, link.target) and _meets(piece, _smaller(box)):
                yield f"link {index} runs inside its node {k}"


def _middles(
    nodes: Sequence[LayeredNode], links: Sequence[LayeredLink], plan: LayeredPlan, boxes: list[Box]
) -> Iterator[str]:
    """A tensor that is alone meets the middle, where no place is asked for; operands come in order."""
    for k, node in enumerate(nodes):
        left, _, right, _ = boxes[k]
        coming = [index for index, link in enumerate(links) if link.target == k]
        alone = len(coming) == 1 and not node.ins and not node.stretch
        if alone and abs(plan.wires[coming[0]][-1][0] - (left + right) / 2) > EPS:
            yield f"link {coming[0]} is alone and does not meet the middle of {k}"
        leaving = [index for index, link in enumerate(links) if link.source == k]
        alone = len({links[index].out for index in leaving}) == 1 and not node.outs and not node.stretch
        if alone and abs(plan.wires[leaving[0]][0][0] - (left + right) / 2) > EPS:
            yield f"link {leaving[0]} does not leave the middle of {k}"
        if not node.ins and not node.loose and not node.sides:
            coming.sort(key=lambda index: links[index].into)
            for a, b in pairwise(coming):
                if links[a].into < links[b].into and plan.wires[a][-1][0] > plan.wires[b][-1][0] + EPS:
                    yield f"operands of {k} are out of order"


def _smaller(box: Box) -> Box:
    return box[0] + 2 * EPS, box[1] + 2 * EPS, box[2] - 2 * EPS, box[3] - 2 * EPS


def _meets(piece: Piece, box: Box) -> bool:
    (x1, y1), (x2, y2) = piece
    return (
        min(x1, x2) < box[2] - EPS
        and max(x1, x2) > box[0] + EPS
        and min(y1, y2) < box[3] - EPS
        and max(y1, y2) > box[1] + EPS
    )


def _texts(links: Sequence[LayeredLink], plan: LayeredPlan) -> list[tuple[int, Box]]:
    """The texts with their links."""
    result = []
    for k, link in enumerate(links):
        for spot, (width, height) in ((plan.labels[k], link.label), (plan.heads[k], link.head)):
            if spot is not None:
                x, y = spot
                result.append((k, (x - width / 2, y - height / 2, x + width / 2, y + height / 2)))
    return result


def _texts_clear(
    links: Sequence[LayeredLink], texts: list[tuple[int, Box]], boxes: list[Box], plan: LayeredPlan
) -> Iterator[str]:
    for index, (k, text) in enumerate(texts):
        for other, box in enumerate(boxes):
            if not _apart(text, box):
                yield f"a text of link {k} lies on node {other}"
        for other, box in texts[index + 1 :]:
            same = _tensor(links[k]) == _tensor(links[other])
            if not same and not _apart(text, box):
                yield f"texts of links {k} and {other} overlap"
        for other, wire in enumerate(plan.wires):
            if any(_meets(piece, text) for piece in pairwise(wire)):
                yield f"link {other} passes a text of link {k}"


def _tensor(link: LayeredLink) -> tuple[int, int]:
    return link.source, link.out


def _wires_apart(nodes: Sequence[LayeredNode], links: Sequence[LayeredLink], plan: LayeredPlan) -> Iterator[str]:
    """Pieces of different tensors that lie on each other, but where both arrive at one place of one node."""
    lines: dict[tuple[bool, float], list[tuple[float, float, int]]] = {}
    for k, wire in enumerate(plan.wires):
        for (x1, y1), (x2, y2) in pairwise(wire):
            upright = abs(x1 - x2) < EPS
            line = (upright, round(x1 if upright else y1, 3))
            ends = (y1, y2) if upright else (min(x1, x2), max(x1, x2))
            lines.setdefault(line, []).append((*ends, k))
    for (_, at), pieces in lines.items():
        pieces.sort()
        for index, (_, high, k) in enumerate(pieces):
            for low2, high2, other in pieces[index + 1 :]:
                if low2 >= high - EPS:
                    break
                if min(high, high2) - low2 < EPS or _tensor(links[k]) == _tensor(links[other]):
                    continue
                one_start = links[k].source == links[other].source and nodes[links[k].source].width < 4
                target = nodes[links[k].target]
                one_end = links[k].target == links[other].target and (target.ins or target.width < 4)
                if not one_start and not (one_end and plan.wires[k][-1] == plan.wires[other][-1]):
                    yield f"links {k} and {other} lie on each other at {at}"
