"""What an op takes, torch runs: every op with random arguments on random shapes, training and not, at batch 1 and 2."""

from __future__ import annotations

import os
import random
import re
from dataclasses import replace
from typing import Any

import pytest
import torch

from archdsl.ops import arguments, constant, registry
from archdsl.ops.base import Op, OpError, Types, apply, parameters
from archdsl.ops.unfold import Unfold
from archdsl.ops.unpool import MaxUnpool
from archdsl.types import TensorType
from tests.few import few
from tests.ops.torch_interpreter import make, shapes, tensors

torch.set_num_threads(1)
CASES = int(os.environ.get("ARCHDSL_CASES", few(40)))
"""Random cases per op; `ARCHDSL_CASES=1000` for a long run."""
SIZES = [1, 1, 1, 2, 2, 3, 4, 6, 8, 9, 12]
WORDS = re.compile(r'"([^"]*)"')


def number(draw: random.Random) -> float:
    return draw.choice([0, 1, 2, 3, 0.5, 1.5, 1e-3, -1, -2.0])


def value(draw: random.Random, kind: Any, rank: int) -> Any:
    """Something that an argument of this type may take; often it does not."""
    axes = max(rank - 1, 1)
    words = WORDS.findall(kind.name)
    size = draw.choice([1, 1, 2, 2, 3, 3, 4, 5, 7])
    many = tuple(draw.choice([0, 1, 1, 2, 3, 4]) for _ in range(draw.choice([axes, axes, rank, 1, 2])))
    return draw.choice(
        [
            size,
            size - 1,
            *([draw.choice(words)] * 3 if words else []),
            *([draw.random() < 0.5] * 3 if kind is arguments.BOOL else []),
            *([many] * 2 if "(" in kind.name or "list" in kind.name else []),
            *([(many, many)] * 2 if kind in (constant.VALUES, constant.INDEX) else []),
            *([number(draw)] if "number" in kind.name or kind is arguments.FLOAT else []),
            *([tuple((draw.randint(0, 2), draw.randint(0, 3)) for _ in range(axes))] if "((" in kind.name else []),
            *([tuple(draw.sample(range(rank), rank))] if kind is arguments.INTS and rank else []),
        ]
    )


def drawn(draw: random.Random, op: Any) -> tuple[Op, Types] | None:
    """An op with random arguments, and operands of random shapes; None where an argument is not taken as such."""
    rank = draw.choice([1, 2, 3, 3, 4, 5] if op.takes == "float" else [1, 2])
    given = {p.name: value(draw, p.type, rank) for p in parameters(op) if p.required or draw.random() < 0.4}
    try:
        made = op(**{p.name: p.type.accepts(given[p.name]) for p in parameters(op) if p.name in given})
    except ValueError:
        return None
    shape = tuple(draw.choice(SIZES) for _ in range(rank))
    least, most = op.arity
    count = draw.randint(least, most or 4)
    inputs = tuple(TensorType(altered(draw, shape), op.takes) for _ in range(count))
    if op.name in ("trace", "upper_triangle", "add_identity"):
        inputs = (TensorType((shape[0], shape[0])),)
    if op.name == "affine_grid":
        inputs = (TensorType((2, 3)),)
    if op.name == "grid_sample":
        inputs = (inputs[0], TensorType((2, *inputs[1].shape[1:])))
    if op.name == "deform_conv":
        inputs = (inputs[0], offsets(made, inputs[0]))
    if op.name in ("roi_align", "roi_pool"):
        inputs = (inputs[0], TensorType((shape[0], 4)))
    if op.name in ("fold", "max_unpool"):
        inputs = windows(draw, made, inputs[0])
    if op.name == "convolve" and shape[0] % made.groups == 0:
        window = (draw.choice([1, 2, 3]) for _ in shape[1:])
        inputs = (TensorType(shape), TensorType((made.groups * draw.choice([1, 2]), shape[0] // made.groups, *window)))
    if op.name == "embedding":
        made = replace(made, count=made.count + 10)  # above the numbers that `tensors` draws
    return made, inputs


def altered(draw: random.Random, shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape, some of its sizes 1, or two of them exchanged, or only its channels."""
    if len(shape) > 1 and draw.random() < 0.2:
        i, j = draw.sample(range(len(shape)), 2)
        return tuple(shape[{i: j, j: i}.get(axis, axis)] for axis in range(len(shape)))
    if draw.random() < 0.1:
        return shape[:1]
    return tuple(1 if draw.random() < 0.1 else n for n in shape)


def offsets(made: Any, x: TensorType) -> TensorType:
    try:
        resolved = made.conv().resolve((x,))
        (result,) = resolved.results((x,))
    except OpError:
        return x
    taps = 1
    for k in resolved.kernel:
        taps *= k
    return TensorType((2 * taps, *result.shape[1:]))


def windows(draw: random.Random, made: Any, x: TensorType) -> Types:
    """What fits `fold` or `max_unpool`: windows of a map as large as it says, what a pool gives and has read."""
    try:
        if isinstance(made, MaxUnpool):
            return (*made.pool().resolve((x,)).results((x,)), x)
        size = made.size if isinstance(made.size, tuple) else (made.size, made.size)
        laid = Unfold(made.kernel, made.stride, made.padding, made.dilation)
        return apply(laid, (TensorType((draw.choice(SIZES), *size)),))[1]
    except OpError:
        return (x,) * made.arity[0]


@pytest.mark.parametrize("name", registry.names())
def test_what_an_op_takes_torch_runs(name: str) -> None:
    op = registry.load(name)
    assert op is not None
    draw = random.Random(name)
    taken = 0
    for _ in range(40 * CASES):
        if taken == CASES:
            break
        found = drawn(draw, op)
        if found is None:
            continue
        made, inputs = found
        try:
            resolved, results = apply(made, inputs)
        except OpError as error:
            assert error.message and error.help
            continue
        taken += 1
        wanted = tuple(x.shape for x in results)
        for functional in (False, True):
            form = make(resolved, inputs, functional)
            for batch, training in ((1, False), (2, False), (2, True), (1, True)):
                if (batch, training, name) == (1, True, "bn"):
                    continue  # whether one sample makes a batch is a matter of the batch, not of the network
                with torch.no_grad():
                    outputs = form.train(training)(*tensors(inputs, batch))
                assert shapes(outputs) == wanted, (resolved, inputs)
    assert taken > CASES // 4, "hardly anything was tried"
