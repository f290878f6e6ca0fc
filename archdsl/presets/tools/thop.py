"""Predicts thop: hooks on modules of the classes that it knows, so functions and subclasses count nothing."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from archdsl.presets.executed_op import Difference, ExecutedOp, as_ours, norm, per_input, per_output, ranks, table
from archdsl.presets.tool import Operations, Parameters, Tool


def _transposed(executed: ExecutedOp) -> Iterable[Difference]:
    """The kernel is laid over every output position, as for a convolution without stride."""
    weight = executed.weights[0]
    everywhere = executed.made * (executed.inputs[0].shape[0] // executed.option("groups", 1)) * prod(weight.shape[2:])
    return [("transposed convolution: output positions, not input", everywhere - executed.macs)]


def _adaptive_average(executed: ExecutedOp) -> Iterable[Difference]:
    """The mean window size, a fraction, plus one for the division, for each output element; cut to an int."""
    window = 1.0
    for extent, size in zip(executed.inputs[0].shape[1:], executed.outputs[0].shape[1:], strict=True):
        window *= extent / size
    return [("adaptive average pool: window + 1 per output element", int((window + 1) * executed.made))]


def _softmax(executed: ExecutedOp) -> Iterable[Difference]:
    """n exponentials, n - 1 additions and n divisions for each row."""
    features = executed.inputs[0].shape[executed.option("dim") - 1]
    return [("softmax: 3 n - 1 per row of n", executed.given // features * (3 * features - 1))]


def _upsample(executed: ExecutedOp) -> Iterable[Difference]:
    mode = executed.option("mode", "nearest")
    times = {"nearest": 1, "linear": 5, "bilinear": 11, "bicubic": 259}.get(mode, 0)
    return [(f"{mode} upsampling: {times} per output element", times * executed.made)] if times else []


# thop/profile.py, register_hooks; thop/vision/calc_func.py for the amounts.
RULES = table(
    ((*ranks("nn.Conv"), "nn.Linear"), as_ours),
    (ranks("nn.ConvTranspose"), _transposed),
    ((*ranks("nn.BatchNorm", "nn.InstanceNorm"), "nn.LayerNorm"), norm(4, 2)),
    ("nn.PReLU", per_input("prelu: 1 per element")),
    ("nn.Softmax", _softmax),
    (ranks("nn.AvgPool"), per_output("average pool: 1 per output element")),
    (ranks("nn.AdaptiveAvgPool"), _adaptive_average),
    ("nn.Upsample", _upsample),
)

# Classes with parameters that have a hook; GroupNorm and Embedding have none.
LAYERS = frozenset(
    (*ranks("nn.Conv", "nn.ConvTranspose", "nn.BatchNorm", "nn.InstanceNorm"), "nn.LayerNorm", "nn.PReLU", "nn.Linear")
)

TOOL = Tool(
    "thop",
    "0.1.1.post2209072238",
    (
        Operations("macs", "profile(model, inputs)[0]", RULES),
        Parameters("params", "profile(model, inputs)[1]", LAYERS),
    ),
)
