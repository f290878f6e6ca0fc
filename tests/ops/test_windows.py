"""Compares the shape rules of windows with torch on random arguments, and reach with what moves an output."""

from __future__ import annotations

import math
import random
from typing import Any

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from archdsl.ops.base import Op, OpError, Phases, Types, Window, apply
from archdsl.ops.conv import Conv, ConvTranspose, Depthwise
from archdsl.ops.global_pool import AdaptiveAvgPool, AdaptiveMaxPool
from archdsl.ops.pool import AvgPool, LpPool, MaxPool
from archdsl.ops.resample import Upsample
from archdsl.ops.shuffle import PixelShuffle, PixelUnshuffle
from archdsl.types import TensorType
from tests.few import few
from tests.ops.torch_interpreter import make, shapes, tensors

torch.set_num_threads(1)
MANY = settings(max_examples=few(200), deadline=None)


def sizes(axes: int, low: int, high: int) -> st.SearchStrategy[Any]:
    """One int, or one per axis."""
    number = st.integers(low, high)
    return number | st.tuples(*[number] * axes)


@st.composite
def maps(draw: st.DrawFn, channels: tuple[int, ...] = (1, 2, 3, 4, 6)) -> TensorType:
    axes = draw(st.integers(1, 3))
    limit = {1: 24, 2: 14, 3: 8}[axes]
    return TensorType((draw(st.sampled_from(channels)), *(draw(st.integers(1, limit)) for _ in range(axes))))


MODES = st.sampled_from(["auto", "half", "valid", "same"])


@st.composite
def convolutions(draw: st.DrawFn) -> tuple[Op, TensorType]:
    x = draw(maps())
    axes = x.rank - 1
    kernel, stride, dilation = draw(sizes(axes, 1, 5)), draw(sizes(axes, 1, 3)), draw(sizes(axes, 1, 3))
    padding = draw(MODES | sizes(axes, 0, 3))
    groups = draw(st.sampled_from([g for g in (1, 2, 3) if x.shape[0] % g == 0]))
    out = groups * draw(st.integers(1, 3))
    made = draw(st.sampled_from([Conv, ConvTranspose, Depthwise]))
    if made is Depthwise:
        return Depthwise(kernel, stride, padding, dilation, draw(st.integers(1, 2)), draw(st.booleans())), x
    return made(out, kernel, stride, padding, dilation, groups, draw(st.booleans())), x


@MANY
@given(convolutions())
def test_convolutions_are_torchs(drawn: tuple[Op, TensorType]) -> None:
    op, x = drawn
    try:
        resolved, results = apply(op, (x,))
    except OpError as error:
        assert error.help
        if error.code == "odd-transpose":
            return
        assert error.code == "empty-result"
        assert_torch_refuses(op.resolve((x,)), x)
        return
    form = make(resolved, (x,)).to("meta")
    with FlopCounterMode(display=False) as counter:
        outputs = form(*tensors((x,), batch=1, device="meta"))
    assert shapes(outputs) == (results[0].shape,)
    assert counter.get_total_flops() == 2 * resolved.macs((x,), results)
    state = {name: tuple(t.shape) for name, t in form.module.state_dict().items()}
    assert state == {w.name: w.shape for w in resolved.weights((x,))}


def assert_torch_refuses(resolved: Any, x: TensorType) -> None:
    """torch has no elements to give for these arguments either."""
    axes = x.rank - 1
    if isinstance(resolved, ConvTranspose):
        cuts = tuple(cut for cut, _ in resolved.cuts())
        made = getattr(nn, f"ConvTranspose{axes}d")(
            1, 1, resolved.kernel, resolved.stride, cuts, 0, 1, False, resolved.dilation
        )
    else:
        pads = tuple(begin for begin, _ in resolved.pads((x,)))
        made = getattr(nn, f"Conv{axes}d")(1, 1, resolved.kernel, resolved.stride, pads, resolved.dilation)
    try:
        result = made(torch.zeros(1, 1, *x.shape[1:]))
    except RuntimeError:
        return
    assert result.numel() == 0  # newer kernels give nothing instead of an error


@st.composite
def pools(draw: st.DrawFn) -> tuple[Op, TensorType]:
    x = draw(maps())
    axes = x.rank - 1
    kernel, stride = draw(sizes(axes, 1, 5)), draw(st.just("kernel") | sizes(axes, 1, 4))
    padding, ceil = draw(MODES | sizes(axes, 0, 2)), draw(st.booleans())
    made = draw(st.sampled_from([MaxPool, AvgPool, LpPool]))
    if made is MaxPool:
        return MaxPool(kernel, stride, padding, ceil, draw(sizes(axes, 1, 3))), x
    if made is AvgPool:
        return AvgPool(kernel, stride, padding, ceil, draw(st.booleans())), x
    return LpPool(2.0, kernel, stride, ceil), x


@MANY
@given(pools())
def test_pools_are_torchs(drawn: tuple[Op, TensorType]) -> None:
    op, x = drawn
    try:
        resolved, results = apply(op, (x,))
    except OpError as error:
        assert error.code in ("empty-result", "bad-padding") and error.help
        return
    operands = tensors((x,), batch=1)
    outputs = make(resolved, (x,))(*operands)
    assert shapes(outputs) == (results[0].shape,)
    assert torch.equal(make(resolved, (x,), functional=True)(*operands), outputs)


@MANY
@given(st.integers(1, 12), st.integers(1, 5), st.integers(1, 4), st.integers(0, 3), st.booleans(), st.booleans())
def test_a_pool_is_refused_exactly_where_torch_refuses(
    size: int, kernel: int, stride: int, padding: int, ceil: bool, largest: bool
) -> None:
    x = TensorType((1, size))
    op = MaxPool(kernel, stride, padding, ceil) if largest else AvgPool(kernel, stride, padding, ceil)
    made = (nn.MaxPool1d if largest else nn.AvgPool1d)(kernel, stride, padding, ceil_mode=ceil)
    try:
        (result,) = apply(op, (x,))[1]
    except OpError:
        with pytest.raises(RuntimeError):
            made(torch.zeros(1, 1, size))
    else:
        assert made(torch.zeros(1, 1, size)).shape[1:] == result.shape


@MANY
@given(maps(), st.integers(1, 5), st.integers(1, 4), st.integers(1, 2))
def test_same_padding_gives_ceil_of_input_over_stride(x: TensorType, kernel: int, stride: int, dilation: int) -> None:
    expected = tuple(-(-n // stride) for n in x.shape[1:])
    assert apply(Conv(2, kernel, stride, "same", dilation), (x,))[1][0].shape[1:] == expected
    if dilation <= min(x.shape[1:]):  # else the taps of a pool may step over the map
        assert apply(MaxPool(kernel, stride, "same", dilation=dilation), (x,))[1][0].shape[1:] == expected
    if x.rank < 4 or kernel <= min(x.shape[1:]):  # torch's 3-d average pool refuses larger windows
        assert apply(AvgPool(kernel, stride, "same"), (x,))[1][0].shape[1:] == expected


@settings(max_examples=few(60), deadline=None)
@given(st.integers(1, 7), st.integers(1, 7), st.integers(1, 4), st.integers(1, 3), st.booleans())
def test_one_sided_pools_are_the_textbooks(height: int, width: int, kernel: int, stride: int, count: bool) -> None:
    """Max over real elements; mean over the window (padding as zeros) or over its real elements, as TensorFlow."""
    x = TensorType((1, height, width))
    (plane,) = tensors((x,), batch=1, dtype=torch.float64)
    largest = make(apply(MaxPool(kernel, stride, "same"), (x,))[0], (x,))(plane)
    mean = make(apply(AvgPool(kernel, stride, "same", count_padding=count), (x,))[0], (x,))(plane)
    pads = apply(MaxPool(kernel, stride, "same"), (x,))[0].pads((x,))  # type: ignore[attr-defined]
    for i in range(largest.shape[2]):
        for j in range(largest.shape[3]):
            rows, columns = (
                slice(max(o * stride - begin, 0), o * stride - begin + kernel)
                for o, (begin, _) in zip((i, j), pads, strict=True)
            )
            seen = plane[0, 0, rows, columns]
            assert largest[0, 0, i, j] == seen.max()
            assert math.isclose(mean[0, 0, i, j], seen.sum() / (kernel**2 if count else seen.numel()), abs_tol=1e-12)


@MANY
@given(maps(), st.data())
def test_upsampling_and_adaptive_pools_are_torchs(x: TensorType, data: st.DataObject) -> None:
    axes = x.rank - 1
    mode = data.draw(st.sampled_from(["nearest", ("linear", "bilinear", "trilinear")[axes - 1]]))
    scale = data.draw(sizes(axes, 1, 3) | st.sampled_from([0.5, 1.5, 1.25, 2.5]))
    size = data.draw(st.just("scaled") | sizes(axes, 1, 9))
    corners = mode != "nearest" and data.draw(st.booleans())
    target = data.draw(sizes(axes, 1, 6))
    for op in (Upsample(scale, size, mode, corners), AdaptiveAvgPool(target), AdaptiveMaxPool(target)):
        try:
            resolved, results = apply(op, (x,))
        except OpError as error:
            assert error.code == "empty-result"
            continue
        assert shapes(make(resolved, (x,))(*tensors((x,), batch=1))) == (results[0].shape,)


# --- what each output sees ---------------------------------------------------------------------------------------


def support(op: Op, inputs: Types) -> torch.Tensor:
    """`[output, input]`: whether the output moves when one input element of a row of zeros becomes one."""
    form = make(op, inputs).double()
    with torch.no_grad():
        for weight in form.parameters():
            weight.fill_(1.0)
        size = inputs[0].shape[1]
        moved = form(torch.eye(size, dtype=torch.float64)[:, None, :])
        still = form(torch.zeros(1, 1, size, dtype=torch.float64))
    return ((moved - still).abs() > 1e-9).any(dim=1).T


def read(reach: Window | Phases, output: int) -> list[int]:
    """The inputs that an output reads."""
    if isinstance(reach, Window):
        begin = reach.begin + output * reach.stride
        return list(range(begin, begin + reach.size, reach.gap))
    turns, phase = divmod(output, reach.count)
    return [tap + turns * reach.advance for tap in reach.taps(phase)]


@st.composite
def rows(draw: st.DrawFn) -> tuple[Op, TensorType]:
    """An op on a row."""
    kernel, stride = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    dilation, padding = draw(st.integers(1, 3)), draw(MODES | st.integers(0, 2))
    ceil, size = draw(st.booleans()), draw(st.integers(1, 40))
    scale = draw(st.sampled_from([1, 2, 3, 1.5, 0.5, 0.7, 1.1, 1 / 3, 2.6]) | st.floats(0.1, 5.0))
    op = draw(
        st.sampled_from(
            [
                Conv(1, kernel, stride, padding, dilation),
                MaxPool(kernel, stride, padding, ceil, dilation),
                AvgPool(kernel, stride, padding, ceil),
                LpPool(2.0, kernel, stride, ceil),
                ConvTranspose(1, kernel, stride, padding, dilation),
                Upsample(scale),
                Upsample(size=size),
                Upsample(scale, mode="linear"),
                Upsample(size=size, mode="linear", align_corners=draw(st.booleans())),
                AdaptiveAvgPool(draw(st.integers(2, 7))),
            ]
        )
    )
    return op, TensorType((1, draw(st.integers(2, 40))))


@settings(max_examples=few(400), deadline=None)
@given(rows())
def test_windows_are_what_moves_the_output(drawn: tuple[Op, TensorType]) -> None:
    op, x = drawn
    try:
        resolved, _ = apply(op, (x,))
    except OpError:
        assume(False)
    window = resolved.reach((x,))[0][0][0]
    assert isinstance(window, Window | Phases)
    for output, row in enumerate(support(resolved, (x,)).tolist()):
        moved = [i for i, m in enumerate(row) if m]
        taps = read(window, output)
        if isinstance(op, Upsample):  # reads the last element where a neighbour lies outside
            taps = sorted({min(max(tap, 0), x.shape[1] - 1) for tap in taps})
            assert set(moved) <= set(taps) and (len(taps) > 1 or moved == taps)
            if taps[0] > 0 and taps[-1] < x.shape[1] - 1:
                assert moved == taps
        else:
            assert moved == [tap for tap in taps if 0 <= tap < x.shape[1]]


@MANY
@given(
    st.integers(2, 24),
    st.sampled_from([2, 3, 1.5, 0.5, 0.25, 1 / 3, 0.7, 1.05, 1]) | st.floats(0.1, 4.0),
    st.integers(1, 24) | st.just("scaled"),
    st.sampled_from(["bilinear", "bicubic"]),
    st.booleans(),
)
def test_smooth_resizing_reads_what_torch_reads(size: int, scale: float, to: Any, mode: str, smooth: bool) -> None:
    """Of four taps or of those that antialias needs: never more than told, and as much where that is called exact."""
    x = TensorType((1, size, 2))
    target = to if to == "scaled" else (to, 2)
    try:
        op, (y,) = apply(Upsample((scale, 1), target, mode, not smooth and size % 2 == 0, smooth), (x,))
    except OpError as error:
        assert error.code == "empty-result"
        return
    reach = op.reach((x,))[0][0][0]
    assert isinstance(reach, Window | Phases)
    rows = torch.eye(size, dtype=torch.float64)[:, None, :, None].expand(size, 1, size, 2).contiguous()
    weights = make(op, (x,))(rows)[:, 0, :, 0].T
    assert len(weights) == y.shape[1]
    for output, row in enumerate(weights):
        seen = (row.abs() > 1e-4).nonzero().flatten().tolist()
        taps = read(reach, output)
        assert set(seen) <= {min(max(tap, 0), size - 1) for tap in taps}
        if not smooth or (isinstance(reach, Phases) and reach.exact):
            least = (row.abs() > 1e-12).nonzero().flatten().tolist()
            within = [tap for tap in taps if 0 <= tap < size]
            assert least == within or taps[0] < 0 or taps[-1] >= size or len(taps) == 1


@settings(max_examples=few(40), deadline=None)
@given(st.integers(1, 4), st.integers(1, 5), st.integers(1, 5), st.integers(1, 3))
def test_pixel_shuffles_undo_each_other(factor: int, height: int, width: int, channels: int) -> None:
    x = TensorType((channels * factor**2, height, width))
    shuffle, (wide,) = apply(PixelShuffle(factor), (x,))
    back, (again,) = apply(PixelUnshuffle(factor), (wide,))
    (tensor,) = tensors((x,))
    moved = make(shuffle, (x,))(tensor)
    assert shapes(moved) == (wide.shape,) and again == x
    assert torch.equal(make(back, (wide,))(moved), tensor)


# --- resizing near the factors 1 and 2 ---------------------------------------------------------------------------

RESIZED = 250  # random maps


def read_along(op: Op, x: TensorType, axis: int) -> list[list[int]]:
    """The inputs along an axis that each output reads: in float32, as the emitted form runs."""
    form = make(op, (x,))
    found: list[list[int]] = []
    for place in range(x.shape[axis]):
        given = torch.zeros(1, *x.shape)
        given.select(axis + 1, place).fill_(torch.nan if op.mode == "nearest" else 1.0)  # type: ignore[attr-defined]
        result = form(given).movedim(axis + 1, 0).flatten(1)[:, 0]
        found = found or [[] for _ in result]
        for output in (result.isnan() | (result.abs() > 1e-4)).nonzero().flatten().tolist():
            found[output].append(place)
    return found


def test_resizing_reads_what_torch_reads_whatever_the_rank() -> None:
    """Factors that nearly keep or double a size, and others: torch's kernels differ there by rank and size."""
    draw = random.Random(8)
    near = 0
    for _ in range(RESIZED):
        axes = draw.choice([1, 2, 2, 3])
        most = {1: 150, 2: 70, 3: 5}[axes]
        x = TensorType((1, *(draw.choice([1, 2, 3, 9, 20, draw.randint(1, most)]) for _ in range(axes))))
        scale = tuple(draw.choice([1, 2, 1.5, 0.7, 1 + draw.random() / 8, 2 + draw.random() / 8]) for _ in range(axes))
        mode = draw.choice(["nearest", ("linear", "bilinear", "trilinear")[axes - 1]])
        try:
            op, (y,) = apply(Upsample(scale, "scaled", mode, mode != "nearest" and draw.random() < 0.5), (x,))
        except OpError as error:
            assert error.code == "empty-result"
            continue
        for axis, reach in enumerate(op.reach((x,))[0][0], 1):
            n, m = x.shape[axis], y.shape[axis]
            near += m in (n, 2 * n) and scale[axis - 1] not in (1, 2)
            assert isinstance(reach, Window | Phases)
            for output, moved in enumerate(read_along(op, x, axis)):
                taps = {min(max(tap, 0), n - 1) for tap in read(reach, output)}
                # with corners aligned, float32 gives a neighbour that is not read a weight of some 1e-6
                assert set(moved) <= taps and ((mode != "nearest" and m != n) or set(moved) == taps), (op, x, axis)
    assert near > RESIZED // 4
