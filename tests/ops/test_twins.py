"""An op under another name, as a plugin may bring it, gets the same answers: nobody asks an op for its name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import archdsl
from archdsl import library
from archdsl.cli import main
from archdsl.network import networks
from archdsl.ops import registry
from archdsl.ops.attention import Sdpa
from archdsl.ops.base import Kind, Op, Types
from archdsl.ops.shuffle import ChannelShuffle
from archdsl.ops.torch_form import Call, Helper, Method, Operand, TorchForm
from archdsl.presets.count import count
from archdsl.types import TensorType
from tests.emit.build_graph import Builder
from tests.ops.twins import TWIN_NAMES, TWINS, differences, in_words_of_ops, with_twins
from tests.presets.test_ops import CASES, alone

# What shows only among other ops: channels at places of their own, operands that lie otherwise in memory, a sign.
AMONG_OTHERS = [
    "x -> shift(3) -> max_pool(3, 2) -> shift(3) -> split(4) -> concat",
    "x -> shift(3) -> conv(16, 1) -> shift(3) -> select(16) -> conv(8, 3, 2)",
    "[x -> transpose(1, 2), x -> relu, x -> relu] -> sdpa",
    "[x -> permute([0, 2, 1]), x -> slice(0, step = 2, axis = 2) -> upsample(size = (16, 16)), x -> crop(0)] -> sdpa",
    "[x, x -> slice(0, step = 2, axis = 1), x -> reshape([16, 4, 64]) -> reshape([16, 16, 16])][0] -> relu",
    "[x -> conv(16, 3), x -> depthwise(3)] -> add -> relu -> relu -> dropout(0) -> conv_transpose(8, 4, 2)",
    "x -> conv(16, 3) -> bn -> flatten(1) -> linear(16) -> bn -> softmax",
    "x -> conv(24, 1, 2) -> relu -> max_pool(3, 2, 0) -> linear(10) -> sigmoid",
]


@pytest.fixture
def plugins(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, type[Op]]]:
    """The ops of plugins that are installed."""
    installed = dict(TWINS)
    monkeypatch.setattr(registry, "_plugins", lambda: installed)
    yield installed


def test_names_of_twins_are_new() -> None:
    assert len(TWINS) == len(registry.names()) and not TWINS.keys() & {*registry.names()}


def test_each_op_alone() -> None:
    wrong = {call: found for call, x in CASES if (found := differences(graph := alone(call, x), with_twins(graph)))}
    assert not wrong


@pytest.mark.parametrize("body", AMONG_OTHERS)
def test_among_others(body: str) -> None:
    graph = archdsl.loads(f"network n(x: [16, 16, 16]) = {body}\n").graph
    assert not differences(graph, with_twins(graph))


@pytest.mark.slow
@pytest.mark.parametrize("path", library.specs(), ids=lambda path: path.stem)
def test_the_zoo(path: Path) -> None:
    graph = archdsl.load(path, networks(path)[-1]).graph
    assert not differences(graph, with_twins(graph))


def test_in_text_and_on_the_command_line(plugins: dict[str, type[Op]]) -> None:
    """A plugin's op is found by its word, warned about, sized, counted and shown."""
    text = "network n(x: [3, 16, 16]) = x -> {conv}(9) -> {shift}(3) -> {conv}(9, 3) -> {linear}(8)\n"
    plain, renamed = text.format(conv="conv", shift="shift", linear="linear"), text.format(**TWIN_NAMES)
    own, other = archdsl.loads(plain), archdsl.loads(renamed)
    assert other.params == own.params and [w.code for w in other.warnings] == [w.code for w in own.warnings] != []
    sized = [CliRunner().invoke(main, ["sizes", "-"], input=spec).output for spec in (plain, renamed)]
    assert in_words_of_ops(sized[0]) == in_words_of_ops(sized[1])
    for tool in ("fvcore", "flop_counter", "thop", "torchinfo"):
        assert other.count(tool).exact and str(other.count(tool)).count("\n") == str(own.count(tool)).count("\n")
    said = CliRunner().invoke(main, ["analyze", "-", "--count", "fvcore"], input=renamed)
    assert said.exit_code == 0 and "not predicted" not in said.output
    assert "Moves each of kernel" in CliRunner().invoke(main, ["ops", TWIN_NAMES["shift"]]).output


# --- ops of plugins that are not twins -------------------------------------------------------------------------


@dataclass(frozen=True)
class Attention(Sdpa):
    """Attention in another form than that of `sdpa`."""

    name = "attention"
    arguments: tuple[Any, ...] = ()
    options: tuple[tuple[str, Any], ...] = ()

    def torch(self, inputs: Types) -> TorchForm:
        return TorchForm(function=Call("F.scaled_dot_product_attention", self.arguments, self.options))


HEADS = TensorType((2, 4, 8))


@pytest.mark.parametrize(
    ("arguments", "options", "exact"),
    [
        ((Operand(2), Operand(1), Operand(0)), (), False),
        ((Operand(0),) * 3, (("is_causal", True),), True),
        ((Operand(0),) * 3, (("dropout_p", 0.5),), False),
        ((Operand(0), Operand(1)), (("value", Operand(2)),), False),
        ((Operand(0), Method(Operand(1), "contiguous"), Operand(2)), (), False),
    ],
)
def test_attention_is_known_by_what_is_called(
    arguments: tuple[Any, ...], options: tuple[Any, ...], exact: bool
) -> None:
    top = Builder("net", dict.fromkeys("qkv", HEADS.shape), kind="network")
    op = Attention(arguments=arguments, options=options)
    found = count(top.build(top.add(op, top[0], top[1], top[2], label="a")), "flop_counter")
    assert found.exact == exact and found["flops"] == 0


@dataclass(frozen=True)
class OwnHelper(ChannelShuffle):
    """An op that brings a function of its own by the name of one of ours."""

    name = "own_helper"

    def torch(self, inputs: Types) -> TorchForm:
        helper = Helper("shift", "def shift(x: Tensor) -> Tensor:\n    return x @ x.transpose(1, 2)\n")
        return TorchForm(function=Call("shift", (Operand(),)), helpers=(helper,))


def test_a_helper_of_a_plugin_is_not_known_by_its_name() -> None:
    top = Builder("net", {"x": (4, 6, 6)}, kind="network")
    assert not count(top.build(top.add(OwnHelper(2), top[0], label="a")), "fvcore").exact


@dataclass(frozen=True)
class Moved(Op):
    """A view of a plugin that does not say how it lies."""

    name = "moved"
    kind = Kind.RESHAPE
    is_view = True

    def torch(self, inputs: Types) -> TorchForm:
        return TorchForm(function=Method(Operand(), "transpose", (2, 3)))


def test_a_view_that_says_nothing_may_have_moved_its_axes() -> None:
    top = Builder("net", {"x": (2, 4, 4)}, kind="network")
    moved = top.add(Moved(), top[0], label="moved")
    assert not count(top.build(top.add(Sdpa(), moved, moved, moved, label="a")), "flop_counter").exact
