"""Finds what an output element depends on by differentiating the emitted model, without any rule about windows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from unittest.mock import patch

import torch
from torch import nn

import archdsl

_interpolate = nn.functional.interpolate


def _in_float32(x: torch.Tensor, *arguments: Any, **options: Any) -> torch.Tensor:
    """Resizing to the nearest as a float32 model does it: in float64 torch rounds the places that it reads otherwise.

    Where it mixes two places, float32 leaves up to a millionth of one that it should not see, so float64 does that.
    """
    if not options.get("mode", "nearest").startswith("nearest"):
        return _interpolate(x, *arguments, **options)
    return _interpolate(x.float(), *arguments, **options).double()


def moved(network: archdsl.Network) -> list[list[list[torch.Tensor]]]:
    """`[output][input][axis]`: which positions of the output move with which of the input, as a matrix of bools.

    All at once, by finite differences: a batch of zeros, in each of which one slice of the input is 1. Weights are
    positive and biases 0, so sums and maxima move if and only if one of their terms does.
    """
    random = torch.Generator().manual_seed(0)
    model = network.build().double().eval()
    with torch.no_grad(), patch.object(nn.functional, "interpolate", _in_float32):
        for name, weight in model.named_parameters():
            values = torch.rand(weight.shape, generator=random, dtype=torch.float64) * 0.5 + 0.5
            weight.copy_(values * (0 if name.endswith("bias") else 1))
        results: list[list[list[torch.Tensor]]] = [[] for _ in network.graph.outputs]
        for number, x in enumerate(network.graph.inputs):
            for row in results:
                row.append([])
            for axis in range(1, x.rank):
                size = x.shape[axis]
                inputs = [torch.zeros(size, *y.shape, dtype=torch.float64) for y in network.graph.inputs]
                inputs[number].movedim(axis + 1, 1)[torch.arange(size), torch.arange(size)] = 1.0
                given = model(*inputs)
                for row, y in zip(results, [given] if isinstance(given, torch.Tensor) else given, strict=True):
                    row[-1].append((y.movedim(axis + 1, 1).flatten(2).abs() > 1e-12).any(dim=2).T)
    return results


def support(network: archdsl.Network, output: int, index: Sequence[int]) -> list[list[set[int]]]:
    """For each input and each of its spatial axes, the positions that move `network`'s output at place `index`.

    All channels of the output count. Weights and inputs are positive, so nothing cancels and no ReLU is shut; in
    float64 nothing vanishes either.
    """
    random = torch.Generator().manual_seed(0)
    model = network.build().double().eval()
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(torch.rand(weight.shape, generator=random, dtype=torch.float64) * 0.5 + 0.5)
    inputs = [
        (torch.rand(1, *x.shape, generator=random, dtype=torch.float64) + 0.5).requires_grad_()
        for x in network.graph.inputs
    ]
    results = model(*inputs)
    result = results if isinstance(results, torch.Tensor) else results[output]
    place = (0, slice(None), *index) if result.dim() > 2 else (0, *index)
    gradients = torch.autograd.grad(result[place].sum(), inputs, allow_unused=True)
    found = []
    for x, gradient in zip(inputs, gradients, strict=True):
        axes = range(2, x.dim()) if x.dim() > 2 else range(1, x.dim())
        moved = torch.zeros_like(x) if gradient is None else gradient
        found.append([{int(place[axis]) for place in moved.nonzero()} for axis in axes])
    return found
