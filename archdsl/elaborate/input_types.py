"""Reads the types that a definition declares for its inputs, and checks what a block is given against them."""

from __future__ import annotations

from typing import Any

from archdsl.elaborate.definitions import Block
from archdsl.elaborate.operators import is_int
from archdsl.elaborate.session import Frame
from archdsl.elaborate.values import UNKNOWN, Value, kind_of
from archdsl.source import Span
from archdsl.syntax import tree
from archdsl.types import TensorType


def scope_of(frame: Frame, block: Block, arguments: tuple[Value, ...], where: Any) -> Frame:
    """Where the types of a block's inputs are read: its file, with the values of its parameters."""
    scope = Frame(frame.session, block.module, block.body_item)
    scope.evaluate_for(frame, where)
    scope.locals = {param.name: value for param, value in zip(block.definition.params, arguments, strict=True)}
    return scope


def declared_type(scope: Frame, tensor: tree.TensorInput) -> TensorType | None:
    """The type written after `tensor`, which has one; None when a size failed to evaluate, which is then reported.

    Raises:
        Problem: a size is no positive int.
    """
    assert tensor.shape is not None
    extents = [scope.session.evaluate(scope, node) for node in tensor.shape]
    for extent, node in zip(extents, tensor.shape, strict=True):
        if extent is UNKNOWN:
            return None
        if not is_int(extent) or not 0 < extent < 2**31:
            shown = extent if is_int(extent) else kind_of(extent)
            raise scope.problem(
                node,
                "bad-input-size",
                f"a size is a positive int, this is {shown}",
                help="divide with `//`, or use int(…)"
                if isinstance(extent, float)
                else "for example [3, 224, 224]; the batch axis is not written",
            )
    return TensorType(tuple(extents), "int" if tensor.dtype == "int" else "float")


def check_inputs(
    frame: Frame, block: Block, arguments: tuple[Value, ...], types: tuple[TensorType, ...], where: Span
) -> bool:
    """Whether the types that a block or cell declares could be read; a network's are for the outside only.

    Raises:
        Problem: the number of inputs is wrong, or a type is not the declared one.
    """
    wanted = block.definition.inputs
    if len(types) != len(wanted):
        names = ", ".join(i.name for i in wanted)
        plural = "" if len(wanted) == 1 else "s"
        raise frame.problem(
            where,
            "wrong-input-count",
            f"{block.name} takes {len(wanted)} tensor{plural} ({names}), this gives {len(types)}",
            help="pass a list of tensors in order: `[h, p] -> cell`",
        )
    if block.kind == "network" or all(tensor.shape is None for tensor in wanted):
        return True
    scope = scope_of(frame, block, arguments, where)
    for tensor, given in zip(wanted, types, strict=True):
        if tensor.shape is None:
            continue
        declared = declared_type(scope, tensor)
        if declared is None:
            return False
        if declared != given:
            written = " ".join(scope.span(tensor).text.split())
            raise frame.problem(
                where,
                "shape-mismatch",
                f"{tensor.name} of {block.name} is {declared}, this gives {given}",
                notes=[f"{block.name} declares it at line {scope.span(tensor).line}: {written}"],
                help="bring the tensor to this type first, or change what the block declares",
            )
    return True
