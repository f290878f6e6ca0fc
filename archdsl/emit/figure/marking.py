"""Marks what differs between the scenes of two networks: which boxes are added, removed or changed.

Nodes correspond as `archdsl diff` aligns them (`archdsl.analysis.compare`), from the two networks down through the
blocks that they call. A box says what is true of the ops and calls that it stands for, in all the places where its
panel is used. What only works at another size, or has another name, is the same.

For example, `conv -> bn -> relu` that loses its relu is a changed box in both scenes: in the old one because an op of
it is removed, in the new one because its ops were in a box that changed. A block in whose place another one is called
is removed, and the other one added, where no body of the one is one of the other that changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from archdsl.analysis.compare import DIFFERENT, INSIDE, BodyChanges, Change, body_changes, corresponds, may_hide
from archdsl.analysis.cost import node_params_and_macs
from archdsl.emit.figure.pieces import Place
from archdsl.emit.figure.scene import Box, Panel, Scene, Sketch, Style
from archdsl.emit.figure.shares import BoxPath
from archdsl.emit.figure.sketch import key_of
from archdsl.ir.graph import INPUT, Graph

OLD, NEW = 0, 1
_MOST_NOTES = 6


class Sign(StrEnum):
    """What became of a box; its value is what stands beside it."""

    SAME = ""
    CHANGED = "~"
    ADDED = "+"
    REMOVED = "−"


_WORDS = {Sign.CHANGED: "changed", Sign.ADDED: "added", Sign.REMOVED: "removed"}
_GONE = {OLD: Sign.REMOVED, NEW: Sign.ADDED}


@dataclass(frozen=True, slots=True)
class BoxMark:
    """What became of a box, and what differs, in words that hold for all that it stands for."""

    sign: Sign
    notes: tuple[str, ...] = ()


Marks = Mapping[BoxPath, BoxMark]


class Differences:
    """What differs between two networks, for whoever draws their bodies."""

    def __init__(self, old: Graph, new: Graph) -> None:
        self.pairs = list(_reached(old, new).values())

    def of(self, side: int, graph: Graph, drawn: Callable[[Graph], Sketch]) -> Marks:
        """The marks of a body of the OLD or the NEW network, which all are drawn so."""
        votes: dict[BoxPath, list[BoxMark]] = {}
        for pair in self.pairs:
            if (pair.old, pair.new)[side] is graph:
                for path, mark in _boxes(pair, (drawn(pair.old), drawn(pair.new)))[side].items():
                    votes.setdefault(path, []).append(mark)
        return {path: _united(votes.get(path), side, box) for path, box, _ in all_boxes(drawn(graph))}

    def counterparts(self) -> Iterator[tuple[Graph, Graph]]:
        """The bodies that correspond."""
        for pair in self.pairs:
            yield pair.old, pair.new


def marked(old: Scene, new: Scene, differences: Differences | None = None) -> tuple[list[Marks], list[Marks]]:
    """The mark of every box, per panel of the old scene and per panel of the new one."""
    votes: dict[tuple[int, int, BoxPath], list[BoxMark]] = {}
    sketches = [
        {id(one.graph): one.sketch for panel in scene.panels for one in panel.instances} for scene in (old, new)
    ]
    for pair in (differences or Differences(old.root, new.root)).pairs:
        both = [known.get(id(body)) for known, body in zip(sketches, (pair.old, pair.new), strict=True)]
        for side, found in enumerate(_boxes(pair, both)):
            for path, mark in found.items():
                votes.setdefault((side, id((pair.old, pair.new)[side]), path), []).append(mark)
    return _panels(old, OLD, votes), _panels(new, NEW, votes)


def _panels(scene: Scene, side: int, votes: Mapping[tuple[int, int, BoxPath], list[BoxMark]]) -> list[Marks]:
    made: list[Marks] = []
    for panel in scene.panels:
        bodies = [one.graph for one in panel.instances]
        found: dict[BoxPath, BoxMark] = {}
        for path, box, _ in all_boxes(panel.sketch):
            marks = [mark for body in bodies for mark in votes.get((side, id(body), path), ())]
            found[path] = _united(marks, side, box)
        made.append(found)
    return made


def _united(marks: Sequence[BoxMark] | None, side: int, box: Box) -> BoxMark:
    """One mark for a box that became this here and that there; what is said of it must hold wherever it changed.

    One without marks is in a body that corresponds to none.
    """
    if not marks:
        return BoxMark(Sign.SAME if box.style is Style.PORT else _GONE[side])
    signs = {mark.sign for mark in marks}
    alike = len(signs - {Sign.SAME}) < 2
    notes = _common([mark.notes if alike else mark.notes or (_WORDS[mark.sign],) for mark in marks if mark.sign])
    if len(signs) == 2 and Sign.SAME in signs:
        signs.remove(Sign.SAME)
        notes = (*notes, "in some places")
    return BoxMark(signs.pop() if len(signs) == 1 else Sign.CHANGED, notes)


def _common(changed: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """What is said of a box in all the places where it changed; of what differs from place to place, that it does."""
    if not changed:
        return ()
    told = [{_subject(note): note for note in notes} for notes in changed]
    shared = [(key, note) for key, note in told[0].items() if all(key in other for other in told)]
    if shared:
        return tuple([note if all(x[key] == note for x in told) else f"{note}, …" for key, note in shared])
    each = dict.fromkeys(note for notes in changed for note in notes)
    return tuple([f"{note} in places" for note in each])[:_MOST_NOTES]


def _subject(note: str) -> str:
    """What a note is about: the argument of `stride 1 → 2`."""
    return note.split(" ")[0] if " → " in note else note


# --- which bodies correspond


@dataclass(slots=True)
class PairedBodies:
    """Two bodies that correspond somewhere, with the row of each node of either, and the pairs that they call.

    `replaced` are the nodes of the old body that call a block in whose place the new body calls another altogether.
    """

    old: Graph
    new: Graph
    changes: BodyChanges
    rows: tuple[dict[int, Change], dict[int, Change]]
    calls: dict[int, PairedBodies] = field(default_factory=dict)  # by the node of the old body
    replaced: set[int] = field(default_factory=set)
    gone: dict[int, BoxMark] = field(default_factory=dict)  # of rows that only one side has, one for all ops of each

    def at(self, side: int, place: Place) -> tuple[BoxMark, Place | None]:
        """What became of an op or call of either body, and where it stands in the other one, if it does."""
        row = self.rows[side][place[0]]
        mine, other = (row.old, row.new) if side == OLD else (row.new, row.old)
        assert mine is not None
        if other is None or row.old is None:
            return self.gone.setdefault(id(row), BoxMark(_GONE[side], (f"{mine.word} {row.status}",))), None
        if row.old.first in self.replaced:
            return BoxMark(_GONE[side], row.notes[:1]), None
        inner = self.calls.get(row.old.first)
        if len(place) == 1 or inner is None:
            if inner is not None and may_hide(row) and inner.differs:
                return BoxMark(Sign.CHANGED, (INSIDE, *row.notes)), (other.first,)
            changed = row.status == "changed"
            return BoxMark(Sign.CHANGED if changed else Sign.SAME, row.notes if changed else ()), (other.first,)
        mark, partner = inner.at(side, place[1:])
        if (
            row.rewired
            and mark.sign is not _GONE[side]
            and _concerns(row.rewired, (inner.old, inner.new)[side], place[1])
        ):
            mark = BoxMark(Sign.CHANGED, (*mark.notes, row.rewired))
        return mark, (other.first, *(partner or ()))

    @property
    def differs(self) -> bool:
        """Whether anything in the two bodies differs but sizes and names, however deep."""
        stack, seen = [self], {id(self)}
        while stack:
            pair = stack.pop()
            fewer = len(pair.new.outputs) < len(pair.old.outputs)
            if fewer or pair.changes.outputs or any(row.status in DIFFERENT for row in pair.changes.rows):
                return True
            fresh = [inner for inner in pair.calls.values() if id(inner) not in seen]
            seen.update(map(id, fresh))
            stack += fresh
        return False


def _concerns(rewired: str, body: Graph, number: int) -> bool:
    """Whether what a call reads otherwise, or whose weights it has, is about this op of the body called."""
    node = body.nodes[number]
    if rewired.startswith("weights"):
        return node_params_and_macs(body, node)[0] > 0
    return any(ref.node == INPUT for ref in node.operands)


def _reached(old: Graph, new: Graph) -> dict[tuple[int, int], PairedBodies]:
    """The bodies that correspond, from two networks down; callers first."""
    pairs: dict[tuple[int, int], PairedBodies] = {}

    def pair_of(a: Graph, b: Graph) -> PairedBodies:
        key = id(a), id(b)
        if key not in pairs:
            changes = body_changes(a, b)
            rows = tuple(
                {side.first: row for row in changes.rows if (side := row.old if which == OLD else row.new) is not None}
                for which in (OLD, NEW)
            )
            pairs[key] = PairedBodies(a, b, changes, (rows[0], rows[1]))
            queue.append(pairs[key])
        return pairs[key]

    queue: list[PairedBodies] = []
    pair_of(old, new)
    for pair in queue:
        for row in pair.changes.rows:
            if row.old and row.new and row.old.body and row.new.body and corresponds(row.old.body, row.new.body):
                pair.calls[row.old.first] = pair_of(row.old.body, row.new.body)
    _tell_replaced(list(pairs.values()))
    return pairs


def _tell_replaced(pairs: Sequence[PairedBodies]) -> None:
    """Finds the calls of blocks that are replaced: none of their bodies has one of the other block as its pair."""
    blocks = {(key_of(pair.old), key_of(pair.new)) for pair in pairs}
    for pair in pairs:
        for row in pair.changes.rows:
            bodies = [side.body for side in (row.old, row.new) if side is not None and side.body is not None]
            if len(bodies) == 2 and row.old is not None and tuple(map(key_of, bodies)) not in blocks:
                pair.replaced.add(row.old.first)


# --- what that says of boxes


def _boxes(
    pair: PairedBodies, sketches: Sequence[Sketch | None]
) -> tuple[dict[BoxPath, BoxMark], dict[BoxPath, BoxMark]]:
    """The marks of the boxes of two bodies; a body without a sketch is drawn nowhere."""
    found: tuple[dict[BoxPath, BoxMark], dict[BoxPath, BoxMark]] = ({}, {})
    partners: list[list[tuple[BoxPath, Place]]] = [[], []]  # of the boxes of either side, places in the other body
    lost: tuple[dict[BoxPath, tuple[str, ...]], dict[BoxPath, tuple[str, ...]]] = ({}, {})  # what one side alone has
    for side, sketch in enumerate(sketches):
        if sketch is None:
            continue
        for path, box, places in all_boxes(sketch):
            if box.style is Style.PORT:
                found[side][path] = BoxMark(Sign.SAME) if len(path) > 1 else _port(pair, side, sketch, path[0], box)
                continue
            marks = []
            for place in places:
                mark, partner = pair.at(side, place)
                marks.append(mark)
                if partner is not None:
                    partners[side].append((path, partner))
            lost[side][path] = _lost(marks)
            found[side][path] = _of_parts(marks, lost[side][path], len(box.units))
    for side, other in ((OLD, NEW), (NEW, OLD)):
        other_sketch = sketches[other]
        where = {place: path for path, _, places in all_boxes(other_sketch) for place in places} if other_sketch else {}
        for path, partner in partners[side]:
            there = next((where[partner[:k]] for k in range(len(partner), 0, -1) if partner[:k] in where), None)
            if there is None or found[other][there].sign is not Sign.SAME:
                continue
            if lost[side][path]:  # the other box lost, or gained, what stands in this one alone
                found[other][there] = BoxMark(Sign.CHANGED, lost[side][path])
    return found


def _lost(marks: Sequence[BoxMark]) -> tuple[str, ...]:
    """What is added or removed in a box of which something stays, each row counted once."""
    rows = {id(mark): mark for mark in marks if mark.sign in (Sign.ADDED, Sign.REMOVED)}
    if len({mark.sign for mark in marks}) < 2:
        return ()
    counts = Counter(mark.notes[0] for mark in rows.values())
    return tuple([f"{f'{n:,} × ' if n > 1 and ' → ' not in note else ''}{note}" for note, n in counts.items()])


def _of_parts(marks: Sequence[BoxMark], lost: tuple[str, ...], units: int) -> BoxMark:
    """One mark for the ops of a box of so many units, with how many of these changed where not all did."""
    signs = {mark.sign for mark in marks}
    if len(signs) == 1 and (sign := signs.pop()) is not Sign.CHANGED:
        return BoxMark(sign, tuple([note for note in _common([mark.notes for mark in marks]) if " → " in note]))
    counts = Counter(note for mark in marks if mark.sign is Sign.CHANGED for note in dict.fromkeys(mark.notes))
    notes = [f"{note} ({count} of {units})" if count < units else note for note, count in counts.items()]
    return BoxMark(Sign.CHANGED, (*notes, *lost)[:_MOST_NOTES])


def _port(pair: PairedBodies, side: int, sketch: Sketch, number: int, box: Box) -> BoxMark:
    """What became of an input or output, which are the same by their position."""
    assert box.port is not None
    bodies = pair.old, pair.new
    is_output = any(edge.target == number for edge in sketch.edges)
    ends = [body.outputs if is_output else body.inputs for body in bodies]
    if box.port >= len(ends[1 - side]):
        return BoxMark(_GONE[side])
    note = pair.changes.outputs.get(box.port) if is_output else None
    return BoxMark(Sign.CHANGED, (note,)) if note else BoxMark(Sign.SAME)


def all_boxes(sketch: Sketch, path: BoxPath = (), before: Place = ()) -> Iterator[tuple[BoxPath, Box, list[Place]]]:
    """The boxes of a sketch and those drawn inside them, with the places that they stand for."""
    for number, box in enumerate(sketch.boxes):
        places = [(*before, *place) for unit in box.units for place in unit]
        yield (*path, number), box, places
        if box.inside is not None:
            yield from all_boxes(box.inside, (*path, number), places[0])


def differing(panels: Iterable[Panel], marks: Iterable[Marks]) -> list[bool]:
    """Per panel whether any of its boxes is marked."""
    return [any(mark.sign is not Sign.SAME for mark in found.values()) for _, found in zip(panels, marks, strict=True)]
