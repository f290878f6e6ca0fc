"""The conventions of `elementwise_ops`, and that every op of the language can be priced, printed and verified."""

import pytest

import archdsl
from archdsl.analysis.cost import cost, kind_of
from archdsl.analysis.report import report
from archdsl.ir.graph import Graph, bodies
from archdsl.ir.read_text import read_graph
from archdsl.ir.text import print_graph
from archdsl.ir.verify import verify
from archdsl.ops import registry
from archdsl.ops.base import Example


def network(stage: str, *inputs: str) -> Graph:
    names = [f"x{i}" for i in range(len(inputs))]
    signature = ", ".join(f"{name}: {shape}" for name, shape in zip(names, inputs, strict=True))
    flow = f"[{', '.join(names)}] -> {stage}" if len(names) > 1 else "".join(f"{name} -> " for name in names) + stage
    return archdsl.loads(f"network net({signature}) = {flow}\n").graph


@pytest.mark.parametrize(
    ("stage", "inputs", "ops"),
    [
        ("relu", ["[4, 6, 6]"], 4 * 36),
        ("add", ["[4, 6, 6]"] * 3, 2 * 4 * 36),
        ("bn", ["[4, 6, 6]"], 2 * 4 * 36),
        ("layer_norm", ["[5, 8]"], 5 * 40),
        ("max_pool(2)", ["[4, 6, 6]"], 4 * 4 * 9),
        ("avg_pool(3, 1)", ["[4, 6, 6]"], 9 * 4 * 36),
        ("global_avg_pool", ["[4, 6, 6]"], 4 * 36),
        ('upsample(2, mode = "bilinear")', ["[4, 6, 6]"], 4 * 4 * 144),
        ("upsample(2)", ["[4, 6, 6]"], 0),
        ('upsample(2, mode = "bicubic")', ["[4, 6, 6]"], 16 * 4 * 144),
        ('upsample((0.5, 2), mode = "bilinear", antialias = true)', ["[4, 6, 6]"], 2 * 2 * 2 * 4 * 36),
        ("roi_align(5, samples = 3)", ["[4, 6, 6]", "[2, 4]"], 4 * 9 * 2 * 4 * 25),
        ("roi_pool(5)", ["[4, 6, 6]", "[2, 4]"], 0),
        ("conv(8, 3)", ["[4, 6, 6]"], 0),
        ("dropout(0.5)", ["[4, 6, 6]"], 0),
        ("concat", ["[4, 6, 6]"] * 2, 0),
    ],
)
def test_conventions(stage: str, inputs: list[str], ops: int) -> None:
    assert cost(network(stage, *inputs)).elementwise_ops == ops


@pytest.mark.parametrize(
    ("stage", "kind"),
    [
        ("conv(8)", "conv 1x1"),
        ("conv(8, 3)", "conv kxk"),
        ("conv(8, (1, 7))", "conv kxk"),
        ("conv(4, 3, groups = 4)", "depthwise"),
        ("depthwise(3)", "depthwise"),
        ("conv(8, 3, groups = 2)", "conv kxk"),
        ("conv_transpose(1, 2, 2)", "conv kxk"),
        ("relu", "activation"),
    ],
)
def test_kinds(stage: str, kind: str) -> None:
    graph = network(stage, "[4, 6, 6]")
    (node,) = graph.nodes
    assert node.op is not None
    assert kind_of(node.op, graph.inputs) == kind


def test_a_convolution_of_one_channel_is_not_depthwise() -> None:
    graph = network("conv(8, 3)", "[1, 6, 6]")
    (node,) = graph.nodes
    assert node.op is not None
    assert kind_of(node.op, graph.inputs) == "conv kxk"


EXAMPLES = [example for name in registry.names() for example in getattr(registry.load(name), "examples", ())]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.call)
def test_every_op_can_be_priced_printed_and_verified(example: Example) -> None:
    graph = network(example.call, *map(str, example.inputs))
    assert [body.output_types for body in bodies(graph)][-1] == example.outputs
    found = report(graph)
    assert (found.total.params, found.total.macs) == (example.params, example.macs)
    found.to_json()
    verify(graph)
    text = print_graph(graph)
    assert print_graph(read_graph(text)) == text
