"""Random nested graphs with everything that breaks a careless composing analysis, and the small ops they are made of.

Covered: `x + x`, one tensor passed as two inputs, bodies that return an input or one output twice, sourceless nodes
and bodies, several outputs of which some are unused, slots shared by ops and by calls at different sizes, misaligned
strides, scans whose states start at zero or are given, change places, or stay what they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from hypothesis import strategies as st

from archdsl.ir.graph import INPUT, Graph, Node, Ref
from archdsl.ops.base import IDENTITY, Kind, Op, Reaches, Types, Weight, Window
from archdsl.ops.torch_form import Call, TorchForm
from archdsl.source import Source, Span
from archdsl.types import TensorType
from tests.emit.build_graph import without_dead

PLACE = Span(Source("random.arch", "random"), 0, 6)


def _smallest(inputs: Types) -> TensorType:
    return TensorType(tuple(min(extents) for extents in zip(*(x.shape for x in inputs), strict=True)))


def _strided(x: TensorType, channels: int, stride: int) -> TensorType:
    return TensorType((channels, *(-(-extent // stride) for extent in x.shape[1:])))


@dataclass(frozen=True, slots=True)
class Conv(Op):
    """A square convolution with bias."""

    name: ClassVar[str] = "conv"
    kind: ClassVar[Kind] = Kind.CONVOLUTION
    out: int
    size: int = 3
    stride: int = 1

    def results(self, inputs: Types) -> Types:
        return (_strided(inputs[0], self.out, self.stride),)

    def weights(self, inputs: Types) -> tuple[Weight, ...]:
        return (
            Weight("weight", (self.out, inputs[0].shape[0], self.size, self.size)),
            Weight("bias", (self.out,)),
        )

    def macs(self, inputs: Types, outputs: Types) -> int:
        return self.results(inputs)[0].size * inputs[0].shape[0] * self.size**2

    def reach(self, inputs: Types) -> Reaches:
        return (((Window(self.size), Window(self.size)),),)


@dataclass(frozen=True, slots=True)
class Pool(Op):
    """A square pool."""

    name: ClassVar[str] = "pool"
    kind: ClassVar[Kind] = Kind.POOL
    size: int = 3
    stride: int = 2

    def results(self, inputs: Types) -> Types:
        return (_strided(inputs[0], inputs[0].shape[0], self.stride),)

    def reach(self, inputs: Types) -> Reaches:
        return (((Window(self.size), Window(self.size)),),)


@dataclass(frozen=True, slots=True)
class Average(Op):
    """A global pool."""

    name: ClassVar[str] = "average"
    kind: ClassVar[Kind] = Kind.GLOBAL_POOL

    def results(self, inputs: Types) -> Types:
        return (TensorType((inputs[0].shape[0], 1, 1)),)


@dataclass(frozen=True, slots=True)
class Norm(Op):
    """A batch norm."""

    name: ClassVar[str] = "norm"
    kind: ClassVar[Kind] = Kind.NORM

    def weights(self, inputs: Types) -> tuple[Weight, ...]:
        channels = inputs[0].shape[0]
        return (Weight("weight", (channels,)), Weight("mean", (channels,), trainable=False))


@dataclass(frozen=True, slots=True)
class Dense(Op):
    """A linear map of the last axis."""

    name: ClassVar[str] = "dense"
    kind: ClassVar[Kind] = Kind.LINEAR
    out: int

    def results(self, inputs: Types) -> Types:
        return (TensorType((*inputs[0].shape[:-1], self.out)),)

    def weights(self, inputs: Types) -> tuple[Weight, ...]:
        return (Weight("weight", (self.out, inputs[0].shape[-1])),)

    def macs(self, inputs: Types, outputs: Types) -> int:
        return inputs[0].size * self.out


@dataclass(frozen=True, slots=True)
class Relu(Op):
    """An activation."""

    name: ClassVar[str] = "relu"
    kind: ClassVar[Kind] = Kind.ACTIVATION


@dataclass(frozen=True, slots=True)
class Merge(Op):
    """Adds any number of tensors where they overlap."""

    name: ClassVar[str] = "merge"
    kind: ClassVar[Kind] = Kind.ARITHMETIC
    arity: ClassVar[tuple[int, int | None]] = (1, None)

    def results(self, inputs: Types) -> Types:
        return (_smallest(inputs),)


@dataclass(frozen=True, slots=True)
class Join(Op):
    """Concatenates channels where the tensors overlap."""

    name: ClassVar[str] = "join"
    kind: ClassVar[Kind] = Kind.CONCAT
    arity: ClassVar[tuple[int, int | None]] = (1, None)

    def results(self, inputs: Types) -> Types:
        return (TensorType((sum(x.shape[0] for x in inputs), *_smallest(inputs).shape[1:])),)


@dataclass(frozen=True, slots=True)
class Halves(Op):
    """Two halves of the channels (one channel: twice that one)."""

    name: ClassVar[str] = "halves"
    kind, is_view = Kind.SPLIT, True

    def results(self, inputs: Types) -> Types:
        half = TensorType((max(inputs[0].shape[0] // 2, 1), *inputs[0].shape[1:]))
        return (half, half)

    def reach(self, inputs: Types) -> Reaches:
        return (((IDENTITY, IDENTITY),),) * 2


@dataclass(frozen=True, slots=True)
class Drop(Op):
    """Does nothing at inference."""

    name: ClassVar[str] = "drop"
    kind, is_view = Kind.DROP, True


@dataclass(frozen=True, slots=True)
class Fit(Op):
    """Cuts or repeats a tensor so that it has a shape."""

    name: ClassVar[str] = "fit"
    kind: ClassVar[Kind] = Kind.RESHAPE
    shape: tuple[int, ...]

    def results(self, inputs: Types) -> Types:
        return (TensorType(self.shape),)

    def torch(self, inputs: Types) -> TorchForm:
        return TorchForm(function=Call("fit"))


@dataclass(frozen=True, slots=True)
class Learned(Op):
    """A parameter without operands."""

    name: ClassVar[str] = "learned"
    kind: ClassVar[Kind] = Kind.PARAMETER
    arity: ClassVar[tuple[int, int | None]] = (0, 0)
    shape: tuple[int, ...]

    def results(self, inputs: Types) -> Types:
        return (TensorType(self.shape),)

    def weights(self, inputs: Types) -> tuple[Weight, ...]:
        return (Weight("value", self.shape),)


OPS: dict[str, type[Op]] = {
    op.name: op for op in (Conv, Pool, Average, Norm, Dense, Relu, Merge, Join, Halves, Drop, Fit, Learned)
}

_CHOICES: tuple[Op, ...] = (
    Conv(2),
    Conv(3, 1),
    Conv(4, 3, 2),
    Pool(),
    Pool(2, 2),
    Average(),
    Norm(),
    Dense(4),
    Relu(),
    Merge(),
    Merge(),
    Join(),
    Halves(),
    Drop(),
    Learned((2, 3, 3)),
)


class Steps(NamedTuple):
    """How a definition is scanned: how many steps, whether states start at zero, whether it has an output."""

    length: int
    zero: bool
    output: bool


@dataclass(frozen=True)
class Step:
    """One line of a definition: an op, or a call of definition `op`; operands are picked modulo what is there.

    With `steps` a call of a definition with several inputs is a scan.
    """

    op: Op | int
    picks: tuple[int, ...]
    shared: bool
    steps: Steps | None = None


@dataclass(frozen=True)
class Program:
    """A definition: from it a body is made for each input types."""

    inputs: int
    steps: tuple[Step, ...]
    outputs: tuple[int, ...]


class Builder:
    """Makes bodies from programs, one per (program, input types), as elaboration does."""

    def __init__(self, programs: list[Program]) -> None:
        self.programs = programs
        self.made: dict[tuple[int, Types], Graph] = {}

    def body(self, number: int, inputs: Types) -> Graph:
        key = number, inputs
        if key not in self.made:
            self.made[key] = self._make(number, inputs)
        return self.made[key]

    def _make(self, number: int, inputs: Types) -> Graph:
        program = self.programs[number]
        tensors = [(Ref(INPUT, i), x) for i, x in enumerate(inputs)]
        nodes: list[Node] = []
        slots: dict[object, int] = {}

        def fit(operand: Ref, shape: tuple[int, ...], index: object) -> tuple[Ref, TensorType]:
            nodes.append(Node(Fit(shape), (operand,), (TensorType(shape),), "", (PLACE,), (number, index)))
            return Ref(len(nodes) - 1), TensorType(shape)

        def apply(step: Step, picked: list[tuple[Ref, TensorType]], index: object) -> None:
            types = tuple(x for _, x in picked)
            steps = step.steps if isinstance(step.op, int) and len(picked) > 1 else None
            length = steps and steps.length
            if steps is not None and isinstance(step.op, int):
                target: Op | Graph = (cell := self.cell(step.op, types, steps.output))
                picked[0] = fit(picked[0][0], (steps.length, *types[0].shape), f"{index} fit")
                picked = picked[:1] if steps.zero else picked
                results = (TensorType((steps.length, *cell.output_types[0].shape)), *types[1:])
            else:
                target = self.body(step.op, types) if isinstance(step.op, int) else step.op
                results = target.output_types if isinstance(target, Graph) else target.results(types)
            slot: int | None = None
            if step.shared:
                # Sharing needs equal weights; those depend on all sizes that a dense layer sees, so only on channels
                # where there is none. `_shareable` keeps to that.
                owner = (step.op, steps and steps.output, tuple(x.shape[0] for x in types))
                slot = slots.setdefault(owner, len(slots)) if self._shareable(step.op) else None
            label = f"shared{slot}" if slot is not None else f"m{len(nodes)}"
            operands = tuple(ref for ref, _ in picked)
            nodes.append(Node(target, operands, results, label, (PLACE,), (number, index), slot, length))
            made = [(Ref(len(nodes) - 1, k), x) for k, x in enumerate(results)]
            if length is not None:
                made[0] = fit(made[0][0], results[0].shape[1:], f"{index} last")
            tensors.extend(made)

        for index, step in enumerate(program.steps):
            count = self._arity(step.op, len(step.picks))
            if tensors or not count:
                picked = [tensors[pick % len(tensors)] for pick in (step.picks * 3)[:count]]
                apply(step, [*picked], index)
                if step.shared:  # again, on what has as many channels, perhaps at another size
                    alike = [next(t for t in reversed(tensors) if t[1].shape[0] == x.shape[0]) for _, x in picked]
                    apply(step, alike, f"{index} again")
        if not tensors:
            apply(Step(Learned((2, 3, 3)), (), False), [], len(program.steps))
        outputs = tuple(tensors[-1 - pick % len(tensors)][0] for pick in program.outputs)
        nodes, outputs = without_dead(nodes, outputs)
        names = tuple(f"x{i}" for i in range(len(inputs)))
        return Graph(
            f"b{number}", "block", ("random.arch", f"b{number}"), (("n", number),), names, inputs,
            tuple(nodes), outputs, PLACE,
        )  # fmt: skip

    def cell(self, number: int, inputs: Types, output: bool) -> Graph:
        """A body that calls definition `number` and gives its states again, as they are or made fit, in any order."""
        inner, names = self.body(number, inputs), tuple(f"x{i}" for i in range(len(inputs)))
        refs = tuple(Ref(INPUT, i) for i in range(len(inputs)))
        nodes = [Node(inner, refs, inner.output_types, "inner", (PLACE,), (0,))]
        outputs = [Ref(0, 0)] if output else []
        for i, wanted in enumerate(inputs[1:], 1):
            outputs.append(Ref(0, i % len(inner.outputs)))
            if inner.output_types[outputs[-1].output] != wanted:
                nodes.append(Node(Fit(wanted.shape), (outputs.pop(),), (wanted,), "", (PLACE,), (i,)))
                outputs.append(Ref(len(nodes) - 1))
        place = ("random.arch", f"cell{number}")
        return Graph(place[1], "block", place, (), names, inputs, tuple(nodes), tuple(outputs), PLACE)

    def _arity(self, op: Op | int, wanted: int) -> int:
        if isinstance(op, int):
            return self.programs[op].inputs
        return wanted if op.arity[1] is None else op.arity[1]

    def _shareable(self, op: Op | int) -> bool:
        """Whether weights depend on the operands' channels alone."""
        if not isinstance(op, int):
            return not isinstance(op, Dense)
        return all(self._shareable(step.op) for step in self.programs[op].steps)


_picks = st.lists(st.integers(0, 12), min_size=1, max_size=3).map(tuple)
_shared = st.booleans()
_steps = st.sampled_from(
    (None, None, None, Steps(1, True, True), Steps(2, False, False), Steps(3, False, True), Steps(5, True, False))
)


def _line(what: tuple[Op | int, Steps | None], picks: tuple[int, ...], shared: bool) -> Step:
    return Step(what[0], picks, shared, what[1])


def _program(number: int) -> st.SearchStrategy[Program]:
    applied: st.SearchStrategy[tuple[Op | int, Steps | None]] = st.sampled_from([(op, None) for op in _CHOICES])
    if number:
        applied = applied | st.tuples(st.integers(0, number - 1), _steps)
    return st.builds(
        Program,
        st.integers(1 if number == LEVELS - 1 else 0, 3),
        st.lists(st.builds(_line, applied, _picks, _shared), max_size=6).map(tuple),
        _picks,
    )


LEVELS = 4
_inputs = st.lists(
    st.builds(lambda c, h, w: TensorType((c, h, w)), st.integers(1, 3), st.integers(1, 9), st.integers(1, 9)),
    min_size=3,
    max_size=3,
)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """A root body of up to four levels."""
    programs = [draw(_program(number)) for number in range(LEVELS)]
    types = tuple(draw(_inputs)[: programs[-1].inputs])
    return Builder(programs).body(LEVELS - 1, types)
