"""Borders: all modes of pad against torch and against a plain reading, one axis at a time."""

from __future__ import annotations

import os
import random

import torch
import torch.nn.functional as F

import archdsl
from archdsl.ops.base import OpError, apply
from archdsl.ops.border import Crop, Pad
from archdsl.types import TensorType
from tests.few import few
from tests.ops.torch_interpreter import make, tensors

torch.set_num_threads(1)
CASES = int(os.environ.get("ARCHDSL_CASES", few(300)))
MODES = ["constant", "reflect", "replicate", "circular"]


def position(i: int, n: int, mode: str) -> int | None:
    """The element that stands at place `i` of an axis of `n`, which may lie outside; None: the value."""
    if mode == "constant":
        return i if 0 <= i < n else None
    if mode == "replicate":
        return min(max(i, 0), n - 1)
    if mode == "circular":
        return i % n
    return -i if i < 0 else 2 * (n - 1) - i if i >= n else i


def bordered(x: torch.Tensor, axis: int, begin: int, end: int, mode: str, value: float) -> torch.Tensor:
    """`x` with a border along `axis`, element by element."""
    n = x.shape[axis]
    parts = []
    for i in range(-begin, n + end):
        at = position(i, n, mode)
        parts.append(torch.full_like(x.select(axis, 0), value) if at is None else x.select(axis, at))
    return torch.stack(parts, axis)


def test_pads_are_as_read_and_as_torchs() -> None:
    draw = random.Random(1)
    refused = 0
    for _ in range(CASES):
        rank = draw.randint(1, 5)
        x = TensorType(tuple(draw.randint(1, 5) for _ in range(rank)))
        mode = draw.choice(MODES)
        value = draw.choice([0.0, 0.0, -1.5]) if mode == "constant" else 0.0
        one = draw.random() < 0.5 or not 2 <= rank <= 4
        axes = [draw.randrange(rank)] if one else list(range(1, rank))
        amounts = [(draw.randint(0, 3), draw.randint(0, 3)) for _ in axes]
        if one:
            made = Pad(amounts[0], mode, value, axes[0] - rank * (draw.random() < 0.5))
        else:
            made = Pad(tuple(amounts), mode, value)
        (operand,) = tensors((x,), dtype=torch.float64)
        most = {"reflect": -1, "circular": 0}.get(mode, 99)
        fits = all(max(pair) <= x.shape[axis] + most for axis, pair in zip(axes, amounts, strict=True))
        try:
            op, (result,) = apply(made, (x,))
        except OpError as error:
            assert (error.code, fits) == ("bad-padding", False) and error.help
            refused += 1
            if not one:
                sides = [side for pair in reversed(amounts) for side in pair]
                try:
                    F.pad(operand, sides, mode)
                except (RuntimeError, NotImplementedError):
                    continue
                raise AssertionError((made, x)) from None
            continue
        assert fits
        expected = operand
        for axis, (begin, end) in zip(axes, amounts, strict=True):
            expected = bordered(expected, axis + 1, begin, end, mode, value)
        for functional in (False, True):
            assert torch.equal(make(op, (x,), functional)(operand), expected)
        assert result.shape == expected.shape[1:]
        assert apply(op, (x,)) == (op, (result,))
    assert 0 < refused < CASES // 2


def test_two_ints_of_a_sequence_are_before_and_after() -> None:
    x = TensorType((2, 9))
    for ways in ((Pad((4, 1)), Pad(((4, 1),)), Pad((4, 1), axis=1)), (Pad(3), Pad((3,)), Pad((3, 3), axis=-1))):
        assert len({apply(op, (x,)) for op in ways}) == 1
    (operand,) = tensors((x,))
    assert torch.equal(make(apply(Crop((2, 1)), (x,))[0], (x,))(operand), operand[:, :, 2:-1])


def test_a_generator_with_reflected_borders_is_torchs() -> None:
    """CycleGAN's generator (arXiv:1703.10593, appendix 7.2), without its strided middle."""
    net = archdsl.loads("""
block res(x) = x + (x -> pad(1, "reflect") -> conv(x.channels, 3, padding = 0) -> instance_norm -> relu
    -> pad(1, "reflect") -> conv(x.channels, 3, padding = 0) -> instance_norm)
network generator(x: [3, 32, 32]) =
    x -> pad(3, "reflect") -> conv(8, 7, padding = 0) -> instance_norm -> relu -> res * 2
""")
    model = net.build().double().eval()
    assert net.params == 3 * 8 * 49 + 8 + 4 * (8 * 8 * 9 + 8)
    x = torch.randn(2, 3, 32, 32, dtype=torch.float64)
    weights = iter(tuple(model.parameters()))

    def conv(x: torch.Tensor, reach: int) -> torch.Tensor:
        return F.instance_norm(F.conv2d(F.pad(x, (reach,) * 4, "reflect"), next(weights), next(weights)))

    expected = conv(x, 3).relu()
    for _ in range(2):
        expected = expected + conv(conv(expected, 1).relu(), 1)
    torch.testing.assert_close(model(x), expected)


def test_sizes_know_how_far_a_border_mirrors() -> None:
    net = archdsl.loads('network n(x: [3, 32, 32]) = x -> conv(4, 3, 2) -> pad(3, "reflect")')
    sizes = net.sizes()
    assert [size for size in range(1, 12) if sizes.at(size).works] == [7, 8, 9, 10, 11]
