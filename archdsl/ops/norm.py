"""Normalisations: bn, layer_norm, rms_norm, group_norm, instance_norm, local_response_norm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar, Self

from archdsl.ops.arguments import BOOL, COUNT, FLOAT, POSITIVE, PROBABILITY
from archdsl.ops.base import (
    IDENTITY,
    STATISTIC,
    Example,
    Kind,
    Op,
    OpError,
    Reaches,
    Types,
    Weight,
    argument,
    parameters,
    spatial_axes,
)
from archdsl.ops.doubts import Doubt, Provenances, eps_that_is_a_count, works_along_width
from archdsl.ops.torch_form import Call, Channels, Helper, TorchForm, either, options
from archdsl.ops.windows import space
from archdsl.types import TensorType

MAP = TensorType((64, 56, 56))
FEATURES = (Channels("num_features"),)
GROUPS = ("num_groups", Channels("num_channels"))
SHIFT_DOC = "learn the shift too; false: a scale only"
EPS_DOC = "added to the variance against division by zero"

SCALE_GROUP_NORM = Helper(
    "ScaleGroupNorm",
    '''class ScaleGroupNorm(nn.GroupNorm):
    """Group norm with a scale and no shift."""

    def __init__(self, num_groups: int, num_channels: int, eps: float = 1e-5) -> None:
        super().__init__(num_groups, num_channels, eps)
        self.register_parameter("bias", None)
''',
)


def need_channels(name: str, x: TensorType) -> None:
    """At least a channel axis and at most three more.

    Raises:
        OpError: `x` has another rank.
    """
    if not 1 <= x.rank <= 4:
        raise OpError(
            "wrong-rank", f"{name} needs one to four axes, channels first, got {x}", operand=0, help="reshape it"
        )


def need_several(name: str, x: TensorType, each: int, axes: tuple[int, ...]) -> None:
    """`each * prod(axes)` elements are normalised together. One alone is its own mean, so nothing is left of it.

    Raises:
        OpError: there is only one, which torch refuses when the module runs.
    """
    if each == 1 and all(n == 1 for n in axes):
        raise OpError(
            "norm-of-one",
            f"{name} has one element to normalise at a time in {x}: less its own mean it is 0",
            operand=0,
            help="normalise where there are more: before the map becomes so small, or over larger groups",
        )


def affine_weights(shape: tuple[int, ...], affine: bool, shift: bool = True) -> tuple[Weight, ...]:
    """Scale and shift, if there are any."""
    return (Weight("weight", shape), Weight("bias", shape))[: 1 + shift] if affine else ()


@dataclass(frozen=True, slots=True)
class BatchNorm(Op):
    """Batch normalisation per channel (axis 0). Ioffe and Szegedy 2015, arXiv:1502.03167."""

    name = "bn"
    spelling = "BN"
    kind = Kind.NORM
    examples: ClassVar[tuple[Example, ...]] = (
        Example("bn", (MAP,), (MAP,), 128),
        Example("bn(eps = 1e-3, affine = false)", (TensorType((8,)),), (TensorType((8,)),)),
        Example("bn", (TensorType((8, 9)),), (TensorType((8, 9)),), 16),
        Example("bn", (TensorType((8, 4, 5, 6)),), (TensorType((8, 4, 5, 6)),), 16),
    )

    eps: float = argument(POSITIVE, EPS_DOC, default=1e-5)
    momentum: float = argument(PROBABILITY, "weight of the new batch in the running statistics", default=0.1)
    affine: bool = argument(BOOL, "learn a scale and a shift per channel", default=True)

    def results(self, inputs: Types) -> Types:
        need_channels(self.name, inputs[0])
        return inputs[:1]

    def weights(self, inputs: Types) -> tuple[Weight, ...]:
        shape = inputs[0].shape[:1]
        return (
            *affine_weights(shape, self.affine),
            Weight("running_mean", shape, trainable=False),
            Weight("running_var", shape, trainable=False),
            Weight("num_batches_tracked", (), trainable=False),
        )

    def doubts(self, inputs: Types, made: Provenances) -> Iterator[Doubt]:
        return eps_that_is_a_count(self.name, self.eps, "bn reads the channels off its input")

    def torch(self, inputs: Types) -> TorchForm:
        rank = max(inputs[0].rank - 1, 1)
        arguments = options(("eps", self.eps, 1e-5), ("momentum", self.momentum, 0.1), ("affine", self.affine, True))
        return TorchForm(module=Call(f"nn.BatchNorm{rank}d", inputs[0].shape[:1], arguments, FEATURES))


class AlongLast(Op):
    """A norm along the last axis, whatever stands before it; `alone` says what it makes of one element alone."""

    __slots__ = ()
    kind = Kind.NORM
    alone: ClassVar[str]
    eps: float

    def results(self, inputs: Types) -> Types:
        if inputs[0].rank == 0:
            raise OpError("wrong-rank", f"{self.name} needs an axis, got []", operand=0, help="reshape it")
        return inputs[:1]

    def reach(self, inputs: Types) -> Reaches:
        x = inputs[0]
        return ((tuple(STATISTIC if axis == x.rank - 1 else IDENTITY for axis in spatial_axes(x)),),)

    def doubts(self, inputs: Types, made: Provenances) -> Iterator[Doubt]:
        yield from eps_that_is_a_count(self.name, self.eps, f"{self.name} reads the features off its input")
        if inputs[0].shape[-1] == 1:
            what = f"{self.name} has one element to normalise at a time in {inputs[0]}: {self.alone}"
            yield Doubt("norm-of-one", what, "normalise along an axis that has more, or before it is summarised")
        else:
            written = "" if self.eps == parameters(type(self))[0].default else f"({self.eps:g})"
            yield from works_along_width(self.name, written, inputs[0], made[0])


@dataclass(frozen=True, slots=True)
class LayerNorm(AlongLast):
    """Normalises along the last axis, whatever stands before it. Ba et al. 2016, arXiv:1607.06450."""

    name = "layer_norm"
    spelling = "LN"
    alone = "less its own mean it is 0"
    examples = (
        Example("layer_norm", (TensorType((197, 768)),), (TensorType((197, 768)),), 1536),
        Example("layer_norm(1e-6)", (TensorType((2, 3, 4, 5, 6)),), (TensorType((2, 3, 4, 5, 6)),), 12),
        Example("layer_norm(shift = false)", (TensorType((197, 768)),), (TensorType((197, 768)),), 768),
    )

    eps: float = argument(POSITIVE, EPS_DOC, default=1e-5)
    affine: bool = argument(BOOL, "learn a scale and a shift per feature", default=True)
    shift: bool = argument(BOOL, SHIFT_DOC, default=True)

    def resolve(self, inputs: Types) -> Self:
        return replace(self, shift=self.shift or not self.affine)

    def weights(self, inputs: Types) -> tuple[Weight, ...]:
        return affine_weights(inputs[0].shape[-1:], self.affine, self.shift)

    def torch(self, inputs: Types) -> TorchForm:
        arguments = options(
            ("eps", self.eps, 1e-5), ("elementwise_affine", self.affine, True), ("bias", self.shift, True)
        )
        return TorchForm(module=Call("nn.LayerNorm", inputs[0].shape[-1:], arguments, (Channels("normalized_shape"),)))


@dataclass(frozen=True, slots=True)
class RmsNorm(AlongLast):
    """x / (mean of x^2 along the last axis + eps)^0.5, times a scale. Zhang and Sennrich 2019, arXiv:1910.07467."""

    name = "rms_norm"
    spelling = "RMSNorm"
    alone = "over its own size it is 1 or -1"
    examples = (
        Example("rms_norm", (TensorType((512, 768)),), (TensorType((512, 768)),), 768),
        Example("rms_norm(1e-5, affine = false)", (TensorType((512, 768)),), (TensorType((512, 768)),)),
    )

    eps: float = argument(POSITIVE, "added to the mean square against division by zero", default=1e-6)
    affine: bool = argument(BOOL, "learn a scale per feature", default=True)

    def weights(self, inputs: Types) -> tuple[Weight, ...]:
        return affine_weights(inputs[0].shape[-1:], self.affine, shift=False)

    def torch(self, inputs: Types) -> TorchForm:
        arguments = (("eps", self.eps), *options(("elementwise_affine", self.affine, True)))
        return TorchForm(module=Call("nn.RMSNorm", inputs[0].shape[-1:], arguments, (Channels("normalized_shape"),)))


@dataclass(frozen=True, slots=True)
class GroupNorm(Op):
    """Normalises each group of channels over all positions. Wu and He 2018, arXiv:1803.08494."""

    name = "group_norm"
    spelling = "GN"
    kind = Kind.NORM
    examples = (
        Example("group_norm(32)", (MAP,), (MAP,), 128),
        Example("group_norm(8, shift = false)", (MAP,), (MAP,), 64),
    )

    groups: int = argument(COUNT, "parts into which the channels are split")
    eps: float = argument(POSITIVE, EPS_DOC, default=1e-5)
    affine: bool = argument(BOOL, "learn a scale and a shift per channel", default=True)
    shift: bool = argument(BOOL, SHIFT_DOC, default=True)

    def resolve(self, inputs: Types) -> Self:
        return replace(self, shift=self.shift or not self.affine)

    def results(self, inputs: Types) -> Types:
        if inputs[0].rank == 0:
            raise OpError("wrong-rank", "group_norm needs channels first, got []", operand=0, help="reshape it")
        if inputs[0].shape[0] % self.groups:
            raise OpError(
                "channels-not-divisible",
                f"group_norm cannot split {inputs[0].shape[0]} channels into {self.groups} groups",
                parameter="groups",
                operand=0,
                help="choose a number of groups that divides the channels",
            )
        need_several(self.name, inputs[0], inputs[0].shape[0] // self.groups, inputs[0].shape[1:])
        return inputs[:1]

    def weights(self, inputs: Types) -> tuple[Weight, ...]:
        return affine_weights(inputs[0].shape[:1], self.affine, self.shift)

    def reach(self, inputs: Types) -> Reaches:
        return ((tuple(STATISTIC for _ in spatial_axes(inputs[0])),),)

    def doubts(self, inputs: Types, made: Provenances) -> Iterator[Doubt]:
        return eps_that_is_a_count(self.name, self.eps, "group_norm(groups) reads the channels off its input")

    def torch(self, inputs: Types) -> TorchForm:
        sizes = (self.groups, inputs[0].shape[0])
        eps = options(("eps", self.eps, 1e-5))
        if not self.shift:
            return TorchForm(module=Call("ScaleGroupNorm", sizes, eps, GROUPS), helpers=(SCALE_GROUP_NORM,))
        arguments = (*eps, *options(("affine", self.affine, True)))
        return TorchForm(module=Call("nn.GroupNorm", sizes, arguments, GROUPS))


@dataclass(frozen=True, slots=True)
class InstanceNorm(Op):
    """Normalises each channel of each sample over its positions. Ulyanov et al. 2016, arXiv:1607.08022."""

    name = "instance_norm"
    spelling = "IN"
    kind = Kind.NORM
    examples = (
        Example("instance_norm", (MAP,), (MAP,)),
        Example("instance_norm(affine = true)", (TensorType((8, 9)),), (TensorType((8, 9)),), 16),
    )

    eps: float = argument(POSITIVE, EPS_DOC, default=1e-5)
    affine: bool = argument(BOOL, "learn a scale and a shift per channel", default=False)

    def results(self, inputs: Types) -> Types:
        need_several(self.name, inputs[0], 1, space(self.name, inputs[0]))
        return inputs[:1]

    def weights(self, inputs: Types) -> tuple[Weight, ...]:
        return affine_weights(inputs[0].shape[:1], self.affine)

    def reach(self, inputs: Types) -> Reaches:
        return ((tuple(STATISTIC for _ in spatial_axes(inputs[0])),),)

    def doubts(self, inputs: Types, made: Provenances) -> Iterator[Doubt]:
        return eps_that_is_a_count(self.name, self.eps, "instance_norm reads the channels off its input")

    def torch(self, inputs: Types) -> TorchForm:
        rank = inputs[0].rank - 1
        arguments = options(("eps", self.eps, 1e-5), ("affine", self.affine, False))
        return TorchForm(module=Call(f"nn.InstanceNorm{rank}d", inputs[0].shape[:1], arguments, FEATURES))


@dataclass(frozen=True, slots=True)
class LocalResponseNorm(Op):
    """x / (k + alpha / size * sum of squares of the `size` nearest channels)^beta. Krizhevsky et al. 2012."""

    name = "local_response_norm"
    spelling = "LRN"
    kind = Kind.NORM
    examples = (Example("local_response_norm(5, k = 2)", (TensorType((96, 55, 55)),), (TensorType((96, 55, 55)),)),)

    size: int = argument(COUNT, "channels in a neighbourhood")
    alpha: float = argument(FLOAT, "scale of the sum of squares", default=1e-4)
    beta: float = argument(FLOAT, "exponent", default=0.75)
    k: float = argument(FLOAT, "added to the sum", default=1.0)

    def results(self, inputs: Types) -> Types:
        space(self.name, inputs[0])
        return inputs[:1]

    def torch(self, inputs: Types) -> TorchForm:
        arguments = options(("alpha", self.alpha, 1e-4), ("beta", self.beta, 0.75), ("k", self.k, 1.0))
        return either("nn.LocalResponseNorm", "F.local_response_norm", (self.size,), arguments, ("size",))


OPS = (BatchNorm, LayerNorm, RmsNorm, GroupNorm, InstanceNorm, LocalResponseNorm)
