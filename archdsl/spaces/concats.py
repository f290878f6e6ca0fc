"""Finds concats whose order of operands no one can tell: what reads the channels learns a weight for each.

`[a, b] -> concat -> conv` and `[b, a] -> concat -> conv` are one network with its weights in another order. That holds
where all readers, perhaps after activations, norms and pools of each channel and sums with other such tensors, are
convolutions or linear maps over all channels with weights of their own; and where what is summed comes from such.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Set
from enum import Enum, auto

from archdsl.ops.arithmetic import Elementwise, Scalar
from archdsl.ops.base import Kind
from archdsl.ops.border import Crop, Pad
from archdsl.ops.merge import Concat
from archdsl.ops.norm import AlongLast, BatchNorm, InstanceNorm
from archdsl.ops.resample import Upsample
from archdsl.ops.shape import Flatten, Reshape
from archdsl.spaces.simplify import Made, OpAt


class ChannelRole(Enum):
    """What an op does with the order of the channels of its operands, axis 0."""

    MIX = auto()  # weights for each of them make others, in an order of their own
    KEEP = auto()  # each channel of the result is made from that of the operands
    JOIN = auto()  # those of the operands one after the other
    READ = auto()  # anything else


def channels_of(at: OpAt) -> ChannelRole:
    """What the op does with the order of channels."""
    op, kind = at.op, at.op.kind
    if isinstance(op, Concat) and op.axis == 0:
        return ChannelRole.JOIN
    if len(at.inputs) == 1 and kind is Kind.CONVOLUTION:
        groups = op.channel_groups(at.inputs)
        if groups == 1:
            return ChannelRole.MIX
        return ChannelRole.KEEP if groups == at.inputs[0].shape[0] and _same_number(at) else ChannelRole.READ
    if kind is Kind.LINEAR:
        x, y = at.inputs[0], at.results[0]  # also of [C, 1, 1]
        return ChannelRole.MIX if y.rank == 1 and x.shape[:1] == (x.size,) else ChannelRole.READ
    if isinstance(op, Flatten | Reshape):
        return ChannelRole.KEEP if _same_number(at) else ChannelRole.READ
    if kind in (Kind.POOL, Kind.GLOBAL_POOL) or isinstance(op, Upsample | Pad | Crop):
        return ChannelRole.KEEP if at.inputs[0].rank > 1 and _same_number(at) else ChannelRole.READ
    each = isinstance(op, BatchNorm | InstanceNorm | AlongLast | Elementwise | Scalar | Concat)
    return ChannelRole.KEEP if each or kind in (Kind.ACTIVATION, Kind.DROP) else ChannelRole.READ


def _same_number(at: OpAt) -> bool:
    return at.inputs[0].shape[:1] == at.results[0].shape[:1]


class Orders:
    """Tensors in sets that have their channels in one order, and the sets whose order something can tell."""

    def __init__(self, size: int) -> None:
        self._head = list(range(size))
        self.told: set[int] = set()

    def of(self, tensor: int) -> int:
        """The set of a tensor, by one of its members."""
        while self._head[tensor] != tensor:
            self._head[tensor] = tensor = self._head[self._head[tensor]]
        return tensor

    def unite(self, one: int, other: int) -> None:
        """Two tensors have one order."""
        one, other = self.of(one), self.of(other)
        self._head[one] = other
        if one in self.told:
            self.told.add(other)

    def tell(self, tensors: Collection[int]) -> None:
        """Something depends on the order of these."""
        self.told.update(map(self.of, tensors))


def unordered_concats(
    made: Mapping[int, Made], size: int, told: Collection[int], live: Set[int], shares: Set[int]
) -> set[int]:
    """The numbers of the applications that are such concats.

    `size` is the number of tensors, `told` are those whose order counts anyway, as of inputs and outputs, `live` all
    that an output needs, and `shares` the results of what shares its weights.
    """
    if not any(isinstance(at.op, Concat) for at, _, _ in made.values()):
        return set()
    orders = Orders(size)
    joins: dict[int, tuple[int, ...]] = {}  # by the tensor that a concat gives
    numbers: list[tuple[int, int]] = []
    for number, (at, operands, results) in made.items():
        if live.isdisjoint(results):
            continue
        role = channels_of(at)
        if role is ChannelRole.JOIN:
            joins[results[0]] = tuple(operands)
            numbers.append((number, results[0]))
        elif role is ChannelRole.KEEP:
            for operand, kind in zip(operands, at.inputs, strict=True):
                if kind.shape[:1] == at.results[0].shape[:1]:
                    orders.unite(operand, results[0])
        if role is ChannelRole.READ or (at.owns and results[0] in shares):
            orders.tell([*operands, *results])
    orders.tell(told)
    several = Counter(map(orders.of, joins))
    orders.tell([order for order, times in several.items() if times > 1])
    before = -1
    while len(orders.told) > before:
        before = len(orders.told)
        for result, operands in joins.items():
            if orders.of(result) in orders.told:
                orders.tell(operands)
    return {number for number, result in numbers if orders.of(result) not in orders.told}
