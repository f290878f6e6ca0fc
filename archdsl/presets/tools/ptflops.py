"""Predicts ptflops (its pytorch backend): hooks on modules, and patched functions, which those modules call as well."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from archdsl.emit.pytorch.executed import How
from archdsl.presets.executed_op import (
    CountingRule,
    Difference,
    ExecutedOp,
    NotPredictable,
    norm,
    padded,
    per_input,
    ranks,
    same,
    table,
)
from archdsl.presets.inside import average_pool_same, averaged_by_norm, averaged_windows
from archdsl.presets.tool import Operations, Parameters, Tool


def _with_bias(what: str) -> CountingRule:
    """Our multiply-accumulates, and one for each element that a bias is added to."""
    return lambda executed: [(f"{what} bias: 1 per output element", executed.made)] if executed.has("bias") else []


def _upsample(executed: ExecutedOp) -> Iterable[Difference]:
    """The patched F.interpolate counts input times factor; the module calls that too, and its hook adds the output."""
    found = _interpolated(executed)
    if not float(found).is_integer():
        raise NotPredictable("ptflops counts a fraction for this factor, and cuts only the total to an int")
    if executed.how is How.MODULE:
        return [("upsampling modules: 1 per output element, twice", int(found) + executed.made)]
    return [("upsampling: 1 per output element", int(found))]


def _interpolated(executed: ExecutedOp) -> float:
    size = executed.option("size", None)
    axes = executed.inputs[0].rank - 1
    if size is not None:
        return executed.inputs[0].shape[0] * (prod(size) if isinstance(size, tuple) else int(size) ** axes)
    factor = executed.option("scale_factor")
    if isinstance(factor, tuple):  # a product of ints: fractions of a factor are lost
        return executed.given * prod(int(value) for value in factor)
    return float(executed.given * (float(factor) if executed.how is How.MODULE else factor) ** axes)


# ptflops/pytorch_ops.py, MODULES_MAPPING and FUNCTIONAL_MAPPING, as patch_functional installs it.
RULES = table(
    (ranks("nn.Conv", "nn.ConvTranspose"), _with_bias("convolution")),
    ("nn.Linear", _with_bias("linear")),
    ((*ranks("nn.BatchNorm", "nn.InstanceNorm"), "nn.GroupNorm"), norm(2, 1)),
    ("nn.LayerNorm", norm(1, 1)),  # has no attribute `affine`
    (("nn.ReLU", "nn.ELU", "nn.GELU", "nn.PReLU"), per_input("activation modules: 2 per element", 2)),
    (("nn.ReLU6", "nn.LeakyReLU", "nn.SiLU"), per_input("activation modules: 1 per element")),
    (("F.relu", "F.relu6", "F.elu", "F.gelu", "F.silu"), per_input("activations: 1 per element")),
    (("nn.Softmax", "F.softmax"), per_input("softmax: 1 per element")),
    (ranks("nn.MaxPool", "nn.AvgPool"), per_input("pool modules: 2 per input element", 2)),
    (ranks("F.max_pool", "F.avg_pool"), per_input("pools: 1 per input element")),
    (ranks("nn.AdaptiveAvgPool", "nn.AdaptiveMaxPool"), per_input("pool modules: 2 per input element", 2)),
    (ranks("F.adaptive_avg_pool", "F.adaptive_max_pool"), per_input("pools: 1 per input element")),
    (ranks("unpool"), lambda executed: [("pools that find the places: 1 per element", executed.inputs[1].size)]),
    (same("MaxPool"), lambda executed: [("pools: 1 per padded element", padded(executed))]),
    (same("AvgPool"), average_pool_same),
    (ranks("nn.LPPool", "F.lp_pool"), averaged_windows),
    (("nn.LocalResponseNorm", "F.local_response_norm"), averaged_by_norm),
    (("nn.Upsample", "F.interpolate"), _upsample),
)

TOOL = Tool(
    "ptflops",
    "0.7.5",
    (
        Operations("macs", "get_model_complexity_info(model, shape, as_strings=False)[0]", RULES),
        Parameters("params", "get_model_complexity_info(model, shape, as_strings=False)[1]"),
    ),
)
