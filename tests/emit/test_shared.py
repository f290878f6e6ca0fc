"""Emitted modules where one module, or none with inputs, stands for several applications."""

from __future__ import annotations

import random

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


FREE = ("conv(8, 3)", "relu", "bn", "max_pool(2)", "avg_pool(3, 1)", "upsample(2)", "same")
FOLLOWING = (
    "reshape([x.channels, x.height, x.width])",
    "upsample(size = (x.height, x.width))",
    "linear(16)",
    "layer_norm(1)",
    "(relu if x.height > 20 else conv(8))",
    "inside",
)
BLOCKS = """
block same(x) = x + (x -> conv(8) -> relu)
block inside(x) = x + (x -> conv(8) -> reshape([8, x.height, x.width]))
"""


@pytest.mark.parametrize("seed", range(40))
def test_the_op_that_is_named_is_the_one_to_take_out(seed: int) -> None:
    """Ops are taken out as the diagnostics say; what is left is served by one module, and no other op was named."""
    picked = random.Random(seed)
    stages = picked.choices(FREE, k=3) + picked.choices(FOLLOWING, k=picked.randint(1, 3))
    picked.shuffle(stages)
    while True:
        text = BLOCKS + "block t(x) {\n" + "".join(f"    x = x -> {stage}\n" for stage in stages) + "    return x\n}\n"
        text += "network n(x: [8, 32, 32], z: [8, 16, 16]) {\n    shared s = t\n    return x -> s, z -> s\n}\n"
        try:
            check_function(loads(text).graph)
            return
        except ArchError as error:
            (found,) = error.diagnostics
        assert found.code == "shared-mismatch" and found.span is not None
        assert found.help.startswith("take ")
        places = [found.span, *(label.span for label in found.labels)]
        lines = {place.line for place in places}
        if text.splitlines().index("block t(x) {") >= min(lines):  # in the block `inside`
            assert any(place.text.startswith("reshape([8") for place in places)
            stages.remove("inside")
            continue
        (line,) = {line for line in lines if text.splitlines()[line - 1].startswith("    x = x -> ")}
        stage = text.splitlines()[line - 1].removeprefix("    x = x -> ")
        assert stage in FOLLOWING
        stages.remove(stage)


def test_the_message_says_what_differs() -> None:
    text = "block f(x) = x -> conv(8) -> reshape([8, -1])\n"
    text += "network n(x: [8, 4, 4], z: [8, 2, 2]) {\n shared s = f\n return x -> s, z -> s\n}"
    with pytest.raises(ArchError) as caught:
        loads(text)
    (found,) = caught.value.diagnostics
    wanted = "[8, 4, 4] and [8, 2, 2]: its reshape follows the input (shape [8, 16], then [8, 4])"
    assert found.message.endswith(wanted)
    assert found.span is not None and found.span.text == "reshape([8, -1])"


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
