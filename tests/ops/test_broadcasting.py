"""The language's broadcasting rule: what is allowed, what it computes, and how refusals read."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from archdsl.ops.arithmetic import Add, Div, Maximum, Mean, Mul, Sub
from archdsl.ops.base import OpError, apply
from archdsl.types import TensorType
from tests.ops.torch_interpreter import make, tensors

SHAPES = st.lists(st.sampled_from([1, 2, 3]), min_size=1, max_size=4).map(tuple)


def as_rule(full: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...] | None:
    """`other` with the axes of `full` by the text of language.md, or None if it may not be combined with it."""
    rank = len(full)
    if other == full:
        return other
    if len(other) <= rank and set(other) <= {1}:
        return (1,) * rank  # scalars
    if rank > 1 and other in [(full[0],), (full[0], *[1] * (rank - 1))]:
        return (full[0], *[1] * (rank - 1))  # per channel
    if rank > 1 and other == (1, *full[1:]):
        return other  # per position
    return None


@settings(max_examples=400, deadline=None)
@given(SHAPES, SHAPES)
def test_two_shapes(left: tuple[int, ...], right: tuple[int, ...]) -> None:
    inputs = (TensorType(left), TensorType(right))
    full = left if as_rule(left, right) else right
    views = as_rule(full, left), as_rule(full, right)
    if None in views:
        with pytest.raises(OpError) as caught:
            apply(Sub(), inputs)
        assert caught.value.message == f"cannot subtract {list(left)} and {list(right)}"
        assert (caught.value.code, caught.value.operand) == ("shape-mismatch", 1) and caught.value.help
        return
    op, (result,) = apply(Sub(), inputs)
    assert result.shape == full
    a, b = tensors(inputs, batch=2)
    expected = a.view(2, *views[0]) - b.view(2, *views[1])
    assert torch.equal(make(op, inputs)(a, b), expected)


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


def test_a_factor_per_channel_by_a_factor_per_position_is_refused() -> None:
    with pytest.raises(OpError, match=r"cannot multiply \[8, 1, 1\] and \[1, 5, 5\]"):
        apply(Mul(), (TensorType((8, 1, 1)), TensorType((1, 5, 5))))


def test_division_keeps_its_order() -> None:
    inputs = (TensorType((1,)), TensorType((4, 3)))
    a, b = tensors(inputs)
    assert torch.equal(make(apply(Div(), inputs)[0], inputs)(a, b), a[:, :, None] / b)
