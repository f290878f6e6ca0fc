"""Puts the elements of a small map back to where a pool took them from: max_unpool."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from archdsl.ops.arguments import BOOL, PADDING, SIZE, Size
from archdsl.ops.base import Example, Kind, Op, OpError, Phases, Reach, Reaches, Types, argument
from archdsl.ops.pool import CEIL_DOC, KERNEL_DOC, PADDING_DOC, STRIDE, STRIDE_DOC, MaxPool
from archdsl.ops.torch_form import Call, Helper, Operand, TorchForm, compact, options
from archdsl.types import TensorType

SMALL, LARGE = TensorType((8, 3, 4)), TensorType((8, 6, 8))


def helper(rank: int) -> Helper:
    """The function for maps of `rank` axes, which finds the places anew; a pool's own indices are integers."""
    name = f"unpool{rank}d"
    return Helper(
        name,
        f'''def {name}(
    x: Tensor,
    pooled: Tensor,
    kernel_size: int,
    stride: int,
    padding: int = 0,
    ceil_mode: bool = False,
) -> Tensor:
    """Put `x` where the windows of `pooled` have their maxima, and zeros elsewhere."""
    places = F.max_pool{rank}d(
        pooled, kernel_size, stride, padding, ceil_mode=ceil_mode, return_indices=True
    )[1]
    flat = torch.zeros_like(pooled).flatten(2)
    return flat.scatter(2, places.flatten(2), x.flatten(2)).view_as(pooled)
''',
    )


@dataclass(frozen=True, slots=True)
class MaxUnpool(Op):
    """A map put to where another's windows have their maxima, zeros elsewhere: `[y, x]` to the shape of x.

    x is what `max_pool` with the same arguments has read, and y what became of its result. Zeiler and Fergus 2013,
    arXiv:1311.2901; Badrinarayanan et al. 2015, arXiv:1511.00561.
    """

    name = "max_unpool"
    kind = Kind.RESHAPE
    enlarges = True
    arity = (2, 2)
    operands = ("small", "pooled")
    examples = (
        Example("max_unpool(2)", (SMALL, LARGE), (LARGE,)),
        Example("max_unpool(2, 3)", (TensorType((4, 3)), TensorType((4, 8))), (TensorType((4, 8)),)),
        Example("max_unpool(2, ceil = true)", (SMALL, TensorType((8, 5, 7))), (TensorType((8, 5, 7)),)),
    )

    kernel: Size = argument(SIZE, KERNEL_DOC)
    stride: Size = argument(STRIDE, STRIDE_DOC + "; not less than the kernel", default="kernel")
    padding: Size = argument(PADDING, PADDING_DOC, default="auto")
    ceil: bool = argument(BOOL, CEIL_DOC, default=False)

    def pool(self) -> MaxPool:
        """The pool that found the places."""
        return MaxPool(self.kernel, self.stride, self.padding, self.ceil)

    def resolve(self, inputs: Types) -> Self:
        x = inputs[1]
        pool = self.pool().resolve((x,))
        if any(s < k for s, k in zip(pool.stride, pool.kernel, strict=True)):
            raise OpError(
                "bad-argument-value",
                "max_unpool cannot tell windows that overlap apart: two may have their maximum at one place",
                parameter="stride",
                help=f"use a stride of at least the kernel, {compact(pool.kernel)}",
            )
        amounts = pool.pads((x,))
        if any(begin != end for begin, end in amounts):
            raise OpError(
                "bad-padding",
                f"max_unpool cannot pad {x} on one side only",
                parameter="padding",
                help="use padding = 0, or ceil = true there and in the pool",
            )
        return replace(
            self, kernel=pool.kernel, stride=pool.stride, padding=tuple(b for b, _ in amounts), ceil=pool.ceil
        )

    def results(self, inputs: Types) -> Types:
        y, x = inputs
        (small,) = self.pool().resolve((x,)).results((x,))
        if y.shape != small.shape:
            raise OpError(
                "shape-mismatch",
                f"max_unpool needs {small} for the windows of {x}, got {y}",
                operand=0,
                help="give [y, x]: x as the pool read it, y of the shape that the pool gave, and the pool's arguments",
            )
        return (x,)

    def reach(self, inputs: Types) -> Reaches:
        """An element lies in one window or in none, and is put there if it is the largest of it."""
        along = list(zip(self.kernel, self.stride, self.padding, strict=True))
        return ((tuple(_of_window(*axis, False) for axis in along), tuple(_of_window(*axis, True) for axis in along)),)

    def torch(self, inputs: Types) -> TorchForm:
        arguments = (Operand(0), Operand(1), compact(self.kernel), compact(self.stride))
        kwargs = options(("padding", compact(self.padding), 0), ("ceil_mode", self.ceil, False))
        made = helper(inputs[1].rank - 1)
        names = ("input", "pooled", "kernel_size", "stride")
        return TorchForm(function=Call(made.name, arguments, kwargs, names), helpers=(made,))


def _of_window(kernel: int, stride: int, padding: int, inside: bool) -> Reach:
    """The number of the window in which an element lies, or the elements `inside` of it."""

    def taps(phase: int) -> range:
        number, place = divmod(phase + padding, stride)
        if place >= kernel:
            return range(0)
        begin = number * stride - padding
        return range(begin, begin + kernel) if inside else range(number, number + 1)

    return Phases(stride, stride if inside else 1, taps, exact=False)


OPS = (MaxUnpool,)
