"""Turns a network into which of its tensors can hold no negative number, whatever the weights."""

from __future__ import annotations

from collections.abc import Sequence

from archdsl.ir.graph import INPUT, Graph, Node, Ref
from archdsl.ir.per_body import per_body
from archdsl.ops.activation import Hardsigmoid, Relu, Relu6, Sigmoid, Softmax
from archdsl.ops.arithmetic import Add, Maximum, Mean, Minimum, Mul, Scalar
from archdsl.ops.base import Kind, Op
from archdsl.ops.border import Pad
from archdsl.ops.functions import Abs, Clamp, Exp, Softplus

# The inputs of the body that must not be negative for the tensor not to be; None if it may be negative anyway.
NonnegativeInputs = frozenset[int] | None

_ALWAYS: NonnegativeInputs = frozenset()
_KEEP = frozenset(
    {Kind.POOL, Kind.GLOBAL_POOL, Kind.CONCAT, Kind.SPLIT, Kind.RESHAPE, Kind.RESAMPLE, Kind.DROP}
)  # their results are made of the operands' elements by choice and average


def condition_of(ref: Ref, found: Sequence[tuple[NonnegativeInputs, ...]]) -> NonnegativeInputs:
    """The condition of the tensor that `ref` names, `found` being those of its body's nodes."""
    return frozenset({ref.output}) if ref.node == INPUT else found[ref.node][ref.output]


def nonnegative_inputs(order: Sequence[Graph]) -> dict[Graph, frozenset[int]]:
    """For each body, callees first in `order`, the inputs that no call gives a tensor that may be negative."""
    given: dict[Graph, frozenset[int]] = {order[-1]: frozenset()}
    for body in reversed(order):
        found = conditions(body)
        for node in body.nodes:
            if node.body is None:
                continue
            if node.length is not None:  # elements and states of its steps: nothing is known of them
                given[node.body] = frozenset()
                continue
            conditions_given = [condition_of(ref, found) for ref in node.operands]
            safe = frozenset(i for i, c in enumerate(conditions_given) if c is not None and c <= given[body])
            given[node.body] = given.get(node.body, safe) & safe
    return given


@per_body
def conditions(body: Graph) -> list[tuple[NonnegativeInputs, ...]]:
    """For each output of each node of this body when its tensor is not negative."""
    found: list[tuple[NonnegativeInputs, ...]] = []
    for node in body.nodes:
        operands = [condition_of(ref, found) for ref in node.operands]
        if node.body is None:
            found.append((_through(node, operands),) * len(node.types))
            continue
        if node.length is not None:  # what the steps give hangs on the states before them
            found.append((None,) * len(node.types))
            continue
        inner = conditions(node.body)
        outputs = [condition_of(ref, inner) for ref in node.body.outputs]
        found.append(tuple(None if c is None else _all([operands[i] for i in c]) for c in outputs))
    return found


def _all(parts: Sequence[NonnegativeInputs]) -> NonnegativeInputs:
    union: frozenset[int] = frozenset()
    for part in parts:
        if part is None:
            return None
        union |= part
    return union


def _through(node: Node, operands: Sequence[NonnegativeInputs]) -> NonnegativeInputs:
    op = node.op
    if isinstance(op, Relu | Relu6 | Sigmoid | Hardsigmoid | Softmax | Exp | Abs | Softplus):
        return _ALWAYS
    if isinstance(op, Clamp) and op.low >= 0:
        return _ALWAYS
    if isinstance(op, Maximum):
        return min((c for c in operands if c is not None), key=len, default=None)
    if isinstance(op, Add | Mul | Mean | Minimum) or (op is not None and _keeps(op)):
        return _all(operands)
    return None


def _keeps(op: Op) -> bool:
    if isinstance(op, Pad):
        return op.value >= 0
    if isinstance(op, Scalar):
        return op.value >= 0 and (op.operator in ("+", "*") or (op.operator == "/" and not op.reverse))
    return op.kind in _KEEP
