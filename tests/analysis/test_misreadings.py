"""What is legal but likely not meant: each misreading is told of, and plausible networks are not."""

from __future__ import annotations

import os
import random

import pytest

import archdsl
from archdsl.analysis.misreadings import misreadings
from archdsl.diagnostics.model import WARNING
from archdsl.elaborate.spec import Spec
from archdsl.explore import table
from archdsl.explore.fit import fit
from archdsl.explore.settings import NetworkFamily
from archdsl.explore.sweep import sweep
from archdsl.ir.graph import INPUT, Graph, Ref
from archdsl.ops.doubts import AxesOrigin, Provenance
from archdsl.source import Source
from archdsl.types import TensorType
from tests.work import work

MISREAD = [
    # torch's arguments
    ("(x: [3, 32, 32]) = x -> conv(3, 64, 3)", "pytorch-arguments"),
    ("(x: [64, 32, 32]) = x -> conv(64, 128, 1)", "pytorch-arguments"),
    ("(x: [64, 80, 80]) = x -> conv(64, 64, 3, 1, 1)", "pytorch-arguments"),
    ("(x: [1, 28, 28]) = x -> conv(1, 6, 5)", "pytorch-arguments"),
    ("(x: [128, 32, 32]) = x -> conv_transpose(128, 64, 2, 2)", "pytorch-arguments"),
    ("(x: [128, 32, 32]) = x -> conv_transpose(128, 64, 4, 2)", "pytorch-arguments"),
    ("(x: [3, 1024]) = x -> conv(3, 64, 1)", "pytorch-arguments"),
    ("(x: [3, 8, 32, 32]) = x -> conv(3, 64, 3, padding = 40)", "pytorch-arguments"),
    ("(x: [1, 28, 28]) = x -> conv(1, 10, 5)", "pytorch-arguments"),
    ("(x: [3, 32, 32]) = x -> conv(3, 6, 3)", "pytorch-arguments"),
    ("(x: [1, 1000]) = x -> conv(1, 6, 3)", "pytorch-arguments"),
    ("(x: [3, 64, 64]) = x -> conv(3, 9, 3)", "pytorch-arguments"),
    ("(x: [4, 84, 84]) = x -> conv(4, 16, 8, 4)", "pytorch-arguments"),
    ("(x: [64, 8, 8]) = x -> bn(64)", "pytorch-arguments"),
    ("(x: [64, 8, 8]) = x -> group_norm(32, 64)", "pytorch-arguments"),
    ("(x: [64, 8, 8]) = x -> instance_norm(64)", "pytorch-arguments"),
    ("(x: [197, 768]) = x -> layer_norm(768)", "pytorch-arguments"),
    # a batch axis
    ("(x: [1, 3, 224, 224]) = x -> conv(8, 7, 2)", "batch-axis"),
    ("(x: [32, 3, 224, 224]) = x -> bn -> conv(8, 7, 2)", "batch-axis"),
    ("(x: [1, 1, 28, 28]) = x -> max_pool(3, 1)", "batch-axis"),
    ("(x: [1, 3, 224, 224]) = x -> pad(1) -> conv(8, 3)", "batch-axis"),
    ('(x: [1, 3, 224, 224]) = x -> upsample -> pad(2, "reflect") -> conv(8, 3)', "batch-axis"),
    ("(x: [32, 3, 224, 224]) = (x / 255.0 - 0.5) * 2.0 -> conv(64, 7, 2)", "batch-axis"),
    ("(x: [32, 3, 224, 224]) = (x - learned([32, 3, 1, 1])) * learned([32]) -> conv(64, 7, 2)", "batch-axis"),
    ("(x: [8, 3, 64, 64], y: [8, 3, 64, 64]) = [x, y] -> concat -> conv(8, 3)", "batch-axis"),
    ("(x: [8, 3, 64, 64]) = x -> slice(0, 4) -> dropout -> conv(8, 3)", "batch-axis"),
    ("(x: [32, 3, 224, 224]) = x -> adaptive_avg_pool(7)", "batch-axis"),
    ("(x: [32, 1, 1000]) = x -> conv(8, 7)", "batch-axis"),
    # channels last
    ("(x: [224, 224, 3]) = x -> conv(64, 7, 2)", "channels-last"),
    ("(x: [480, 640, 3]) = x -> avg_pool(3, 1)", "channels-last"),
    ("(x: [28, 28, 1]) = x -> conv(8, 3)", "channels-last"),
    ("(x: [16, 112, 112, 3]) = x -> conv(8, 3)", "channels-last"),
    ("(x: [1000, 3]) = x -> conv(8, 3)", "channels-last"),
    ("(x: [32, 224, 224, 3]) = x -> conv(64, 7, 2)", "channels-last"),
    ("(x: [1, 224, 224, 3]) = x -> conv(64, 7, 2)", "channels-last"),
    ("(x: [1, 28, 28, 1]) = x -> conv(8, 3)", "channels-last"),
    ("(x: [4, 64, 64, 4]) = x -> relu -> conv(8, 3)", "channels-last"),
    ("(x: [224, 224, 3]) = x -> pad(3) -> conv(64, 7, 2, padding = 0)", "channels-last"),
    ("(x: [224, 224, 3]) = x / 255.0 -> conv(64, 7, 2)", "channels-last"),
    ("(x: [224, 224, 3]) = x -> crop(((2, 2), (0, 1))) -> pad((1, 0), axis = 2) -> depthwise(3)", "channels-last"),
    ("(x: [224, 224, 3]) = [x, learned([2, 224, 3])] -> concat -> conv(8, 3)", "channels-last"),
    ("(x: [224, 224, 3]) = x -> global_avg_pool -> linear(10)", "channels-last"),
    # the width of a map
    ("(x: [3, 64, 64]) = x -> conv(16, 3) -> relu -> conv(21) -> softmax", "works-along-width"),
    ("(x: [3, 64, 64]) = x -> conv(21) -> softmax(axis = 1)", "works-along-width"),
    ("(x: [3, 64, 64]) = x -> conv(8, 3) -> layer_norm", "works-along-width"),
    ("(x: [3, 64, 64]) = x -> conv(8, 3) -> bn -> relu -> dropout -> linear(4)", "works-along-width"),
    ("(x: [3, 64, 64]) = x -> max_pool(2) -> linear(4)", "works-along-width"),
    ("(x: [3, 64]) = x -> conv(8, 3) -> linear(4)", "works-along-width"),
    ("(x: [1, 28, 28]) = x -> linear(128)", "works-along-width"),
    ("(x: [3, 28, 32]) = x -> linear(128)", "works-along-width"),
    ('(x: [3, 64, 64]) = x -> conv(21, 3) -> upsample(2, mode = "bilinear") -> softmax', "works-along-width"),
    ("(x: [3, 64, 64]) = (x -> conv(21, 3)) + (x -> conv(21)) -> softmax", "works-along-width"),
    ("(x: [3, 64, 64]) = [x -> conv(21, 3), x -> conv(3)] -> concat -> linear(10)", "works-along-width"),
    ("(x: [3, 64, 64]) = x + (x -> conv(3, 3)) -> linear(10)", "works-along-width"),
    ("(x: [3, 64, 64]) = x -> conv(64, 3) -> pixel_shuffle(2) -> pad(1) -> softmax", "works-along-width"),
    (
        "(x: [3, 64, 64]) = (x -> conv(8, 3)) * (x -> global_avg_pool -> conv(8) -> sigmoid) -> layer_norm",
        "works-along-width",
    ),
    ("(x: [3, 64, 64]) = (x -> conv(8, 3) -> split(2))[1] * 0.5 -> crop(1) -> linear(10)", "works-along-width"),
    # torch's flatten(1)
    ("(x: [64, 14, 14]) = x -> conv(64, 3) -> max_pool(2) -> flatten(1) -> linear(10)", "works-along-width"),
    ("(x: [64, 14, 14]) = x -> conv(64, 3) -> reshape([x.channels, -1]) -> dropout -> linear(10)", "works-along-width"),
    ("(x: [3, 32, 32]) = x -> flatten(1) -> linear(10)", "works-along-width"),
    # one feature a step
    ("(x: [20, 1]) = x -> linear(8)", "one-feature"),
    ("(x: [20, 1]) = x * 2.0 -> linear(8)", "one-feature"),
    ("(x: [20, 1]) = x + learned([20, 1]) -> dropout -> linear(8)", "one-feature"),
    ("(x: [20, 4]) = x -> linear(1) -> relu -> linear(8)", "one-feature"),
    # sums
    ("(x: [3, 8, 8], y: [1, 8, 8]) = x + y", "stretched-sum"),
    ("(x: [3, 8, 8]) = (x -> conv(16)) - (x -> conv(1))", "stretched-sum"),
    ("(x: [3, 8, 1], y: [3, 1, 8]) = x + y", "stretched-sum"),
    ("(x: [3, 8, 8]) = [x, x -> conv(1), x -> conv(3)] -> add", "stretched-sum"),
    ("(x: [5, 1]) = x -> layer_norm", "norm-of-one"),
]

PLAUSIBLE = [
    "(x: [64, 56, 56]) = x -> conv(64, 8, 8)",  # PVT: patches that keep the channels
    "(x: [96, 56, 56]) = x -> conv(96, 31, groups = 96)",  # RepLKNet
    "(x: [768, 49]) = x -> conv(768, 128, groups = 16)",  # wav2vec 2.0: positions
    "(x: [64, 4096]) = x -> conv(64, 16)",  # ECG ResNets: long filters
    "(x: [64, 4096]) = x -> conv(64, 16, 2)",
    "(x: [21, 70, 70]) = x -> conv_transpose(21, 64, 32, 0, bias = false)",  # FCN-32s
    "(x: [21, 70, 70]) = x -> conv_transpose(21, 16, 8, 0, bias = false)",
    "(x: [3, 227, 227]) = x -> conv(96, 11, 4)",  # AlexNet
    "(x: [1, 16000]) = x -> conv(512, 10, 5)",
    "(x: [1, 16000]) = x -> conv(80, 251)",  # SincNet
    "(x: [1, 64, 64]) = x -> conv(1, 21)",  # a learned blur
    "(x: [64, 8, 8]) = x -> conv(64, 3, 3)",
    "(x: [3, 16, 112, 112]) = x -> conv(64, (3, 7, 7), (1, 2, 2))",  # video
    "(x: [1, 64, 64, 64]) = x -> conv(32, 3)",  # volumes
    "(x: [1, 30, 25, 25]) = x -> conv(8, (7, 3, 3))",  # HybridSN
    "(x: [3, 224, 224]) = x -> conv(64, 3)",
    "(x: [1, 22, 1000]) = x -> conv(8, (1, 64))",  # EEGNet
    "(x: [64, 100, 1]) = x -> conv(64, (5, 1))",  # a sequence as an image
    "(x: [64, 64, 1]) = x -> conv(64, (5, 1))",
    "(x: [64, 1, 128]) = x -> conv(64, (1, 5))",
    "(x: [1, 3, 224, 224]) = x -> conv(64, (1, 7, 7), (1, 2, 2))",  # three slices of a volume
    "(x: [64, 8, 3]) = x -> conv(64, 3)",
    "(x: [512, 8, 8]) = x -> conv(512, 8, padding = 0)",  # the whole map
    "(x: [1, 64, 64]) = x -> conv_transpose(1, 6, 3)",  # learned resizing
    "(x: [3, 64, 64]) = x -> conv(3, 4, 2)",
    "(x: [3, 64, 64]) = x -> conv(3, 9)",
    "(x: [1, 64, 64]) = x -> conv(1, 3, 3)",
    "(x: [1, 1000]) = x -> conv(1, 7, 3)",
    "(x: [16, 64, 64]) = x -> conv(16, 6, 3)",
    "(x: [64, 1000]) = x -> slice(0, 4, axis = 1) -> conv(8, 3)",  # declared as it is meant
    "(x: [64, 64, 6]) = (x -> split(2, axis = 2))[0] -> conv(8, 3)",
    "(x: [3, 64, 64]) = x -> conv(8, 3) -> flatten(1) -> transpose -> linear(10)",  # tokens
    "(x: [8, 6, 10]) = x -> transpose -> flatten(1) -> linear(10)",  # heads merged
    "(x: [1, 40, 80]) = x -> conv(32, (40, 1), padding = 0) -> softmax",  # attention over time
    # ResMLP: a convolution over tokens
    "(x: [196, 64]) = x + (x -> conv(196)) -> layer_norm -> linear(64)",
    "(x: [3, 64, 64]) { t = x -> conv(8, 8, 8) -> flatten(1) -> transpose\n return t + (t -> conv(64)) -> linear(8) }",
    "(x: [16, 3, 64, 64]) = x -> unbind -> [conv(4, 3)] * 16 -> add",  # frames
    "(x: [224, 224, 3]) = x -> permute([2, 0, 1]) -> conv(64, 7, 2)",
    "(x: [224, 224, 3]) = x -> linear(64)",  # channels last on purpose
    "(x: [56, 56, 96]) = x -> layer_norm -> linear(384) -> gelu -> linear(96)",  # Swin
    "(x: [512, 1]) = x -> conv(8)",
    "(x: [3, 64, 64]) = x -> conv(21) -> softmax(axis = 0)",
    "(x: [40, 300]) = x -> conv(128, 5) -> tanh -> conv(64) -> softmax",  # ECAPA-TDNN: attention over time
    "(x: [3, 64, 64]) = x -> conv(8) -> flatten -> linear(10) -> softmax",
    "(x: [3, 64, 64]) = x -> conv(8) -> flatten(1) -> softmax",  # a weight per place
    "(x: [3, 64, 64]) = x -> conv(8) -> permute([1, 2, 0]) -> layer_norm -> linear(8)",
    "(x: [3, 64, 64]) = x -> conv(8) -> global_avg_pool -> linear(10)",
    "(x: [8, 20]) = x -> conv(8, 3) -> global_avg_pool -> linear(10)",
    "(x: [784]) = x -> linear(10)",
    "(x: [512, 1, 1]) = x -> linear(10)",
    "(x: [1, 197, 768]) = x -> layer_norm -> linear(10)",
    "(x: [3, 8, 8]) = (x -> conv(16)) * (x -> conv(1) -> sigmoid)",  # a gate
    "(x: [4, 8, 8]) = x + (learned([4, 8, 1]) + learned([4, 1, 8]))",  # axial positions
    "(x: [197, 768]) = x + learned([1, 768])",
    "(x: [64, 49]) = x - (x -> reduce('mean', axis = 1))",  # covariance pooling
    "(x: [6]) = (x -> linear(1)) + (x -> linear(4))",  # dueling networks: one value, several advantages
    "(x: [3, 8, 8]) = (x -> conv(8)) + (x -> global_avg_pool -> conv(8))",
]


@pytest.mark.parametrize(("text", "code"), MISREAD)
def test_a_misreading_is_told_of(text: str, code: str) -> None:
    found = archdsl.check_text(f"network n{text}")
    assert [(d.severity, d.code) for d in found] == [(WARNING, code)]
    assert found[0].help and found[0].span is not None
    assert [(d.code, d.message) for d in archdsl.loads(f"network n{text}").warnings] == [(code, found[0].message)]


@pytest.mark.parametrize("text", PLAUSIBLE)
def test_plausible_networks_are_not(text: str) -> None:
    assert archdsl.check_text(f"network n{text}".replace("'", '"')) == []


def test_batched_images_with_channels_last_are_declared_as_images() -> None:
    """A batch of images [N, H, W, C] is [C, H, W] here; as a volume it would be another network."""
    for count in (1, 32):
        (found,) = archdsl.check_text(f"network n(x: [{count}, 224, 224, 3]) = x / 255.0 -> conv(64, 7, 2)")
        assert "declare [3, 224, 224] for images" in found.help and "permute" not in found.help


def test_what_is_said_of_the_input_is_said_inside_blocks_of_std_too() -> None:
    for shape, right in (("[1, 3, 224, 224]", "[3, 224, 224]"), ("[224, 224, 3]", "[3, 224, 224]")):
        spec = f"import std: conv_bn\nnetwork n(x: {shape}) = x * 2.0 -> conv_bn(64, 7, 2)"
        (found,) = archdsl.check_text(spec)
        assert found.span is not None and found.span.line == 2
        assert f"declare {right}" in found.help


def test_a_window_too_large_for_the_map_may_be_a_misreading() -> None:
    (error,) = archdsl.check_text("network n(x: [64, 32, 32]) = x -> conv(64, 64, 3, 1, 1)")
    assert error.code == "empty-result"
    assert error.help.startswith("the channels that come in are not written: conv(64, 3) gives 64 channels by a window")


def test_blocks_pass_on_where_a_tensor_comes_from() -> None:
    text = """
block head(x) = x -> relu -> linear(10)
block body(x) = x -> conv(8, 3) -> bn
block same(x) = x -> bn -> relu
block plus(x, y) = x + y
network wrong(x: [3, 8, 8]) = x -> body -> same -> head
network right(x: [3, 8, 8]) = x -> body -> flatten -> head
network sums(x: [3, 8, 8]) = [x, learned([1, 8, 8])] -> plus
network sums_of_inputs(x: [3, 8, 8]) = [x, x -> conv(1)] -> plus
network image(x: [64, 64, 3]) = x -> same -> body
"""
    found = [(d.code, d.span.line) for d in archdsl.check_text(text) if d.span is not None]
    assert found == [("works-along-width", 2), ("channels-last", 3), ("stretched-sum", 5)]
    networks = {"wrong": 1, "right": 0, "sums": 0, "sums_of_inputs": 1}
    assert {name: len(archdsl.loads(text, name).warnings) for name in networks} == networks


def test_a_body_that_is_called_in_many_ways_is_read_so_often_at_most() -> None:
    """Each level calls the one below with its inputs in two orders; all orders together are 40,320."""
    names = [f"x{i}" for i in range(8)]
    stages = ["id", "conv(6, 3)", "linear(6)", "transpose(1, 2)", "max_pool(3, 1)", "bn", "layer_norm(2e-5)", "relu"]
    text = [f"block b0({', '.join(names)}) = [{', '.join(names)}] -> add"]
    for level in range(1, 15):
        turned = ", ".join(names[1:] + names[:1])
        swapped = ", ".join([names[1], names[0], *names[2:]])
        text.append(
            f"block b{level}({', '.join(names)}) = ([{turned}] -> b{level - 1}) + ([{swapped}] -> b{level - 1})"
        )
    text.append(f"network n(x: [6, 6, 6]) = [{', '.join(f'x -> {s}' for s in stages)}] -> b14")
    graph = archdsl.loads("\n".join(text)).graph
    assert work(lambda: list(misreadings(graph))) < 100_000
    assert {d.code for d in misreadings(graph)} <= {"works-along-width"}


# --- the twin: every call by itself, nothing remembered ------------------------------------------------------------

KEEPING = {
    "relu", "bn", "dropout", "layer_norm", "softmax", "scalar", "add", "sub", "mul", "concat", "slice", "split", "pad",
    "crop", "upsample", "channel_shuffle", "permute",
}  # fmt: skip
MAKING = {"conv": AxesOrigin.MAP, "max_pool": AxesOrigin.MAP, "linear": AxesOrigin.FEATURES}


def by_calls(graph: Graph, inputs: list[Provenance], found: set[tuple[str, int, int]]) -> list[Provenance]:
    """The origins of a body's results, its calls entered one by one."""
    made: list[list[Provenance]] = []

    def read(ref: Ref) -> Provenance:
        return inputs[ref.output] if ref.node == INPUT else made[ref.node][ref.output]

    for node in graph.nodes:
        given = [read(ref) for ref in node.operands]
        if isinstance(node.target, Graph):
            made.append(by_calls(node.target, given, found))
            continue
        types = graph.operand_types(node)
        for doubt in node.target.doubts(types, tuple(given)):
            found.add((doubt.code, node.spans[0].start, node.spans[0].end))
        made.append([by_name(node.target.name, types, given, node.types[0])] * len(node.types))
    return [read(ref) for ref in graph.outputs]


def by_name(name: str, types: tuple[TensorType, ...], given: list[Provenance], result: TensorType) -> Provenance:
    """What the ops of `STAGES` and `JOINS` make."""
    if not given or all(g.origin is AxesOrigin.FIXED for g in given):
        return Provenance(AxesOrigin.FIXED)
    if name in MAKING:
        return Provenance(MAKING[name])
    flat = name in ("flatten", "reshape") and result.rank == 2 and result.shape[0] == types[0].shape[0]
    if name not in KEEPING and not flat:
        return Provenance(AxesOrigin.OTHER)
    asked = [g for g in given if g.origin is not AxesOrigin.FIXED]
    if name in ("add", "sub", "mul") and any(x == result and g in asked for x, g in zip(types, given, strict=True)):
        asked = [g for x, g in zip(types, given, strict=True) if g in asked and x == result]
    kinds = {g.origin for g in asked}
    if AxesOrigin.OTHER in kinds or kinds >= {AxesOrigin.MAP, AxesOrigin.FEATURES}:
        return Provenance(AxesOrigin.OTHER)
    if kinds == {AxesOrigin.INPUT}:
        return asked[0] if len(set(asked)) == 1 else Provenance(AxesOrigin.OTHER)
    declared = [g.declared for g in asked if g.declared is not None]
    if AxesOrigin.MAP in kinds and any(x.rank < 3 for x in declared):
        return Provenance(AxesOrigin.OTHER)
    return Provenance(next(k for k in kinds if k is not AxesOrigin.INPUT))


STAGES = [
    "conv(6, 3)", "max_pool(3, 1)", "bn", "relu", "dropout", "linear(6)", "layer_norm", "softmax", "transpose(1, 2)",
    "slice(0, 6)", "pad(1) -> crop(1)", "upsample(2) -> max_pool(2)", "upsample(2) -> crop(3)", "permute([0, 1, 2])",
    "channel_shuffle(2)", "scalar('*', 0.5)", "global_avg_pool -> upsample(6)",
    "flatten(1) -> reshape([6, 6, 6])", "flatten(1) -> linear(36) -> reshape([6, 6, 6])",
    "reshape([6, 36]) -> linear(36) -> reshape([6, 6, 6])", "flatten -> linear(216) -> reshape([6, 6, 6])",
]  # fmt: skip
JOINS = [
    "{0} + ({1} -> reduce('mean'))", "{0} + learned([1, 6, 6])", "{0} * learned([6])", "learned([6, 6, 6]) * 2.0",
    "{0} * ({1} -> global_avg_pool -> conv(6))", "{0} - {1}", "[{0}, {1}] -> concat -> slice(0, 6)",
    "[{0}, {1}] -> stack -> reshape([12, 6, 6]) -> slice(0, 6)", "[{0}, learned([6, 6, 6]), {1}] -> add",
    "[({0} -> split(2))[0], ({1} -> split([3, 3]))[1] + learned([3, 6, 6])] -> concat",
    "[{0}, learned([2, 6, 6])] -> concat -> conv(6)",
]  # fmt: skip


def random_spec(seed: int) -> str:
    """Blocks of two inputs that call those before them, all of [6, 6, 6], or [1, 6, 6] inside a sum."""
    draw = random.Random(seed)
    text = []
    for number in range(4):
        known = ["x", "y"]
        lines = []
        for index in range(draw.randint(1, 6)):
            one, other = draw.choice(known), draw.choice(known)
            called = f"b{draw.randrange(number)}" if number else "add"
            stages = f"{one} -> {draw.choice(STAGES)} -> {draw.choice(STAGES)}"
            written = draw.choice(
                [stages, stages, f"[{one}, {other}] -> {called}", draw.choice(JOINS).format(one, other)]
            )
            lines.append(f"    v{index} = {written}")
            known.append(f"v{index}")
        head = "network n(x: [6, 6, 6], y: [6, 6, 6])" if number == 3 else f"block b{number}(x, y)"
        text.append("\n".join([f"{head} {{", *lines, f"    return {known[-1]}", "}"]))
    return "\n".join(text).replace("'", '"')


SEEDS = int(os.environ.get("ARCHDSL_MISREADINGS", "150"))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_random_specs_as_the_twin_says(seed: int) -> None:
    graph = archdsl.loads(random_spec(seed)).graph
    expected: set[tuple[str, int, int]] = set()
    by_calls(graph, [Provenance(AxesOrigin.INPUT, x) for x in graph.inputs], expected)
    assert {(d.code, d.span.start, d.span.end) for d in misreadings(graph) if d.span is not None} == expected


# --- a linear that mixes channels at one input size, columns at another ------------------------------------------

POOLED = "network n(x: [3, 32, 32]; width = 8) = x -> conv(width, 3, 2) -> avg_pool(16) -> linear(10)\n"


def test_sizes_say_where_a_linear_mixes_other_axes() -> None:
    sizes = archdsl.loads(POOLED).sizes()
    ((mixed, region),) = sizes.mixed
    assert mixed.what == "the last axis"
    for height in range(31, 130, 7):
        for width in range(31, 130, 7):
            found = sizes.at(height, width)
            plain = archdsl.loads(POOLED, input=(3, height, width))
            assert found.params == plain.params and found.outputs == tuple(x.shape for x in plain.graph.output_types)
            assert ((height, width) in region) == bool(found.mixed) == bool(plain.warnings)


def test_sizes_without_formulas_say_so_too() -> None:
    irregular = POOLED.replace("avg_pool(16)", "conv([4, 8][x.height % 2]) -> avg_pool(16)")
    sizes = archdsl.loads(irregular).sizes((31, 70))
    assert sizes.problem
    assert [bool(sizes.at(size).mixed) for size in (31, 32, 62, 63, 70)] == [False, False, False, True, True]


def test_sweeps_and_fits_say_so() -> None:
    target = NetworkFamily(Spec(Source("<text>", POOLED)), None)
    remarks = [point.remark for point in sweep(target, {"input": [32, 48, 64]}).points]
    assert remarks == ["", "", "the linear at line 1 mixes the last axis, not the channels as declared"]
    assert fit(target, {"macs": 10_000_000}, "input").best.remark == remarks[-1]
    assert fit(target, {"macs": 100_000}, "input").best.remark == ""
    assert remarks[-1] in " ".join(table.text(sweep(target, {"input": [32, 64]})).split())
