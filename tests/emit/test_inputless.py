"""Tensors without an input: what is worked out ahead, at a batch of 1, or for each sample, against a run op by op."""

from __future__ import annotations

import copy
import random

import pytest
import torch

from archdsl import loads
from archdsl.emit.pytorch import source
from archdsl.ir.read_text import read_graph
from archdsl.ir.text import print_graph
from tests.emit.check import check_function

UNARY = ["sigmoid", "tanh", "softmax(axis = 0)", "layer_norm(affine = false)", "power(2)", "transpose", "cos", "exp"]
WEIGHTED = ["linear(6)", "layer_norm", "prelu"]
BINARY = [
    "{} + {}",
    "{} * {}",
    "[{}, {}] -> concat(axis = 1) -> linear(6)",
    "[{}, {}] -> matmul",
    "[{}, {}] -> maximum",
]
SOURCES = [
    'learned([6, 6], "normal")',
    'learned([6, 6], "normal", batch_axis = false)',
    "learned([6, 1], 0.5, batch_axis = false)",
    "constant([[i - j for j in range(6)] for i in range(6)])",
    "constant([i / 6 for i in range(6)])",
    "constant([[0, 1, 0, 2, 0, 3]], persistent = true)",
    'learned([4, 3], "normal", batch_axis = false)'
    " -> take([[i // 2 + j % 2 for j in range(2)] for i in range(6)]) -> flatten(1)",
    "constant(range(36)) -> reshape([6, 6]) -> take([5, 0, 1, 1, 2, 3], axis = 1)",
    "half()",
]


def network(seed: int) -> str:
    """A network of statements over tensors of [6, 6], some of which depend on its input."""
    draw = random.Random(seed)
    lines = [
        "block half() = constant([[0.5] * 6] * 6) -> sigmoid",
        "block outer(a, b) = a * 0.5 + ([a, b -> tanh] -> matmul)",
    ]
    lines += ["network n(x: [6, 6]) {"]
    names, square = ["x"], ["x"]
    for number in range(draw.randint(3, 9)):
        kind = draw.choice(["source", "source", "unary", "weighted", "binary", "binary", "block", "split"])
        name = f"t{number}"
        if kind == "source":
            made = draw.choice(SOURCES)
        elif kind == "unary":
            made = f"{draw.choice(square)} -> {draw.choice(UNARY)}"
        elif kind == "weighted":
            made = f"{draw.choice(square)} -> {draw.choice(WEIGHTED)}"
        elif kind == "split":
            half = f"({draw.choice(square)} -> split(2))[{draw.randint(0, 1)}]"
            made = f"{half} -> linear(6) -> [id, tanh] -> concat(axis = 0)"
        elif kind == "block":
            made = f"[{draw.choice(square)}, {draw.choice(square)}] -> outer"
        else:
            made = draw.choice(BINARY).format(draw.choice(square), draw.choice(square))
        if kind == "source" and not any(whole in made for whole in ("[6, 6]", "half", "- j", "flatten")):
            made = f"{draw.choice(square)} * {made}" if "-> take" not in made else made
        lines.append(f"    {name} = {made}")
        names.append(name)
        square.append(name)
    lines.append(f"    return {draw.choice(square)} + {square[-1]} * x\n}}")
    return "\n".join(lines)


@pytest.mark.parametrize("seeds", [range(40), pytest.param(range(40, 2000), marks=pytest.mark.slow)])
def test_random_networks(seeds: range) -> None:
    folded = learned = 0
    for seed in seeds:
        text = network(seed)
        graph = loads(text).graph
        code = source(graph)
        assert source(read_graph(print_graph(graph))) == code, text
        module = check_function(graph)
        learned += sum(p.numel() for p in module.parameters())
        folded += "register_buffer" in code
        half = copy.deepcopy(module).half()
        assert all(b.dtype == torch.half for b in half.buffers() if b.is_floating_point()), text
    assert folded > len(seeds) // 8 and learned


LISTS = {
    "[i for i in range(20)]": 1,
    "[[(i - j) / 3 for j in range(5)] for i in range(5)]": 1,
    "index(5)": 1,
    "padded(18)": 1,
    "[i if i % 2 == 0 else -i for i in range(n)]": 1,
    "[a * b for a, b in zip(range(20), [j ** 2 for j in range(20)])]": 1,
    "[i + j for i in range(5) for j in range(i) if i + j > 1] + [0] * 9": 1,
    "[max(i, 3) // 2 for i in range(x.features * 3)]": 1,
    "[0.5 if not i < 4 and i < 9 else 2 for i in range(20)]": 1,
    "[offset + i for i in range(20)]": 1,
    "outer(17)": 1,
    "[[i for i in range(17)][j] for j in range(17)]": 1,
    "table": 0,
}


def test_long_lists_are_written_as_the_spec_writes_them() -> None:
    """The emitted module works out the same numbers by the same expression, its functions written out."""
    for written, spelled in LISTS.items():
        text = f"""offset = 3
fn index(m) = [[(i - j + m - 1) * m for j in range(m)] for i in range(m)]
fn padded(m, by = 2) {{
    rows = [i / by for i in range(m)]
    return [0] * by + rows
}}
fn outer(i) = [j + k for j, k in zip(inner(i, 1), range(i))]
fn inner(n, i) = [j - i for j in range(n)]
network n(x: [8]; n = 17) {{
    table = [i if i > 2 else 0 for i in range(20)]
    return x + (constant({written}) -> flatten -> reduce("mean", axis = 0))
}}
"""
        graph = loads(text).graph
        code = source(graph)
        assert (" for " in code.partition("def forward")[0].partition("super()")[2]) == bool(spelled), (written, code)
        check_function(graph)


def test_instances_that_differ_in_a_number_are_one_class() -> None:
    text = """
block windowed(x; m) {
    decay = constant([[i - j + m for j in range(m)] for i in range(m)]) -> sigmoid
    decay = decay -> flatten -> reduce("mean", axis = 0)
    return x * decay
}
network n(x: [8, 1]) = x -> windowed(5) -> windowed(7) -> windowed(5)
"""
    graph = loads(text).graph
    assert source(graph).count("class Windowed") == 1 and "range(m)" in source(graph)
    check_function(graph)
