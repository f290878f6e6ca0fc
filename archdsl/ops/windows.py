"""Turns kernel, stride, padding and dilation into output sizes, pads and windows; all window arithmetic is here."""

from __future__ import annotations

from typing import Any

from archdsl.ops.arguments import shown
from archdsl.ops.base import OpError, Window
from archdsl.types import TensorType, positive

Pads = tuple[tuple[int, int], ...]
AxisSizes = tuple[int, ...]


def space(name: str, x: TensorType) -> AxisSizes:
    """The sizes that windows move along: (L,), (H, W) or (D, H, W).

    Raises:
        OpError: `x` is no map.
    """
    if not 2 <= x.rank <= 4:
        raise OpError(
            "wrong-rank",
            f"{name} needs a map [C, L], [C, H, W] or [C, D, H, W], got {x}",
            operand=0,
            help="use linear on a vector, or make a map with reshape([c, h, w])"
            if x.rank == 1
            else "the batch is not written; a map has at most four axes",
        )
    return x.shape[1:]


def spread(parameter: str, value: Any, x: TensorType) -> AxisSizes:
    """`value` for every spatial axis of `x`.

    Raises:
        OpError: a tuple of another length.
    """
    axes = x.rank - 1
    if not isinstance(value, tuple):
        return (value,) * axes
    if len(value) != axes:
        raise OpError(
            "bad-argument-value",
            f"{parameter} {shown(value)} has {len(value)} sizes, but {x} has {axes} spatial "
            f"{'axis' if axes == 1 else 'axes'}",
            parameter=parameter,
            help=f"give one int for all axes, or {axes} of them",
        )
    return value


def resolve_padding(padding: Any, kernel: AxisSizes, stride: AxisSizes, dilation: AxisSizes, x: TensorType) -> Any:
    """The padding mode, or ints per axis; "auto" is, per axis, "half" where windows overlap (stride < kernel), else 0.

    Dilation does not make windows overlap; where they do, half of what the dilated window spans is padded.
    """
    if padding != "auto":
        return padding if isinstance(padding, str) else spread("padding", padding, x)
    overlap = [s < k for k, s in zip(kernel, stride, strict=True)]
    if not any(overlap):
        return "valid"
    half = half_padding(kernel, dilation)
    chosen = tuple(p if o else 0 for p, o in zip(half, overlap, strict=True))
    return "half" if chosen == half else chosen


def half_padding(kernel: AxisSizes, dilation: AxisSizes) -> AxisSizes:
    """Half of what lies between the first and the last tap: keeps the size of an odd window with stride 1."""
    return tuple(d * (k - 1) // 2 for k, d in zip(kernel, dilation, strict=True))


def extent(kernel: int, dilation: int) -> int:
    """Input elements from the first to the last tap of a window."""
    return dilation * (kernel - 1) + 1


def pads(sizes: AxisSizes, kernel: AxisSizes, stride: AxisSizes, padding: Any, dilation: AxisSizes) -> Pads:
    """(begin, end) padding per axis, in elements."""
    if padding == "valid":
        return tuple((0, 0) for _ in sizes)
    if padding == "half":
        return tuple((p, p) for p in half_padding(kernel, dilation))
    if padding == "same":
        return tuple(_same(*axis) for axis in zip(sizes, kernel, stride, dilation, strict=True))
    return tuple((p, p) for p in padding)


def _same(size: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """TensorFlow's rule: as much as output = ceil(size / stride) needs, the odd element at the end."""
    total = positive((-(-size // stride) - 1) * stride + extent(kernel, dilation) - size)
    return total // 2, total - total // 2


def symmetric_same(kernel: AxisSizes, stride: AxisSizes, dilation: AxisSizes) -> AxisSizes | None:
    """The ints equal to "same" padding at every input size, or None where it depends on the size or is one-sided."""
    if any(s != 1 or d * (k - 1) % 2 for k, s, d in zip(kernel, stride, dilation, strict=True)):
        return None
    return half_padding(kernel, dilation)


def slide(
    name: str,
    x: TensorType,
    kernel: AxisSizes,
    stride: AxisSizes,
    padding: Pads,
    dilation: AxisSizes,
    ceil: bool = False,
) -> AxisSizes:
    """Number of windows per axis; with `ceil` the last one may hang over the end, but not start in the padding.

    Raises:
        OpError: no window fits.
    """
    counts = []
    for axis, (size, k, s, (begin, end), d) in enumerate(
        zip(x.shape[1:], kernel, stride, padding, dilation, strict=True)
    ):
        room = size + begin + end - extent(k, d)
        count = (-(-room // s) if ceil else room // s) + 1
        if ceil and (count - 1) * s >= size + begin:
            count -= 1
        if count < 1:
            spans = "" if d == 1 else f" (spans {extent(k, d)} at dilation {d})"
            raise OpError(
                "empty-result",
                f"{name} with kernel {k}{spans} does not fit in axis {axis + 1} of {x}: {size} + {begin + end} padding",
                parameter="kernel",
                help="use a smaller kernel, more padding, or a larger input",
            )
        counts.append(count)
    return tuple(counts)


def windows(kernel: AxisSizes, stride: AxisSizes, padding: Pads, dilation: AxisSizes) -> tuple[Window, ...]:
    """What each output sees along each axis."""
    return tuple(
        Window(extent(k, d), s, -begin, d)
        for k, s, (begin, _), d in zip(kernel, stride, padding, dilation, strict=True)
    )
