"""Checks that a body is elaborated once per (definition, arguments, input types) and shared by all its calls."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest
import torch

from archdsl.diagnostics.model import ArchError
from archdsl.ir.graph import Graph, bodies
from archdsl.ir.verify import verify
from archdsl.network import Network, check_text, load, loads
from tests.zoo_sample import swept

SPECS = Path(__file__).parents[2] / "specs"


def loads_spec(text: str, **options: Any) -> Network:
    """The network of an indented spec."""
    return loads(dedent(text), **options)


def counted(root: Graph) -> Counter[str]:
    """How many distinct bodies each definition has."""
    return Counter(body.name for body in bodies(root))


@pytest.mark.parametrize(
    ("network", "blocks", "calls"),
    [("resnet50", 8, 16), ("resnet152", 8, 50)],
)
def test_deeper_networks_have_no_more_bodies(network: str, blocks: int, calls: int) -> None:
    graph = load(SPECS / "resnet.arch", network).graph
    made = [body for body in bodies(graph) if body.name == "bottleneck"]
    reached = [node.body for body in bodies(graph) for node in body.nodes if node.body in made]
    assert (len(made), len(reached)) == (blocks, calls)


def test_each_dense_layer_has_its_own_width() -> None:
    made = counted(load(SPECS / "densenet.arch", "densenet121").graph)
    assert made["dense_layer"] == 6 + 12 + 24 + 16
    assert made["transition"] == 3


@pytest.mark.parametrize("path", swept())
def test_no_two_bodies_have_one_key(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    networks = [line.split()[1].split("(")[0] for line in text.splitlines() if line.startswith("network ")]
    graph = load(path, networks[-1]).graph
    keys = [(body.definition, body.arguments, body.inputs) for body in bodies(graph) if body.decisions == 0]
    # Stages also differ by the place where they are written, so bodies that take stages may look equal in print.
    stages = [body for body in bodies(graph) if any(isinstance(value, str) for _, value in body.arguments)]
    assert len(keys) - len(set(map(str, keys))) <= len(stages)
    verify(graph)


def test_arguments_of_other_types_make_other_bodies() -> None:
    graph = loads_spec("""
        block f(x; a) = x * (2.0 if a == 1 else 3.0)
        network n(x: [3, 8, 8]) = x -> f(1) -> f(1.0) -> f(true) -> f(1)
    """).graph
    assert counted(graph)["f"] == 3
    assert graph.nodes[0].body is graph.nodes[3].body


def test_stages_compare_by_value_and_written_place() -> None:
    graph = loads_spec("""
        block f(x; body) = x -> body
        network n(x: [3, 8, 8]) {
            g = conv(3)
            x = x -> f(g) -> f(g) -> f(conv(3)) -> f(conv(3))
            for _ in range(2) { x = x -> f(conv(3)) }
            return x
        }
    """).graph
    made = [id(node.body) for node in graph.nodes]
    assert made[0] == made[1]
    assert made[4] == made[5]
    assert len(set(made)) == 4


def test_input_types_are_part_of_the_key() -> None:
    graph = loads_spec("""
        block f(x) = x -> conv(x.channels, 3)
        network n(x: [3, 8, 8]) = x -> f -> f -> max_pool(2) -> f
    """).graph
    assert counted(graph)["f"] == 2


def test_variants_are_definitions_of_their_own() -> None:
    graph = loads_spec("""
        block f(x; c = 3) = x -> conv(c)
        block g = f(3)
        network n(x: [3, 8, 8]) = x -> f -> g -> f(3)
    """).graph
    assert [node.word for node in graph.nodes] == ["f", "g", "f"]
    assert graph.nodes[0].body is graph.nodes[2].body
    assert graph.nodes[1].body is not graph.nodes[0].body


def test_a_body_that_chose_is_shared_with_its_equals() -> None:
    spec = """
        block f(x) = x -> oneof([conv(3), conv(3, 3)])
        network n(x: [3, 8, 8]) = x -> f * 4
    """
    made = [id(node.body) for node in loads_spec(spec, picks={f"f[{i}].out": "conv(3, 3)" for i in (0, 2)}).graph.nodes]
    assert made[0] == made[2] != made[1] == made[3]


def test_a_body_that_failed_is_reported_once() -> None:
    with pytest.raises(ArchError) as caught:
        loads_spec("""
            block f(x) = x -> conv(0)
            network n(x: [3, 8, 8]) = x -> f -> f -> f
        """)
    assert [d.code for d in caught.value.diagnostics] == ["bad-argument"]


def test_dead_nodes_are_left_out_and_the_rest_renumbered() -> None:
    network = loads_spec("""
        network n(x: [3, 8, 8]) {
            a = x -> conv(64)
            y = x -> conv(4)
            b = a -> conv(9)
            return y -> relu
        }
    """)
    assert [node.word for node in network.graph.nodes] == ["conv", "relu"]
    assert [node.label for node in network.graph.nodes] == ["y", "relu"]
    assert network.params == 16
    assert [d.code for d in network.warnings] == ["unused-tensor"]
    verify(network.graph)


def test_unused_outputs_of_a_used_node_stay() -> None:
    network = loads_spec("""
        network n(x: [4, 8, 8]) {
            a, b = x -> split(2)
            return a -> relu
        }
    """)
    assert [len(node.types) for node in network.graph.nodes] == [2, 1]
    assert network.warnings == []


def test_inputs_and_one_tensor_twice_can_be_outputs() -> None:
    graph = loads_spec("""
        block f(x) { y = x -> relu; return x, y, [y, y] }
        network n(x: [4, 8, 8]) {
            a, b, c = x -> f
            return [a, b] + c -> concat
        }
    """).graph
    inner = graph.nodes[0].body
    assert inner is not None
    assert [tuple(ref) for ref in inner.outputs] == [(-1, 0), (0, 0), (0, 0), (0, 0)]
    assert graph.output_types[0].shape == (16, 8, 8)
    verify(graph)


def test_sites_align_instances_of_one_definition() -> None:
    graph = loads_spec("""
        block f(x; deep) {
            if deep { x = x -> conv(4) }
            x = x -> conv(5) * 2
            for _ in range(2) { x = x -> relu }
            return x
        }
        network n(x: [3, 8, 8]) = x -> f(true) -> f(false)
    """).graph
    deep, flat = (node.body for node in graph.nodes)
    assert deep is not None and flat is not None
    assert [node.site for node in deep.nodes][1:] == [node.site for node in flat.nodes]
    assert len({node.site for node in deep.nodes}) == len(deep.nodes)


def test_ops_passed_as_arguments_are_not_confused() -> None:
    """Two ops that take the same values at the same place in a body stay two ops."""
    network = loads_spec(
        """
        block f(x; pool) = x -> pool(3, 1)
        network n(x: [8, 8, 8]) = x -> f(avg_pool) -> f(max_pool)
        """
    )
    first, second = (node.body.nodes[0].op.name for node in network.graph.nodes if node.body and node.body.nodes[0].op)
    assert (first, second) == ("avg_pool", "max_pool")


def test_a_shared_stage_declared_in_every_loop_step_is_another_one() -> None:
    spec = """
        network n(x: [8, 8, 8]) {
            for i in range(9) {
                shared f = conv(8, 3)
                if i % 3 != 1 { x = x -> f -> f }
            }
            return x
        }
    """
    network = loads_spec(spec)
    assert network.params == 6 * (8 * 8 * 9 + 8)
    assert len({node.slot for node in network.graph.nodes}) == 6


def test_bodies_that_chose_differ_in_how_their_outputs_nest() -> None:
    spec = """
        block f(x) {
            nested = oneof([0, 1])
            a = x -> relu
            b = x -> sigmoid
            return [[a, b], x] if nested == 0 else [a, [b, x]]
        }
        network n(x: [3, 8, 8]) {
            first, one = x -> f
            two, last = x -> f
            return first + [one, two] + last -> concat
        }
    """
    assert loads_spec(spec, picks={"f_2.nested": 1}).graph.output_types[0].shape == (18, 8, 8)


def test_lines_of_the_library_are_called_so() -> None:
    """The message stands at the reader's own call, so a line of std.arch must not pass for one of the reader's."""
    (found,) = check_text("import std: self_attention\nnetwork n(x: [5, 12]) = x -> self_attention(5)\n")
    assert found.span.line == 2
    inner = [note for note in found.notes if note.startswith("in attend(")]
    assert len(inner) == 1 and inner[0].endswith("of std.arch")


@pytest.mark.parametrize(
    "call", ["x -> self_attention(4, causal = true)", "[x, y, z] -> multi_head_attention(2, bias = false)"]
)
def test_sequences_go_one_by_one_with_one_set_of_weights(call: str) -> None:
    """What the message proposes runs, and gives what a batch of so many sequences gives."""
    inputs = "x: {0}, y: {0}, z: {0}" if "y" in call else "x: {0}"
    head = "import std: self_attention, multi_head_attention\nnetwork n(" + inputs + ") "
    (error,) = [d for d in check_text(f"{head.format([3, 5, 8])}= {call}") if d.severity == "error"]
    assert error.code == "wrong-rank"
    (each,) = re.findall(r"`([^`]+)`", error.help)[1:]
    for ours, theirs in zip("qkv", "xyz", strict=True):
        each = re.sub(rf"\b{ours}\b", theirs, each)
    many = loads(f"{head.format([3, 5, 8])}= {each}").build().double().eval()
    one = loads(f"{head.format([5, 8])}= {call}").build().double().eval()
    one.load_state_dict(dict(zip(one.state_dict(), many.state_dict().values(), strict=True)))
    given = [torch.rand(3, 5, 8, dtype=torch.float64) for _ in range(inputs.count(":"))]
    assert torch.allclose(many(*[t[None] for t in given])[0], one(*given))


def test_the_worked_example_of_the_page() -> None:
    page = (Path(__file__).parents[2] / "docs" / "elaboration.md").read_text(encoding="utf-8")
    graph = loads(page.split("```arch\n")[1].split("```")[0]).graph
    made = [(body.name, body.inputs[0].shape) for body in bodies(graph)]
    assert sorted(made) == [("n", (3, 8, 8)), ("unit", (3, 8, 8)), ("unit", (4, 8, 8))]
    assert graph.nodes[1].target is graph.nodes[2].target
