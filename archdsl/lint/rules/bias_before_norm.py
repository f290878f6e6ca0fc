"""Finds biases that a batch or instance norm takes away again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from archdsl.diagnostics.model import WARNING
from archdsl.lint.finding import Hit, Rule
from archdsl.lint.measure import saving, scaled_weights
from archdsl.lint.neighbours import Pair, inputs_of, is_affine
from archdsl.lint.subject import Subject
from archdsl.ops.base import Kind
from archdsl.ops.linear import counts_as_vector
from archdsl.ops.norm import BatchNorm, InstanceNorm


def check(subject: Subject) -> Iterator[Hit]:
    """Convolutions and linear layers with a bias whose result goes to a norm per channel, and nowhere else."""
    for pair in subject.always(filter(_is_lost, subject.pairs), ("maker",)):
        node, norm = pair.made_by, pair.read_by.op
        op: Any = node.op
        inputs = inputs_of(pair.maker)
        instead = " (its own shift does the same)" if getattr(norm, "affine", False) else ""
        yield Hit(
            pair.body,
            subject.place_of(pair.maker),
            f"the bias of this {op.name} is lost: {pair.read_by.word} subtracts the mean of each channel{instead}",
            "bias = false",
            scaled_weights(saving((op, inputs), (replace(op, bias=False), inputs)), subject.once(pair.maker)),
        )


def _is_lost(pair: Pair) -> bool:
    node, norm = pair.made_by, pair.read_by.op
    if not (is_affine(node) and getattr(node.op, "bias", False) and isinstance(norm, BatchNorm | InstanceNorm)):
        return False
    # A linear layer's bias is per element of the last axis, the norms' mean per element of the first.
    per_channel = node.types[0].rank == 1 and counts_as_vector(node.types[0])
    return per_channel or node.op is None or node.op.kind is not Kind.LINEAR


RULE = Rule(
    "bias-before-norm",
    WARNING,
    "biases directly before a norm that subtracts the mean of each channel",
    "the norm subtracts the mean of each channel, and with it whatever the bias added",
    "Ioffe and Szegedy 2015, arXiv:1502.03167, section 3.2",
    check,
)
