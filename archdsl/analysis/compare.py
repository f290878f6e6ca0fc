"""Turns two graphs into what changed from one to the other: rows that are equal, changed, added, removed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Literal

from archdsl.analysis.cost import Cost, node_cost
from archdsl.analysis.matching import match
from archdsl.analysis.walk import run_length
from archdsl.analysis.wires import Wires
from archdsl.ir.graph import Graph, Node
from archdsl.ir.hashing import exact_hash
from archdsl.source import Span
from archdsl.types import TensorType

Status = Literal["equal", "renamed", "resized", "changed", "added", "removed"]

_COUNTED = re.compile(r"_\d+$")
_FEW = 3  # inputs or outputs that are told each, at most
INSIDE = "changed inside"  # what is said of a call whose body differs, and nothing that is said explains it
DIFFERENT = ("added", "removed", "changed")  # what a row is that is not the same but for sizes and names

# What makes two rows one row that changed. Rows without anything in common are never matched.
_SAME_WORD, _SAME_PLACE, _SAME_LABEL, _SAME_ARGUMENTS, _SAME_TARGET, _SAME_TYPES = 4, 2, 3, 2, 3, 1


@dataclass(frozen=True, slots=True)
class Side:
    """One row as one of the two networks has it; `cost` is that of all its `repeats`, as if it owned its weights.

    `first` is the index of the first of them in its body.
    """

    path: str
    word: str
    first: int
    repeats: int
    inputs: tuple[TensorType, ...]
    outputs: tuple[TensorType, ...]
    cost: Cost
    span: Span | None
    body: Graph | None


@dataclass(frozen=True, slots=True)
class Change:
    """One row of the first network, of the second, or of both.

    A row is "resized" when it applies the same op, or the same block with the same arguments, to other sizes, and
    "renamed" when only its module name differs. `notes` say in words what differs: arguments, number of repeats, sizes,
    name, or what it reads, which `rewired` says alone.
    """

    status: Status
    level: int
    old: Side | None
    new: Side | None
    notes: tuple[str, ...] = ()
    rewired: str = ""

    @property
    def params(self) -> int:
        """Parameters that the second network has more."""
        return _of(self.new).params - _of(self.old).params

    @property
    def macs(self) -> int:
        """Multiply-accumulates that the second network has more."""
        return _of(self.new).macs - _of(self.old).macs


def _of(side: Side | None) -> Cost:
    return Cost() if side is None else side.cost


@dataclass(frozen=True, slots=True)
class _BodyPair:
    """Two bodies to be compared, and where they stand."""

    old: Graph
    new: Graph
    prefixes: tuple[str, str]
    level: int


def compare(old: Graph, new: Graph, depth: int = 1) -> Iterator[Change]:
    """What changed from `old` to `new`, in the order of both, with `depth` levels of changed blocks opened.

    Equal neighbours are one row with `repeats`. Rows correspond in order, by the block or op that they apply, their
    place in the definition, their module name and their target; a row inside a block follows the row of the block.
    Nothing is listed inside rows that are equal, added or removed. Behind the rows of a body stand its outputs that are
    other tensors than before, each a row of the word "output".
    """
    stack = [_body(_BodyPair(old, new, ("", ""), 0))]
    while stack:
        change = next(stack[-1], None)
        if change is None:
            stack.pop()
            continue
        old_side, new_side = change.old, change.new
        if old_side and new_side and may_hide(change) and differs(old_side.body, new_side.body):
            change = replace(change, status="changed", notes=(INSIDE, *change.notes))
        yield change
        if change.status == "changed" and old_side and new_side and change.level + 1 < depth:
            bodies = old_side.body, new_side.body
            if bodies[0] and bodies[1] and _can_be_opened(bodies[0], bodies[1]):
                prefixes = old_side.path, new_side.path
                stack.append(_body(_BodyPair(bodies[0], bodies[1], prefixes, change.level + 1)))


def may_hide(change: Change) -> bool:
    """Whether bodies may differ without a word of it in the notes: sizes, repeats and wires explain none that does."""
    if change.status not in ("resized", "changed") or INSIDE in change.notes or not (change.old and change.new):
        return False
    old, new = change.old.body, change.new.body
    return old is not None and new is not None and old.name == new.name and old.arguments == new.arguments


def differs(old: Graph | None, new: Graph | None) -> bool:
    """Whether anything in two bodies of one text differs but sizes and names, however deep; in None nothing does."""
    pending, seen = [(old, new)], {(id(old), id(new))}
    while pending:
        a, b = pending.pop()
        if a is None or b is None or exact_hash(a) == exact_hash(b):
            continue
        found = body_changes(a, b)
        if found.outputs or len(a.outputs) != len(b.outputs):
            return True
        for row in found.rows:
            if row.status in DIFFERENT:
                return True
            if row.status == "resized" and row.old and row.new:
                called = row.old.body, row.new.body
                if (key := (id(called[0]), id(called[1]))) not in seen:
                    seen.add(key)
                    pending.append(called)
    return False


def _can_be_opened(old: Graph, new: Graph) -> bool:
    """Whether two bodies can be compared and differ inside."""
    return exact_hash(old) != exact_hash(new) and corresponds(old, new)


def corresponds(old: Graph, new: Graph) -> bool:
    """Whether two bodies are one thing that changed: made by one text, or by two of which most ops have a counterpart.

    A bottleneck and a bottleneck with a gate are; a block and another of which two thirds are other ops are not.
    """
    if _one_text(old, new):
        return True
    counterparts = sum(old.nodes[i].word == new.nodes[j].word for i, j in _pairs(_BodyPair(old, new, ("", ""), 0)))
    return 3 * counterparts >= 2 * max(len(old.nodes), len(new.nodes))


def _one_text(old: Graph, new: Graph) -> bool:
    """Whether two bodies come from the same statements: of one definition, or of a definition and its variant."""
    return old.name == new.name or not {node.site for node in old.nodes}.isdisjoint(node.site for node in new.nodes)


@dataclass(frozen=True, slots=True)
class BodyChanges:
    """What changed from one body to another: a row per node, and the outputs that are other tensors than before.

    Rows are in the order of both bodies; each is about one node of either body, or of both. `outputs` says of those
    of the new body that correspond to no output in the same place of the old one what they are instead.
    """

    rows: tuple[Change, ...]
    outputs: Mapping[int, str]


def body_changes(old: Graph, new: Graph) -> BodyChanges:
    """What changed between two bodies, node by node; bodies that they call are not opened."""
    return _body_changes(_BodyPair(old, new, ("", ""), 0))


def _body_changes(pair: _BodyPair) -> BodyChanges:
    old, new = pair.old.nodes, pair.new.nodes
    matched = _pairs(pair)
    partner = dict(matched)
    wires = Wires(pair.old, pair.new, partner)
    rows, j = [], 0
    for i in range(len(old) + 1):
        end = partner.get(i, -1) if i < len(old) else len(new)
        if i < len(old) and end < 0:
            rows.append(Change("removed", pair.level, _side(pair, 0, i), None))
            continue
        rows += [Change("added", pair.level, None, _side(pair, 1, k)) for k in range(j, end)]
        j = end + 1
        if i < len(old):
            rows.append(_matched(pair, _side(pair, 0, i), _side(pair, 1, end), wires.note(i, end)))
    return BodyChanges(tuple(rows), dict(wires.other_outputs()))


def _pairs(pair: _BodyPair) -> list[tuple[int, int]]:
    """The nodes that correspond; `match` is not asked about those at the ends that no other could be more like."""
    old, new = pair.old.nodes, pair.new.nodes
    first, last, shortest = 0, 0, min(len(old), len(new))
    while first < shortest and _cannot_be_more_alike(pair, old[first], new[first]):
        first += 1
    while last < shortest - first and _cannot_be_more_alike(pair, old[-1 - last], new[-1 - last]):
        last += 1
    middle = match(old[first : len(old) - last], new[first : len(new) - last], lambda a, b: _likeness(pair, a, b))
    ends = [(i, i) for i in range(first)], [(len(old) - k, len(new) - k) for k in range(last, 0, -1)]
    return [*ends[0], *((i + first, j + first) for i, j in middle), *ends[1]]


def _body(pair: _BodyPair) -> Iterator[Change]:
    """The rows of two bodies, not opened; nodes of one run share a row, and a run and what it corresponds to."""
    runs = _runs(pair.old), _runs(pair.new)
    groups: list[tuple[list[Change], list[int | None]]] = []  # rows, and the runs that they are of in either body
    found = _body_changes(pair)
    for row in found.rows:
        mine = [None if side is None else runs[k][side.first] for k, side in enumerate((row.old, row.new))]
        rows, of = groups[-1] if groups else ([], [None, None])
        both = list(zip(of, mine, strict=True))
        shares = any(a is not None and a == b for a, b in both)
        fits = all(a is None or b is None or a == b for a, b in both)
        if shares and fits and (of == mine or None not in of or None not in mine):
            rows.append(row)
            of[:] = [b if a is None else a for a, b in both]
        else:
            groups.append(([row], mine))
    for rows, _ in groups:
        yield _folded(pair, rows)
    for number in range(max(len(pair.old.outputs), len(pair.new.outputs))):
        old, new = _output(pair, 0, number), _output(pair, 1, number)
        if old is None or new is None:
            yield Change("added" if old is None else "removed", pair.level, old, new)
        elif number in found.outputs:
            yield Change("changed", pair.level, old, new, (found.outputs[number],))


def _output(pair: _BodyPair, which: int, number: int) -> Side | None:
    """An output of a body as a row; None if it has not so many."""
    graph = (pair.old, pair.new)[which]
    if number >= len(graph.outputs):
        return None
    word = f"output {number + 1}" if max(len(pair.old.outputs), len(pair.new.outputs)) > 1 else "output"
    given = (graph.output_types[number],)
    return Side(pair.prefixes[which], word, -1, 1, given, given, Cost(), graph.span, None)


def _folded(pair: _BodyPair, rows: Sequence[Change]) -> Change:
    """Rows of one run as one."""
    old, new = [row.old for row in rows if row.old], [row.new for row in rows if row.new]
    if not new:
        return Change("removed", pair.level, _times(old), None)
    if not old:
        return Change("added", pair.level, None, _times(new))
    wiring = next((row.rewired for row in rows if row.rewired), "")
    return _matched(pair, _times(old), _times(new), wiring)


def _times(sides: Sequence[Side]) -> Side:
    """Equal neighbours as one."""
    first, count = sides[0], len(sides)
    return replace(first, repeats=count, cost=Cost().plus(first.cost, count, count))


def _runs(graph: Graph) -> list[int]:
    """For each node the first one of the run of equal neighbours that it is in."""
    found: list[int] = []
    while len(found) < len(graph.nodes):
        found += [len(found)] * run_length(graph, len(found))
    return found


def _likeness(pair: _BodyPair, old: Node, new: Node) -> int:
    """How much two nodes look like one: 0 when they must not be matched."""
    same_label = bool(label := _given_label(old)) and label == _given_label(new)
    same_word = old.word == new.word and (old.body is None) == (new.body is None)
    if not same_word and not (same_label and (old.body is None) == (new.body is None)):
        return 0
    same_place = pair.old.definition == pair.new.definition and old.site == new.site
    return (
        _SAME_WORD * same_word
        + _SAME_PLACE * same_place
        + _SAME_LABEL * same_label
        + _SAME_ARGUMENTS * (same_word and _fields(old) == _fields(new))
        + _SAME_TARGET * _same_target(old, new)
        + _SAME_TYPES * (old.types == new.types)
    )


def _given_label(node: Node) -> str:
    """The label that the spec gives, "" for one that counts ops of a word: `conv_3` is another when one is added."""
    outer, _, last = node.label.rpartition(".")
    return outer if last == node.word or _COUNTED.sub("", last) == node.word else node.label


def _cannot_be_more_alike(pair: _BodyPair, old: Node, new: Node) -> bool:
    """Whether neither of two nodes could be more like another one."""
    most = _SAME_WORD + _SAME_ARGUMENTS + _SAME_TARGET + _SAME_TYPES
    most += _SAME_LABEL * bool(_given_label(old) or _given_label(new))
    most += _SAME_PLACE * (pair.old.definition == pair.new.definition)
    return _likeness(pair, old, new) == most


def _same_target(old: Node, new: Node) -> bool:
    if old.length != new.length:
        return False
    if isinstance(old.target, Graph) and isinstance(new.target, Graph):
        return old.target is new.target or exact_hash(old.target) == exact_hash(new.target)
    return old.target == new.target


def _matched(pair: _BodyPair, one: Side, other: Side, wiring: str) -> Change:
    old, new = pair.old.nodes[one.first], pair.new.nodes[other.first]
    notes = [] if old.word == new.word else [f"{old.word} → {new.word}"]
    if one.repeats != other.repeats:
        notes.append(f"× {one.repeats} → × {other.repeats}")
    if old.length != new.length:
        notes.append(f"steps {old.length or 1} → {new.length or 1}")
    if not _same_target(old, new) and (old.word == new.word or _one_definition(old, new)):
        notes += _arguments(old, new)
    if one.inputs != other.inputs:
        notes.append(_types("input", one.inputs, other.inputs))
    elif old.types != new.types:
        notes.append(_types("output", old.types, new.types))
    notes += [wiring] if wiring else []
    if notes and one.inputs != other.inputs and len(notes) == 1 and _same_arguments(old, new):
        return Change("resized", pair.level, one, other, tuple(notes))
    if notes or not _same_target(old, new):
        notes = notes or [INSIDE]
        return Change("changed", pair.level, one, other, tuple(notes), wiring)
    if old.label != new.label:
        return Change("renamed", pair.level, one, other, (f"named {old.label or '·'} → {new.label or '·'}",))
    return Change("equal", pair.level, one, other)


def _one_definition(old: Node, new: Node) -> bool:
    return old.body is not None and new.body is not None and _one_text(old.body, new.body)


def _arguments(old: Node, new: Node) -> list[str]:
    """Arguments that differ, as `name old → new`; where the values are long and begin alike, their names alone."""
    before, after = _fields(old), _fields(new)
    notes = []
    for name in dict.fromkeys([*before, *after]):
        values = [_short(side.get(name, "—")) for side in (before, after)]
        if before.get(name) != after.get(name):
            notes.append(f"{name} {values[0]} → {values[1]}" if values[0] != values[1] else f"{name} differs")
    return notes


def _same_arguments(old: Node, new: Node) -> bool:
    same = old.word == new.word and _fields(old) == _fields(new)
    return same and (old.body is None or new.body is None or old.body.definition == new.body.definition)


def _fields(node: Node) -> dict[str, object]:
    if isinstance(node.target, Graph):
        return dict(node.target.arguments)
    return {field.name: getattr(node.target, field.name) for field in fields(node.target)}


def _short(value: object) -> str:
    if isinstance(value, tuple) and value and all(part == value[0] for part in value) and len(value) <= 3:
        value = value[0]  # (3, 3) is written 3
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= 40 else text[:39] + "…"


def _types(what: str, old: Sequence[TensorType], new: Sequence[TensorType]) -> str:
    """What differs between inputs or outputs: all of a few; of many their number, or the first one that differs."""
    if max(len(old), len(new)) <= _FEW:
        return f"{what} {', '.join(map(_type, old))} → {', '.join(map(_type, new))}"
    if len(old) != len(new):
        return f"{what}s {len(old)} → {len(new)}"
    (number, a, b), *others = [(i, a, b) for i, (a, b) in enumerate(zip(old, new, strict=True), 1) if a != b]
    return f"{what} {number}: {_type(a)} → {_type(b)}" + (f" and {len(others)} of the others" if others else "")


def _type(x: TensorType) -> str:
    return ("" if x.dtype == "float" else f"{x.dtype} ") + ("x".join(map(str, x.shape)) or "scalar")


def _side(pair: _BodyPair, which: int, index: int) -> Side:
    graph = pair.new if which else pair.old
    node = graph.nodes[index]
    return Side(
        path=".".join(part for part in (pair.prefixes[which], node.label) if part),
        word=node.word,
        first=index,
        repeats=1,
        inputs=graph.operand_types(node),
        outputs=node.types,
        cost=node_cost(graph, node),
        span=node.spans[0] if node.spans else None,
        body=node.body,
    )
