"""Replaces the weights of an nn.Module by random ones under which every layer matters."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from tests.oracle.counting import to_eval

BatchNorm = nn.modules.batchnorm._BatchNorm


def redraw(module: nn.Module, seed: int, *inputs: Tensor, alike: bool = False) -> nn.Module:
    """`module` in float64, all its parameters and buffers drawn anew from `seed`; in place.

    Fresh initial weights let the signal die: outputs then hardly depend on the input, and a wrong layer changes
    nothing. So one pass over `inputs` (eval mode) visits the layers in order of execution, and each layer is drawn so
    that its own output spreads around order 1:
    1. convolutions and linear layers: normal weights with fan-in scaling, rescaled by the spread that this layer
       really has, then random biases;
    2. batch norms: running statistics around those of the layer's input, different for each channel, running_var
       between half and twice; weight in [1, 3] and normal biases, wide enough to reach the upper bend of relu6;
    3. other norms: weight in [0.5, 1.5]; other vectors (slopes of prelu): in [0.1, 0.4]; the rest: normal, but for
       layers that say that they are `positive`: in [0.5, 1.5];
    4. layers whose weights the layer around them applies without calling them: as above, not rescaled.

    `alike`: layers of equal shapes start from equal draws, wherever they stand.
    """
    module.double()
    random = torch.Generator().manual_seed(seed)
    drawn: set[int] = set()

    def visit(layer: nn.Module, args: tuple[Any, ...], output: Any) -> Any:
        if id(layer) in drawn or not _own(layer):
            return None
        drawn.add(id(layer))
        for inner in list(layer.modules())[1:]:
            if _own(inner) and id(inner) not in drawn:  # never called: its weights are applied by `layer` itself
                drawn.add(id(inner))
                _draw_weights(inner, None, random)
        if alike:
            random.manual_seed(seed)
        if isinstance(layer, BatchNorm):
            _draw_batch_norm(layer, args[0], random)
        else:
            _draw_weights(layer, args, random)
        return layer.forward(*args)

    handles = [layer.register_forward_hook(visit) for layer in module.modules()]
    try:
        with torch.no_grad():
            to_eval(module)(*inputs)
    finally:
        for handle in handles:
            handle.remove()
    undrawn = [path for path, layer in module.named_modules() if _own(layer) and id(layer) not in drawn]
    assert not undrawn, f"never executed, so not drawn: {undrawn[:5]}"
    return module


def _own(layer: nn.Module) -> list[str]:
    return [name for name, tensor in layer._parameters.items() if tensor is not None] + list(layer._buffers)


def _uniform(like: Tensor, low: float, high: float, random: torch.Generator) -> Tensor:
    return low + (high - low) * torch.rand(like.shape, generator=random, dtype=like.dtype)


def _normal(like: Tensor, random: torch.Generator) -> Tensor:
    return torch.randn(like.shape, generator=random, dtype=like.dtype)


def _draw_batch_norm(layer: BatchNorm, incoming: Tensor, random: torch.Generator) -> None:
    spread = incoming.std().clamp_min(1e-6)
    if layer.running_mean is not None and layer.running_var is not None:
        layer.running_mean.copy_(incoming.mean() + 0.3 * spread * _normal(layer.running_mean, random))
        layer.running_var.copy_(spread**2 * _uniform(layer.running_var, 0.5, 2.0, random))
    if layer.affine:
        layer.weight.copy_(_uniform(layer.weight, 1.0, 3.0, random))
        layer.bias.copy_(_normal(layer.bias, random))


def _draw_weights(layer: nn.Module, args: tuple[Any, ...] | None, random: torch.Generator) -> None:
    matrices = {name: p for name, p in layer._parameters.items() if p is not None and p.dim() >= 2}
    if getattr(layer, "positive", False):
        for parameter in matrices.values():
            parameter.copy_(_uniform(parameter, 0.5, 1.5, random))
        return
    for parameter in matrices.values():
        fan_in = parameter[0].numel()
        parameter.normal_(0.0, 1.0 if isinstance(layer, nn.Embedding) else fan_in**-0.5, generator=random)
    for name, parameter in layer._parameters.items():
        if parameter is not None and name not in matrices:
            bias = name.endswith("bias")
            norm = "Norm" in type(layer).__name__
            low, high = (0.5, 1.5) if norm else (0.1, 0.4)
            parameter.copy_(0.5 * _normal(parameter, random) if bias else _uniform(parameter, low, high, random))
    weight = matrices.get("weight")
    if args is not None and weight is not None and isinstance(layer, nn.Linear | nn.modules.conv._ConvNd):
        bias = layer.bias
        output = layer.forward(*args)
        if bias is not None:
            output = output - bias.reshape([-1] + [1] * (weight.dim() - 2))
        weight.div_(output.std().clamp_min(1e-6))
