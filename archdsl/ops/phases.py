"""Turns what enlarges or resizes an axis into its windows by phase: what each output reads, exactly.

A map that is enlarged three times repeats its windows after three outputs, one input further on: three *phases*
(polyphase form: Bellanger, Bonnerot and Coudreuse, IEEE Trans. ASSP 24, 1976). `conv_transpose(1, 3, 2, 0)` has two:
output 2q reads the inputs q - 1 and q, output 2q + 1 the input q alone.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor, gcd

from archdsl.ops.base import ALL, IDENTITY, Phases, Reach, Window
from archdsl.ops.windows import AxisSizes, extent

CHECKED = (
    2**16
)  # outputs of a resized axis that are compared with torch's arithmetic; beyond, its rounding is not known
FINEST = 2**12  # largest denominator that a factor given as a float is taken for


def transposed(kernel: int, stride: int, dilation: int, cut: int) -> Reach:
    """Output o of a transposed convolution reads input j by tap t if o + cut = j * stride + t * dilation.

    So it reads at most ceil(kernel / stride) inputs, and none where no tap fits.
    """
    if stride == 1:
        return Window(extent(kernel, dilation), 1, cut - extent(kernel, dilation) + 1, dilation)
    shared = gcd(stride, dilation)
    every, gap = stride // shared, dilation // shared  # from one tap that fits to the next; between their inputs
    inverse = pow(gap, -1, every)

    def taps(phase: int) -> range:
        place = phase + cut
        if place % shared:
            return range(0)
        least = place // shared * inverse % every
        if least >= kernel:
            return range(0)
        last = (place - dilation * least) // stride
        return range(last - (kernel - 1 - least) // every * gap, last + 1, gap)

    return Phases(stride, 1, taps)


def repeated(factor: int) -> Phases:
    """Output o lies in input floor(o / factor)."""
    return Phases(factor, 1, lambda phase: range(1))


def adaptive(sizes: AxisSizes, targets: AxisSizes) -> tuple[Reach, ...]:
    """Output i of an adaptive pool reads from floor(i * n / m) up to ceil((i + 1) * n / m), per axis."""
    return tuple(ALL if m == 1 else _adaptive(n, m) for n, m in zip(sizes, targets, strict=True))


def _adaptive(n: int, m: int) -> Reach:
    if n % m == 0:
        return Window(n // m, n // m)
    shared = gcd(n, m)
    return Phases(m // shared, n // shared, lambda phase: range(phase * n // m, -(-(phase + 1) * n // m)))


def nearest(n: int, m: int, scale: float | None, by_size: bool) -> Reach:
    """Output o of m copies input floor(o * step) of n: n / m, or 1 / scale where that is given.

    torch rounds the step, and its product with o, to float32 (ATen/native/UpSample.h, nearest_idx). `by_size` says that
    its kernel copies input o where m = n, and input floor(o / 2) where m = 2n, whatever the scale.
    """
    if by_size or scale in (None, m / n):
        if m == n:
            return IDENTITY
        if m == 2 * n:
            return repeated(2)
    rounded = _single(n / m if scale is None else 1 / scale)

    def by_torch(output: int) -> range:
        return _from(min(floor(_single(output * rounded)), n - 1), 1)

    step = _step(n, m, scale)
    return _as_phases(step, m, lambda phase: _from(floor(phase * step), 1), by_torch)


def interpolated(n: int, m: int, scale: float | None, align_corners: bool, taps: int) -> Reach:
    """Output o of m lies at (o + 1/2) * step - 1/2 between two inputs of n, or on one, and then reads it alone.

    It reads `taps` inputs, half of them to each side: 2 where weights are linear in the distance, 4 where they are
    cubic. With `align_corners` it lies at o * (n - 1) / (m - 1). Where m = n torch copies by linear weights, whatever
    the scale.
    """
    if m == n and (taps == 2 or align_corners or scale in (None, 1)):
        return IDENTITY
    if align_corners:
        ends = Fraction(n - 1, m - 1) if m > 1 else Fraction(1)
        return _as_phases(ends, m, lambda phase: _around(phase * ends, taps), None)
    step = _step(n, m, scale)

    def exactly(output: int) -> range:
        return _around((2 * output + 1) * step / 2 - Fraction(1, 2), taps)

    if scale is None or step == 1 / Fraction(scale):
        return _as_phases(step, m, exactly, None)
    given = 1 / scale

    def by_torch(output: int) -> range:
        place = (output + 0.5) * given - 0.5
        near = (2 * output + 1) * step / 2 - Fraction(1, 2)
        return exactly(output) if abs(place - near) < 1e-6 else _from(floor(place) + 1 - taps // 2, taps)

    return _as_phases(step, m, exactly, by_torch)


def smoothed(n: int, m: int, scale: float | None, taps: int) -> Reach:
    """Output o of m lies as in `interpolated`, and reads what is nearer than taps / 2 steps where those are above 1.

    Of cubic weights some in the middle may be 0, and a factor that is no fraction moves them a little: then an output
    may see less than is told.
    """
    if m == n:
        return IDENTITY
    step = _step(n, m, scale)
    near = max(step, Fraction(1)) * taps / 2

    def exactly(output: int) -> range:
        place = (2 * output + 1) * step / 2 - Fraction(1, 2)
        return (
            range(floor(place - near) + 1, ceil(place + near))
            if place.denominator > 1 or step > 1
            else _from(int(place), 1)
        )

    exact = (taps == 2 or step < 1) and (scale is None or step == 1 / Fraction(scale))
    return Phases(step.denominator, step.numerator, exactly, exact)


def _step(n: int, m: int, scale: float | None) -> Fraction:
    """Inputs from one output to the next; of a factor such as 0.7 what was meant by the float."""
    return Fraction(n, m) if scale is None else 1 / Fraction(scale).limit_denominator(FINEST)


def _as_phases(
    step: Fraction, m: int, exactly: Callable[[int], range], by_torch: Callable[[int], range] | None
) -> Reach:
    """The m outputs as torch reads them, and beyond them as the exact arithmetic goes on."""
    count, advance = step.denominator, step.numerator

    def repeating(phase: int) -> range:
        return exactly(phase)

    if by_torch is None or m > CHECKED:
        return Phases(count, advance, repeating, by_torch is None)
    differs = any(by_torch(o) != _moved(exactly(o % count), o // count * advance) for o in range(m))
    if not differs:
        return Phases(count, advance, repeating)
    rounds = ceil(Fraction(m, count))
    return Phases(
        rounds * count,
        rounds * advance,
        lambda phase: by_torch(phase) if phase < m else _moved(exactly(phase % count), phase // count * advance),
    )


def _moved(taps: range, by: int) -> range:
    return range(taps.start + by, taps.stop + by)


def _from(place: int, size: int) -> range:
    return range(place, place + size)


def _around(place: Fraction, taps: int) -> range:
    return _from(floor(place) + 1 - taps // 2, taps) if place.denominator > 1 else _from(int(place), 1)


def _single(value: float) -> float:
    rounded: float = struct.unpack("f", struct.pack("f", value))[0]
    return rounded
