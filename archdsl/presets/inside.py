"""Turns torch functions that are written in Python into the counts of tools that patch the functions they call."""

from __future__ import annotations

from collections.abc import Iterable

from archdsl.presets.executed_op import Difference, ExecutedOp, padded

# ptflops and deepspeed replace names in torch.nn.functional (avg_pool2d, relu, …) and methods of Tensor (mul, add) and
# count 1 per element of the first operand of each.


def averaged_windows(executed: ExecutedOp) -> Iterable[Difference]:
    """F.lp_pool: an average pool of the operand; of its result a relu and a multiplication."""
    return [("lp_pool: pool 1 per input, relu and mul per output", executed.given + 2 * executed.made)]


def averaged_by_norm(executed: ExecutedOp) -> Iterable[Difference]:
    """F.local_response_norm: an average pool of the squares, padded by size - 1 channels; two mul and an add."""
    size: int = executed.argument(0)
    channels = executed.inputs[0].shape[0]
    pool = executed.given // channels * (channels + size // 2 + (size - 1) // 2)
    return [("local_response_norm: pool, 2 mul and add inside", pool + 3 * executed.given)]


def average_pool_same(executed: ExecutedOp) -> Iterable[Difference]:
    """Our average pool with "same" padding: of the padded operand, and of a padded plane of ones for the divisor."""
    whole = padded(executed)
    ones = 0 if executed.option("count_include_pad", True) else whole // executed.inputs[0].shape[0]
    return [("pools: 1 per padded element", whole + ones)]
