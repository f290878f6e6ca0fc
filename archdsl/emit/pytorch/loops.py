"""Turns a loop over modules, and a loop over the steps of a sequence, into statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from archdsl.emit.pytorch import code
from archdsl.emit.pytorch.actions import Loop, Recurrence
from archdsl.emit.pytorch.code import Apply, Atom, Attribute, Code, Index
from archdsl.emit.pytorch.designs import DESIGN
from archdsl.emit.pytorch.names import next_variable
from archdsl.emit.pytorch.statements import CodeLine


def loop_body(loop: Loop, call: Code, names: Sequence[str], carried: Sequence[int]) -> list[CodeLine]:
    """The statements below `for module in modules:`; `names` are the variables of its slots."""
    targets = ", ".join(names[j] for j in carried)
    sources = [loop.slots[j].source for j in carried]
    whole = [("out", o) for o in range(loop.outputs)]
    if sources == whole:
        return [CodeLine(f"{targets} = ", call, None)]
    lines = []
    made: Code = call
    if loop.outputs > 1:
        lines = [CodeLine("outputs = ", call, None)]
        made = Atom("outputs")
    values: list[Code] = []
    for source in sources:
        assert source is not None
        kind, number = source
        if kind == "slot":
            values.append(Atom(names[number]))
        else:
            values.append(made if loop.outputs == 1 else Index(made, str(number)))
    value = values[0] if len(values) == 1 else code.SequenceDisplay(tuple(values), "")
    return [*lines, CodeLine(f"{targets} = ", value, None)]


@dataclass(frozen=True, slots=True)
class RecurrenceVariables:
    """The names of a recurrence: an element of the sequence, the states, a step's output, and the list of outputs.

    The list is "" when nobody wants it.
    """

    element: str
    states: tuple[str, ...]
    output: str
    outputs: str


def name_variables(recurrence: Recurrence, taken: set[str], kept: Sequence[str], wanted: bool) -> RecurrenceVariables:
    """Names that are not in `taken`: those that the spec gives to the last states, or those of the cell's inputs.

    `kept` are the variables that first states are in and may stay in, "" for others.
    """
    first, *words = recurrence.names
    if len(recurrence.spoken) == len(recurrence.results):
        words = list(recurrence.spoken[1:])
    states: list[str] = []
    for i, word in enumerate(words):
        used = taken | set(states)
        free = word if word not in used else next_variable(word, used | set(words))
        states.append(kept[i] if kept and kept[i] else free)
    taken = taken | set(states)
    element = next_variable(f"{first}_t", taken)
    if not recurrence.has_output:
        return RecurrenceVariables(
            element, tuple(states), states[0], next_variable(f"{states[0]}s", taken) if wanted else ""
        )
    output = next_variable("y", taken) if wanted else "_"
    return RecurrenceVariables(element, tuple(states), output, next_variable("ys", taken) if wanted else "")


def recurrence_lines(
    recurrence: Recurrence, sequence: Code, states: Sequence[Code], names: RecurrenceVariables, sizes: Sequence[Code]
) -> list[CodeLine]:
    """`for x_t in x.unbind(1): h = self.cell(x_t, h)`, with the states before it and the list of outputs.

    `sizes` are those of the states that start at zero, one after the other.
    """
    rest = iter(sizes)
    starts = [_zeros(sequence, [next(rest) for _ in zeros]) for zeros in recurrence.zeros] or states
    lines = [
        CodeLine(f"{name} = ", value, recurrence.when)
        for name, value in zip(names.states, starts, strict=True)
        if value != Atom(name)
    ]
    design = (DESIGN.text,) if recurrence.asks else ()
    call = Apply(recurrence.cell, tuple(("", Atom(name)) for name in (names.element, *names.states, *design)))
    targets = (names.output, *names.states) if recurrence.has_output else names.states
    below = [CodeLine(f"{', '.join(targets)} = ", call, None)]
    if names.outputs:
        lines.append(CodeLine(f"{names.outputs} = ", code.SequenceDisplay(()), recurrence.when))
        append = Attribute(Atom(names.outputs), "append")
        below.append(CodeLine("", Apply(append, (("", Atom(names.output)),)), None))
    steps = Apply(Attribute(sequence, "unbind"), (("", Atom("1")),))
    return [*lines, CodeLine(f"for {names.element} in ", steps, recurrence.when, ":", tuple(below))]


def _zeros(sequence: Code, sizes: Sequence[Code]) -> Code:
    """`x.new_zeros(len(x), 650)`."""
    batch = Apply(Atom("len"), (("", sequence),))
    return Apply(Attribute(sequence, "new_zeros"), (("", batch), *[("", size) for size in sizes]))
