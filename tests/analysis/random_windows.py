"""Random nested graphs of real ops that move windows: every kind of window, gates that see everything, reshapes.

Operands of unequal sizes are cropped at the end to the smaller one, so that paths of any strides and centres meet.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations
from typing import Any

from hypothesis import strategies as st

from archdsl.ir.graph import Graph, Ref
from archdsl.ops.base import Op, OpError
from archdsl.ops.registry import load
from tests.emit.build_graph import Builder

CHANNELS = 2
WINDOWS = ("conv", "depthwise", "avg_pool", "dilated", "stride", "pad", "crop", "slice")
PHASES = ("conv_transpose", "transposed", "transposed", "nearest", "nearest", "bilinear", "resize", "adaptive")
GLOBAL = ("gate", "average", "squeeze", "norm")
UNDEFINED = ("transpose", "reshape")
TURNED = ("turned",)  # axes turned and turned back
CHANNELS_APART = ("depthwise", "avg_pool", "conv", "keep", "keep", "shuffle", "part", "add", "relu", "call")
JOINS = ("add", "add", "concat", "relu", "identity", "call", "call", "twice", "halves")


@dataclass(frozen=True)
class Step:
    """One line of a body; `first` and `second` pick operands, the sizes are per axis."""

    kind: str
    first: int
    second: int
    kernel: tuple[int, int]
    stride: tuple[int, int]
    amount: int


@dataclass(frozen=True)
class Program:
    inputs: int
    outputs: int
    steps: tuple[Step, ...]


def _op(word: str, *args: Any, **kwargs: Any) -> Op:
    op: Op = load(word)(*args, **kwargs)
    return op


def _windowed(step: Step, axes: int) -> Op:
    """The op of a step whose kind is in WINDOWS or PHASES."""
    kernel, stride = step.kernel[:axes], step.stride[:axes]
    linear = "bilinear" if axes == 2 else "linear"
    match step.kind:
        case "conv":
            return _op("conv", CHANNELS, kernel, 1, padding=step.amount % 3)
        case "stride":
            return _op("conv", CHANNELS, kernel, stride)
        case "dilated":
            return _op("conv", CHANNELS, kernel, 1, dilation=step.amount + 1, padding="half")
        case "depthwise":
            return _op("depthwise", kernel, 1)
        case "avg_pool":
            return _op("avg_pool", kernel, stride)
        case "pad":
            return _op("pad", ((step.amount, 1),) * axes)
        case "crop":
            return _op("crop", ((step.amount, 1),) * axes)
        case "slice":
            return _op("slice", step.amount, -1, step.stride[0], axis=-1)
        case "conv_transpose":
            return _op("conv_transpose", CHANNELS, kernel, stride, padding=0)
        case "transposed":
            padding = min(step.amount, (step.kernel[0] - 1) // 2)
            return _op("conv_transpose", CHANNELS, kernel, stride, padding, dilation=1 + step.first % 3)
        case "nearest":
            return _op("upsample", (step.stride[0], 2, 0.5, 1.5, 0.7, 1.2)[step.amount + step.first])
        case "bilinear":
            scale = (step.stride[0], 2, 0.5, 1.5, 1, 1 / 3)[step.amount + step.first]
            return _op("upsample", scale, mode=linear, align_corners=step.second > 2)
        case "resize":
            size = (step.kernel[0] * 16, step.kernel[1] * 12)[:axes]
            return _op("upsample", size=size, mode=linear if step.second else "nearest")
        case "adaptive":
            return _op("adaptive_avg_pool", (step.kernel[0] * 8, step.kernel[1] * 6)[:axes])
    raise AssertionError(step.kind)


class Maker:
    """Makes bodies from programs, one per (program, input shapes), as elaboration does."""

    def __init__(self, programs: list[Program], norm: str = "instance_norm") -> None:
        self.programs = programs
        self.norm = norm
        self.made: dict[tuple[int, tuple[tuple[int, ...], ...]], Graph] = {}

    def body(self, number: int, shapes: tuple[tuple[int, ...], ...]) -> Graph:
        if (number, shapes) not in self.made:
            self.made[number, shapes] = self._make(number, shapes)
        return self.made[number, shapes]

    def _make(self, number: int, shapes: tuple[tuple[int, ...], ...]) -> Graph:
        program = self.programs[number]
        body = Builder(f"b{number}_{len(self.made)}", {f"x{i}": shape for i, shape in enumerate(shapes)})
        tensors = [body[i] for i in range(len(shapes))]
        for index, step in enumerate(program.steps):
            before = len(body.nodes)
            try:
                tensors += self._step(body, step, tensors, number, f"m{index}")
            except OpError:  # the window does not fit
                del body.nodes[before:]
        outputs = [tensors[-1 - i % len(tensors)] for i in range(program.outputs)]
        return body.build_live(*outputs)

    def _step(self, body: Builder, step: Step, tensors: list[Ref], number: int, label: str) -> list[Ref]:
        x = tensors[-1 - step.first % len(tensors)]
        y = tensors[-1 - step.second % len(tensors)]
        shape = body.type_of(x).shape
        axes = len(shape) - 1

        def op(word: str, *operands: Ref, args: tuple[Any, ...] = (), **kwargs: Any) -> Ref:
            made = _op(word, *args, **kwargs)
            return body.add(made, *operands, label=label if word in ("conv", "linear") else "")

        if step.kind in WINDOWS + PHASES:
            made = _windowed(step, axes)
            return [body.add(made, x, label=label if step.kind in LABELLED else "")]
        match step.kind:
            case "relu":
                return [op("relu", x)]
            case "norm":
                return [op(self.norm, x)]
            case "identity":
                return [x]
            case "twice":
                return [op("add", x, x)]
            case "average":
                return [op("global_avg_pool", x)]
            case "gate":
                return [op("mul", x, op("conv", op("global_avg_pool", y), args=(CHANNELS,)))]
            case "squeeze":
                squeezed = op("linear", op("global_avg_pool", y), args=(CHANNELS,))
                return [op("mul", x, op("reshape", squeezed, args=((CHANNELS,) + (1,) * axes,)))]
            case "transpose":
                return [op("transpose", x, args=(-2, -1))] if axes == 2 else []
            case "reshape":
                return [op("reshape", x, args=(shape,))]
            case "turned":
                return [self._turned(op, body, step, x)]
            case "halves":
                left = body.add(_op("chunk", 2), x)
                return [op("concat", Ref(left.node, 1), left)]
            case "keep":
                return [op("concat", *_fitted(body, x, y))]
            case "shuffle":
                return [op("channel_shuffle", x, args=(2,))] if shape[0] % 2 == 0 else []
            case "part":
                return [body.add(_op("chunk", 2), x)]
            case "add":
                return [op("add", *_fitted(body, x, y))] if shape[0] == body.type_of(y).shape[0] else []
            case "concat":
                return [op("conv", op("concat", *_fitted(body, x, y)), args=(CHANNELS,))]
        if not number:
            return []
        callee = step.amount % number
        given = [tensors[-1 - (step.first + k * step.second) % len(tensors)] for k in range(self._inputs(callee))]
        graph = self.body(callee, tuple(body.type_of(ref).shape for ref in given))
        called = body.add(graph, *given, label=label)
        return [Ref(called.node, k) for k in range(len(graph.outputs))]

    def _turned(self, op: Any, body: Builder, step: Step, x: Ref) -> Ref:
        """Ops along the last axis of a turned tensor; a linear map only where that holds the channels."""
        rank = len(body.type_of(x).shape)
        orders = list(permutations(range(rank)))
        order = orders[(step.first + step.second) % len(orders)]
        y = op("permute", x, args=(order,))
        for word in ("relu", "linear", "layer_norm")[: 1 + step.amount]:
            size = body.type_of(y).shape[-1]
            if word == "relu":
                y = op("relu", y)
            elif word == "linear" and order[-1] == 0:
                y = op("linear", y, args=(size,), bias=False)
            elif word == "layer_norm" and self.norm != "relu" and size > 1:
                y = op("layer_norm", y, affine=False)
        return op("permute", y, args=(tuple(order.index(axis) for axis in range(rank)),))

    def _inputs(self, number: int) -> int:
        return self.programs[number].inputs


LABELLED = ("conv", "depthwise", "dilated", "stride", "conv_transpose", "transposed")


def _fitted(body: Builder, x: Ref, y: Ref) -> tuple[Ref, Ref]:
    """Both cropped at the end to the smaller size of each axis."""
    a, b = body.type_of(x).shape, body.type_of(y).shape
    least = [min(n, m) for n, m in zip(a[1:], b[1:], strict=True)]

    def cut(ref: Ref, shape: tuple[int, ...]) -> Ref:
        amounts = tuple((0, n - m) for n, m in zip(shape[1:], least, strict=True))
        return body.add(_op("crop", amounts), ref) if any(end for _, end in amounts) else ref

    return cut(x, a), cut(y, b)


def programs(kinds: tuple[str, ...], levels: int = 3, steps: int = 5) -> st.SearchStrategy[list[Program]]:
    """Definitions of which each may call those before; the last is the root, with one or two inputs."""
    pair = st.tuples(st.integers(1, 3), st.integers(1, 3))
    sizes = st.tuples(st.integers(1, 5), st.integers(1, 5))
    step = st.builds(Step, st.sampled_from(kinds), st.integers(0, 3), st.integers(0, 3), sizes, pair, st.integers(0, 2))
    program = st.builds(
        Program, st.integers(1, 2), st.integers(1, 2), st.lists(step, min_size=1, max_size=steps).map(tuple)
    )
    return st.lists(program, min_size=levels, max_size=levels)


def graph_of(drawn: list[Program], size: tuple[int, ...], norm: str = "instance_norm") -> Graph:
    """The root body, each of its inputs a map of `size`; steps of kind "norm" become the op of that name."""
    shape = (CHANNELS, *size)
    return Maker(drawn, norm).body(len(drawn) - 1, (shape,) * drawn[-1].inputs)
