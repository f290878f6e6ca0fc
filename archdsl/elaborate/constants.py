"""Finds the ops that make constants of constants: no node runs them, they are worked out when a module is built."""

from __future__ import annotations

from archdsl.elaborate.session import BodyFrame
from archdsl.elaborate.values import Tensor
from archdsl.ir.graph import INPUT
from archdsl.ops.base import Op


def worked_out(frame: BodyFrame, op: Op, operands: list[Tensor]) -> tuple[Op, ...] | None:
    """The constants that an op makes of constants alone; None where it must run."""
    body = frame.body
    given = []
    for tensor in operands:
        target = body.nodes[tensor.ref.node].target if tensor.ref.node != INPUT else None
        if not isinstance(target, Op) or not target.is_constant or body.shared_use is not None:
            return None
        given.append((target, tensor.type))
    made: tuple[Op, ...] | None = given[0][0].worked_out(op, given, body.assigned[0] if len(body.assigned) == 1 else "")
    if made is not None:
        body.listed.update([tensor.ref for tensor in operands])
    return made
