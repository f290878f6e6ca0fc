"""Finds 1x1 convolutions whose result is only averaged: averaging first leaves them less to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archdsl.diagnostics.model import WARNING
from archdsl.lint.finding import Hit, Rule
from archdsl.lint.measure import less, price
from archdsl.lint.neighbours import Pair, inputs_of
from archdsl.lint.subject import Subject
from archdsl.ops.conv import Conv
from archdsl.ops.global_pool import AdaptiveAvgPool, GlobalAvgPool
from archdsl.ops.pool import AvgPool


def check(subject: Subject) -> Iterator[Hit]:
    """1x1 convolutions of stride 1 read by an average pool alone that gives fewer elements than it takes.

    The two commute exactly, but for a bias where the pool counts its padding as zeros.
    """
    for pair in subject.always(filter(_commute, subject.pairs)):
        conv, pool = pair.made_by, pair.read_by
        assert isinstance(conv.op, Conv) and pool.op is not None
        inputs = inputs_of(pair.maker)
        pooled = pool.op.results(inputs)
        if pooled[0].size >= inputs[0].size:
            continue
        found = less(price((conv.op, inputs), (pool.op, conv.types)), price((pool.op, inputs), (conv.op, pooled)))
        yield Hit(
            pair.body,
            subject.place_of(pair.maker),
            f"this 1x1 convolution works on {inputs[0].size / pooled[0].size:.3g} times as many positions as "
            f"{pool.word} leaves of its result",
            f"{pool.word} first, then the convolution: the result is the same",
            found,
        )


def _commute(pair: Pair) -> bool:
    conv: Any = pair.made_by.op
    pool: Any = pair.read_by.op
    if not isinstance(conv, Conv) or {*conv.kernel, *conv.stride} != {1}:
        return False
    if not isinstance(pool, AvgPool | AdaptiveAvgPool | GlobalAvgPool) or any(
        map(any, conv.pads(inputs_of(pair.maker)))
    ):
        return False
    pads_zeros = isinstance(pool, AvgPool) and pool.count_padding and any(map(any, pool.pads(pair.made_by.types)))
    return not (conv.bias and pads_zeros)


RULE = Rule(
    "pool-after-pointwise",
    WARNING,
    "1x1 convolutions whose result is only averaged",
    "a 1x1 convolution and an average are linear and commute: averaging first leaves the convolution fewer positions",
    "Howard et al. 2019 (MobileNetV3), arXiv:1905.02244, section 5.1, moves the last 1x1 convolution behind the pool",
    check,
)
