"""Finds activations in front of a max pool that would have less to do behind it."""

from __future__ import annotations

from collections.abc import Iterator

from archdsl.diagnostics.model import INFO
from archdsl.lint.finding import Hit, Rule
from archdsl.lint.measure import saving
from archdsl.lint.neighbours import inputs_of
from archdsl.lint.subject import Subject
from archdsl.ops.activation import Elu, Hardsigmoid, LeakyRelu, Relu, Relu6, Selu, Sigmoid, Tanh
from archdsl.ops.base import Op
from archdsl.ops.functions import Arcsinh, Arctan, Clamp, Exp, Log, Softplus
from archdsl.ops.pool import MaxPool

MONOTONE = (Relu, Relu6, Selu, Sigmoid, Tanh, Hardsigmoid, Exp, Log, Arctan, Arcsinh, Softplus, Clamp)


def check(subject: Subject) -> Iterator[Hit]:
    """Monotone activations read by a max pool alone that gives fewer elements than it takes."""
    for pair in subject.always(
        p for p in subject.pairs if isinstance(p.read_by.op, MaxPool) and is_monotone(p.made_by.op)
    ):
        op, pooled = pair.made_by.op, pair.read_by.types
        inputs = inputs_of(pair.maker)
        assert op is not None
        if pooled[0].size < inputs[0].size:
            yield Hit(
                pair.body,
                subject.place_of(pair.maker),
                f"{op.name} goes through {inputs[0].size / pooled[0].size:.3g} times as many elements before this "
                "max_pool as behind it",
                f"max_pool first, then {op.name}: the result is the same",
                saving((op, inputs), (op, pooled)),
            )


def is_monotone(op: Op | None) -> bool:
    """Whether of two numbers the larger gives no smaller one, as far as it is known."""
    if isinstance(op, LeakyRelu):
        return op.slope >= 0
    return isinstance(op, MONOTONE) or (isinstance(op, Elu) and op.alpha >= 0)


RULE = Rule(
    "relu-before-max-pool",
    INFO,
    "activations that go through more elements before a max pool than behind it",
    "a monotone function and the maximum commute: max(f(a), f(b)) = f(max(a, b))",
    "elementary",
    check,
)
