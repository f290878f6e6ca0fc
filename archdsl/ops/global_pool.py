"""Pools to a given size: global_avg_pool, global_max_pool, adaptive_avg_pool, adaptive_max_pool."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from archdsl.ops.arguments import SIZE, Size
from archdsl.ops.base import ALL, Example, Kind, Op, Reaches, Types, argument
from archdsl.ops.doubts import Doubt, Provenances, axes_in_another_order
from archdsl.ops.phases import adaptive
from archdsl.ops.torch_form import TorchForm, compact, either
from archdsl.ops.windows import AxisSizes, space, spread
from archdsl.types import TensorType

MAP = TensorType((512, 7, 7))
NAMES = ("output_size",)


class GlobalAvgPool(Op):
    """The mean of each channel: `[C, H, W]` to `[C, 1, 1]`, so that a conv can follow; linear takes it as `[C]`."""

    __slots__ = ()
    name = "global_avg_pool"
    kind = Kind.GLOBAL_POOL
    examples = (
        Example("global_avg_pool", (MAP,), (TensorType((512, 1, 1)),)),
        Example("global_avg_pool", (TensorType((8, 9)),), (TensorType((8, 1)),)),
    )

    def results(self, inputs: Types) -> Types:
        axes = space(self.name, inputs[0])
        return (TensorType((inputs[0].shape[0], *(1 for _ in axes))),)

    def reach(self, inputs: Types) -> Reaches:
        return ((tuple(ALL for _ in inputs[0].shape[1:]),),)

    def doubts(self, inputs: Types, made: Provenances) -> Iterator[Doubt]:
        return axes_in_another_order(self.name, inputs[0], made[0])

    def torch(self, inputs: Types) -> TorchForm:
        rank = inputs[0].rank - 1
        return either(f"nn.AdaptiveAvgPool{rank}d", f"F.adaptive_avg_pool{rank}d", (1,), (), NAMES)


class GlobalMaxPool(Op):
    """The largest element of each channel: `[C, H, W]` to `[C, 1, 1]`."""

    __slots__ = ()
    name = "global_max_pool"
    kind = Kind.GLOBAL_POOL
    examples = (Example("global_max_pool", (MAP,), (TensorType((512, 1, 1)),)),)

    def results(self, inputs: Types) -> Types:
        axes = space(self.name, inputs[0])
        return (TensorType((inputs[0].shape[0], *(1 for _ in axes))),)

    def reach(self, inputs: Types) -> Reaches:
        return ((tuple(ALL for _ in inputs[0].shape[1:]),),)

    def doubts(self, inputs: Types, made: Provenances) -> Iterator[Doubt]:
        return axes_in_another_order(self.name, inputs[0], made[0])

    def torch(self, inputs: Types) -> TorchForm:
        rank = inputs[0].rank - 1
        return either(f"nn.AdaptiveMaxPool{rank}d", f"F.adaptive_max_pool{rank}d", (1,), (), NAMES)


@dataclass(frozen=True, slots=True)
class AdaptiveAvgPool(Op):
    """The mean of windows laid evenly so that the output has the given size; size 1 is global_avg_pool.

    Output i averages the inputs from floor(i * n / size) up to ceil((i + 1) * n / size).
    """

    name = "adaptive_avg_pool"
    kind = Kind.POOL
    examples = (
        Example("adaptive_avg_pool(7)", (TensorType((512, 14, 14)),), (TensorType((512, 7, 7)),)),
        Example("adaptive_avg_pool((2, 3))", (TensorType((4, 5, 7)),), (TensorType((4, 2, 3)),)),
        Example("adaptive_avg_pool(1)", (MAP,), (TensorType((512, 1, 1)),)),
    )

    size: Size = argument(SIZE, "output size, in elements")

    def resolve(self, inputs: Types) -> Op:
        size = resolve_size(self.name, self.size, inputs)
        return GlobalAvgPool() if all(m == 1 for m in size) else replace(self, size=size)

    def results(self, inputs: Types) -> Types:
        return (TensorType((inputs[0].shape[0], *self.size)),)

    def reach(self, inputs: Types) -> Reaches:
        return ((adaptive(inputs[0].shape[1:], self.size),),)

    def doubts(self, inputs: Types, made: Provenances) -> Iterator[Doubt]:
        return axes_in_another_order(self.name, inputs[0], made[0])

    def torch(self, inputs: Types) -> TorchForm:
        rank = inputs[0].rank - 1
        return either(f"nn.AdaptiveAvgPool{rank}d", f"F.adaptive_avg_pool{rank}d", (compact(self.size),), (), NAMES)


@dataclass(frozen=True, slots=True)
class AdaptiveMaxPool(Op):
    """The largest element of windows laid evenly so that the output has the given size; size 1 is global_max_pool."""

    name = "adaptive_max_pool"
    kind = Kind.POOL
    examples = (Example("adaptive_max_pool(3)", (TensorType((4, 7, 9)),), (TensorType((4, 3, 3)),)),)

    size: Size = argument(SIZE, "output size, in elements")

    def resolve(self, inputs: Types) -> Op:
        size = resolve_size(self.name, self.size, inputs)
        return GlobalMaxPool() if all(m == 1 for m in size) else replace(self, size=size)

    def results(self, inputs: Types) -> Types:
        return (TensorType((inputs[0].shape[0], *self.size)),)

    def reach(self, inputs: Types) -> Reaches:
        return ((adaptive(inputs[0].shape[1:], self.size),),)

    def doubts(self, inputs: Types, made: Provenances) -> Iterator[Doubt]:
        return axes_in_another_order(self.name, inputs[0], made[0])

    def torch(self, inputs: Types) -> TorchForm:
        rank = inputs[0].rank - 1
        return either(f"nn.AdaptiveMaxPool{rank}d", f"F.adaptive_max_pool{rank}d", (compact(self.size),), (), NAMES)


def resolve_size(name: str, size: Size, inputs: Types) -> AxisSizes:
    """The output size per axis of a map.

    Raises:
        OpError: the operand is no map, or the size has another number of axes.
    """
    space(name, inputs[0])
    return spread("size", size, inputs[0])


OPS = (GlobalAvgPool, GlobalMaxPool, AdaptiveAvgPool, AdaptiveMaxPool)
