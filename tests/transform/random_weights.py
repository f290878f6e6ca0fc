"""Weights for a network by key: small enough not to overflow, variances positive, each statistic random."""

from __future__ import annotations

from math import prod

import torch
from torch import Tensor

from archdsl.ir.graph import Graph
from archdsl.ir.weights import weights


def random_state(graph: Graph, seed: int = 0) -> dict[str, Tensor]:
    """A state_dict in float64."""
    generator = torch.Generator().manual_seed(seed)
    state = {}
    for owned in weights(graph):
        shape = owned.weight.shape
        if owned.weight.name == "num_batches_tracked":
            state[owned.key] = torch.tensor(1)
            continue
        drawn = torch.randn(shape, generator=generator, dtype=torch.float64)
        state[owned.key] = drawn.abs() + 0.5 if owned.weight.name == "running_var" else drawn / prod(shape[1:]) ** 0.5
    return state


def random_inputs(graph: Graph, seed: int = 0) -> list[Tensor]:
    """Two samples of each input."""
    generator = torch.Generator().manual_seed(seed)
    return [
        torch.randn(2, *x.shape, generator=generator, dtype=torch.float64)
        if x.dtype == "float"
        else torch.randint(0, 8, (2, *x.shape), generator=generator)
        for x in graph.inputs
    ]
