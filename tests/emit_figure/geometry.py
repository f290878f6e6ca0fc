"""Judges a finished drawing by its marks alone: what overlaps, what sticks out, what a wire runs through."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from archdsl.emit.figure.scene import Scene, Sketch
from archdsl.emit.figure.unused import with_ends
from archdsl.emit.marks.font import text_width
from archdsl.emit.marks.model import CircleMark, Drawing, GroupMark, Leaf, Mark, PathMark, RectMark, TextMark

Span = tuple[float, float, float, float]  # left, top, right, bottom
_BOXES = ("box", "circle", "bar", "text", "end")
_ASCENT, _DESCENT = 0.74, 0.22  # of letters, to the size of text


@dataclass
class Placed:
    """What one leaf holds: frames, boxes and edges by id, and words that stand free, by the id of their panel."""

    frames: dict[str, Span] = field(default_factory=dict)
    boxes: dict[str, Span] = field(default_factory=dict)
    texts: dict[str, list[Span]] = field(default_factory=dict)
    edges: dict[str, list[list[tuple[float, float]]]] = field(default_factory=dict)
    words: list[tuple[str, Span, str]] = field(default_factory=list)


def text_span(mark: TextMark) -> Span:
    width = text_width(mark.text, mark.size, mark.bold)
    left = mark.x - {"start": 0.0, "middle": width / 2, "end": width}[mark.anchor]
    return left, mark.y - _ASCENT * mark.size, left + width, mark.y + _DESCENT * mark.size


def span(mark: Mark) -> Span:
    """The rectangle around a mark that is no group."""
    if isinstance(mark, TextMark):
        return text_span(mark)
    if isinstance(mark, RectMark):
        return mark.x, mark.y, mark.x + mark.width, mark.y + mark.height
    if isinstance(mark, CircleMark):
        return mark.x - mark.radius, mark.y - mark.radius, mark.x + mark.radius, mark.y + mark.radius
    assert isinstance(mark, PathMark)
    points = polyline(mark)
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def polyline(mark: PathMark) -> list[tuple[float, float]]:
    return [(float(step[-2]), float(step[-1])) for step in mark.steps]


def flat(marks: Sequence[Mark]) -> Iterator[Mark]:
    """All marks that are no groups."""
    for mark in marks:
        if isinstance(mark, GroupMark):
            yield from flat(mark.marks)
        else:
            yield mark


def placed(leaf: Leaf) -> Placed:
    found = Placed()
    for mark in leaf.marks:
        if isinstance(mark, GroupMark) and mark.kind == "panel":
            found.frames[mark.id] = span(mark.marks[0])
            _collect(found, mark.marks[1:], mark.id)
    return found


def _collect(found: Placed, marks: Sequence[Mark], owner: str) -> None:
    for mark in marks:
        if isinstance(mark, GroupMark) and mark.kind == "edge":
            name = mark.id.split(".part-")[0]
            found.edges.setdefault(name, []).extend(polyline(m) for m in mark.marks if isinstance(m, PathMark))
        elif isinstance(mark, GroupMark) and mark.kind in _BOXES:
            inner = [m for m in mark.marks if isinstance(m, GroupMark)]
            own = [m for m in mark.marks if not isinstance(m, GroupMark)]
            outline = [m for m in own if not isinstance(m, TextMark) and mark.kind != "end"]
            spans = [span(m) for m in outline or own]
            if spans:
                found.boxes[mark.id] = around(spans)
            found.texts[mark.id] = [span(m) for m in own if isinstance(m, TextMark)]
            _collect(found, inner, mark.id)
        elif isinstance(mark, TextMark):
            found.words.append((owner, span(mark), mark.text))


def around(spans: Sequence[Span]) -> Span:
    lefts, tops, rights, bottoms = zip(*spans, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def overlap(a: Span, b: Span, slack: float = 0.3) -> bool:
    return a[0] + slack < b[2] and b[0] + slack < a[2] and a[1] + slack < b[3] and b[1] + slack < a[3]


def inside(a: Span, b: Span, slack: float = 0.3) -> bool:
    return a[0] >= b[0] - slack and a[1] >= b[1] - slack and a[2] <= b[2] + slack and a[3] <= b[3] + slack


def faults(drawing: Drawing, scene: Scene) -> Iterator[str]:
    """What is wrong with a drawing of a scene, one sentence each."""
    ends = edge_ends(scene)
    for number, leaf in enumerate(drawing.leaves, 1):
        found = placed(leaf)
        sheet = (0.0, 0.0, leaf.width, leaf.height)
        for mark in flat(leaf.marks):
            if not inside(span(mark), sheet):
                yield f"page {number}: {mark} sticks out"
        for (a, first), (b, second) in itertools.combinations(found.frames.items(), 2):
            if overlap(first, second):
                yield f"page {number}: frames {a} and {b} overlap"
        for (a, first), (b, second) in itertools.combinations(found.boxes.items(), 2):
            if overlap(first, second) and not b.startswith(f"{a}.") and not a.startswith(f"{b}."):
                yield f"page {number}: boxes {a} and {b} overlap"
        for name, texts in found.texts.items():
            if not all(inside(text, found.boxes[name]) for text in texts):
                yield f"page {number}: text leaves {name}"
        for owner, words, said in found.words:
            frame = found.frames.get(owner) or found.boxes[owner]
            if not inside(words, frame):
                yield f"page {number}: {said!r} leaves {owner}"
        yield from (f"page {number}: {fault}" for fault in _wire_faults(found, ends))


def _wire_faults(found: Placed, ends: dict[str, tuple[str, str]]) -> Iterator[str]:
    for name, lines in found.edges.items():
        own = ends[name]
        for a, b in (pair for line in lines for pair in itertools.pairwise(line)):
            wire = (min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))
            wire = (wire[0] - 0.1, wire[1] - 0.1, wire[2] + 0.1, wire[3] + 0.1)
            slanted = a[0] != b[0] and a[1] != b[1]
            if slanted:  # a rounded corner, or a way to a tag
                continue
            for box, place in found.boxes.items():
                if box not in own and not name.startswith(f"{box}.") and overlap(wire, place, 0.4):
                    yield f"{name} runs through {box}"
            for _, words, said in found.words:
                if overlap(wire, words, 0.2):
                    yield f"{name} runs through {said!r}"


def edge_ends(scene: Scene) -> dict[str, tuple[str, str]]:
    """The ids of the boxes at both ends of each edge."""
    found: dict[str, tuple[str, str]] = {}

    def add(sketch: Sketch, name: str) -> None:
        for i, edge in enumerate(sketch.edges, 1):
            found[f"{name}.edge-{i}"] = (f"{name}.box-{edge.source + 1}", f"{name}.box-{edge.target + 1}")
        for i, box in enumerate(sketch.boxes, 1):
            if box.inside is not None:
                add(box.inside, f"{name}.box-{i}")

    for number, panel in enumerate(scene.panels, 1):
        add(with_ends(panel.sketch), f"panel-{number}")
    return found


def smallest_print(drawing: Drawing) -> float:
    """Size of the smallest text, in points."""
    return min(mark.size for leaf in drawing.leaves for mark in flat(leaf.marks) if isinstance(mark, TextMark))


def cover(drawing: Drawing) -> float:
    """Share of the pages that frames cover."""
    frames = sum((b - a) * (d - c) for leaf in drawing.leaves for a, c, b, d in placed(leaf).frames.values())
    return frames / sum(leaf.width * leaf.height for leaf in drawing.leaves)
