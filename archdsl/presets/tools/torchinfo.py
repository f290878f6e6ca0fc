"""Predicts torchinfo: every weight and bias once per call, times the output positions in classes named Conv."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from archdsl.emit.pytorch.executed import Executed
from archdsl.ir.graph import Graph
from archdsl.ops.parameter import Learned
from archdsl.presets.executed_op import Difference, ExecutedOp, ranks, same, table
from archdsl.presets.tool import Operations, Parameters, Tool


def _convolution(executed: ExecutedOp) -> Iterable[Difference]:
    """torchinfo/layer_info.py, calculate_macs: weights and bias times the product of the output's spatial sizes."""
    positions = prod(executed.outputs[0].shape[1:])
    weight = positions * executed.weights[0].size
    if weight != executed.macs:
        yield "transposed convolution: output positions, not input", weight - executed.macs
    if executed.has("bias"):
        yield "convolution bias: 1 per output element", positions * executed.weights[1].size


def _linear(executed: ExecutedOp) -> Iterable[Difference]:
    """Weights and bias once, however many positions there are."""
    if executed.weights[0].size != executed.macs:
        yield "linear: weights once, not per position", executed.weights[0].size - executed.macs
    if executed.has("bias"):
        yield "linear bias: once", executed.weights[1].size


def _weights_once(executed: ExecutedOp) -> Iterable[Difference]:
    return [(f"{executed.word}: weights once", executed.params)] if executed.params else []


def _own_parameters(graph: Graph, became: Executed) -> Iterable[Difference]:
    """A class without modules counts like a layer: learned tensors whose name is or holds "weight" or "bias"."""
    if not became.leaf:
        return
    learned = {node.label: node.types[0].size for node in graph.nodes if isinstance(node.op, Learned)}
    shape = (1, *graph.output_types[0].shape)
    for label, size in learned.items():
        if "weight" not in label and "bias" not in label:
            continue
        positions = prod(shape[:2])
        if label in ("weight", "bias"):
            positions = prod(shape[2:]) if "Conv" in became.class_name else 1
        yield "learned tensors that are called weight or bias", positions * size


RULES = table(
    ((*ranks("nn.Conv", "nn.ConvTranspose"), *same("Conv", "ConvTranspose"), "DeformConv2d"), _convolution),
    ("nn.Linear", _linear),
    (
        (
            *ranks("nn.BatchNorm", "BatchRenorm", "nn.InstanceNorm"),
            "nn.LayerNorm",
            "nn.RMSNorm",
            "nn.GroupNorm",
            "ScaleGroupNorm",
            "nn.PReLU",
            "nn.Embedding",
        ),
        _weights_once,
    ),
)

TOOL = Tool(
    "torchinfo",
    "1.8.0",
    (
        Operations("mult_adds", "summary(model, input_data=inputs).total_mult_adds", RULES, per_class=_own_parameters),
        Parameters("params", "summary(model, input_data=inputs).total_params"),
    ),
)
