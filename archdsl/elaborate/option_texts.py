"""Gives each option of a choice a short text of its own, by which it is picked."""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.elaborate.definitions import Block
from archdsl.elaborate.open_values import OPEN
from archdsl.elaborate.session import BodyFrame, Frame
from archdsl.elaborate.shown import show
from archdsl.elaborate.values import ListValue, Value, tensors_in
from archdsl.syntax import tree
from archdsl.syntax.format_words import on_one_line

LONGEST = 60  # characters of a text


def option_texts(frame: Frame, options: Sequence[Value], node: tree.Call) -> tuple[str, ...]:
    """The texts of the options that the call `node` of `oneof` offers, in their order, each unlike the others.

    Numbers and texts are as a spec writes them, stages as they were written, shortened; a tensor is the input or the
    name that the body gives it once, else its position in the list; lists are `[a, b]`. What is chosen itself is what
    stands for it where the list is written out, or the name of its choice: no text may depend on picks.
    """
    frame.session.charge(len(options))
    places = _places(node.arguments[0].value, len(options))
    names = _TensorNames(frame, any(map(tensors_in, options)))
    pairs = enumerate(zip(options, places, strict=True))
    return unlike([_text(value, place, names, str(index)) for index, (value, place) in pairs])


def unlike(texts: Sequence[str]) -> tuple[str, ...]:
    """The texts, equal ones numbered from the second on: `conv(8)`, `conv(8) #2`."""
    taken, counts, found = set(texts), dict.fromkeys(texts, 0), []
    for text in texts:
        counts[text] += 1
        made = text
        while counts[text] > 1 and (made := f"{text} #{counts[text]}") in taken:
            counts[text] += 1
        taken.add(made)
        found.append(made)
    return tuple(found)


def _places(written: tree.Expr | None, count: int) -> Sequence[tree.Expr | None]:
    """Where so many items of a list are written, if it is written out."""
    found = written.items if isinstance(written, tree.ListExpr) else ()
    return found if len(found) == count else [None] * count


def _text(value: Value, place: tree.Expr | None, names: _TensorNames, position: str) -> str:
    if isinstance(value, ListValue) and value.holds_tensors:
        items = enumerate(zip(value.items, _places(place, len(value.items)), strict=True))
        return f"[{', '.join([_text(item, its, names, str(index)) for index, (item, its) in items])}]"
    if tensors_in(value):
        return names.of(value, place, position)
    if value.__class__ not in OPEN:
        return show(value)
    if place is None:
        return show(value) or position
    text = on_one_line(names.frame.span(place).text)
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "…"


class _TensorNames:
    """The tensors of a body that have a name for good: its inputs, and what is assigned once, outside of loops.

    In a list that is written out such a name is the text. Elsewhere tensors are told apart as objects: two that are
    chosen may be one tensor in some designs, and have a name each.
    """

    def __init__(self, frame: Frame, needed: bool) -> None:
        self.frame = frame
        self.lasting: Sequence[str] = ()
        self.held: dict[int, str] = {}
        if not needed or not isinstance(frame, BodyFrame):
            return
        frame.session.charge(len(frame.locals))
        self.lasting = _lasting(frame.block)
        for name in self.lasting:
            value = frame.locals.get(name)
            if value is not None and not isinstance(value, ListValue) and tensors_in(value):
                self.held.setdefault(id(value), name)

    def of(self, value: Value, place: tree.Expr | None, position: str) -> str:
        """The text of a tensor."""
        if isinstance(place, tree.Name) and place.id in self.lasting:
            return place.id
        return self.held.get(id(value), position)


def _lasting(block: Block) -> Sequence[str]:
    """Names of inputs and locals that get a value once, in order of the text."""
    counts = dict.fromkeys(block.input_names, 1)
    pending: list[tuple[tree.Statement, int]] = [(statement, 1) for statement in reversed(block.definition.body)]
    while pending:
        statement, times = pending.pop()
        targets = tree.names_in(statement.targets) if isinstance(statement, (tree.Assign, tree.For)) else []
        inner = 2 if isinstance(statement, tree.For) else times
        for target in targets:
            counts[target.id] = counts.get(target.id, 0) + inner
        if isinstance(statement, tree.For):
            pending += [(one, inner) for one in reversed(statement.body)]
        elif isinstance(statement, tree.If):
            bodies = [*[body for _, body in statement.branches], statement.otherwise]
            pending += [(one, inner) for body in reversed(bodies) for one in reversed(body)]
    return [name for name, count in counts.items() if count == 1]
