"""Gives `->` its meaning by kind: application, fan-out, pairwise application, or composition."""

from __future__ import annotations

from typing import Any

from archdsl.elaborate.apply import apply_any
from archdsl.elaborate.nodes import check_stage_size
from archdsl.elaborate.session import Frame
from archdsl.elaborate.value_help import no_stage
from archdsl.elaborate.values import (
    UNKNOWN,
    Chain,
    ListValue,
    Stage,
    Tensor,
    Value,
    kind_of,
    stages_in,
)


def flow(frame: Frame, value: Value, target: Value, nodes: tuple[Any, Any]) -> Value:
    """`value -> target`: application, fan-out, pairwise application or composition, by kind.

    Raises:
        Problem: the kinds do not go together.
    """
    if value is UNKNOWN or target is UNKNOWN:
        return UNKNOWN
    if isinstance(value, Tensor) or (isinstance(value, ListValue) and not stages_in(value)):
        return apply_any(frame, value, target, nodes)
    if isinstance(value, (Stage, ListValue)):
        return _compose(frame, value, target, nodes)
    raise frame.problem(
        nodes[0],
        "not-a-tensor",
        f"{kind_of(value)} cannot flow through an arrow",
        help="the left side of `->` is a tensor, a list of tensors, or a stage",
    )


def _compose(frame: Frame, value: Value, target: Value, nodes: tuple[Any, Any]) -> Value:
    for side, node in ((value, nodes[0]), (target, nodes[1])):
        if isinstance(side, ListValue) and any(isinstance(item, Tensor) for item in side.items):
            raise frame.problem(
                node,
                "captured-tensor",
                "this list mixes tensors and stages, but no tensor flows into it",
                help="apply the stages first: `[x, x -> f] -> concat`, or start from the tensor: `x -> [id, f]`",
            )
    if not isinstance(target, (Stage, ListValue)):
        raise frame.problem(
            nodes[1],
            "not-a-stage",
            f"the right side of `->` must be a stage, this is {kind_of(target)}",
            help=no_stage(target),
        )
    left = value.stages if isinstance(value, Chain) else (value,)
    right = target.stages if isinstance(target, Chain) else (target,)
    frame.session.charge((len(left) + len(right)) >> 4)
    chain = Chain(left + right)
    check_stage_size(frame, chain.size, chain.depth, nodes[1])
    return chain
