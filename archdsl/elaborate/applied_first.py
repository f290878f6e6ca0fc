"""Says what to write where a tensor and a stage are added: `x -> f -> g + y` is `x -> f -> (g + y)` by the grammar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archdsl.elaborate.values import UNKNOWN, tensors_in
from archdsl.syntax import tree
from archdsl.syntax.format_words import on_one_line
from archdsl.syntax.parts import inside

if TYPE_CHECKING:
    from archdsl.elaborate.session import Frame

_LONG = 200  # of a chain that is written out


def applied_first(frame: Frame, symbol: str, nodes: tuple[tree.Expr, tree.Expr], stage: tree.Expr) -> str:
    """`(x -> f -> g) + y`: the chain up to the stage in parentheses. `nodes` stand on both sides of `symbol`."""
    left, right = nodes
    chain = _around(frame, nodes)
    if chain is None:
        tensor = left if stage is right else right
        return f"({_text(frame, tensor)} -> {_text(frame, stage)}) {symbol} …"
    step = next(index for index, item in enumerate(chain.items) if right.end <= item.end)
    whole, end = chain.items[step], left
    flows, behind = "…", ""  # what flows in is told where the sum is a step of the chain, and no part of one
    if isinstance(whole, tree.Arithmetic) and whole.first is left and _holds_tensor(frame, chain.items[0]):
        operands = [left, *(operand for _, operand in whole.rest)]
        place = next(index for index, operand in enumerate(operands) if operand is right)
        end = operands[place - 1]
        flows = _written(frame, chain.items[0].start, chain.items[step - 1].end)
        if len(flows) > _LONG:
            flows = f"{_written(frame, chain.items[0].start, chain.items[0].end)} -> …"
        behind = f" {whole.rest[place][0]} …" if operands[place + 1 :] else ""
        if chain.items[step + 1 :]:
            behind += f" -> {_written(frame, chain.items[step + 1].start, chain.items[-1].end)}"
    if stage is right:
        return f"{_written(frame, left.start, end.end)} {symbol} ({flows} -> {_text(frame, right)}){behind}"
    first = _text(frame, left) if end is left else _written(frame, left.start, end.end)
    return f"({flows} -> {first}) {symbol} {_written(frame, right.start, right.end)}{behind}"


def _around(frame: Frame, nodes: tuple[tree.Expr, tree.Expr]) -> tree.Chain | None:
    """The innermost chain into one of whose stages both nodes belong."""
    left, right = nodes
    chains = [node for node in inside([frame.item.declaration]) if isinstance(node, tree.Chain)]
    around = [chain for chain in chains if chain.items[1].start <= left.start and right.end <= chain.items[-1].end]
    return max(around, key=lambda chain: chain.items[0].start, default=None)


def _holds_tensor(frame: Frame, node: tree.Expr) -> bool:
    """Whether a tensor is named in what a chain begins with: else it may be a chain of stages."""
    values = [frame.locals.get(part.id) for part in inside([node]) if isinstance(part, tree.Name)]
    return any(value is UNKNOWN or tensors_in(value) for value in values if value is not None)


def _text(frame: Frame, node: tree.Expr) -> str:
    """A part of a chain: a chain itself without its parentheses."""
    if isinstance(node, tree.Chain):
        return _written(frame, node.items[0].start, node.items[-1].end)
    return _written(frame, node.start, node.end)


def _written(frame: Frame, start: int, end: int) -> str:
    return on_one_line(frame.item.span(start, end).text)
