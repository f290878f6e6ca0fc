"""Turns an axis as written (negative counts from the last) into an index, and sizes along it into parts."""

from __future__ import annotations

from archdsl.ops.base import IDENTITY, OpError, Reach, spatial_axes
from archdsl.types import TensorType


def axis_index(name: str, axis: int, x: TensorType, extra: int = 0, parameter: str = "axis") -> int:
    """The index of `axis` in `x`, from 0; `extra` axes are thought added (stack).

    Raises:
        OpError: `x` has no such axis.
    """
    rank = x.rank + extra
    if not -rank <= axis < rank:
        raise OpError(
            "bad-axis",
            f"{name} along axis {axis}: {x} has {'no axes' if rank == 0 else f'axes 0 to {rank - 1}'}",
            parameter=parameter,
            help="the batch axis is not counted: axis 0 is the channels, -1 the last",
        )
    return axis % rank


def reach_along(axis: int, x: TensorType, reach: Reach) -> tuple[Reach, ...]:
    """`reach` along one axis of `x`, the identity along the other spatial axes."""
    return tuple(reach if a == axis else IDENTITY for a in spatial_axes(x))
