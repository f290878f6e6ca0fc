"""Runs an nn.Module on a batch of two inputs and keeps its outputs and all its gradients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from tests.oracle.counting import to_eval


@dataclass
class Behaviour:
    """What a module does on two inputs: outputs, the gradient at the input, the gradients at its parameters."""

    outputs: list[Tensor]
    at_input: Tensor
    at_parameters: dict[str, Tensor]


def outputs_of(result: Any) -> list[Tensor]:
    """The tensors that a forward pass returns, in order; torchvision's None for absent heads left out."""
    if isinstance(result, Tensor):
        return [result]
    return [tensor for item in result if item is not None for tensor in outputs_of(item)]


def behaviour(module: nn.Module, inputs: Tensor, seed: int) -> Behaviour:
    """Outputs and gradients of `module` in eval mode, for a random linear functional of the outputs."""
    to_eval(module)
    leaf = inputs.clone().requires_grad_()
    outputs = outputs_of(module(leaf))
    parameters = dict(module.named_parameters())
    gradients = torch.autograd.grad(functional(outputs, seed), [leaf, *parameters.values()], allow_unused=True)
    filled = [
        torch.zeros_like(p) if g is None else g for g, p in zip(gradients, [leaf, *parameters.values()], strict=True)
    ]
    return Behaviour([o.detach() for o in outputs], filled[0], dict(zip(parameters, filled[1:], strict=True)))


def functional(outputs: list[Tensor], seed: int) -> Tensor:
    """A random linear functional of all outputs, the same for equal shapes and seeds."""
    random = torch.Generator().manual_seed(seed + 1)
    terms = [(o * torch.randn(o.shape, generator=random, dtype=o.dtype)).sum() for o in outputs]
    return torch.stack(terms).sum()
