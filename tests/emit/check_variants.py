"""Compares an emitted module with a plain run of the IR: shapes, parameters, keys and float64 outputs."""

from __future__ import annotations

import torch
from torch import Tensor

from archdsl.network import Network
from tests.emit.check import sample, stir
from tests.oracle import plain


def check(network: Network) -> None:
    """The module of `network` is what its IR says."""
    graph = network.graph
    module = stir(network.build())
    state = module.state_dict()
    wanted = {key: shape for key, shape, _ in plain.keys(graph)}
    got = {key: tuple(tensor.shape) for key, tensor in state.items() if not key.endswith("num_batches_tracked")}
    assert got == {key: shape for key, shape in wanted.items() if not key.endswith("num_batches_tracked")}
    trainable = {key: shape for key, shape, kept in plain.keys(graph) if kept}
    counted = sum(torch.Size(shape).numel() for shape in trainable.values())
    assert counted == network.params == sum(p.numel() for p in module.parameters())
    inputs = sample(graph)
    with torch.no_grad():
        results = module(*inputs)
        expected = plain.run(graph, inputs, state)
    outputs = [results] if isinstance(results, Tensor) else list(results)
    for ours, theirs, kind in zip(outputs, expected, graph.output_types, strict=True):
        assert tuple(ours.shape) == tuple(theirs.shape) == (len(inputs[0]), *kind.shape)
        torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-9, equal_nan=True)
