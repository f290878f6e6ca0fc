"""Gives each option of a choice a short text of its own, by which it is picked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archdsl.elaborate.definitions import Block
from archdsl.elaborate.open_values import Chosen
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
    written = node.arguments[0].value
    places: Sequence[tree.Expr | None] = written.items if isinstance(written, tree.ListExpr) else ()
    if len(places) != len(options):
        places = [None] * len(options)
    names = _names(frame) if any(map(tensors_in, options)) else {}
    pairs = enumerate(zip(options, places, strict=True))
    return unlike([_text(frame, value, place, names, str(index)) for index, (value, place) in pairs])


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


def _text(frame: Frame, value: Value, place: tree.Expr | None, names: Mapping[int, str], position: str) -> str:
    if isinstance(value, ListValue) and value.holds_tensors:
        items = [_text(frame, item, None, names, str(index)) for index, item in enumerate(value.items)]
        return f"[{', '.join(items)}]"
    if tensors_in(value):
        return names.get(id(value), position)
    if not isinstance(value, Chosen):
        return show(value)
    if place is None:
        return show(value) or position
    text = on_one_line(frame.span(place).text)
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "…"


def _names(frame: Frame) -> dict[int, str]:
    """The tensors of a body that have a name for good: its inputs, and what is assigned once, outside of loops.

    They are told apart as objects: two that are chosen may be one tensor in some designs, and have a name each.
    """
    if not isinstance(frame, BodyFrame):
        return {}
    frame.session.charge(len(frame.locals))
    found: dict[int, str] = {}
    for name in _lasting(frame.block):
        value = frame.locals.get(name)
        if value is not None and not isinstance(value, ListValue) and tensors_in(value):
            found.setdefault(id(value), name)
    return found


def _lasting(block: Block) -> Sequence[str]:
    """Names of inputs and locals that get a value once, in order of the text."""
    counts = dict.fromkeys(block.input_names, 1)
    pending: list[tuple[tree.Statement, int]] = [(statement, 1) for statement in reversed(block.definition.body)]
    while pending:
        statement, times = pending.pop()
        targets = statement.targets if isinstance(statement, (tree.Assign, tree.For)) else []
        inner = 2 if isinstance(statement, tree.For) else times
        for target in targets:
            counts[target.id] = counts.get(target.id, 0) + inner
        if isinstance(statement, tree.For):
            pending += [(one, inner) for one in reversed(statement.body)]
        elif isinstance(statement, tree.If):
            bodies = [*[body for _, body in statement.branches], statement.otherwise]
            pending += [(one, inner) for body in reversed(bodies) for one in reversed(body)]
    return [name for name, count in counts.items() if count == 1]
