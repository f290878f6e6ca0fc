"""Turns one op application into what a counting tool can see of it: the names of torch's modules and functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any

from archdsl.emit.pytorch.executed import How
from archdsl.ops.base import Op, Types, Weight
from archdsl.ops.torch_form import Call, Infix, Method, Operand, Subscript, TorchForm

# (reason, how much the tool's number differs from ours for it)
Difference = tuple[str, int]


class NotPredictable(Exception):
    """What a tool counts for an op is not known; the text says why."""


@dataclass(frozen=True)
class ExecutedOp:
    """A resolved op at batch 1 in the emitted `forward`; `how` says whether as a module or as a function."""

    op: Op
    inputs: Types
    outputs: Types
    how: How

    @cached_property
    def form(self) -> TorchForm:
        """How the op reads in PyTorch."""
        return self.op.torch(self.inputs)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What is called, outermost first: "nn.Conv2d", "F.relu", "torch.cat", ".flatten", "@"."""
        if self.how is How.PARAMETER:
            return ()
        if self.how is How.FUNCTION and self.form.function is None:
            return ("F.linear",)  # tied: with the weights of an embedding
        main = self.form.module if self.how is How.MODULE else self.form.function
        return tuple(dict.fromkeys([*names_in(main), *names_in(self.form.before)]))

    @property
    def plain(self) -> bool:
        """Whether the outermost thing called gets the op's first operand as it is, so that rules know its size."""
        match self.form.function:
            case None | Call(_, (Operand(0), *_)) | Infix(_, Operand(0), Operand(1)):
                return True
        return self.how is How.MODULE

    @cached_property
    def weights(self) -> tuple[Weight, ...]:
        """The tensors that the op owns."""
        return self.op.weights(self.inputs)

    @property
    def params(self) -> int:
        """Trainable elements."""
        return sum(weight.size for weight in self.weights if weight.trainable)

    @property
    def macs(self) -> int:
        """Our multiply-accumulates."""
        return self.op.macs(self.inputs, self.outputs)

    @property
    def given(self) -> int:
        """Elements of the first operand, padded if the op pads it ahead of its module."""
        shape = list(self.inputs[0].shape)
        match self.form.before:
            case Call("F.pad", (_, sides)):  # from the last axis on, begin and end of each
                for axis, (begin, end) in enumerate(zip(sides[::2], sides[1::2], strict=True), 1):
                    shape[-axis] += begin + end
        return prod(shape)

    @property
    def made(self) -> int:
        """Elements of the first result."""
        return self.outputs[0].size

    @property
    def word(self) -> str:
        """The op's name as one says it."""
        return "batch norm" if self.op.name == "bn" else self.op.name.replace("_", " ")

    def has(self, weight: str) -> bool:
        """Whether the op owns a trainable tensor of this name."""
        return any(w.name == weight and w.trainable for w in self.weights)

    def option(self, name: str, *default: Any) -> Any:
        """A keyword argument of the torch call.

        Raises:
            NotPredictable: it is not given, and there is no default.
        """
        found = dict(self._call.kwargs).get(name, *default)
        if found is None and not default:
            raise NotPredictable(f"its {name} is not given by name")
        return found

    def argument(self, position: int) -> Any:
        """A positional argument of the torch call, the operand of a function not counted.

        Raises:
            NotPredictable: there are not so many.
        """
        found = self._call.args[self.how is How.FUNCTION :]
        if position >= len(found):
            raise NotPredictable("its arguments are given by name")
        return found[position]

    @property
    def _call(self) -> Call:
        call = self.form.module if self.how is How.MODULE else self.form.function
        if not isinstance(call, Call):
            raise NotPredictable("it is no plain call")
        return call


CountingRule = Callable[[ExecutedOp], Iterable[Difference]]


def names_in(form: Any) -> Iterator[str]:
    """The names that an expression calls, outermost first."""
    match form:
        case Call(function, args, kwargs):
            yield function
            for part in (*args, *(value for _, value in kwargs)):
                yield from names_in(part)
        case Method(target, name, args, kwargs):
            yield f".{name}"
            for part in (target, *args, *(value for _, value in kwargs)):
                yield from names_in(part)
        case Infix(operator, left, right):
            yield operator
            yield from names_in(left)
            yield from names_in(right)
        case Subscript(target):
            yield "[]"
            yield from names_in(target)


# --- vocabulary ------------------------------------------------------------------------------------------------


def ranks(*stems: str) -> tuple[str, ...]:
    """Names for one, two and three spatial axes: "nn.Conv1d", "nn.Conv2d", "nn.Conv3d"."""
    return tuple(f"{stem}{rank}d" for stem in stems for rank in (1, 2, 3))


def same(*stems: str) -> tuple[str, ...]:
    """Names of our own modules with TensorFlow's padding: "Conv1dSame", "Conv2dSame", "Conv3dSame"."""
    return tuple(f"{stem}{rank}dSame" for stem in stems for rank in (1, 2, 3))


# --- rules -----------------------------------------------------------------------------------------------------


def as_ours(executed: ExecutedOp) -> Iterable[Difference]:
    """The tool counts the multiply-accumulates that we count."""
    return ()


def per_input(reason: str, times: int = 1) -> CountingRule:
    """So many for each element of the operand."""
    return lambda executed: [(reason, times * executed.given)]


def per_output(reason: str, times: int = 1) -> CountingRule:
    """So many for each element of the result."""
    return lambda executed: [(reason, times * executed.made)]


def norm(scaled: int, plain: int) -> CountingRule:
    """So many for each element of a normalisation's operand, with and without a learned scale."""

    def rule(executed: ExecutedOp) -> Iterable[Difference]:
        times = scaled if executed.has("weight") else plain
        without = "" if scaled == plain or executed.has("weight") else " without weights"
        return [(f"{executed.word}{without}: {times} per element", times * executed.given)]

    return rule


def table(*entries: tuple[tuple[str, ...] | str, CountingRule]) -> dict[str, CountingRule]:
    """Rules by torch name, from (one name or several, rule)."""
    return {name: rule for names, rule in entries for name in ((names,) if isinstance(names, str) else names)}


def padded(executed: ExecutedOp) -> int:
    """Elements of the operand once a module of ours has given it "same" padding; as `pad_same` works it out."""
    axes = executed.inputs[0].rank - 1
    kernel = executed.option("kernel_size")
    settings = (kernel, executed.option("stride", kernel), executed.option("dilation", 1))
    per_axis = zip(*(value if isinstance(value, tuple) else (value,) * axes for value in settings), strict=True)
    size = executed.inputs[0].shape[0]
    for extent, (k, s, d) in zip(executed.inputs[0].shape[1:], per_axis, strict=True):
        size *= max(extent, (-(-extent // s) - 1) * s + (k - 1) * d + 1)
    return size
