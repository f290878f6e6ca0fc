"""What is said to change nothing, and through what zeros are said to stay zeros: against torch, with random weights."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch import Tensor

from archdsl.ops import registry
from archdsl.ops.base import Kind, Op, OpError, Types, apply
from archdsl.ops.identities import why_identity
from archdsl.ops.zeros import gives_zeros
from tests.ops.test_random_ops import drawn
from tests.ops.torch_interpreter import Form, make, tensors

CASES = 60
# Activations and norms may be the identity at odd numbers, and windows where they have no room; that is not told.
# Nor is a selection, which begins as one.
SURE = {Kind.ARITHMETIC, Kind.CONCAT, Kind.SPLIT, Kind.RESHAPE, Kind.CONVOLUTION, Kind.LINEAR}
ODD = {"add_sinusoids", "local_response_norm"}  # sin(0) of a single number; x / 0^0


def resolved(name: str) -> Iterator[tuple[Op, Types]]:
    """Some applications of an op with random arguments."""
    op = registry.load(name)
    assert op is not None
    draw, taken = random.Random(name), 0
    for _ in range(40 * CASES):
        if taken < CASES and (found := drawn(draw, op)) is not None:
            try:
                made, _ = apply(*found)
            except OpError:
                continue
            taken += 1
            yield made, found[1]
    assert taken > CASES // 4


def form(op: Op, inputs: Types) -> Form:
    """The op with random weights and statistics."""
    made = make(op, inputs)
    for weight in made.state_dict(keep_vars=True).values():  # what it leaves out is fixed
        if weight.is_floating_point():
            weight.data = torch.rand_like(weight) + 0.5
    return made.train(False)


def results(output: Any) -> list[Tensor]:
    return [output] if isinstance(output, Tensor) else list(output)


@pytest.mark.parametrize("name", registry.names())
def test_identities(name: str) -> None:
    """Said of no op that gives anything but its operand; and of all that give it, among the kinds that are told."""
    torch.manual_seed(0)
    for op, inputs in resolved(name):
        operands = tensors(inputs, dtype=torch.float64)
        if op.kind is Kind.EMBEDDING or not operands:
            assert not why_identity(op, inputs)
            continue
        with torch.no_grad():
            (made,) = given if len(given := results(form(op, inputs).double()(*operands))) == 1 else (torch.empty(0),)
        same = made.shape == operands[0].shape and torch.equal(made, operands[0])
        assert same or not why_identity(op, inputs), (op, inputs)
        if op.kind in SURE and len(inputs) == 1 and name != "select" and all(n > 2 for x in inputs for n in x.shape):
            assert same == bool(why_identity(op, inputs)), (op, inputs)


@pytest.mark.parametrize("name", registry.names())
def test_zeros(name: str) -> None:
    """Said of exactly the ops that give zeros where all operands are; where some are, of none that gives others."""
    torch.manual_seed(0)
    draw = random.Random(name)
    for op, inputs in resolved(name):
        made = form(op, inputs).double()
        for several in (False, True):
            zero = [several or draw.random() < 0.5 for _ in inputs]
            operands = [
                torch.zeros_like(x) if z else x for x, z in zip(tensors(inputs, dtype=torch.float64), zero, strict=True)
            ]
            with torch.no_grad():
                given = all(not x.any() for x in results(made(*operands)))
            said = gives_zeros(op, inputs, zero)
            assert given or not said, (op, inputs, zero)
            if several and name not in ODD:
                assert given == said, (op, inputs)
