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
    "two(17)": 1,
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
fn two(m) {{
    last, first = m - 1, 0
    return [first if j < 3 else last - j for j in range(m)]
}}
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


CASES = {
    "learned, given back beside another": """network n(x: [4]) {
    t = learned([3, 4], batch_axis = false) -> take([2, 0]) -> flatten(0)
    return [x, t] -> concat
}""",
    "learned alone, given back": """
network n(x: [3, 4]) = learned([3, 4], "normal", batch_axis = false) -> take([2, 0])""",
    "a constant alone, given back": "network n(x: [4]) = constant([1,2]) -> exp",
    "what is no number": "network n(x: [4]) = x + (constant([-1, 0, 1, 2]) -> log)",
    "a constant and a learned tensor in a list": """
network n(x: [1, 6]) = [x, constant([[1] * 6]), learned([2, 6])] -> concat""",
    "in what is applied to each": """block b(x) = x * (constant([1, 2, 3]) -> exp)
network n(x: [4, 3, 2, 2]) = x -> each(b)""",
    "in a step": """block b(x, h: [3]) {
 c = constant([1, 2, 3]) -> exp
 h = x * c + h
 return h
}
network n(x: [4, 3]) = x -> scan(b)""",
    "minus zero": "network n(x: [1]) = x + (1 / (constant([0.0]) + 1)) + (1 / constant([-0.0]))",
    "into a shared stage": """network n(x: [3, 2]) {
 shared f = conv(3) -> relu
 c = constant([[1, 2], [3, 4], [5, 6]])
 return (x -> f) + (c -> f)
}""",
    "on the way to a tap": """block b(x) {
 y = x * (constant(range(3)) -> sigmoid)
 y = y -> conv(3) as a
 return y -> conv(4) as z
}
network n(x: [3, 4]) = x -> taps(b, ["a"])""",
    "in turns": """network n(x: [3, 4]) {
 for i in range(3) { x = x * (constant([i, 1, 2]) -> sigmoid) -> conv(3) }
 return x
}""",
    "into a block": """block b(x; c) = x * c
block m(x, c; f) = [x, c] -> f
network n(x: [3, 4]) = [x, constant([1, 2, 3]) -> exp] -> m(mul)""",
    "instances with numbers of their own": """block u(x; k) = x * (constant([j + k for j in range(3)]) -> sigmoid)
network n(x: [3, 4]) = x -> u(1) -> u(2) -> u(3.5)""",
    "more steps than are worked out": "network n(x: [3]) = x + (constant([1, 2, 3]){tanh})",
    "through layers": "network n(x: [5, 3]) = x + (constant([[1, 2, 3]] * 5) -> linear(3) -> layer_norm)",
    "through dropout": "network n(x: [5, 3]) = x + (constant([[1, 2, 3]] * 5) -> dropout(0.5))",
    "a running sum": """
network n(x: [5, 5]) = [constant([[1 if j <= i else 0 for j in range(5)] for i in range(5)]), x] -> matmul""",
    "a product of constants": """
network n(x: [5, 5]) {
 t = constant([[1 if j <= i else 0 for j in range(5)] for i in range(5)])
 return [x, [t, t] -> matmul] -> matmul }""",
    "saved": "network n(x: [5]) = x * (constant(range(5), persistent = true) as grid -> exp)",
    "in one of the instances": """block u(x; w = false) {
 if w { x = x * (constant([1, 2, 3]) -> exp) }
 return x -> conv(3)
}
network n(x: [3, 4]) = x -> u -> u(true) -> u""",
    "a learned bias, and causal": """network n(q: [2, 5, 8]) { m = learned([1, 5, 1], "normal")
 return [q, q, q, m] -> sdpa(causal = true) }""",
    "parts of a constant": """
network n(x: [4, 6]) {
 a, b = constant([[i * j for j in range(6)] for i in range(8)]) -> split(2)
 return x * a + b -> [id, id] -> add }""",
    "a learned kernel": """
network n(x: [4, 8, 8]) = [x, learned([6, 4, 3, 3], "fan_in", batch_axis = false)] -> convolve(2)""",
    "a long list": "network n(x: [1000]) = x + (constant([i for i in range(1000)]) -> tanh -> exp -> sigmoid -> tanh)",
}


@pytest.mark.parametrize("text", CASES.values(), ids=CASES)
def test_where_constants_stand(text: str) -> None:
    """The module is that of the graph, runs at batch 1 and 3, and in half as many bits."""
    graph = loads(text.replace("{tanh}", " -> tanh" * 70)).graph
    module = check_function(graph)
    for batch, dtype in ((3, torch.float), (1, torch.bfloat16)):
        copied = copy.deepcopy(module).to(dtype)
        copied(*[torch.rand(batch, *x.shape, dtype=dtype) for x in graph.inputs])
