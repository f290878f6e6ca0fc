"""Emitted modules where one module, or none with inputs, stands for several applications."""

from __future__ import annotations

import pytest
import torch

from archdsl.diagnostics.model import ArchError
from archdsl.network import loads
from tests.emit.check import check_function

POOLED = "block f(x) = x * (x -> avg_pool(x.height) -> conv(x.channels) -> sigmoid)\n"
SCALED = "block f(x) = (x -> conv(x.channels)) * (x.height / 3)\n"
CHANGED = "block f(x) { y = x -> conv(x.channels)\n return y + x if x.height > 8 else y * x }\n"


@pytest.mark.parametrize("block", [POOLED, SCALED, CHANGED])
def test_a_shared_block_that_follows_the_size_is_no_one_module(block: str) -> None:
    text = "network n(x: [8, 16, 16]) {\n shared b = f\n return x -> b -> SECOND -> b }"
    check_function(loads(block + text.replace("SECOND", "relu")).graph)
    with pytest.raises(ArchError) as caught:
        loads(block + text.replace("SECOND", "max_pool(2)")).source()
    assert [d.code for d in caught.value.diagnostics] == ["shared-mismatch"]


def test_a_shared_batch_norm_serves_one_rank() -> None:
    text = "network n(x: [8, 4, 4]) {\n shared b = bn\n z = x -> SECOND -> b\n return (x -> b) * z }"
    check_function(loads(text.replace("SECOND", "global_avg_pool")).graph)
    with pytest.raises(ArchError):
        loads(text.replace("SECOND", "flatten -> linear(8)")).source()


def test_a_shared_function_serves_every_rank() -> None:
    text = "network n(x: [8, 8, 8], z: [8, 16]) {\n shared p = max_pool(2)\n "
    text += "return (x -> p -> flatten -> linear(3)) + (z -> p -> flatten -> linear(3)) }"
    check_function(loads(text).graph)


def test_a_block_without_inputs_is_repeated_over_the_batch() -> None:
    text = "block token(; k) = learned([k, 4])\n"
    text += "network n(x: [3, 4]) {\n a = token(2)\n return [a, a, x] -> concat(axis = 0) }"
    module = loads(text).build()
    token = torch.nn.init.normal_(module.get_parameter("a.learned"))[0]
    x = torch.randn(5, 3, 4)
    for row, given in zip(module(x), x, strict=True):
        assert torch.equal(row, torch.cat([token, token, given]))
