"""Tensors of fixed numbers: constant; and rows of a tensor at places that are known: take."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from typing import Any

from archdsl.ops.arguments import BOOL, INT, refuse, shown, whole
from archdsl.ops.axes import axis_index
from archdsl.ops.base import (
    ALL,
    IDENTITY,
    ArgumentType,
    ChannelsSeen,
    Example,
    Kind,
    Op,
    OpError,
    Reaches,
    Types,
    Weight,
    argument,
    spatial_axes,
)
from archdsl.ops.torch_form import Call, ListDisplay, NamedValues, Operand, Own, Spelled, Subscript, TorchForm
from archdsl.ops.worked_out import (
    ConstantProgram,
    ConstantStep,
    ProgramPart,
    StepNames,
    append,
    can_be_worked_out,
    gives_list,
    tensor_of,
    types_of,
    written,
)
from archdsl.types import TensorType, known

MOST_AXES = 8


def nested(value: Any, entry: Any, needed: str) -> tuple[Any, ...]:
    """`value` as tuples in tuples of one length on each level, each number as `entry` gives it; a number alone in one.

    Raises:
        ValueError: it is empty, ragged, or holds anything else.
    """
    if not isinstance(value, tuple):
        return (entry(value),)

    def level(values: tuple[Any, ...], depth: int) -> tuple[Any, ...]:
        if not values:
            raise ValueError(f"needs {needed}, got an empty list")
        if depth > MOST_AXES:
            raise ValueError(f"needs at most {MOST_AXES} lists in one another")
        inner = [v for v in values if isinstance(v, tuple)]
        if not inner:
            return tuple([entry(v) for v in values])
        if len(inner) < len(values):
            other = next(v for v in values if not isinstance(v, tuple))
            raise ValueError(f"needs lists or numbers, not both in one list, got {shown(other)} beside a list")
        lengths = sorted({len(v) for v in inner})
        if len(lengths) > 1:
            raise ValueError(f"needs lists of equal lengths, got one of {lengths[0]} beside one of {lengths[-1]}")
        return tuple([level(v, depth + 1) for v in inner])

    return level(value, 1)


def shape_of(values: tuple[Any, ...]) -> tuple[int, ...]:
    """The lengths of nested tuples, from outside."""
    shape: list[int] = []
    level: Any = values
    while isinstance(level, tuple):
        shape.append(len(level))
        level = level[0]
    return tuple(shape)


def numbers_in(values: Any) -> Iterator[Any]:
    """The numbers of nested tuples, in order."""
    stack = [values]
    while stack:
        one = stack.pop()
        if isinstance(one, tuple):
            stack.extend(reversed(one))
        else:
            yield one


def count_of(values: Any) -> int:
    """How many numbers nested tuples hold."""
    return sum(1 for _ in numbers_in(values))


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refuse("numbers", value)
    if value != value:
        raise ValueError("needs numbers, got one that is none (nan)")
    if isinstance(value, int) and abs(value) > 2**63:
        raise ValueError(f"needs numbers below 2**63, got {shown(value)}")
    return float(known(value) if isinstance(value, int) else value)


VALUES = ArgumentType("number or nested lists", lambda v: nested(v, _number, "a number or a list of numbers"))
INDEX = ArgumentType("list of ints", lambda v: nested(v, lambda n: known(whole(n, None, "ints")), "a list of ints"))


@dataclass(frozen=True, slots=True)
class ConstantTensor(Op):
    """A tensor of fixed numbers, the same for every sample: grids, masks, tables. A tensor as soon as it is called.

    `constant(range(7))` is `[7]`, `constant(0.5)` is `[1]`, a list of 2 lists of 3 is `[2, 3]`. What a body works out
    of such tensors alone is worked out once, when the module is built, and kept as a buffer.
    """

    name = "constant"
    long_list = "values"
    kind = Kind.PARAMETER
    arity = (0, 0)
    examples = (
        Example("constant([0.5, 1, 2])", (), (TensorType((3,)),)),
        Example("constant([[0, 0.5], [1, 0]])", (), (TensorType((2, 2)),)),
    )

    values: Any = argument(VALUES, "a number, a list, or lists of equal lengths in a list")
    persistent: bool = argument(BOOL, "saved in the state_dict under its name, as weights are", default=False)
    # What is made of several sources, `values` then being all of theirs: no argument, but what folding leaves.
    steps: ConstantProgram = ()
    output: int = 0
    called: StepNames = field(default=(), compare=False, repr=False)
    spelled: tuple[Any, ...] = field(default=(), compare=False, repr=False)  # with steps: one for each source

    @property
    def is_constant(self) -> bool:
        return not self.persistent  # another state_dict may hold other numbers

    def results(self, inputs: Types) -> Types:
        return (self._types[-1][self.output] if self.steps else TensorType(shape_of(self.values)),)

    def applications(self) -> Iterator[tuple[Op, tuple[tuple[int, int], ...], Types]]:
        """The ops that make it, each with its operands, numbered through, and the types of its results."""
        types = self._types
        for values in self.values:
            yield ConstantTensor(values), (), (TensorType(shape_of(values)),)
        for number, step in enumerate(map(ConstantStep._make, self.steps), len(self.values)):
            yield step.op, step.operands, types[number]

    def worked_out(self, op: Op, operands: Sequence[tuple[Op, TensorType]], called: str) -> tuple[Op, ...] | None:
        types = tuple([type_ for _, type_ in operands])
        if not can_be_worked_out(op, types):
            return None
        made = append([one.part for one, _ in operands if isinstance(one, ConstantTensor)], op, called)
        if made is None:
            return None
        values, spelled, steps, names = made
        outputs = range(len(op.results(types)))
        return tuple([ConstantTensor(values, False, steps, output, names, spelled) for output in outputs])

    @property
    def part(self) -> ProgramPart:
        """It as a part of what is made of it."""
        if not self.steps:
            return (self.values,), (self.spelled,), (), (), (0, 0)
        result = (len(self.values) + len(self.steps) - 1, self.output)
        spelled = self.spelled or ((),) * len(self.values)
        return self.values, spelled, self.steps, self.called or ("",) * len(self.steps), result

    @property
    def _types(self) -> list[Types]:
        return types_of([shape_of(values) for values in self.values], self.steps)

    def weights(self, inputs: Types) -> tuple[Weight, ...]:
        return (Weight("", (1, *shape_of(self.values)), trainable=False),) if self.persistent else ()

    def unsaved(self, inputs: Types) -> int:
        return 0 if self.persistent else self.results(inputs)[0].size

    def reach(self, inputs: Types) -> Reaches:
        return ((),)

    def torch(self, inputs: Types) -> TorchForm:
        if not self.steps:
            return TorchForm(buffer=tensor_of(self.values, self.spelled), function=Own(), persistent=self.persistent)
        values, spelled, steps, called, _ = self.part
        lines = written(values, spelled, self._types, steps, called)
        if gives_list(self.steps[-1]):
            lines = (*lines[:-1], (lines[-1][0], Subscript(lines[-1][1], str(self.output))))
        return TorchForm(buffer=NamedValues(lines), function=Own(), persistent=False)


@dataclass(frozen=True, slots=True)
class Take(Op):
    """The parts of a tensor along one axis at the places of an index: `table -> take([2, 0, 2])` gives three rows.

    The index may be nested as the result's axes shall be: from a table `[169, 4]` an index of 49 lists of 49 takes
    `[49, 49, 4]`: relative position bias, Shaw et al. 2018, arXiv:1803.02155. Places count from 0; -1 is the last.
    """

    name = "take"
    long_list = "index"
    kind = Kind.RESHAPE
    examples = (
        Example("take([2, 0, 2])", (TensorType((3, 4)),), (TensorType((3, 4)),)),
        Example("take([[0, 1], [1, 2]])", (TensorType((3, 4)),), (TensorType((2, 2, 4)),)),
        Example("take([1, 0], axis = -1)", (TensorType((3, 4)),), (TensorType((3, 2)),)),
    )

    index: Any = argument(INDEX, "places along the axis, nested as the result's axes shall be")
    axis: int = argument(INT, "the axis; negative counts from the last", default=0)
    persistent: bool = argument(BOOL, "the index is saved in the state_dict under the module's name", default=False)

    spelled: tuple[Any, ...] = field(default=(), compare=False, repr=False)

    def resolve(self, inputs: Types) -> Take:
        axis = axis_index(self.name, self.axis, inputs[0])
        size = inputs[0].shape[axis]
        places = list(numbers_in(self.index))
        for place in (min(places), max(places)):
            if not -size <= place < size:
                raise OpError(
                    "bad-argument-value",
                    f"take cannot find place {place} along axis {axis} of {inputs[0]}, which has size {size}",
                    parameter="index",
                    help=f"places go from 0 to {size - 1}, or from -{size} to -1 counted from the end",
                )
        return replace(self, axis=axis)

    def results(self, inputs: Types) -> Types:
        shape = inputs[0].shape
        return (TensorType((*shape[: self.axis], *shape_of(self.index), *shape[self.axis + 1 :])),)

    def weights(self, inputs: Types) -> tuple[Weight, ...]:
        return (Weight("", shape_of(self.index), trainable=False),) if self.persistent else ()

    def unsaved(self, inputs: Types) -> int:
        return 0 if self.persistent else prod(shape_of(self.index))

    def reach(self, inputs: Types) -> Reaches:
        """Along the axis anything may come from anywhere; where axes are added, so along all."""
        added = len(shape_of(self.index)) != 1
        axes = spatial_axes(inputs[0])
        return ((tuple([ALL if added or axis == self.axis else IDENTITY for axis in axes]),),)

    def channels_seen(self, x: TensorType, y: TensorType) -> ChannelsSeen:
        return ChannelsSeen.SOME

    def torch(self, inputs: Types) -> TorchForm:
        made = Call("torch.tensor", (Spelled(self.spelled, self.index) if self.spelled else ListDisplay(self.index),))
        taken = Subscript(Operand(), (*[":"] * (self.axis + 1), Own()))
        return TorchForm(buffer=made, function=taken, persistent=self.persistent)


OPS = (ConstantTensor, Take)
