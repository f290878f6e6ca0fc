"""Holds a path of a supernet against the network of its design, and a relaxation against a path."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

import torch
from torch import Tensor, nn
from torch.nn import functional

from archdsl.ir.graph import bodies
from archdsl.network import Network
from archdsl.spaces.space import Space
from archdsl.supernet.supernet import Supernet


def fresh(supernet: Supernet, seed: int = 0) -> nn.Module:
    """The module with weights that are far from those that torch gives, also of norms."""
    module = supernet.build()
    torch.manual_seed(seed)
    for weight in module.parameters():
        nn.init.normal_(weight, std=0.5)
    return module


def run(module: nn.Module, *inputs: object) -> tuple[Tensor, ...]:
    """What a module gives; what it drops is the same each time."""
    torch.manual_seed(2)
    results: Tensor | tuple[Tensor, ...] = module(*inputs)
    return (results,) if isinstance(results, Tensor) else results


def inputs_of(network: Network) -> list[Tensor]:
    """Two random inputs."""
    torch.manual_seed(1)
    types = network.graph.inputs
    return [torch.randint(9, (2, *x.shape)) if x.dtype == "int" else torch.randn(2, *x.shape) for x in types]


def compare(space: Space, supernet: Supernet, whole: nn.Module, design: Mapping[str, str]) -> None:
    """A path, and what it does to the statistics of norms, equal those of the network alone."""
    network = space.network(design)
    single = network.build()
    single.load_state_dict(supernet.state_of(design, whole.state_dict()))
    inputs = inputs_of(network)
    for training in (False, True):
        whole.train(training)
        single.train(training)
        ours, theirs = run(whole, *inputs, design), run(single, *inputs)
        assert len(ours) == len(theirs)
        for one, other in zip(ours, theirs, strict=True):
            assert torch.equal(one.isnan(), other.isnan())
            assert torch.equal(one.nan_to_num(), other.nan_to_num()), design
    if all(node.slot is None for body in bodies(network.graph) for node in body.nodes):  # else their order tells
        kept = supernet.state_of(design, whole.state_dict())
        assert all(torch.equal(value, kept[key]) for key, value in single.state_dict().items())


def compare_some(space: Space, count: int, seed: int = 0) -> None:
    """Designs at random."""
    supernet = space.supernet()
    whole, rng = fresh(supernet, seed), Random(seed)
    for _ in range(count):
        compare(space, supernet, whole, space.sample(rng))


def weighed(space: Space, weigh: Callable[[int, int], Tensor], rng: Random) -> tuple[dict[str, str], dict[str, object]]:
    """A design at random, and the same with weights for what may be weighed: `weigh(which, how many)`."""
    fixed, picked = space.supernet().fixed, space.sample(rng)
    found: dict[str, object] = dict(picked)
    for one in space.decisions:
        if one.name not in fixed and len(one.options) > 1:
            which = one.options.index(picked[one.name]) if one.name in picked else 0
            found[one.name] = weigh(which, len(one.options))
    return picked, found


def compare_relaxed(space: Space, count: int) -> None:
    """Weights of one option alone give what the path gives; others tell by their gradients which options are better."""
    module = fresh(space.supernet()).double().eval()
    for seed in range(count):
        design, one_hot = weighed(space, lambda which, n: functional.one_hot(torch.tensor(which), n), Random(seed))
        inputs = [x.double() if x.is_floating_point() else x for x in inputs_of(space.network(design))]
        path = run(module, *inputs, design)
        for one, other in zip(path, run(module, *inputs, one_hot), strict=True):
            torch.testing.assert_close(one, other)
        _, mixed = weighed(space, lambda _, n: torch.full((n,), 1 / n).double().requires_grad_(), Random(seed))
        torch.stack([x.square().mean() for x in run(module, *inputs, mixed)]).sum().backward()
        tried = [weights for weights in mixed.values() if isinstance(weights, Tensor)]
        gradients = [weights.grad for weights in tried if weights.grad is not None]
        assert all(gradient.isfinite().all() for gradient in gradients)
        assert any(gradient.any() for gradient in gradients) or not gradients
