"""What each tool prints for every op, as the emitter writes it: as a function, and inside an nn.Sequential."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from archdsl.emit.pytorch import build
from archdsl.ir.graph import Graph
from archdsl.ops import registry
from archdsl.ops.base import Example, apply
from archdsl.presets import registry as presets
from archdsl.presets.count import count
from archdsl.types import TensorType
from tests.emit.build_graph import Builder
from tests.ops.torch_interpreter import op_of
from tests.presets.measure import TOOLS, inputs_of, measured

LINE, MAP, CUBE = (TensorType(shape) for shape in ((6, 9), (6, 8, 9), (6, 5, 7, 8)))
TOKENS, HEADS = TensorType((7, 12)), TensorType((2, 5, 8))

# What the ops' own examples leave out: the other numbers of axes, options that a tool looks at.
MORE: list[tuple[str, tuple[TensorType, ...]]] = [
    *((call, (x,)) for x in (LINE, MAP, CUBE) for call in (
        "conv(4, 3, 2)", "conv(4, 3, groups = 2, bias = false)", 'conv(4, 3, 2, padding = "same")',
        'conv(4, 2, padding = "same", groups = 2, bias = false)', "depthwise(3)",
        "conv_transpose(4, 3, 2)", "conv_transpose(4, 2, 2, groups = 2, bias = false)",
        'conv_transpose(4, 3, 2, "same")', 'conv_transpose(4, 2, 1, "same", bias = false)',
        "max_pool(3, 2)", 'max_pool(3, 2, padding = "same")', "max_pool(2, ceil = true)",
        "max_pool(2, dilation = 2, padding = 1)", "max_pool(3, 1, padding = 2, dilation = 2)",
        "avg_pool(3, 2)", 'avg_pool(2, 1, padding = "same")',
        'avg_pool(2, 1, padding = "same", count_padding = false)', "lp_pool(2, 2)", "lp_pool(3, 2, 1, ceil = true)",
        "global_avg_pool", "global_max_pool", "adaptive_avg_pool(3)", "adaptive_max_pool(2)", "adaptive_avg_pool(4)",
        "batch_renorm", "rms_norm", "layer_norm(shift = false)", "group_norm(3, shift = false)",
        "bn", "bn(affine = false)", "instance_norm(affine = true)", "instance_norm", "group_norm(3)",
        "group_norm(2, affine = false)", "layer_norm", "layer_norm(affine = false)", "local_response_norm(4)",
        "upsample", "upsample(3)", "upsample(size = 11)", "upsample(1.5)", "upsample(0.5)", "pad(1)", "crop(1)",
        "pad(1, value = 2)",
        'pad(2, "reflect")', 'pad(1, "replicate")', 'pad(2, "circular")', "pad(1, axis = 0)",
        "softmax", "softmax(axis = 0)", "channel_shuffle(2)", "prelu(per_channel = true)",
        "dropout", "drop_path(0.5)", 'gelu("none")', "elu(0.5)", "leaky_relu",
    )),
    *((f'upsample({how}, mode = "{mode}")', (x,))
      for x, mode in ((LINE, "linear"), (MAP, "bilinear"), (CUBE, "trilinear"))
      for how in ("2", "1.5", "size = 12")),
    *((f'upsample({how}, mode = "{mode}"{smooth})', (MAP,)) for how in ("2", "1.5", "size = 12", "(0.5, 2)")
      for mode, smooth in (("bicubic", ""), ("bicubic", ", antialias = true"), ("bilinear", ", antialias = true"))),
    ("upsample((2, 3))", (MAP,)), ("upsample((1.5, 2))", (MAP,)), ('upsample((2, 2.5), mode = "bilinear")', (MAP,)),
    ("upsample(size = (5, 7))", (MAP,)), ("upsample(1.1)", (LINE,)),
    ("linear(5)", (MAP,)), ("linear(5, bias = false)", (CUBE,)),
    ("mul", (TensorType((6, 8, 1)), TensorType((6, 1, 9)))), ("add", (TensorType((6,)), MAP, TensorType((1, 8, 9)))),
    ("linear(5)", (TOKENS,)), ("linear(5, bias = false)", (TOKENS,)), ("linear(5)", (TensorType((6, 1, 1)),)),
    ("layer_norm", (TOKENS,)), ("bn", (TensorType((12,)),)), ("bn(affine = false)", (TensorType((12,)),)),
    ("sdpa", (HEADS,) * 3), ("sdpa", (HEADS, TensorType((2, 9, 8)), TensorType((2, 9, 8)))), ("sdpa", (TOKENS,) * 3),
    ("sdpa(scale = 0.5)", (TensorType((3, 2, 5, 8)),) * 3), ("sdpa", (HEADS, HEADS, TensorType((2, 5, 3)))),
    ("matmul", (TensorType((3, 2, 4, 5)), TensorType((3, 2, 5, 6)))),
    *((call, (x, kernel)) for x, kernel in (
          (LINE, TensorType((4, 3, 3))), (MAP, TensorType((4, 3, 3, 2))), (CUBE, TensorType((2, 3, 1, 2, 3))))
      for call in ("convolve(groups = 2)", 'convolve(2, "same", groups = 2)')),
    ("deform_conv(4, 3, 2)", (MAP, TensorType((36, 4, 5)))),
    ("add", (MAP,) * 7), ("maximum", (MAP,) * 3), ("mean", (MAP,) * 6),
]  # fmt: skip

EXAMPLES = [example for name in registry.names() for example in registry.load(name).examples]  # type: ignore[union-attr]
CASES = [(example.call, example.inputs) for example in EXAMPLES] + MORE

# What cannot be told, and why: (tool, call) -> the reason begins so. No op as such is in here.
NOT_PREDICTED = {
    ("ptflops", "upsample(1.1)"): "ptflops counts a fraction",
    ("fvcore", "layer_norm(1e-6)"): "fvcore fails on a norm of more than five axes",
}


def alone(call: str, inputs: Sequence[TensorType]) -> Graph:
    """A network of one op: as a function where torch has one."""
    builder = Builder("one", {f"x{i}": x.shape for i, x in enumerate(inputs)} or {"x": (2, 3)}, kind="network")
    if inputs:
        builder.types = tuple(inputs)
    op = op_of(call)
    made = builder.add(op, *(builder[i] for i in range(len(inputs))), label=op.name)
    return builder.build(*(made._replace(output=o) for o in range(len(builder.nodes[0].types))))


def in_sequential(call: str, inputs: Sequence[TensorType]) -> Graph:
    """The op as the first member of an nn.Sequential, so as a module where torch has one; then a PReLU."""
    (x,) = inputs
    builder = Builder("chain", {"x": x.shape}, kind="network")
    builder.types = (x,)
    made = builder.add(op_of(call), builder[0], label="chain.0")
    return builder.build(builder.add(op_of("prelu"), made, label="chain.1"))


def single(call: str, inputs: Sequence[TensorType]) -> bool:
    """One float tensor in, one out."""
    _, results = apply(op_of(call), tuple(inputs))
    return len(inputs) == len(results) == 1


def check(graph: Graph, call: str = "") -> None:
    """Prediction and tool agree in every number, or the preset says that they need not."""
    module, inputs = build(graph), inputs_of(graph)
    for tool in TOOLS:
        found = count(graph, tool)
        expected = NOT_PREDICTED.get((tool, call))
        assert found.exact == (expected is None), (tool, found)
        if expected is None:
            assert {number.name: number.value for number in found.numbers} == measured(tool, module, inputs), tool
        else:
            assert all(m.reason.startswith(expected) for number in found.numbers for m in number.missing)


@pytest.mark.parametrize(("call", "inputs"), CASES, ids=[f"{i}-{call}" for i, (call, _) in enumerate(CASES)])
def test_op_alone(call: str, inputs: tuple[TensorType, ...]) -> None:
    check(alone(call, inputs), call)


CHAINED = [case for case in CASES if single(*case)]


@pytest.mark.parametrize(("call", "inputs"), CHAINED, ids=[f"{i}-{call}" for i, (call, _) in enumerate(CHAINED)])
def test_op_in_a_sequential(call: str, inputs: tuple[TensorType, ...]) -> None:
    check(in_sequential(call, inputs), call)


def test_every_preset_is_measured() -> None:
    """A new preset must be compared too."""
    assert set(presets.names()) == set(TOOLS)


def test_every_op_has_an_example() -> None:
    """So a new op is compared as soon as it exists."""
    assert all(isinstance(example, Example) for example in EXAMPLES)
    assert {op_of(example.call).name for example in EXAMPLES} == set(registry.names())
