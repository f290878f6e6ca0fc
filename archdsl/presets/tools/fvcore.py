"""Predicts fvcore: multiply-accumulates of what torch.jit traces, two to five per normalised element."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from archdsl.presets.executed_op import (
    CountingRule,
    Difference,
    ExecutedOp,
    NotPredictable,
    as_ours,
    norm,
    per_input,
    per_output,
    ranks,
    same,
    table,
)
from archdsl.presets.tool import Operations, Parameters, Tool


def _taps(executed: ExecutedOp) -> Iterable[Difference]:
    """A deformable convolution reads each tap of each channel by a grid sample; its product is a 1x1 convolution's."""
    kernel = executed.option("kernel_size")
    taps = prod(kernel) if isinstance(kernel, tuple) else kernel**2
    read = executed.inputs[0].shape[0] * taps * prod(executed.outputs[0].shape[1:])
    return [("deformable convolution: 4 per tap that it reads", 4 * read)]


def _norm(scaled: int, plain: int) -> CountingRule:
    rule = norm(scaled, plain)

    def counted(executed: ExecutedOp) -> Iterable[Difference]:
        if executed.inputs[0].rank > 4:  # and the batch: jit_handles.py, norm_flop_counter, asserts it
            raise NotPredictable("fvcore fails on a norm of more than five axes")
        return rule(executed)

    return counted


# fvcore/nn/flop_count.py, _DEFAULT_SUPPORTED_OPS: keyed by aten op, so modules and functions are alike, and the
# pools and upsamplings of one and three axes are not in it.
RULES = table(
    ((*ranks("nn.Conv", "nn.ConvTranspose"), *same("Conv", "ConvTranspose")), as_ours),
    (("nn.Linear", "F.linear", "@", "convolve", "convolve_same"), as_ours),
    (ranks("nn.BatchNorm", "BatchRenorm"), norm(2, 1)),
    ((*ranks("nn.InstanceNorm"), "nn.LayerNorm", "nn.GroupNorm", "ScaleGroupNorm"), _norm(5, 4)),
    (("nn.AdaptiveAvgPool2d", "F.adaptive_avg_pool2d"), per_input("adaptive average pool: 1 per input element")),
    ("F.grid_sample", per_output("grid sample: 4 per output element", 4)),
    ("DeformConv2d", _taps),
    (
        "roi_align",
        lambda executed: [
            ("grid sample: 4 per place that is read", 4 * int(executed.option("samples")) ** 2 * executed.made)
        ],
    ),
    (
        ("nn.Upsample", "F.interpolate"),
        lambda executed: {  # of antialias it has no rule
            ("nearest", 3): per_output("nearest upsampling: 1 per output element"),
            ("bilinear", 3): per_output("bilinear upsampling: 4 per output element", 4),
        }.get(
            (executed.option("mode", "nearest"), executed.inputs[0].rank * (not executed.option("antialias", False))),
            as_ours,
        )(executed),
    ),
)

TOOL = Tool(
    "fvcore",
    "0.1.5.post20221221",
    (
        Operations("flops", "FlopCountAnalysis(model, inputs).total()", RULES, traced=True),
        Parameters("params", 'parameter_count(model)[""]'),
    ),
)
