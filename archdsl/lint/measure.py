"""Turns an edit of ops into the exact difference in cost that it makes."""

from __future__ import annotations

from archdsl.analysis.cost import NOTHING, Cost, op_cost
from archdsl.ops.base import Op, Types

TypedOp = tuple[Op, Types]


def price(*applications: TypedOp) -> Cost:
    """What these resolved ops cost together on operands of these types, all different tensors."""
    found = NOTHING
    for op, inputs in applications:
        found = found.plus(op_cost(op, inputs, op.results(inputs), sum(x.size for x in inputs)))
    return found


def saving(before: TypedOp, *after: TypedOp) -> Cost:
    """What is saved by `after` in the place of `before`; negative where it costs more."""
    return less(price(before), price(*after))


def less(a: Cost, b: Cost) -> Cost:
    """`a - b`, number by number."""
    return Cost(*(x - y for x, y in zip(a, b, strict=True)))


def scaled_weights(found: Cost, sets: int) -> Cost:
    """`found` where the weights count `sets` times: 0 where another place has counted them."""
    return found._replace(params=found.params * sets, buffers=found.buffers * sets)
