"""No text of a spec becomes code: names, labels, documentation, origins and argument names may be anything."""

from __future__ import annotations

import ast
import itertools
import re
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

import archdsl
from archdsl.emit.pytorch import build, source
from archdsl.emit.pytorch.submodule_names import _MODULE_ATTRIBUTES
from archdsl.ir.graph import Graph
from archdsl.ops.registry import load
from tests.emit.build_graph import Builder
from tests.emit.check import check_function, check_style
from tests.few import few
from tests.oracle import plain

LABELS = [
    "forward", "train", "state_dict", "_modules", "__class__", "__init__", "__x", "_x", "lambda", "None",
    "self", "nn", "F", "torch", "super", "print", "0", "1x1", "a b", "é", "名前", "a\nb", 'a"]; import os #', "'", "\\",
    "x.forward", "x.keys", "x.0", "x.items", "x.1.train", "a.a", "\u202e", "\0", "l", "O",
]  # fmt: skip
TEXTS = [
    '"""',
    "'''",
    "\\",
    '\\"""',
    'x"',
    "a\n\nimport os",
    "\t\0\x1b[31m",
    "{x}",
    "%s",
    "\\N{DASH}",
    "é名\u2028z\u202e",
    "  ",
    ".",
]
NAMES = [
    "class",
    "for",
    "nn",
    "Tensor",
    "conv2d",
    "linear",
    "super",
    "print",
    "__import__('os')",
    "",
    "0",
    "é",
    "x y",
    "l",
]


def network(labels: list[str], name: str = "net", doc: str = "", inputs: str = "x", argument: str = "width") -> Graph:
    """Blocks of two widths and a chain, with these labels in the network and in the block."""
    conv, relu, add = load("conv"), load("relu"), load("add")

    def block(channels: int) -> Graph:
        b = Builder(name, {inputs: (channels, 3, 3)}, doc=doc, **{argument: channels})
        y = b[0]
        for label in labels:
            y = b.add(relu(), b.add(conv(channels), y, label=label), label=f"relu_{len(b.nodes)}")
        return b.build(b.add(add(), y, b[0]))

    top = Builder(f"{name} top", {inputs: (2, 3, 3)}, kind="network", doc=doc)
    x = top.add(block(2), top[0], label="first")
    x = top.add(conv(4), x, label="second")
    x = top.add(block(4), x, label="third")
    for label in labels:
        x = top.add(conv(4), x, label=label)
    return top.build(x)


def check_harmless(text: str) -> None:
    """Only imports of torch and classes; expressions stand alone only as docstrings and super().__init__."""
    tree = ast.parse(text)
    for node in tree.body[1:]:
        if isinstance(node, ast.Import):
            assert {a.name for a in node.names} <= {"torch", "torch.nn.functional"}
        elif isinstance(node, ast.ImportFrom):
            assert node.module in ("torch", "collections")
        else:
            assert isinstance(node, ast.ClassDef)
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            assert ast.unparse(node.value).startswith("super().__init__(")
        elif isinstance(node, ast.Expr):
            assert isinstance(node.value, ast.Constant)
            assert isinstance(node.value.value, str)
        if isinstance(node, ast.Name):
            assert node.id not in ("os", "eval", "exec", "__import__")


@pytest.mark.parametrize("label", LABELS)
def test_label(label: str) -> None:
    graph = network([label])
    check_harmless(source(graph))
    check_function(graph)


def test_the_one_name_that_torch_cannot_have() -> None:
    module = build(network(["training"]))
    assert {"training_.weight", "first.training_.weight"} <= set(module.state_dict())


@pytest.mark.parametrize(
    "label",
    [*sorted(_MODULE_ATTRIBUTES), "training_", "a.training.b", "xtraining", "training2", "for", "1a", "_x", "None"],
)
def test_keys_are_the_labels_or_a_warning_says_so(label: str) -> None:
    text = f'network n(x: [4, 5, 5]) = x -> conv(4) as "{label}"\n'
    (key, _) = archdsl.loads(text).build().state_dict()
    warned = [d for d in archdsl.check_text(text) if d.code == "renamed-label"]
    assert (key != f"{label}.weight") == bool(warned)
    assert all(f"called {key.removesuffix('.weight')} in" in d.message for d in warned)


@pytest.mark.parametrize(
    "body",
    [
        "training = x -> conv(4)\n return training",
        "shared training = conv(4)\n return x -> training -> training",
        "x = x -> training\n return x",
        "return x -> inside",
    ],
)
def test_every_way_to_the_name_that_torch_cannot_have_is_told(body: str) -> None:
    blocks = "block training(x) = x -> conv(4)\nblock inside(x) = x -> conv(4) as training\n"
    text = f"{blocks}network n(x: [4, 5, 5]) {{\n {body}\n}}\n"
    assert any("training_" in key for key in archdsl.loads(text).build().state_dict())
    assert "renamed-label" in [d.code for d in archdsl.check_text(text)]


def test_labels_together() -> None:
    labels = [label for label in LABELS if label != "x.1.train"]
    check_function(network(labels))


@pytest.mark.parametrize("text", TEXTS)
def test_documentation(text: str) -> None:
    for doc in (text, f"{text} word", f"word {text}", f"word\n{text}\nword"):
        graph = network(["conv"], doc=doc)
        made = source(graph, origin=f"a{text}b", digest=text)
        check_harmless(made)
    check_function(graph)


@pytest.mark.parametrize("name", NAMES)
def test_names(name: str) -> None:
    for graph in (network(["conv"], name=name), network(["conv"], inputs=name), network(["conv"], argument=name)):
        check_harmless(source(graph))
        check_function(graph)


def test_style(tmp_path: Path) -> None:
    graphs = [network([label]) for label in LABELS]
    graphs += [network(["conv"], doc=f"{text}word {text}\n{text}") for text in TEXTS]
    graphs += [network(["conv"], name=name, inputs=name, argument=name) for name in NAMES]
    check_style(tmp_path, [source(graph) for graph in graphs])


def test_known_attributes_are_those_of_torch() -> None:
    containers = (nn.Module(), nn.ModuleDict(), nn.ModuleList(), nn.Sequential())
    names = {name for c in containers for name in dir(c) if not name.startswith("_")}
    assert names <= _MODULE_ATTRIBUTES


COMPONENT = st.text(min_size=1, max_size=6).filter(lambda t: "." not in t)
LABEL = st.lists(COMPONENT, min_size=1, max_size=3).map(".".join)


@settings(max_examples=few(50), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(LABEL, min_size=1, max_size=3, unique=True), st.text(max_size=20), st.text(max_size=10))
def test_any_text(labels: list[str], doc: str, name: str) -> None:
    graph = network(labels, name=name, doc=doc, inputs=name, argument=name)
    modules = [key.removesuffix(".weight") for key, _, _ in plain.keys(graph) if key.endswith(".weight")]
    if any(a == b or b.startswith(f"{a}.") for a, b in itertools.permutations(modules, 2)):
        return  # no spec gives such a graph: duplicate-label
    check_harmless(source(graph, origin=doc, digest=doc))
    check_function(graph)


HYPHENS = """
block unit(x; w) = x -> (conv(w, 3) as "in-1" -> bn as "n-0.q-r" -> relu) as "body-x.y"
block gate(x) {
    u = learned([4, 1, 1]) as "a-b.c"
    v = learned([4, 1, 1]) as "pos-emb"
    return (x -> conv(4)) * u * v
}
network n(x: [3, 8, 8]) {
    shared f = unit(4) as "sh-ared"
    for i in range(2) { x = x -> unit(4) as "block{i}-{i}" }
    x = x -> f -> f -> unit(4) * 3 as "rep-eat" -> (conv(4) as "0-1" -> relu as "for-else") as "if"
    return x -> gate as "g-h" -> [conv(2), conv(2) -> relu] as "branch-0" -> concat -> oneof([id, conv(4) as "op-a"])
}
"""


def test_hyphens_of_labels_are_in_the_keys_and_nowhere_else() -> None:
    """The same network with `_` has the same keys but for that, and the same values; a written spec keeps them."""
    picks = {"out": "conv(4)"}
    network = archdsl.loads(HYPHENS, picks=picks)
    flat = archdsl.loads(re.sub(r'"[^"]*"', lambda label: label[0].replace("-", "_"), HYPHENS), picks=picks)
    made, other = network.build().eval(), flat.build().eval()
    keys = list(made.state_dict())
    assert [key.replace("-", "_") for key in keys] == list(other.state_dict()) and any("-" in key for key in keys)
    other.load_state_dict(dict(zip(other.state_dict(), made.state_dict().values(), strict=True)))
    x = torch.randn(2, 3, 8, 8)
    assert torch.equal(made(x), other(x))
    assert list(archdsl.loads(network.spec()).build().state_dict()) == keys
