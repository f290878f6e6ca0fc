"""Gives each option of a choice a short text of its own, by which it is picked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archdsl.elaborate.definitions import Block
from archdsl.elaborate.session import BodyFrame, Frame
from archdsl.elaborate.shown import show
from archdsl.elaborate.values import ListValue, Tensor, Value
from archdsl.ir.graph import Ref
from archdsl.syntax import tree


def option_texts(frame: Frame, options: Sequence[Value]) -> tuple[str, ...]:
    """The texts of the options of a choice that is asked in `frame`, in their order, each unlike the others.

    Numbers and texts are as a spec writes them, stages as they were written, shortened; a tensor is the input or the
    name that the body gives it once, else its position in the list. Lists are `[a, b]`. Equal ones are numbered.
    """
    frame.session.charge(len(options))
    names = _names(frame) if any(map(_has_tensors, options)) else {}
    return unlike([_text(value, names, str(index)) for index, value in enumerate(options)])


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


def _has_tensors(value: Value) -> bool:
    return value.holds_tensors if isinstance(value, ListValue) else isinstance(value, Tensor)


def _text(value: Value, names: Mapping[Ref, str], position: str) -> str:
    if isinstance(value, Tensor):
        return names.get(value.ref, position)
    if isinstance(value, ListValue) and value.holds_tensors:
        return "[" + ", ".join([_text(item, names, str(index)) for index, item in enumerate(value.items)]) + "]"
    return show(value)


def _names(frame: Frame) -> dict[Ref, str]:
    """The tensors of a body that have a name for good: its inputs, and what is assigned once, outside of loops."""
    if not isinstance(frame, BodyFrame):
        return {}
    frame.session.charge(len(frame.locals))
    found: dict[Ref, str] = {}
    for name in _lasting(frame.block):
        value = frame.locals.get(name)
        if isinstance(value, Tensor):
            found.setdefault(value.ref, name)
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
