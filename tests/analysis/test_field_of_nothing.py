"""Compares what is said to see nothing with gradients: an enlarged tensor read only between what was put into it."""

from __future__ import annotations

import random

import pytest
import torch

import archdsl
from archdsl.analysis.receptive_field import receptive_field
from tests.few import few

ENDS = [
    "",
    " -> global_avg_pool -> linear(3)",
    " -> instance_norm",
    " -> flatten -> linear(3)",
    " -> global_max_pool",
    " -> call",
]


def _chain(draw: random.Random) -> str:
    """Stages that enlarge, cut off and pick positions: without padding, so that every window lies inside the map."""
    stages = []
    for _ in range(draw.randint(1, 2)):
        stride = draw.randint(1, 3)
        stages.append(f"conv_transpose(2, {draw.randint(1, min(2, stride))}, {stride}, padding = 0)")
        stages.append(f"crop((({draw.randint(0, 2)}, 0), ({draw.randint(0, 2)}, 0)))")
        stages.append(f"avg_pool(1, {draw.choice([stride, draw.randint(1, 3)])})")
    return " -> ".join(stages)


@pytest.mark.parametrize("number", range(few(120)))
def test_what_sees_nothing_has_no_gradient(number: int) -> None:
    """Behind global ops and norms, inside of calls and beside other paths too."""
    draw = random.Random(number)
    end, chain = draw.choice(ENDS), _chain(draw)
    beside = f" + (x -> {_chain(draw)}{end})" if draw.random() < 0.3 and "linear" in end else ""
    call = "block call(x) = x -> global_avg_pool -> linear(3)" if "call" in end else ""
    text = f"{call}\nnetwork net(x: [2, 24, 24]) = (x -> {chain}{end}){beside}\n"
    network = archdsl.loads(text)
    torch.manual_seed(number)
    module = network.build().double().train()
    x = torch.randn(2, 2, 24, 24, dtype=torch.float64, requires_grad=True)
    y = module(x)
    (y * torch.randn_like(y)).sum().backward()
    assert x.grad is not None
    fields = receptive_field(network.graph).outputs[0]
    nothing = not bool(x.grad.abs().max() > 1e-12)
    said = {field.empty for field in fields}
    # Of two paths one may see nothing along the height, the other along the width: then windows say more.
    assert said == {nothing} or (beside and said == {False}), text
    assert all(field.rf == 0 for field in fields if field.empty)
