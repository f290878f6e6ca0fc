"""What each op of a random space makes of shapes, which weights it has and what it costs, by formulas of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import Any

Shape = tuple[int, ...]
Weights = tuple[tuple[str, Shape], ...]


class Unfit(Exception):
    """The operands do not fit the op, or each other."""


@dataclass(frozen=True)
class Made:
    """What an op is at given operands."""

    outputs: tuple[Shape, ...]
    weights: Weights = ()
    macs: int = 0
    several: bool = False  # it gives a list, even of one


SIGNATURES = {
    "conv": ("out", "kernel", "stride", "padding", "dilation", "groups", "bias"),
    "depthwise": ("kernel", "stride", "padding", "dilation", "bias"),
    "linear": ("out", "bias"),
    "max_pool": ("kernel", "stride"),
    "avg_pool": ("kernel", "stride"),
    "split": ("sections",),
    "flatten": ("first",),
    "channel_shuffle": ("groups",),
    "upsample": ("scale",),
    "bn": ("eps", "momentum", "affine"),
    "transpose": ("first", "second"),
    **dict.fromkeys(("relu", "silu", "sigmoid", "tanh", "global_avg_pool", "id"), ()),
    **dict.fromkeys(("add", "mul", "mean", "maximum", "concat"), ()),
}
PLAIN = ("relu", "silu", "sigmoid", "tanh")
JOINS = ("add", "mul", "mean", "maximum")


def one(shapes: list[Shape]) -> Shape:
    """The only operand."""
    if len(shapes) != 1:
        raise Unfit
    return shapes[0]


def feature_map(shapes: list[Shape]) -> Shape:
    shape = one(shapes)
    if len(shape) not in (2, 3):
        raise Unfit
    return shape


def windows(size: int, kernel: int, stride: int) -> int:
    """How many windows fit along an axis: papers pad where windows overlap."""
    padding = (kernel - 1) // 2 if stride < kernel else 0
    count = (size + 2 * padding - kernel) // stride + 1
    if count < 1:
        raise Unfit
    return count


def _conv(shapes: list[Shape], out: int, kernel: int = 1, stride: int = 1, groups: int = 1, bias: bool = True) -> Made:
    channels, *sizes = feature_map(shapes)
    if channels % groups or out % groups:
        raise Unfit
    result = (out, *(windows(size, kernel, stride) for size in sizes))
    weight = (out, channels // groups, *(kernel for _ in sizes))
    weights = (("weight", weight), ("bias", (out,))) if bias else (("weight", weight),)
    return Made((result,), weights, prod(result[1:]) * prod(weight))


def _depthwise(shapes: list[Shape], kernel: int, stride: int = 1, bias: bool = True) -> Made:
    channels = feature_map(shapes)[0]
    return _conv(shapes, channels, kernel, stride, channels, bias)


def _pool(shapes: list[Shape], kernel: int, stride: int | None = None) -> Made:
    channels, *sizes = feature_map(shapes)
    return Made(((channels, *(windows(size, kernel, stride or kernel) for size in sizes)),))


def _linear(shapes: list[Shape], out: int, bias: bool = True) -> Made:
    shape = one(shapes)
    if len(shape) > 1 and prod(shape[1:]) == 1:
        shape = shape[:1]  # a map of one place counts as a vector
    features = shape[-1]
    weights = (("weight", (out, features)), ("bias", (out,))) if bias else (("weight", (out, features)),)
    return Made(((*shape[:-1], out),), weights, prod(shape[:-1]) * out * features)


def _bn(shapes: list[Shape]) -> Made:
    shape = one(shapes)
    return Made((shape,), (("weight", shape[:1]), ("bias", shape[:1])))


def _concat(shapes: list[Shape]) -> Made:
    if not shapes or any(a[1:] != b[1:] for a, b in pairwise(shapes)):
        raise Unfit
    return Made(((sum(shape[0] for shape in shapes), *shapes[0][1:]),))


def stretched(shapes: list[Shape]) -> Shape:
    """The type to which all are stretched: sizes are equal or 1 along each axis; a vector is a factor per channel."""
    if not shapes:
        raise Unfit
    rank = max(map(len, shapes))
    result = [1] * rank
    for shape in shapes:
        for axis, size in enumerate(shape if len(shape) == rank else ()):
            if size != 1 and result[axis] not in (1, size):
                raise Unfit
            result[axis] = max(result[axis], size)
    for shape in shapes:
        if len(shape) < rank and prod(shape) != 1 and shape != (result[0],):
            raise Unfit
    return tuple(result)


def _split(shapes: list[Shape], sections: int) -> Made:
    channels, *sizes = one(shapes)
    if channels % sections:
        raise Unfit
    return Made(tuple((channels // sections, *sizes) for _ in range(sections)), several=True)


def _flatten(shapes: list[Shape], first: int = 0) -> Made:
    shape = one(shapes)
    return Made(((*shape[:first], prod(shape[first:])),))


def _transpose(shapes: list[Shape]) -> Made:
    *first, a, b = one(shapes)
    return Made(((*first, b, a),))


def _shuffle(shapes: list[Shape], groups: int) -> Made:
    shape = one(shapes)
    if shape[0] % groups:
        raise Unfit
    return Made((shape,))


def _upsample(shapes: list[Shape], scale: int) -> Made:
    channels, *sizes = feature_map(shapes)
    return Made(((channels, *(size * scale for size in sizes)),))


def _global(shapes: list[Shape]) -> Made:
    channels, *sizes = feature_map(shapes)
    return Made(((channels, *(1 for _ in sizes)),))


OPS: dict[str, Callable[..., Made]] = {
    "conv": _conv,
    "depthwise": _depthwise,
    "linear": _linear,
    "max_pool": _pool,
    "avg_pool": _pool,
    "bn": _bn,
    "concat": _concat,
    "split": _split,
    "flatten": _flatten,
    "transpose": _transpose,
    "channel_shuffle": _shuffle,
    "upsample": _upsample,
    "global_avg_pool": _global,
    **{word: lambda shapes: Made((one(shapes),)) for word in PLAIN},
    **{word: lambda shapes: Made((stretched(shapes),)) for word in JOINS},
}


def make(op: str, arguments: Mapping[str, Any], shapes: list[Shape]) -> Made:
    """An op at its operands.

    Raises:
        Unfit: they do not fit.
    """
    return OPS[op](shapes, **arguments)


def join(shapes: list[Shape]) -> Made:
    """Two tensors with an operator between them, or a tensor and a number."""
    return Made((stretched(shapes),))
