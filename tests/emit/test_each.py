"""`each` as PyTorch: the axis goes into the batch, and every element is what it is by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

import archdsl
from archdsl.emit.pytorch import source
from tests.emit.check import check_function, check_style, stir

BLOCKS = """
block rnn(x, h: [d]; d) = [x, h] -> concat -> linear(d) -> tanh
block cnn(x; w) = x -> conv(w, 3, 2) -> bn -> relu
block two(x; w) = x -> conv(w, 3), x -> conv(w, 1) -> relu
block gated(x, y) = x * (y -> conv(x.channels) -> sigmoid)
block token(x) = [learned([1, x.features], "normal"), x] -> concat
block maybe(x; on) = x -> each(conv(3, 3)) if on else x -> conv(3, 3)
block inner(x, h: [4]) = [x -> each(linear(4)) -> slice(0, 1) -> reshape([4]), h] -> add
block either(x; on) = x -> each(cnn(3) if on else conv(4, 3, 2)) -> each(conv(3))
"""

NETWORKS = {
    "block": "network n(x: [5, 3, 6, 6]) = x -> each(cnn(4))",
    "stage": "network n(x: [5, 3, 6, 6]) = x -> each(conv(4, 3) -> bn -> relu)",
    "op": "network n(x: [5, 3, 6, 6]) = x -> each(conv(4, 3)) as frames -> each(max_pool(2))",
    "several": "network n(x: [5, 3, 6, 6], y: [5, 2, 6, 6]) = [x, y] -> each(gated)",
    "results": """network n(x: [5, 3, 6, 6]) {
    a, b = x -> each(two(4))
    return [a, b] -> concat(axis = 1), b
}""",
    "list": "network n(x: [5, 3, 6, 6]) = x -> each([conv(4), conv(4, 3)]) -> each(add)",
    "nested": "network n(x: [2, 5, 3, 6, 6]) = x -> each(each(cnn(4)) -> each(flatten -> linear(3)))",
    "learned": "network n(x: [5, 3, 6]) = x -> each(token -> linear(4))",
    "fixed": """network n(x: [5, 3, 6]) {
    masks = learned([5, 3, 6], "normal")
    return [x, masks] -> each(add -> linear(4))
}""",
    "alone": "network n(x: [5, 4]) = x + (learned([5, 4], \"normal\") -> relu -> stacked)\n"
    "block stacked(x) = [x, x] -> stack(axis = 1) -> each(linear(4) -> reduce(\"mean\", 0) -> reshape([4]))",
    "words": "network n(words: int[5, 7]) = words -> each(embedding(9, 4)) -> each(scan(rnn(3)))",
    "in_a_scan": "network n(x: [6, 5, 3]) = x -> scan(inner)",
    "scan_in_each": "network n(x: [5, 6, 3]) = x -> each(scan(rnn(4), last = true))",
    "shared": """network n(x: [5, 3, 6, 6], y: [7, 3, 6, 6]) {
    shared f = each(conv(3, 3))
    return x -> f -> f, y -> f
}""",
    "repeated": "network n(x: [5, 3, 6, 6]) = x -> each(conv(3, 3)) * 4 as layers",
    "option": "network n(x: [5, 3, 6, 6]) = x -> maybe(true) -> maybe(true)",
    "forms": "network n(x: [5, 3, 6, 6], y: [4, 3, 6, 6]) = x -> either(true) -> either(false), y -> either(false)",
    "passed_on": "network n(x: [5, 3, 6, 6]) = x -> each(id) -> each([id, relu] -> concat)",
    "deep": "network n(x: [5, 3, 6, 6]) = x -> each((conv(3, 3) -> bn) as units -> relu)",
}  # fmt: skip


def network(name: str) -> archdsl.Network:
    return archdsl.loads("arch 1\n" + BLOCKS + NETWORKS[name], "n")


@pytest.mark.parametrize("name", NETWORKS)
def test_the_emitted_module_is_the_graph(name: str) -> None:
    check_function(network(name).graph)


def test_the_modules_read_well(tmp_path: Path) -> None:
    check_style(tmp_path, [source(network(name).graph) for name in NETWORKS])
    text = source(network("block").graph)
    assert "def each(stage: nn.Module, *operands: Tensor) -> Tensor:" in text
    assert text.endswith("""
    def forward(self, x: Tensor) -> Tensor:
        return each(self.cnn, x)
""")


def test_a_batch_norm_sees_all_elements() -> None:
    frames = torch.randn(2, 5, 3, 6, 6, dtype=torch.float64)
    ours = stir(network("block").build()).train()
    alone = stir(archdsl.loads(BLOCKS + "network n(x: [3, 6, 6]) = x -> cnn(4)").build()).train()
    torch.testing.assert_close(ours(frames), alone(frames.flatten(0, 1)).unflatten(0, (2, 5)))
    assert torch.equal(ours.cnn.bn.running_mean, alone.cnn.bn.running_mean)
