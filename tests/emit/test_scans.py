"""Scans as PyTorch: the loop that is written, and that it computes what the graph says and what torch.nn computes."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

import archdsl
from archdsl.emit.pytorch import source
from tests.emit.check import check_function, check_style

LSTM = """
import std: gru
block lstm(x, h: [d], c: [d]; d) {
    sum = (x -> linear(4 * d) as ih) + (h -> linear(4 * d) as hh)
    i, f, g, o = sum -> split(4) -> [sigmoid, sigmoid, tanh, sigmoid]
    c = f * c + i * g
    return o * (c -> tanh), c
}
block rnn(x, h; d) = [x, h] -> concat -> linear(d) -> tanh
block shown(x, h: [d]; d, out) {
    h = [x, h] -> rnn(d)
    return h -> linear(out), h
}
block layer(x; d, drop) {
    y = x -> scan(lstm(d))
    return y -> linear(x.features) if drop else y
}
"""

NETWORKS = {
    "zero": "network n(x: [5, 3]) = x -> scan(lstm(4))",
    "given": "network n(x: [5, 3], h: [4]) = [x, h] -> scan(rnn(4))",
    "last": "network n(x: [5, 3]) = x -> scan(lstm(4), last = true)",
    "only_last": """network n(x: [5, 3]) {
    _, h = x -> scan(shown(4, 2), last = true)
    return h
}""",
    "handed_on": """network n(x: [5, 3], h: [4]) {
    y, last = [x, h] -> scan(shown(4, 2), last = true)
    z = [x, last] -> scan(rnn(4))
    return [y, z] -> concat(axis = -1), last + h
}""",
    "stacked": "network n(x: [5, 3]) = x -> (scan(lstm(3)) -> dropout(0.5)) * 4 as layers",
    "three_in_a_list": "network n(x: [5, 3]) = x -> scan(lstm(3)) * 3 as layers",
    "widths": """network n(x: [5, 3]) = x -> layer(4, false) -> layer(6, true) -> layer(6, false) -> layer(8, true)""",
    "option": """block maybe(x; on) = x -> scan(gru(3)) -> linear(3) if on else x -> linear(3)
network n(x: [5, 3]) = x -> maybe(true) -> maybe(false) -> maybe(true)""",
    "shared": """network n(x: [5, 3], y: [7, 3]) {
    shared f = scan(gru(3))
    return x -> f -> f, y -> f
}""",
    "inside": """block inner(x, h: [2]) = x -> scan(gru(4)) -> slice(0, 1) -> reshape([4]) -> linear(2)
network n(x: [6, 5, 3]) = x -> scan(inner)""",
    "learned": """network n(x: [5, 3]) {
    start = learned([4])
    return [x, start] -> scan(rnn(4))
}""",
    "images": """block conv_rnn(x, h: [2, 6, 6]) = [x, h] -> concat -> conv(2, 3) -> tanh
network n(x: [4, 3, 6, 6]) = x -> scan(conv_rnn)""",
    "constant": """block attend(x, h: [4], memory: [3]) = [x, h, memory] -> concat -> linear(4), memory
network n(x: [5, 3], h: [4], memory: [3]) = [x, h, memory] -> scan(attend, last = true)""",
    "passed_on": """block delay(x, older, old) = older, old, x
network n(x: [5, 3], older: [3], old: [3]) = [x, older, old] -> scan(delay, last = true)""",
}


def network(name: str) -> archdsl.Network:
    return archdsl.loads("arch 1\n" + LSTM + NETWORKS[name], "n")


@pytest.mark.parametrize("name", NETWORKS)
def test_the_emitted_module_is_the_graph(name: str, tmp_path: Path) -> None:
    graph = network(name).graph
    check_function(graph)
    check_style(tmp_path, [source(graph)])


def test_the_loop_reads_well() -> None:
    text = source(network("zero").graph)
    assert text.endswith("""
    def forward(self, x: Tensor) -> Tensor:
        h = x.new_zeros(len(x), 4)
        c = x.new_zeros(len(x), 4)
        hs = []
        for x_t in x.unbind(1):
            h, c = self.lstm(x_t, h, c)
            hs.append(h)
        return torch.stack(hs, dim=1)
""")


def test_outputs_that_nobody_reads_are_not_collected() -> None:
    assert "stack" not in source(network("only_last").graph)


@pytest.mark.parametrize(("name", "reference", "states"), [("lstm", nn.LSTM, 2), ("gru", nn.GRU, 1)])
def test_cells_are_torchs(name: str, reference: type[nn.LSTM | nn.GRU], states: int) -> None:
    """Outputs, last states and gradients of torch's module under its own weights, from given first states."""
    inputs = ", ".join(["x: [7, 3]", "h: [4]", "c: [4]"][: 1 + states])
    names = ", ".join(["x", "h", "c"][: 1 + states])
    spec = f"arch 1\n{LSTM}\nnetwork n({inputs}) = [{names}] -> scan({name}(4), last = true)"
    ours = archdsl.loads(spec, "n").build().double()
    theirs = reference(3, 4, batch_first=True).double()
    pairs = {f"{name}.{part}.{kind}": f"{kind}_{part}_l0" for part in ("ih", "hh") for kind in ("weight", "bias")}
    ours.load_state_dict({mine: theirs.state_dict()[other] for mine, other in pairs.items()})
    torch.manual_seed(0)
    x, *first = (torch.randn(2, *shape, dtype=torch.float64) for shape in [(7, 3), (4,), (4,)][: 1 + states])
    hidden = tuple(h[None] for h in first)
    y, last = theirs(x, hidden if states == 2 else hidden[0])
    expected = [y, *(h[0] for h in (last if states == 2 else (last,)))]
    found = ours(x, *first)
    for mine, other in zip(found, expected, strict=True):
        assert torch.allclose(mine, other, rtol=0, atol=1e-12)
    for outputs in (found, expected):
        sum((output * torch.arange(output.numel()).view(output.shape)).sum() for output in outputs).backward()
    for mine, other in pairs.items():
        gradient = dict(theirs.named_parameters())[other].grad
        assert torch.allclose(dict(ours.named_parameters())[mine].grad, gradient, rtol=1e-10)


def test_both_directions_are_torchs() -> None:
    spec = "import std: bidirectional, gru\nnetwork n(x: [7, 3]) = x -> bidirectional(gru(4))"
    ours, theirs = archdsl.loads(spec).build().double(), nn.GRU(3, 4, batch_first=True, bidirectional=True).double()
    endings = {"ahead": "", "back": "_reverse"}
    state = {
        key: theirs.state_dict()[f"{kind}_{part}_l0{endings[way]}"]
        for key in ours.state_dict()
        for _, way, part, kind in [key.split(".")]
    }
    ours.load_state_dict(state)
    x = torch.randn(2, 7, 3, dtype=torch.float64)
    torch.testing.assert_close(ours(x), theirs(x)[0])
