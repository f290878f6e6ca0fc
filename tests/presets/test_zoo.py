"""Published networks: what each tool prints for the emitted module, predicted to the last digit."""

from __future__ import annotations

import pytest

import archdsl
from archdsl.emit.pytorch.executed import Executed, How, executed
from archdsl.ir.graph import Graph, bodies
from archdsl.network import Network
from archdsl.presets.count import count
from tests.presets.measure import TOOLS, inputs_of, measured

SMALL = (3, 64, 64)
CASES = [
    ("resnet50", SMALL),
    ("mobilenet_v2", SMALL),
    ("efficientnet_b0", SMALL),
    pytest.param("densenet121", SMALL, marks=pytest.mark.slow),
    pytest.param("inception_v3", (3, 96, 96), marks=pytest.mark.slow),
    ("squeezenet1_0", SMALL),
    ("shufflenet_v2_x1_0", SMALL),
    ("alexnet", SMALL),
    *(
        pytest.param(name, None, marks=pytest.mark.slow)
        for name in (
            *("resnet50", "mobilenet_v2", "efficientnet_b0", "densenet121", "inception_v3", "squeezenet1_0"),
            *("shufflenet_v2_x1_0", "vit_base_patch16", "nasnet_mobile", "senet154", "transformer_base"),
        )
    ),
]


@pytest.mark.parametrize(("name", "size"), CASES)
def test_network(name: str, size: tuple[int, ...] | None) -> None:
    net = archdsl.load(name, input=size)
    module, inputs = net.build(), inputs_of(net.graph)
    for tool in TOOLS:
        found = net.count(tool)
        assert found.exact
        assert {number.name: number.value for number in found.numbers} == measured(tool, module, inputs), tool


@pytest.fixture(scope="module")
def resnet50() -> Network:
    return archdsl.load("resnet50")


# shared/design/analysis.md, section 1.3: measured on timm's resnet50 at 224. Its ReLUs and pools are modules; the
# emitter writes functions there, of which thop sees nothing and ptflops half.
BN, RELU, MAX_POOL, GLOBAL_POOL, CHANNELS = 11_113_984, 9_608_704, 802_816, 100_352, 2048
MACS = 4_089_184_256
TIMM = {
    ("flop_counter", "flops"): 8_178_368_512,
    ("deepspeed", "macs"): MACS,
    ("fvcore", "flops"): 4_111_512_576,
    ("thop", "macs"): 4_133_742_592,
    ("torchinfo", "mult_adds"): 4_089_238_376,
    ("ptflops", "macs"): 4_132_436_968,
}
FUNCTIONS = {
    ("thop", "macs"): GLOBAL_POOL + CHANNELS,
    ("ptflops", "macs"): RELU + MAX_POOL + GLOBAL_POOL,
}


@pytest.mark.parametrize(("tool", "number"), TIMM)
def test_the_design_s_formulas(resnet50: Network, tool: str, number: str) -> None:
    """The emitted module differs from timm's by exactly the functions that the tool does not see."""
    assert resnet50.count(tool)[number] == TIMM[tool, number] - FUNCTIONS.get((tool, number), 0)


def test_the_rows_are_the_terms_of_the_formulas(resnet50: Network) -> None:
    rows = {(t, n.name): [r.amount for r in n.rows] for t in TOOLS for n in resnet50.count(t).numbers}
    assert rows["fvcore", "flops"] == [2 * BN, GLOBAL_POOL]
    assert rows["thop", "macs"] == [4 * BN]
    assert rows["torchinfo", "mult_adds"] == [53_120, 1000]
    assert rows["ptflops", "macs"] == [2 * BN, RELU, MAX_POOL + GLOBAL_POOL, 1000]
    assert rows["deepspeed", "flops"] == [2 * BN, RELU, MAX_POOL + GLOBAL_POOL]
    assert rows["flop_counter", "flops"] == rows["deepspeed", "macs"] == rows["thop", "params"] == []


@pytest.mark.parametrize(("tool", "number"), TIMM)
def test_the_rules_reproduce_timm_s_numbers(
    resnet50: Network, tool: str, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With timm's choice of modules, where the emitter has functions, the same rules give section 1.3 to the digit."""
    monkeypatch.setattr("archdsl.presets.count.executed", all_modules)
    assert count(resnet50.graph, tool)[number] == TIMM[tool, number]


def all_modules(graph: Graph) -> dict[int, Executed]:
    """What is executed, every function that torch has a module for made that module."""
    became = executed(graph)
    for body in bodies(graph):
        nodes = became[id(body)].nodes
        for index, how in nodes.items():
            op = body.nodes[index].op
            if how is How.FUNCTION and op is not None and op.torch(body.operand_types(body.nodes[index])).module:
                nodes[index] = How.MODULE
    return became
