"""Finds the ops that make constants of constants: no node runs them, they are worked out when a module is built."""

from __future__ import annotations

from archdsl.elaborate.session import BodyFrame
from archdsl.elaborate.values import Tensor
from archdsl.ops.base import Op


def may_be_constants(frame: BodyFrame, operands: list[Tensor]) -> bool:
    """Whether all operands are constants, or some constant may be chosen for them."""
    return all(any(map(frame.body.is_constant, frame.body.made_by(tensor.ref))) for tensor in operands)


def constants(frame: BodyFrame, operands: list[Tensor]) -> list[tuple[Op, Tensor]] | None:
    """The constants that the operands are, if all of them are such; of what is chosen, the one that is."""
    body = frame.body
    if body.shared_use is not None or not may_be_constants(frame, operands):
        return None
    found = []
    for tensor in operands:
        ref = body.settled(tensor.ref)
        target = body.nodes[ref.node].target if body.is_constant(ref.node) else None
        if not isinstance(target, Op):
            return None
        found.append((target, Tensor(ref, tensor.type, body)))
    return found


def worked_out(frame: BodyFrame, op: Op, operands: list[Tensor]) -> tuple[Op, ...] | None:
    """The constants that an op makes of constants alone; None where it must run."""
    given = constants(frame, operands)
    if given is None:
        return None
    called = frame.body.assigned[0] if len(frame.body.assigned) == 1 else ""
    made = given[0][0].worked_out(op, [(target, tensor.type) for target, tensor in given], called)
    if made is not None:
        frame.body.listed.update([tensor.ref for tensor in operands])
    return made
