"""What a count says beyond its value: what is not predicted, what is never computed, parameters that a tool loses."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import pytest

import archdsl
from archdsl.emit.pytorch import build
from archdsl.ir.graph import Graph
from archdsl.ops.activation import Activation
from archdsl.ops.base import Kind, Op, Types
from archdsl.ops.torch_form import Call as TorchCall
from archdsl.ops.torch_form import Expression, Infix, Operand, TorchForm
from archdsl.presets import registry
from archdsl.presets.count import UNCALLED, UNHELD, UNREAD, count
from archdsl.presets.result import Count, DifferenceRow, Predicted
from archdsl.presets.text import text
from tests.emit.build_graph import Builder
from tests.ops.torch_interpreter import op_of
from tests.presets.measure import TOOLS, inputs_of, measured
from tests.presets.test_ops import check


class Strange(Activation):
    """An op of a plugin, which no preset has been compared with."""

    __slots__ = ()
    name = "strange"
    pair = ("nn.Softsign", "F.softsign")


@dataclass(frozen=True, slots=True)
class StrangeProduct(Op):
    """The same with multiply-accumulates."""

    name = "strange_product"
    kind = Kind.MATMUL

    def macs(self, inputs: Types, outputs: Types) -> int:
        return 1000

    def torch(self, inputs: Types) -> TorchForm:
        return TorchForm(function=TorchCall("torch.cov", (Operand(),)))


@dataclass(frozen=True, slots=True)
class StrangeForm(Op):
    """An op of a plugin that writes a torch function which presets know in a way that they do not."""

    name = "strange_form"
    kind = Kind.ACTIVATION
    compared = True
    form: Expression

    def torch(self, inputs: Types) -> TorchForm:
        return TorchForm(function=self.form)


PATCHED = ["ptflops", "deepspeed"]  # the tools that count functions


@pytest.mark.parametrize(
    ("form", "tools", "reason"),
    [
        (TorchCall("F.softmax", (Operand(), 1)), [], ""),
        (
            TorchCall("F.interpolate", (Operand(), None, 2)),
            ["ptflops", "deepspeed"],
            "its scale_factor is not given by name",
        ),
        (
            TorchCall("F.local_response_norm", (Operand(),), (("size", 3),)),
            ["ptflops", "deepspeed"],
            "its arguments are",
        ),
        (
            Infix("*", TorchCall("F.relu", (Operand(),)), 2),
            ["ptflops", "deepspeed"],
            "F.relu is called on something else than the op's operand",
        ),
    ],
)
def test_a_known_function_in_an_unknown_form(form: Expression, tools: list[str], reason: str) -> None:
    """The tools whose count depends on what the preset cannot read are lower bounds, with the reason; no traceback."""
    top = Builder("net", {"x": (4, 6, 6)}, kind="network")
    graph = top.build(top.add(StrangeForm(form), top[0], label="act"))
    for tool in TOOLS:
        found = count(graph, tool)
        assert found.exact == (tool not in tools)
        assert all(m.reason.startswith(reason) for number in found.numbers for m in number.missing)


def strange_network() -> Graph:
    body = Builder("unit", {"x": (4, 6, 6)})
    made = body.add(op_of("conv(4, 3)"), body[0], label="conv")
    made = body.add(StrangeProduct(), body.add(Strange(), made, label="act"))
    unit = body.build(made)
    top = Builder("net", {"x": (4, 6, 6)}, kind="network")
    x = top[0]
    for number in range(3):
        x = top.add(unit, x, label=f"unit{number}")
    return top.build(x)


@pytest.mark.parametrize("tool", TOOLS)
def test_an_unknown_op_is_listed_and_the_rest_counted(tool: str) -> None:
    found = count(strange_network(), tool)
    assert not found.exact
    for number in found.numbers:
        if number.measure == "params":
            assert not number.missing
            continue
        assert {(m.op, m.reason, m.applications) for m in number.missing} == {
            ("strange", "there is no rule for F.softsign", 3),
            ("strange_product", "there is no rule for torch.cov", 3),
        }
        bias = {"torchinfo": 1, "ptflops": 1, "deepspeed": 1}.get(tool, 0) * 4 * 6 * 6
        bias = 0 if number.name == "macs" and tool == "deepspeed" else bias
        assert number.value == 3 * (number.times * 4 * 4 * 9 * 36 + bias)  # the convolutions alone
        assert number.value == number.times * number.ours + sum(row.amount for row in number.rows)
    assert "at least" in text(found)
    assert "not predicted: strange (3 times), because there is no rule for F.softsign" in text(found)
    assert all(len(line) <= 80 for line in text(found).splitlines())
    assert found.to_json()["exact"] is False


def test_results_that_nothing_reads() -> None:
    """The emitter leaves them out; in fvcore's trace those are missing too that a caller drops. Modules stay."""
    unit = Builder("unit", {"x": (4, 6, 6)})
    used = unit.add(op_of("conv(4)"), unit[0], label="used")
    dropped = unit.add(op_of("conv(8)"), unit[0], label="dropped")
    unit.add(op_of("conv(2)"), unit[0], label="dead")
    body = unit.build(used, dropped)
    top = Builder("net", {"x": (4, 6, 6)}, kind="network")
    made = top.add(body, top[0], label="unit")
    top.add(body, made, label="dead")
    graph = top.build(made)
    check(graph)
    by_tool = {tool: count(graph, tool) for tool in TOOLS}
    unread = {t: {r.reason: r.amount for r in c.numbers[0].rows}[UNREAD] for t, c in by_tool.items()}
    conv, whole = 4 * 36, 4 * 36 * (4 + 8 + 2)
    assert unread["thop"] == unread["ptflops"] == -(2 * conv + whole)
    assert unread["flop_counter"] == unread["deepspeed"] == -2 * (2 * conv + whole)
    assert unread["fvcore"] == -(2 * conv + 8 * conv + whole)
    lost = {r.reason: r.amount for n in by_tool["thop"].numbers if n.measure == "params" for r in n.rows}
    assert lost == {UNCALLED: -(10 + 10 + 20 + 40 + 20) + 20}


def test_a_call_may_be_read_in_one_place_and_not_in_another() -> None:
    """One body, two callers that want different outputs of it: fvcore's trace counts each for itself."""
    unit = Builder("unit", {"x": (4, 6, 6), "y": (4, 6, 6)})
    left = unit.add(op_of("conv(4, 3)"), unit[0], label="left")
    right = unit.add(op_of("conv(4)"), unit[1], label="right")
    body = unit.build(left, right)
    top = Builder("net", {"x": (4, 6, 6)}, kind="network")
    before = top.add(op_of("conv(4, 5)"), top[0], label="before")  # read by the output that nobody wants
    first = top.add(body, top[0], before, label="first")
    second = top.add(body, first, first, label="second")
    graph = top.build(second._replace(output=1))
    check(graph)
    assert count(graph, "fvcore")["flops"] == 4 * 4 * 36 * (9 + 1)


def test_parameters_that_thop_loses() -> None:
    net = archdsl.loads(
        """
network n(x: [4, 9, 9]) = x -> conv(6, 2, padding = "same") -> group_norm(2) -> unit -> conv(2)
block unit(x) = x + learned([6, 1, 1])
"""
    )
    params = next(number for number in net.count("thop").numbers if number.name == "params")
    assert {row.reason: row.amount for row in params.rows} == {
        "conv: no rule for Conv2dSame": -(4 * 6 * 4 + 6),
        "group norm: no rule for nn.GroupNorm": -12,
        UNHELD: -6,
    }
    assert params.value == 6 * 2 + 2 == measured("thop", net.build(), inputs_of(net.graph))["params"]


@pytest.mark.parametrize("name", ["weight", "bias", "position_bias", "token"])
@pytest.mark.parametrize("block", ["plain", "ConvLike"])
def test_torchinfo_counts_learned_tensors_by_name(name: str, block: str) -> None:
    """In a class without modules; called Conv, it multiplies by the positions of the output."""
    unit = Builder(block, {"x": (6, 5, 7)})
    kept = unit.add(op_of("learned([6, 1, 1])"), label=name)
    body = unit.build(unit.add(op_of("mul"), unit[0], kept))
    top = Builder("net", {"x": (6, 5, 7)}, kind="network")
    graph = top.build(top.add(body, top.add(body, top[0], label="one"), label="two"))
    check(graph)
    each = {"weight": 6, "bias": 6, "position_bias": 36, "token": 0}[name]
    each *= 35 if block == "ConvLike" and name in ("weight", "bias") else 1
    assert count(graph, "torchinfo")["mult_adds"] == 2 * each


def test_text_of_huge_numbers() -> None:
    """An amount that leaves no room for its reason has a line of its own."""
    huge = Predicted(
        "flops", "call()", 3 * 10**60, "macs", 10**60, 2, (DifferenceRow("r" * 60, 10**30), DifferenceRow("s", 10**60))
    )
    lines = text(Count("n" * 70, "tool", "1.0", (huge,))).splitlines()
    assert all(len(line) <= 80 for line in lines)
    assert "  " + "r" * 60 in lines
    assert "+1,000,000,000,000,000,000,000,000,000,000".rjust(80) in lines
    assert any(line.startswith("  s ") and line.endswith("+1.000e+60") for line in lines)


def test_every_tool_says_what_to_call_for_each_number() -> None:
    for name in registry.names():
        tool = registry.load(name)
        assert tool.name == name
        assert all(number.call and len(number.call) < 66 for number in tool.numbers)
    with pytest.raises(KeyError):
        registry.load("nothing")


def test_fraction_of_a_pool_is_cut_as_thop_cuts_it() -> None:
    """Windows of 5/3 by 7/4: a float product, plus one, times the elements, cut to an int."""
    graph = archdsl.loads("network n(x: [5, 5, 7]) = x -> (adaptive_avg_pool((3, 4)) -> prelu) as part").graph
    exact = (Fraction(5, 3) * Fraction(7, 4) + 1) * 5 * 12
    assert count(graph, "thop")["macs"] == int(exact) + 60
    assert measured("thop", build(graph), inputs_of(graph))["macs"] == int(exact) + 60
