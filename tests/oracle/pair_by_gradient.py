"""Pairs the weights of two nn.Modules by what they do, where parallel branches were written in different orders."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from tests.oracle.behaviour import behaviour
from tests.oracle.mapping import Mapping, MappingError, Owner, partners, registered_owners
from tests.oracle.redraw import redraw

SEED = 1
CLOSE = 1e-6


def pair_by_gradient(ours: nn.Module, reference: nn.Module, inputs: Tensor) -> Mapping:
    """Pairs the modules whose weights get the same gradient when all weights of equal shape start out alike.

    A gradient holds both what a layer sees and what its output is used for. If the two networks are one function, then
    partners get equal gradients, and layers with equal gradients may be exchanged. The modules passed in are left as
    they are. MappingError names the first layer of ours without a partner.
    """
    mine, theirs = fingerprints(ours, inputs), fingerprints(reference, inputs)
    keys: dict[str, str] = {}
    for owner, print_ in mine:
        found = next((other for other in theirs if partners(owner, other[0]) and _close(print_, other[1])), None)
        if found is None:
            alike = [str(other[0]) for other in theirs if partners(owner, other[0])]
            raise MappingError(f"by gradient: no partner for {owner}; of its shape are left {alike[:3] or 'none'}")
        theirs.remove(found)
        keys.update(partners(owner, found[0]))
    if theirs:
        raise MappingError(f"by gradient: {len(theirs)} modules of the reference are left over, first {theirs[0][0]}")
    return Mapping("gradient", keys)


def fingerprints(module: nn.Module, inputs: Tensor) -> list[tuple[Owner, tuple[float, ...]]]:
    """Each owner of weights in `module`, with the size and a random projection of each parameter's gradient."""
    same = redraw(copy.deepcopy(module), SEED, inputs, alike=True)
    gradients = behaviour(same, inputs, SEED).at_parameters
    found = []
    for owner in registered_owners(same):
        numbers: list[float] = []
        for name in owner.shapes:
            gradient = gradients.get(owner.key(name))
            if gradient is not None:
                random = torch.Generator().manual_seed(SEED)
                direction = torch.randn(gradient.shape, generator=random, dtype=gradient.dtype)
                numbers += [gradient.norm().item(), (gradient * direction).sum().item()]
        found.append((owner, tuple(numbers)))
    return found


def _close(a: tuple[float, ...], b: tuple[float, ...]) -> bool:
    """Whether two fingerprints are equal up to rounding, on the scale of the first gradient's size."""
    scale = max(map(abs, b), default=0.0)
    return len(a) == len(b) and all(abs(x - y) <= CLOSE * scale for x, y in zip(a, b, strict=True))
