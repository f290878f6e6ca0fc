"""Turns two graphs into what changed from one to the other: rows that are equal, changed, added, removed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import count
from typing import Literal

from archdsl.analysis.cost import Cost, node_cost
from archdsl.analysis.matching import match
from archdsl.analysis.rows import run_length
from archdsl.ir.graph import INPUT, Graph, Node, Ref
from archdsl.ir.hashing import exact_hash
from archdsl.source import Span
from archdsl.types import TensorType

Status = Literal["equal", "renamed", "resized", "changed", "added", "removed"]

# What makes two rows one row that changed. Rows without anything in common are never matched.
_SAME_WORD, _SAME_PLACE, _SAME_LABEL, _SAME_TARGET, _SAME_TYPES = 4, 2, 2, 3, 1


@dataclass(frozen=True, slots=True)
class Side:
    """One row as one of the two networks has it; `cost` is that of all its `repeats`, as if it owned its weights."""

    path: str
    word: str
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
    name, or what it reads.
    """

    status: Status
    level: int
    old: Side | None
    new: Side | None
    notes: tuple[str, ...] = ()

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


@dataclass(slots=True)
class _Repeated:
    """Equal neighbours in a body: nodes `first` to `first + repeats - 1`."""

    graph: Graph
    first: int
    repeats: int

    @property
    def node(self) -> Node:
        return self.graph.nodes[self.first]


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
    Nothing is listed inside rows that are equal, added or removed.
    """
    stack = [_body(_BodyPair(old, new, ("", ""), 0))]
    while stack:
        change = next(stack[-1], None)
        if change is None:
            stack.pop()
            continue
        yield change
        old_side, new_side = change.old, change.new
        if change.status == "changed" and old_side and new_side and change.level + 1 < depth:
            bodies = old_side.body, new_side.body
            if bodies[0] and bodies[1] and _can_be_opened(bodies[0], bodies[1]):
                prefixes = old_side.path, new_side.path
                stack.append(_body(_BodyPair(bodies[0], bodies[1], prefixes, change.level + 1)))


def _can_be_opened(old: Graph, new: Graph) -> bool:
    """Whether two bodies are instances of one text that differ inside."""
    return _one_text(old, new) and exact_hash(old) != exact_hash(new)


def _one_text(old: Graph, new: Graph) -> bool:
    """Whether two bodies come from the same statements: of one definition, or of a definition and its variant."""
    return old.name == new.name or not {node.site for node in old.nodes}.isdisjoint(node.site for node in new.nodes)


def _body(pair: _BodyPair) -> Iterator[Change]:
    """The rows of two bodies, not opened."""
    old, new = _runs(pair.old), _runs(pair.new)
    matched = match(old, new, lambda a, b: _likeness(pair, a, b))
    partner = dict(matched)
    wires = _Wires(pair, old, new, partner)
    j = 0
    for i in range(len(old) + 1):
        end = partner.get(i, -1) if i < len(old) else len(new)
        if i < len(old) and end < 0:
            yield Change("removed", pair.level, _side(old[i], pair.prefixes[0]), None)
            continue
        for k in range(j, end):
            yield Change("added", pair.level, None, _side(new[k], pair.prefixes[1]))
        j = end + 1
        if i < len(old):
            yield _matched(pair, old[i], new[end], wires.note(i, end))


def _runs(graph: Graph) -> list[_Repeated]:
    found, index = [], 0
    while index < len(graph.nodes):
        repeats = run_length(graph, index)
        found.append(_Repeated(graph, index, repeats))
        index += repeats
    return found


def _likeness(pair: _BodyPair, a: _Repeated, b: _Repeated) -> int:
    """How much two rows look like one row: 0 when they must not be matched."""
    old, new = a.node, b.node
    same_label = bool(old.label) and old.label == new.label
    same_word = old.word == new.word and (old.body is None) == (new.body is None)
    if not same_word and not (same_label and (old.body is None) == (new.body is None)):
        return 0
    same_place = pair.old.definition == pair.new.definition and old.site == new.site
    return (
        _SAME_WORD * same_word
        + _SAME_PLACE * same_place
        + _SAME_LABEL * same_label
        + _SAME_TARGET * _same_target(old, new)
        + _SAME_TYPES * (old.types == new.types)
    )


def _same_target(old: Node, new: Node) -> bool:
    if old.length != new.length:
        return False
    if isinstance(old.target, Graph) and isinstance(new.target, Graph):
        return old.target is new.target or exact_hash(old.target) == exact_hash(new.target)
    return old.target == new.target


def _matched(pair: _BodyPair, a: _Repeated, b: _Repeated, wiring: str) -> Change:
    old, new = a.node, b.node
    sides = _side(a, pair.prefixes[0]), _side(b, pair.prefixes[1])
    notes = [] if old.word == new.word else [f"{old.word} → {new.word}"]
    if a.repeats != b.repeats:
        notes.append(f"× {a.repeats} → × {b.repeats}")
    if old.length != new.length:
        notes.append(f"steps {old.length or 1} → {new.length or 1}")
    if not _same_target(old, new) and (old.word == new.word or _one_definition(old, new)):
        notes += _arguments(old, new)
    if sides[0].inputs != sides[1].inputs:
        notes.append(f"input {_types(sides[0].inputs)} → {_types(sides[1].inputs)}")
    elif old.types != new.types:
        notes.append(f"output {_types(old.types)} → {_types(new.types)}")
    notes += [wiring] if wiring else []
    if notes and sides[0].inputs != sides[1].inputs and len(notes) == 1 and _same_arguments(old, new):
        return Change("resized", pair.level, *sides, tuple(notes))
    if notes or not _same_target(old, new):
        return Change("changed", pair.level, *sides, tuple(notes))
    if old.label != new.label:
        return Change("renamed", pair.level, *sides, (f"named {old.label or '·'} → {new.label or '·'}",))
    return Change("equal", pair.level, *sides)


def _one_definition(old: Node, new: Node) -> bool:
    return old.body is not None and new.body is not None and _one_text(old.body, new.body)


def _arguments(old: Node, new: Node) -> list[str]:
    """Arguments that differ, as `name old → new`; where the values are long, their names alone."""
    before, after = _fields(old), _fields(new)
    notes = []
    for name in dict.fromkeys([*before, *after]):
        values = [_short(side.get(name, "—")) for side in (before, after)]
        if before.get(name) != after.get(name):
            notes.append(f"{name} {values[0]} → {values[1]}")
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
    text = str(value)
    return text if len(text) <= 40 else text[:39] + "…"


def _types(types: Sequence[TensorType]) -> str:
    shown = ["x".join(map(str, x.shape)) or "scalar" for x in types[:3]]
    return ", ".join(shown) + (", …" if len(types) > 3 else "")


def _side(run: _Repeated, prefix: str) -> Side:
    node = run.node
    return Side(
        path=".".join(part for part in (prefix, node.label) if part),
        word=node.word,
        repeats=run.repeats,
        inputs=run.graph.operand_types(node),
        outputs=node.types,
        cost=Cost().plus(node_cost(run.graph, node), run.repeats, run.repeats),
        span=node.spans[0] if node.spans else None,
        body=node.body,
    )


class _Wires:
    """Tells whether matched rows read corresponding tensors; what was added or removed on the way is looked through."""

    def __init__(self, pair: _BodyPair, old: list[_Repeated], new: list[_Repeated], partner: dict[int, int]) -> None:
        self.graphs = pair.old, pair.new
        self.runs = old, new
        self.partner = partner
        self.row: list[dict[int, int]] = []
        for runs in self.runs:
            self.row.append({run.first + k: i for i, run in enumerate(runs) for k in range(run.repeats)})
        self.kept = set(partner), set(partner.values())

    def note(self, i: int, j: int) -> str:
        """In words, what row `j` of the new body reads that row `i` of the old one did not; "" if they agree."""
        old, new = self.runs[0][i].node.operands, self.runs[1][j].node.operands
        before, after = [self._origin(0, ref) for ref in old], [self._origin(1, ref) for ref in new]
        if [self._translated(origin) for origin in before] == after:
            return ""
        names = [
            ", ".join(self._name(side, ref) for ref in refs[:4]) + (", …" if len(refs) > 4 else "")
            for side, refs in enumerate((old, new))
        ]
        return f"reads {names[1]} instead of {names[0]}" if names[0] != names[1] else "reads other tensors"

    def _origin(self, side: int, ref: Ref) -> tuple[int, int, int]:
        """(row that both have or INPUT, places before the last of its repeats, output)."""
        for _ in count():
            if ref.node == INPUT:
                return INPUT, 0, ref.output
            row = self.row[side][ref.node]
            run = self.runs[side][row]
            if row in self.kept[side]:
                return row, run.first + run.repeats - 1 - ref.node, ref.output
            if not run.node.operands:
                return -2 - row, 0, ref.output  # a tensor that the other network has not
            ref = run.node.operands[0]
        raise AssertionError

    def _translated(self, origin: tuple[int, int, int]) -> tuple[int, int, int]:
        row, place, output = origin
        return (self.partner[row] if row >= 0 else row, place, output)

    def _name(self, side: int, ref: Ref) -> str:
        graph = self.graphs[side]
        if ref.node == INPUT:
            return graph.input_names[ref.output]
        node = graph.nodes[ref.node]
        return node.label or node.word
