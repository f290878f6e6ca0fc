"""Counts parameters and multiply-accumulates of an nn.Module, without computing a single tensor."""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode


def meta_copy(module: nn.Module) -> nn.Module:
    """A copy of `module` on the meta device; the weights are never duplicated."""
    memo: dict[int, torch.Tensor] = {}
    for parameter in module.parameters():
        memo[id(parameter)] = nn.Parameter(parameter.detach().to("meta"), parameter.requires_grad)
    for buffer in module.buffers():
        memo[id(buffer)] = buffer.detach().to("meta")
    return copy.deepcopy(module, memo)


def to_eval(module: nn.Module) -> nn.Module:
    """`module` in eval mode, auxiliary heads included.

    torchvision computes them only while the outermost module is training, so where there are heads that one flag
    stays up; dropout and batch norm below it are in eval mode all the same.
    """
    module.eval()
    if getattr(module, "aux_logits", False):
        module.training = True
    return module


def params_of(module: nn.Module) -> int:
    """Number of trainable scalars, shared ones once."""
    return sum(parameter.numel() for parameter in module.parameters())


def macs_of(module: nn.Module, shapes: Sequence[Sequence[int]]) -> int:
    """Multiply-accumulates of convolutions and matrix products at batch 1, as torch counts them.

    `shapes` are the input shapes without the batch axis. torch counts two operations for each multiply-accumulate.
    """
    meta = to_eval(meta_copy(module))
    dtype = next(iter(meta.parameters())).dtype
    inputs = [torch.empty(1, *shape, dtype=dtype, device="meta") for shape in shapes]
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        meta(*inputs)
    flops = counter.get_total_flops()
    assert flops % 2 == 0, flops
    return flops // 2
