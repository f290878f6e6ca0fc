"""Works out which numbers a chain of ops makes of constants, as a program that one constant holds.

    constant([1, 2]) -> exp             values ([1, 2],)            steps (exp of source 0)
    … + (constant([3, 4]) -> exp)       values ([1, 2], [3, 4])     steps (exp of 0, exp of 1, add of 2 and 3)

What is made of constants alone is worked out once, when the module is built. A program is plain data, like all
arguments of ops: a step is the op's name, its arguments, and its operands, numbered through: first the sources, then
the results of the steps in order. Equal steps are one step, so a tensor that two expressions read is made once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, NamedTuple

from archdsl.ops import registry
from archdsl.ops.base import Kind, Op, Types
from archdsl.ops.torch_form import Call, Infix, ListDisplay, Method, Operand, Operands, Own, Spelled, Subscript
from archdsl.types import TensorType, known

MOST_STEPS = 64


class ConstantStep(NamedTuple):
    """An op by name, its arguments, and its operands as (number, output)."""

    word: str
    arguments: tuple[tuple[str, Any], ...]
    operands: tuple[tuple[int, int], ...]

    @property
    def op(self) -> Op:
        """The op itself."""
        made = registry.load(self.word)
        assert made is not None, self.word
        return made(**dict(self.arguments))


ConstantProgram = tuple[ConstantStep, ...]
StepNames = tuple[str, ...]  # of the variables that the spec gives the results of the steps
# Sources, the expressions that gave them, program, names, and which number is the operand of what comes next.
ProgramPart = tuple[tuple[Any, ...], tuple[Any, ...], ConstantProgram, StepNames, tuple[int, int]]


def can_be_worked_out(op: Op, inputs: Types) -> bool:
    """Whether an op makes the same of the same numbers every time, and says how as a function."""
    if op.kind in (Kind.DROP, Kind.PARAMETER) or op.weights(inputs) or registry.load(op.name) is not type(op):
        return False
    form = op.torch(inputs)
    several = len(op.results(inputs)) > 1 and not op.gives_list
    return form.function is not None and form.before is None and not form.helpers and not several


def append(
    parts: Sequence[ProgramPart], op: Op, called: str
) -> tuple[tuple[Any, ...], tuple[Any, ...], ConstantProgram, StepNames] | None:
    """Sources, their expressions and the program of `op` applied to what `parts` give; None if it becomes too long."""
    sources: list[Any] = []
    spelled: list[Any] = []
    for values, expressions, *_ in parts:
        for value, expression in zip(values, expressions, strict=True):
            if _place(value, sources) is None:
                sources.append(value)
                spelled.append(expression)
    steps: list[ConstantStep] = []
    names: list[str] = []
    operands = []
    for values, _, program, called_so, result in parts:
        places = [place for value in values if (place := _place(value, sources)) is not None]
        for step, name in zip(map(ConstantStep._make, program), called_so, strict=True):
            moved = step._replace(operands=tuple([(places[n], output) for n, output in step.operands]))
            place = _place(moved, steps)
            if place is None:
                place = len(steps)
                steps.append(moved)
                names.append(name)
            places.append(len(sources) + place)
        operands.append((places[result[0]], result[1]))
    arguments = tuple([(field.name, _plain(getattr(op, field.name))) for field in fields(op)])
    steps.append(ConstantStep(op.name, arguments, tuple(operands)))
    return None if len(steps) > MOST_STEPS else (tuple(sources), tuple(spelled), tuple(steps), (*names, called))


def _place(one: Any, among: Sequence[Any]) -> int | None:
    """Where it stands among others, as text: 0.0 is not -0.0, nor 1 true."""
    found = (i for i, other in enumerate(among) if other is one or (other == one and repr(other) == repr(one)))
    return next(found, None)


def _plain(value: Any) -> Any:
    """An argument without formulas of sizes."""
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    return known(value) if isinstance(value, int) and not isinstance(value, bool) else value


def types_of(shapes: Sequence[tuple[int, ...]], program: ConstantProgram) -> list[Types]:
    """The types of the sources and of the results of each step."""
    types: list[Types] = [(TensorType(shape),) for shape in shapes]
    for step in map(ConstantStep._make, program):
        types.append(step.op.results(tuple([types[n][output] for n, output in step.operands])))
    return types


def written(
    sources: Sequence[Any], spelled: Sequence[Any], types: Sequence[Types], program: ConstantProgram, names: StepNames
) -> tuple[tuple[str, Any], ...]:
    """The program in PyTorch: names (or "") and expressions; `Operand(i)` in one of them is the value of the i-th."""
    lines: list[tuple[str, Any]] = [("", tensor_of(*source)) for source in zip(sources, spelled, strict=True)]
    for step, called in zip(map(ConstantStep._make, program), names, strict=True):
        inputs = tuple([types[n][output] for n, output in step.operands])
        form = step.op.torch(inputs)
        operands = [_part(n, output, len(sources), program) for n, output in step.operands]
        lines.append((called, substituted(form.function, operands, form.buffer)))
    return tuple(lines)


def tensor_of(values: Any, spelled: tuple[Any, ...] = ()) -> Any:
    """`torch.tensor([[…]])`: fixed numbers with a batch axis."""
    if spelled:  # whose numbers may be ints
        dtype = ("dtype", Call("torch.get_default_dtype"))
        return Call("torch.tensor", (Spelled(("list", spelled), (values,)),), (dtype,))
    return Call("torch.tensor", (ListDisplay((values,)),))


def _part(number: int, output: int, sources: int, program: ConstantProgram) -> Any:
    """The output of a step; most have one, and no list of it."""
    listed = number >= sources and gives_list(program[number - sources])
    return Subscript(Operand(number), str(output)) if listed else Operand(number)


def gives_list(step: ConstantStep) -> bool:
    """Whether the op gives a list of tensors."""
    return ConstantStep._make(step).op.gives_list


def substituted(form: Any, operands: Sequence[Any], own: Any) -> Any:
    """An op's expression with the expressions of its operands in it."""
    match form:
        case Operand(index):
            return operands[index]
        case Operands():
            return ListDisplay(tuple(operands))
        case Own():
            return own
        case Call(function, args, kwargs, names):
            return Call(function, _all(args, operands, own), _named(kwargs, operands, own), names)
        case Method(target, name, args, kwargs, names):
            inner = substituted(target, operands, own)
            return Method(inner, name, _all(args, operands, own), _named(kwargs, operands, own), names)
        case Infix(operator, left, right):
            return Infix(operator, substituted(left, operands, own), substituted(right, operands, own))
        case Subscript(target, index):
            parts = index if isinstance(index, str) else _all(index, operands, own)
            return Subscript(substituted(target, operands, own), parts)
        case tuple():
            return _all(form, operands, own)
    return form


def _all(parts: tuple[Any, ...], operands: Sequence[Any], own: Any) -> tuple[Any, ...]:
    return tuple([substituted(part, operands, own) for part in parts])


def _named(kwargs: tuple[tuple[str, Any], ...], operands: Sequence[Any], own: Any) -> tuple[tuple[str, Any], ...]:
    return tuple([(name, substituted(value, operands, own)) for name, value in kwargs])
