"""Reads the types that a definition declares for its inputs, and checks what a block is given against them."""

from __future__ import annotations

from typing import Any

from archdsl.elaborate.definitions import Block, is_any_size
from archdsl.elaborate.operators import is_int
from archdsl.elaborate.session import Frame, line_of
from archdsl.elaborate.shown import kind_of
from archdsl.elaborate.values import UNKNOWN, Value
from archdsl.source import Span
from archdsl.syntax import tree
from archdsl.types import TensorType


def scope_of(frame: Frame, block: Block, arguments: tuple[Value, ...], where: Any) -> Frame:
    """Where the types of a block's inputs are read: its file, with the values of its parameters."""
    scope = Frame(frame.session, block.module, block.body_item)
    scope.evaluate_for(frame, where, block.name)
    scope.locals = {param.name: value for param, value in zip(block.definition.params, arguments, strict=True)}
    return scope


def declared_type(scope: Frame, tensor: tree.TensorInput) -> TensorType | None:
    """The type written after `tensor`, which has one; None when a size failed to evaluate, which is then reported.

    Raises:
        Problem: a size is no positive int, or left open with `_`.
    """
    extents = _declared_sizes(scope, tensor)
    if extents is None:
        return None
    if None in extents:
        raise scope.problem(
            tensor,
            "bad-input-size",
            f"`_` is any size, but {tensor.name} is made here, so its sizes must be known",
            help="write a number or a parameter in its place: `(x: [3, size, size]; size = 224)`",
        )
    return TensorType(tuple(extents), tensor.dtype)  # type: ignore[arg-type]


def _declared_sizes(scope: Frame, tensor: tree.TensorInput) -> list[int | None] | None:
    """The sizes written after `tensor`, None for `_`; None when one failed to evaluate, which is then reported.

    Raises:
        Problem: a size is no positive int.
    """
    assert tensor.shape is not None
    extents = [None if is_any_size(node) else scope.session.evaluate(scope, node) for node in tensor.shape]
    for extent, node in zip(extents, tensor.shape, strict=True):
        if extent is UNKNOWN:
            return None
        if extent is not None and not (is_int(extent) and 0 < extent < 2**31):
            shown = extent if is_int(extent) else kind_of(extent)
            raise scope.problem(
                node,
                "bad-input-size",
                f"a size is a positive int, this is {shown}",
                help="divide with `//`, or use int(…)"
                if isinstance(extent, float)
                else "for example [3, 224, 224]; the batch axis is not written",
            )
    return extents


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
            help=_count_help(block, len(types)),
        )
    if block.kind == "network" or not [tensor for tensor in wanted if tensor.shape is not None]:
        return True
    scope = scope_of(frame, block, arguments, where)
    for tensor, given in zip(wanted, types, strict=True):
        if tensor.shape is None:
            continue
        extents = _declared_sizes(scope, tensor)
        if extents is None:
            return False
        _check_input(frame, scope, block, tensor, extents, given, where)
    return True


def _count_help(block: Block, given: int) -> str:
    names = [tensor.name for tensor in block.definition.inputs]
    if given == 1:
        same = f"[{', '.join('x' * len(names))}]"
        within = "; within one sequence: self_attention" if block.name == "multi_head_attention" else ""
        return f"give them in a list, in order: `[{', '.join(names)}] -> {block.name}`, or `{same}`" + within
    if len(names) == 1:
        return (
            f"a block names each tensor that it takes, `block {block.name}(x, y; …)`; of each one for itself, write "
            f"`[t -> {block.name} for t in xs]`; where the number varies, `fn fuse(n) = [conv(8)] * n -> add`"
        )
    return f"give as many as it names, in order: `[{', '.join(names)}] -> {block.name}`"


def _one_by_one(block: Block, where: Span) -> str:
    """How a block of one sequence is applied to many, `[N, T, d]`, with one set of weights."""
    names = [tensor.name for tensor in block.definition.inputs]
    stage = where.text if where.text.startswith(block.name) and len(where.text) < 40 else block.name
    taken = names[0] if len(names) == 1 else f"[{', '.join(names)}]"
    return f"; of several sequences, or windows, [N, T, d]: `{taken} -> each({stage})`"


def _check_input(
    frame: Frame,
    scope: Frame,
    block: Block,
    tensor: tree.TensorInput,
    extents: list[int | None],
    given: TensorType,
    where: Span,
) -> None:
    axes = len(extents)
    fits = axes == given.rank and tensor.dtype == given.dtype
    if fits and all(wanted is None or wanted == size for wanted, size in zip(extents, given.shape, strict=True)):
        return
    kind = "int" if tensor.dtype == "int" else ""
    shown = f"{kind}[{', '.join('_' if extent is None else str(extent) for extent in extents)}]"
    written = " ".join(scope.span(tensor).text.split())
    help = "bring the tensor to this type first, or change what the block declares"
    code, message = "shape-mismatch", f"{tensor.name} of {block.name} is {shown}, this gives {given}"
    if axes != given.rank and None in extents:
        code = "wrong-rank"
        message = f"{block.name} takes {tensor.name} with {axes} ax{'i' if axes == 1 else 'e'}s, this gives {given}"
        help = f"a tensor of {axes} axes, of any size where it says `_`: take one by flatten or reshape"
        if axes == 2 and given.rank > 2:
            help = "a sequence has a row of features for each place; of a map: `x -> flatten(1) -> transpose`"
            if given.rank == 3:
                help += _one_by_one(block, where)
    note = f"{block.name} declares it at {line_of(frame.session, scope.span(tensor))}: {written}"
    raise frame.problem(where, code, message, notes=[note], help=help)
