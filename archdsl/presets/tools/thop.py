"""Predicts thop: hooks on modules of the classes that it knows, so functions and subclasses count nothing."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from archdsl.presets.run import Difference, Run, as_ours, norm, per_input, per_output, ranks, table
from archdsl.presets.tool import Operations, Parameters, Tool


def _transposed(run: Run) -> Iterable[Difference]:
    """The kernel is laid over every output position, as for a convolution without stride."""
    weight = run.weights[0]
    everywhere = run.made * (run.inputs[0].shape[0] // run.option("groups", 1)) * prod(weight.shape[2:])
    return [("transposed convolution: output positions, not input", everywhere - run.macs)]


def _adaptive_average(run: Run) -> Iterable[Difference]:
    """The mean window size, a fraction, plus one for the division, for each output element; cut to an int."""
    window = 1.0
    for extent, size in zip(run.inputs[0].shape[1:], run.outputs[0].shape[1:], strict=True):
        window *= extent / size
    return [("adaptive average pool: window + 1 per output element", int((window + 1) * run.made))]


def _softmax(run: Run) -> Iterable[Difference]:
    """n exponentials, n - 1 additions and n divisions for each row."""
    features = run.inputs[0].shape[run.option("dim") - 1]
    return [("softmax: 3 n - 1 per row of n", run.given // features * (3 * features - 1))]


def _upsample(run: Run) -> Iterable[Difference]:
    mode = run.option("mode", "nearest")
    times = {"nearest": 1, "linear": 5, "bilinear": 11}.get(mode, 0)
    return [(f"{mode} upsampling: {times} per output element", times * run.made)] if times else []


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
