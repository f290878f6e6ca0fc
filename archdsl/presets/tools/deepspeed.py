"""Predicts deepspeed's FLOPs profiler: patched functions, 2 FLOPs a multiply-accumulate, most layers 1 per element."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from archdsl.emit.pytorch.executed import How
from archdsl.ops.conv import ConvTranspose
from archdsl.presets.executed_op import Difference, ExecutedOp, as_ours, norm, padded, per_input, ranks, same, table
from archdsl.presets.inside import average_pool_same, averaged_by_norm, averaged_windows
from archdsl.presets.tool import Operations, Parameters, Tool


def _convolution(executed: ExecutedOp) -> Iterable[Difference]:
    """The bias of a convolution counts, that of a linear layer does not."""
    if not executed.has("bias"):
        return []
    cuts = executed.op.cuts() if isinstance(executed.op, ConvTranspose) else ()
    cut = [max(-added, 0) for _, added in cuts] or [0] * (executed.inputs[0].rank - 1)  # after the bias has been added
    made = executed.outputs[0].shape[0] * prod(n + c for n, c in zip(executed.outputs[0].shape[1:], cut, strict=True))
    return [("convolution bias: 1 per output element" + (", those cut off too" if any(cut) else ""), made)]


def _upsample(executed: ExecutedOp) -> Iterable[Difference]:
    """With a size, that size alone, channels left out, and a number that stands for several axes counted once."""
    size = executed.option("size", None)
    if size is not None:
        return [("upsampling to a size: that size, no channels", prod(size) if isinstance(size, tuple) else size)]
    factor = executed.option("scale_factor")
    factors = factor if isinstance(factor, tuple) else (factor,)
    if executed.how is How.MODULE:
        factors = tuple(map(float, factors))  # nn.Upsample keeps them so
    times = prod(factors) if isinstance(factor, tuple) else factors[0] ** (executed.inputs[0].rank - 1)
    return [("upsampling: 1 per output element", int(executed.given * times))]


_CONVOLUTIONS = (*ranks("nn.Conv", "nn.ConvTranspose"), *same("Conv", "ConvTranspose"), "DeformConv2d")
_PRODUCTS = ("nn.Linear", "F.linear", "@", "convolve", "convolve_same", "F.scaled_dot_product_attention")

# deepspeed/profiling/flops_profiler/profiler.py, _patch_functionals and _patch_tensor_methods. nn.ReLU6 calls
# F.hardtanh, which is not patched.
FLOPS = table(
    (_CONVOLUTIONS, _convolution),
    (_PRODUCTS, as_ours),
    (ranks("nn.BatchNorm", "BatchRenorm"), norm(2, 1)),
    ((*ranks("nn.InstanceNorm"), "nn.LayerNorm", "nn.GroupNorm", "ScaleGroupNorm"), norm(5, 4)),
    (("nn.ReLU", "nn.PReLU", "nn.ELU", "nn.LeakyReLU", "nn.SiLU", "nn.GELU"), per_input("activations: 1 per element")),
    (("F.relu", "F.relu6", "F.elu", "F.leaky_relu", "F.silu", "F.gelu"), per_input("activations: 1 per element")),
    (("nn.Softmax", "F.softmax"), per_input("softmax: 1 per element")),
    (ranks("nn.MaxPool", "F.max_pool", "nn.AvgPool", "F.avg_pool"), per_input("pools: 1 per input element")),
    (ranks("nn.AdaptiveAvgPool", "F.adaptive_avg_pool"), per_input("pools: 1 per input element")),
    (ranks("nn.AdaptiveMaxPool", "F.adaptive_max_pool"), per_input("pools: 1 per input element")),
    (ranks("unpool"), lambda executed: [("pools that find the places: 1 per element", executed.inputs[1].size)]),
    (same("MaxPool"), lambda executed: [("pools: 1 per padded element", padded(executed))]),
    (same("AvgPool"), average_pool_same),
    (ranks("nn.LPPool", "F.lp_pool"), averaged_windows),
    (("nn.LocalResponseNorm", "F.local_response_norm"), averaged_by_norm),
    (("nn.Upsample", "F.interpolate"), _upsample),
)
MACS = table(((*_CONVOLUTIONS, *_PRODUCTS), as_ours))

TOOL = Tool(
    "deepspeed",
    "0.19.8",
    (
        Operations("flops", "get_model_profile(model, args=inputs, as_string=False)[0]", FLOPS, times=2),
        Operations("macs", "get_model_profile(model, args=inputs, as_string=False)[1]", MACS),
        Parameters("params", "get_model_profile(model, args=inputs, as_string=False)[2]"),
    ),
)
