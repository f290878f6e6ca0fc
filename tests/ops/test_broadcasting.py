"""The language's rule of elementwise shapes: what is allowed, what it computes, and how refusals read."""

from __future__ import annotations

import os
import random
from itertools import permutations

import pytest
import torch

import archdsl
from archdsl.ops.arithmetic import Add, Div, Maximum, Mean, Mul, Sub
from archdsl.ops.base import OpError, apply
from archdsl.types import TensorType
from tests.few import few
from tests.ops.torch_interpreter import make, tensors

CASES = int(os.environ.get("ARCHDSL_CASES", few(400)))
Shape = tuple[int, ...]


def by_the_text(shapes: list[Shape]) -> tuple[Shape, list[Shape]] | None:
    """The common shape, and each operand's view in its number of axes; None where the text of 04-stages.md says no."""
    rank = max(map(len, shapes))
    largest = [shape for shape in shapes if len(shape) == rank]
    full = tuple(max(sizes) for sizes in zip(*largest, strict=True))
    if any(n not in (1, full[axis]) for shape in largest for axis, n in enumerate(shape)):
        return None
    views = []
    for shape in shapes:
        if len(shape) == rank:
            views.append(shape)
        elif set(shape) <= {1}:
            views.append((1,) * rank)
        elif shape == full[:1]:
            views.append((full[0], *(1,) * (rank - 1)))
        else:
            return None
    return full, views


def drawn(draw: random.Random, count: int) -> list[Shape]:
    """Shapes that often fit: parts of one shape, some axes 1, some operands of another rank."""
    base = tuple(draw.choice([1, 2, 3]) for _ in range(draw.randint(1, 4)))
    shapes = []
    for _ in range(count):
        shape = tuple(1 if draw.random() < 0.35 else n for n in base)
        if draw.random() < 0.3:
            shape = draw.choice([base[:1], (1,), (1, 1), shape[1:], (draw.randint(1, 3),), ()])
        if draw.random() < 0.05:
            shape = tuple(draw.choice([1, 2, 3]) for _ in range(draw.randint(1, 4)))
        shapes.append(shape)
    return shapes


def test_operands_of_any_shape_in_any_order() -> None:
    draw = random.Random(1)
    taken = 0
    for _ in range(CASES):
        count = draw.choice([2, 2, 2, 3, 3, 4, 6])
        shapes = drawn(draw, count)
        inputs = tuple(map(TensorType, shapes))
        wanted = by_the_text(shapes)
        made = [Add(), Mul(), Mean(), Maximum(), *([Sub(), Div()] if count == 2 else [])]
        orders = list(permutations(range(count))) if count < 4 else [draw.sample(range(count), count)]
        if wanted is None:
            for order in orders:
                with pytest.raises(OpError) as caught:
                    apply(draw.choice(made), tuple(inputs[i] for i in order))
                assert caught.value.code == "shape-mismatch" and caught.value.help
            continue
        taken += 1
        full, views = wanted
        operands = [x.double() for x in tensors(inputs)]
        wide = torch.stack([x.reshape(2, *view).expand(2, *full) for x, view in zip(operands, views, strict=True)])
        for order in orders:
            given = tuple(inputs[i] for i in order)
            parts = wide[list(order)]
            expected = {
                "add": parts.sum(0),
                "mul": parts.prod(0),
                "mean": parts.mean(0),
                "maximum": parts.amax(0),
                "sub": parts[0] - parts[-1],
                "div": parts[0] / parts[-1],
            }
            for op in made:
                resolved, (result,) = apply(op, given)
                assert result.shape == full
                torch.testing.assert_close(make(resolved, given)(*(operands[i] for i in order)), expected[op.name])
    assert CASES // 4 < taken < CASES


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 9])
@pytest.mark.parametrize("mixed", [False, True])
def test_any_number_of_operands(count: int, mixed: bool) -> None:
    inputs = [TensorType((3, 4, 5))] * count
    if mixed and count > 1:
        inputs[-1] = TensorType((3,))
    operands = tensors(tuple(inputs), dtype=torch.float64)
    wide = [t if t.dim() == 4 else t[:, :, None, None].expand(-1, -1, 4, 5) for t in operands]
    stacked = torch.stack(wide)
    for op, expected in (
        (Add(), stacked.sum(0)),
        (Mul(), stacked.prod(0)),
        (Mean(), stacked.mean(0)),
        (Maximum(), stacked.amax(0)),
    ):
        resolved, _ = apply(op, tuple(inputs))
        torch.testing.assert_close(make(resolved, tuple(inputs))(*operands), expected)


@pytest.mark.parametrize(
    ("left", "right", "help"),
    [
        ((64, 8, 8), (32, 8, 8), "the channels differ: project one side, for example x -> conv(64)"),
        ((64, 8, 8), (64, 4, 4), "the sizes differ, not the channels: give the same stride to both sides"),
        ((64, 8, 8), (32, 4, 4), "along each axis both sides must be equal, or one of them 1"),
        ((197, 768), (768,), "axes are never added to make ranks equal; for a factor along axis 1 write reshape([1, 7"),
        ((8,), (1, 5, 5), "axes are never added to make ranks equal: give both 3 axes"),
    ],
)
def test_help_tells_what_differs(left: Shape, right: Shape, help: str) -> None:
    for pair in ((left, right), (right, left)):
        with pytest.raises(OpError) as caught:
            apply(Sub(), tuple(map(TensorType, pair)))
        assert caught.value.message == f"cannot subtract {list(pair[0])} and {list(pair[1])}"
        assert caught.value.operand == 1
    with pytest.raises(OpError) as caught:
        apply(Sub(), (TensorType(left), TensorType(right)))
    assert caught.value.help.startswith(help)


def test_division_keeps_its_order() -> None:
    inputs = (TensorType((1,)), TensorType((4, 3)))
    a, b = tensors(inputs)
    assert torch.equal(make(apply(Div(), inputs)[0], inputs)(a, b), a[:, :, None] / b)


COORDINATE_ATTENTION = """
block coord_att(x; r = 32) {
    mid = max(8, x.channels // r)
    h, w = x.height, x.width
    xh = x -> adaptive_avg_pool((h, 1))
    xw = x -> adaptive_avg_pool((1, w)) -> transpose(1, 2)
    y = [xh, xw] -> concat(axis = 1) -> conv(mid) -> bn -> hardswish
    a, b = y -> split([h, w], axis = 1)
    gh = a -> conv(x.channels) -> sigmoid
    gw = b -> transpose(1, 2) -> conv(x.channels) -> sigmoid
    return x * gw * gh
}
network ca(x: [64, 40, 40]) = x -> coord_att
"""


def test_a_gate_per_row_and_one_per_column() -> None:
    net = archdsl.loads(COORDINATE_ATTENTION)
    assert (net.params, net.macs, net.warnings) == (1688, 81_920, [])
    assert net.build()(torch.zeros(2, 64, 40, 40)).shape == (2, 64, 40, 40)
