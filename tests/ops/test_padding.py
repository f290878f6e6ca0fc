"""Where windows begin and end: default, "same" and transposed padding against torch and its gradients."""

from __future__ import annotations

import math
import os
import random
from typing import Any

import pytest
import torch
from torch import nn

import archdsl
from archdsl.analysis.sizes.regions import everything
from archdsl.analysis.sizes.traced import explore, products, value_at
from archdsl.ops.base import OpError, apply
from archdsl.ops.conv import Conv, ConvTranspose
from archdsl.ops.pool import AvgPool, MaxPool
from archdsl.types import TensorType
from tests.few import few
from tests.ops.torch_interpreter import make, tensors

torch.set_num_threads(1)
CASES = int(os.environ.get("ARCHDSL_CASES", few(250)))
"""Random cases a test; `ARCHDSL_CASES=20000` for a long run."""


def some(draw: random.Random, axes: int, low: int, high: int) -> tuple[int, ...]:
    return tuple(draw.randint(low, high) for _ in range(axes))


def map_of(draw: random.Random, channels: int, most: tuple[int, int, int] = (20, 9, 5)) -> TensorType:
    axes = draw.choice([1, 2, 2, 3])
    return TensorType((channels, *some(draw, axes, 1, most[axes - 1])))


# --- the default -------------------------------------------------------------------------------------------------


def half_where_windows_overlap(kernel: int, stride: int, dilation: int) -> int:
    """The text of docs/language/04-stages.md for one axis."""
    return dilation * (kernel - 1) // 2 if stride < kernel else 0


def test_default_padding_is_decided_per_axis() -> None:
    draw = random.Random(1)
    taken = 0
    for _ in range(CASES):
        x = map_of(draw, 2)
        axes = x.rank - 1
        kernel, stride, dilation = some(draw, axes, 1, 5), some(draw, axes, 1, 5), some(draw, axes, 1, 3)
        pads = tuple(map(half_where_windows_overlap, kernel, stride, dilation))
        twin = getattr(nn, f"Conv{axes}d")(2, 3, kernel, stride, pads, dilation).double()
        (operand,) = tensors((x,), dtype=torch.float64)
        fits = all(n + 2 * p > d * (k - 1) for n, k, p, d in zip(x.shape[1:], kernel, pads, dilation, strict=True))
        try:
            op, (result,) = apply(Conv(3, kernel, stride, dilation=dilation), (x,))
        except OpError as error:
            assert error.code == "empty-result" and not fits
            continue
        taken += 1
        assert fits
        form = make(op, (x,)).double()
        assert form.module is not None
        form.module.load_state_dict(twin.state_dict())
        expected = twin(operand)
        assert torch.equal(form(operand), expected) and result.shape == expected.shape[1:]
        try:
            _, (largest,) = apply(MaxPool(kernel, stride, dilation=dilation), (x,))
        except OpError as error:
            assert error.parameter == "dilation" and any(d > n for d, n in zip(dilation, x.shape[1:], strict=True))
        else:
            assert largest.shape[1:] == result.shape[1:]
    assert taken > CASES // 2


# Each with the shape that is right, from issues and torch.
SHAPES = [
    ("network a(x: [2, 30, 30]) = x -> conv(4, 3, (2, 4), dilation = 2)", (4, 15, 7)),
    ("network b(x: [1, 9, 8]) = x -> conv(3, (2, 4), 2, dilation = 3)", (3, 3, 4)),
    ("network c(x: [2, 3, 10]) = x -> conv(4, (7, 3), 5, dilation = (2, 1))", (4, 1, 2)),
    ("network up(x: [16, 16, 16]) = x -> conv_transpose(32, 3, 2, 'same', bias = false)", (32, 32, 32)),
    ("network n(x: [3, 32, 32]) = x -> conv_transpose(8, 3, 2, 0, output_padding = 1)", (8, 66, 66)),
    ("network p(x: [2, 9, 9]) = x -> max_pool(3, 1, dilation = 3, ceil = true)", (2, 9, 9)),
    ("network q(x: [2, 1, 5, 1]) = x -> avg_pool(3, 1, 'same')", (2, 1, 5, 1)),
    ("network r(x: [2, 1, 5, 1]) = x -> avg_pool(2, 1, 'same')", (2, 1, 5, 1)),
]


@pytest.mark.parametrize(("text", "shape"), SHAPES)
def test_shapes_of_whole_networks(text: str, shape: tuple[int, ...]) -> None:
    net = archdsl.loads(text.replace("'", '"'))
    assert net.graph.output_types[0].shape == shape
    assert net.build()(torch.zeros(2, *net.graph.inputs[0].shape)).shape == (2, *shape)


# --- transposed convolutions -------------------------------------------------------------------------------------


def input_gradient(y: torch.Tensor, weight: torch.Tensor, sizes: tuple[int, ...], op: Any) -> torch.Tensor:
    """What reaches the input of a convolution with TensorFlow's "same" padding, whose output's gradient is `y`."""
    rank = len(sizes)
    pads: list[int] = []
    for n, k, s, d in zip(sizes, op.kernel, op.stride, op.dilation, strict=True):
        total = max((math.ceil(n / s) - 1) * s + d * (k - 1) + 1 - n, 0)
        pads = [total // 2, total - total // 2, *pads]
    x = torch.zeros(y.shape[0], weight.shape[1] * op.groups, *sizes, dtype=y.dtype, requires_grad=True)
    convolve = getattr(nn.functional, f"conv{rank}d")
    output = convolve(nn.functional.pad(x, pads), weight, None, op.stride, 0, op.dilation, op.groups)
    (gradient,) = torch.autograd.grad(output, x, y)
    return gradient


def test_a_same_transposed_convolution_is_the_input_gradient_of_a_same_convolution() -> None:
    draw = random.Random(2)
    for _ in range(CASES):
        groups = draw.choice([1, 1, 2])
        x = map_of(draw, 2 * groups, (12, 6, 4))
        axes = x.rank - 1
        given = some(draw, axes, 1, 5), some(draw, axes, 1, 4), some(draw, axes, 1, 3)
        bias = draw.random() < 0.5
        op, (result,) = apply(ConvTranspose(3 * groups, *given[:2], "same", given[2], groups, bias), (x,))
        assert result.shape[1:] == tuple(n * s for n, s in zip(x.shape[1:], given[1], strict=True))
        form = make(op, (x,)).double()
        assert form.module is not None
        (y,) = tensors((x,), dtype=torch.float64)
        expected = input_gradient(y, form.module.weight, result.shape[1:], op)
        if bias:
            expected = expected + form.module.bias.view(1, -1, *(1,) * axes)
        torch.testing.assert_close(form(y), expected, atol=1e-12, rtol=1e-12)


def test_a_transposed_convolution_is_torchs_or_neither_takes_it() -> None:
    """All paddings and output paddings that can be written as torch's."""
    draw = random.Random(3)
    refused = 0
    for _ in range(CASES):
        x = map_of(draw, 2, (8, 5, 3))
        axes = x.rank - 1
        kernel, stride, dilation = some(draw, axes, 1, 4), some(draw, axes, 1, 4), some(draw, axes, 1, 3)
        padding, added = some(draw, axes, 0, 3), some(draw, axes, 0, 2)
        (operand,) = tensors((x,), dtype=torch.float64)
        twin = getattr(nn, f"ConvTranspose{axes}d")(2, 3, kernel, stride, padding, added, 1, True, dilation).double()
        try:
            expected = twin(operand)
        except RuntimeError:
            expected = None
        try:
            op, (result,) = apply(ConvTranspose(3, kernel, stride, padding, dilation, output_padding=added), (x,))
        except OpError as error:
            assert error.code in ("empty-result", "bad-padding") and error.help
            assert expected is None or expected.numel() == 0
            refused += 1
            continue
        form = make(op, (x,)).double()
        assert form.module is not None and expected is not None
        form.module.load_state_dict(twin.state_dict())
        assert torch.equal(form(operand), expected) and result.shape == expected.shape[1:]
    assert CASES // 10 < refused < CASES


@pytest.mark.parametrize(
    ("call", "padding", "added"),
    [
        ("conv_transpose(8, 3, 2)", (1, 1), (1, 1)),
        ("conv_transpose(8, 3, 2, output_padding = 1)", (1, 1), (1, 1)),
        ("conv_transpose(8, 4, 2)", (1, 1), (0, 0)),
        ("conv_transpose(8, 1, 3)", (0, 0), (2, 2)),
        ('conv_transpose(8, 4, 2, "same")', (1, 1), (0, 0)),
        ('conv_transpose(8, 1, 3, "same")', (0, 0), (2, 2)),
        ('conv_transpose(8, 3, 2, "half", output_padding = (0, 1))', (1, 1), (0, 1)),
        ('conv_transpose(8, 3, 2, "valid")', (0, 0), (0, 0)),
    ],
)
def test_ways_of_writing_one_transposed_convolution(
    call: str, padding: tuple[int, ...], added: tuple[int, ...]
) -> None:
    op = archdsl.loads(f"network n(x: [3, 8, 8]) = x -> {call}").graph.nodes[0].op
    assert isinstance(op, ConvTranspose)
    assert (op.padding, op.output_padding) == (padding, added)


# --- pools -------------------------------------------------------------------------------------------------------


def test_same_pools_are_taken_at_every_size() -> None:
    """Also on maps narrower than the window, whatever their rank, and equal to a pool of the padded map."""
    draw = random.Random(4)
    for _ in range(CASES):
        x = map_of(draw, 1, (6, 4, 3))
        axes = x.rank - 1
        kernel, stride = some(draw, axes, 1, 4), some(draw, axes, 1, 3)
        (operand,) = tensors((x,), dtype=torch.float64)
        pads: list[int] = []
        for n, k, s in zip(x.shape[1:], kernel, stride, strict=True):
            total = max((math.ceil(n / s) - 1) * s + k - n, 0)
            pads = [total // 2, total - total // 2, *pads]
        mean = getattr(nn.functional, f"avg_pool{axes}d")(nn.functional.pad(operand, pads), kernel, stride)
        ones = getattr(nn.functional, f"avg_pool{axes}d")(
            nn.functional.pad(torch.ones_like(operand), pads), kernel, stride
        )
        least = nn.functional.pad(operand, pads, value=float("-inf"))
        largest = getattr(nn.functional, f"max_pool{axes}d")(least, kernel, stride)
        for made, expected in (
            (AvgPool(kernel, stride, "same"), mean),
            (AvgPool(kernel, stride, "same", count_padding=False), mean / ones),
            (MaxPool(kernel, stride, "same"), largest),
        ):
            op, (result,) = apply(made, (x,))
            assert result.shape == expected.shape[1:]
            torch.testing.assert_close(make(op, (x,))(operand), expected)


def windows_of_ceil(n: int, k: int, s: int, p: int, d: int) -> list[list[int]]:
    """Taps of each window along one axis: as many as cover the padded map, none that starts in the end's padding."""
    found = []
    begin = -p
    while begin < n and (not found or found[-1][-1] < n + p - 1):
        found.append([begin + tap * d for tap in range(k)])
        begin += s
    return found


def test_dilated_ceil_pools_are_the_textbooks() -> None:
    draw = random.Random(5)
    taken = 0
    for _ in range(CASES):
        n, k, s, d = draw.randint(1, 14), draw.randint(1, 4), draw.randint(1, 6), draw.randint(1, 4)
        p = draw.randint(0, (d * (k - 1) + 1) // 2)
        x = TensorType((1, n))
        try:
            op, (result,) = apply(MaxPool(k, s, p, True, d), (x,))
        except OpError as error:
            if error.parameter == "dilation":
                assert any(not {*window} & {*range(n)} for window in windows_of_ceil(n, k, s, p, d))
                continue
            assert (error.code == "bad-padding" and p > k // 2) or error.code == "empty-result"
            continue
        taken += 1
        (row,) = tensors((x,), batch=1, dtype=torch.float64)
        values = row[0, 0].tolist()
        expected = [
            max([values[i] for i in taps if 0 <= i < n], default=-math.inf) for taps in windows_of_ceil(n, k, s, p, d)
        ]
        assert make(op, (x,))(row)[0, 0].tolist() == expected
        assert result.shape == (1, len(expected))
    assert taken > CASES // 2


PADDINGS = ["auto", "half", "same", 0, 1, 2, 3, 5]


def pools_of(draw: random.Random, axes: int) -> MaxPool:
    kernel, stride, dilation = some(draw, axes, 1, 5), some(draw, axes, 1, 6), some(draw, axes, 1, 9)
    return MaxPool(kernel, stride, draw.choice(PADDINGS), draw.random() < 0.4, dilation)


def test_a_max_pool_is_refused_iff_a_window_reads_only_padding() -> None:
    """torch gives minus infinity there: of the map padded by hand, and pooled without padding."""
    draw = random.Random(6)
    refused = taken = 0
    while taken < CASES:
        x = map_of(draw, 1, (9, 7, 4))
        op = pools_of(draw, x.rank - 1)
        try:
            applied, _ = apply(op, (x,))
        except OpError as error:
            if error.parameter != "dilation":
                continue  # more than half a window, or no window at all
            refused += 1
            axes = zip(x.shape[1:], op.kernel, op.stride, op.dilation, strict=True)
            assert any(an_empty_window(n, k, s, d, op) for n, k, s, d in axes)
            continue
        taken += 1
        (operand,) = tensors((x,))
        assert make(applied, (x,))(operand).isfinite().all(), (op, x)
    assert refused > CASES // 30


def an_empty_window(n: int, k: int, s: int, d: int, op: MaxPool) -> bool:
    p: Any = op.padding
    sides = [p, p]
    if p in ("auto", "half"):
        sides = [d * (k - 1) // 2 if p == "half" or s < k else 0] * 2
    elif p == "same":
        total = max((math.ceil(n / s) - 1) * s + d * (k - 1) + 1 - n, 0)
        sides = [total // 2, total - total // 2]
    row = nn.functional.pad(torch.zeros(1, n), sides, value=float("-inf"))
    pooled = nn.functional.max_pool1d(row, k, s, 0, d, op.ceil and p != "same")
    return bool(pooled.isinf().any())


def test_sizes_that_a_dilated_pool_takes() -> None:
    """By formula for all input sizes at once, and by plain numbers."""
    draw = random.Random(7)
    for _ in range(CASES // 5):
        op = pools_of(draw, 1)

        def result(sizes: tuple[int, ...], op: MaxPool = op) -> int | None:
            try:
                return apply(op, (TensorType((1, *sizes)),))[1][0].shape[1]
            except OpError:
                return None

        pieces = list(explore(everything(1), (12,), result))
        for n in range(1, 40):
            (piece,) = [piece for piece in pieces if (n,) in piece.region]
            found = None if piece.result is None else value_at(products(piece.result), (n,))
            assert found == result((n,)), (op, n)
