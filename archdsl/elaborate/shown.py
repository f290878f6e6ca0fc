"""Says what a message calls a value, and how a spec would write it."""

from __future__ import annotations

from archdsl.choices.nodes import Ending
from archdsl.elaborate.definitions import Block
from archdsl.elaborate.open_values import Chosen, OpenList
from archdsl.elaborate.values import (
    BlockName,
    BlockStage,
    Builtin,
    Chain,
    Combine,
    Labelled,
    ListValue,
    OpName,
    OpStage,
    Repeat,
    Scan,
    Shared,
    Stage,
    Tensor,
    Value,
    Worded,
    tensors_in,
)
from archdsl.elaborate.waiting import Waiting
from archdsl.syntax.format_words import on_one_line


def kind_of(value: Value) -> str:
    """How a message calls this kind of value: "an int", "a tensor [3, 8, 8]", "a stage"."""
    if isinstance(value, Tensor):
        return f"a tensor {value.type}"
    if isinstance(value, Stage):
        return "a stage"
    names = {bool: "true or false", int: "an int", float: "a float", str: "text", range: "a range"}
    if isinstance(value, ListValue):
        return "a list of tensors" if value.items and all(map(tensors_in, value.items[:8])) else "a list"
    if isinstance(value, OpenList):
        return kind_of(ListValue(value.items))
    if isinstance(value, Chosen):
        kinds = [*dict.fromkeys(map(kind_of, value.values[:8]))]
        if len(kinds) > 1 and all(isinstance(one, Tensor) for one in value.values):
            return "a tensor"
        return " or ".join(kinds)
    if isinstance(value, Builtin):
        return f"the built-in {value.name}"
    return names.get(type(value)) or str(getattr(value, "described", "a value"))


def show(value: Value) -> str:
    """A value as a spec would write it, shortened to 60 characters; stages as they were written."""
    text = _show(value, 4)
    return text if len(text) <= 60 else text[:57] + "…"


def _written(text: str) -> str:
    """A stage as it was written, whatever comments and line breaks stood in it."""
    return text if text.isidentifier() else on_one_line(text)


def _show(value: Value, room: int) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if room < 0:
        return "…"
    if isinstance(value, str):
        return '"' + value[:60] + '"'
    if isinstance(value, ListValue):
        if room == 0:
            return "[…]"
        shown = ", ".join(_show(item, room - 1) for item in value.items[:8])
        return f"[{shown}, …]" if len(value.items) > 8 else f"[{shown}]"
    if isinstance(value, (OpName, BlockName, OpStage, BlockStage, Scan)):
        return _written(value.span.text)
    if isinstance(value, Waiting):
        return _waiting(value, room)
    if isinstance(value, (Worded, Labelled)):
        return _show(value.stage, room)
    if isinstance(value, Shared):
        return value.word
    if isinstance(value, Chosen):
        if value.text:
            return _written(value.text)
        return next(iter(value.needs)).name if value.needs else _show(value.values[0], room)
    if isinstance(value, OpenList):
        held = next(iter(value.needs)).name if value.needs else _show(ListValue(value.items), room)
        return held if all(isinstance(guard, Ending) for guard in value.guards) else f"some of {held}"
    if isinstance(value, Repeat):
        return f"{_show(value.stage, room)} * {value.count}"
    if isinstance(value, Chain):
        if not value.stages:
            return "id"
        shown = " -> ".join(_show(stage, room - 1) for stage in value.stages[:4])
        return f"{shown} -> …" if len(value.stages) > 4 else shown
    if isinstance(value, Combine):
        return f"{_show(value.left, room - 1)} {value.operator} {_show(value.right, room - 1)}"
    if isinstance(value, Tensor):
        return str(value.type)
    named = getattr(value, "name", value)
    return str(named) if isinstance(named, (str, int, float, range)) else kind_of(value)


def _waiting(value: Waiting, room: int) -> str:
    """A stage that waits for arguments by those that it has, whatever calls gave them: equal ones read alike."""
    free = iter(value.names)
    if isinstance(value.target, Block):  # what a variant sets is not given by position
        free = (name for name in value.names if name not in value.target.defaults)
    shown, ordered = [], True
    for name, (given, _) in value.given.items():
        ordered = ordered and next(free, None) == name
        shown.append(("" if ordered else f"{name} = ") + _show(given, room - 1))
    return f"{value.target.name}({', '.join(shown)})"
