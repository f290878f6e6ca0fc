"""Predicts torch.utils.flop_counter: two FLOPs for each multiply-accumulate, none for attention fused on the CPU."""

from __future__ import annotations

from collections.abc import Iterable

from archdsl.presets.executed_op import Difference, ExecutedOp, NotPredictable, as_ours, ranks, same, table
from archdsl.presets.strides import attended, fusible, unsure_attention
from archdsl.presets.tool import Operations, Tool


def _attention(executed: ExecutedOp) -> Iterable[Difference]:
    """Nothing where torch fuses it, else the two products."""
    given = attended(executed.op, executed.inputs)
    if given is None:
        raise NotPredictable("its attention is not of its first three operands as they are")
    return [(f"{executed.word}: the fused CPU kernel counts nothing", -2 * executed.macs)] if fusible(given) else ()


RULES = table(
    ((*ranks("nn.Conv", "nn.ConvTranspose"), *same("Conv", "ConvTranspose"), "DeformConv2d"), as_ours),
    (("nn.Linear", "F.linear", "@", "convolve", "convolve_same"), as_ours),
    ("F.scaled_dot_product_attention", _attention),
)

TOOL = Tool(
    "flop_counter",
    "torch 2.13.0",
    (
        Operations(
            "flops",
            "FlopCounterMode.get_total_flops()",
            RULES,
            times=2,
            unsure=unsure_attention,
        ),
    ),
)
