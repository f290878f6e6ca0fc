"""Says what an op refuses at its place in the spec, and how its operands came to be as they are."""

from __future__ import annotations

from typing import Any

from archdsl.elaborate.session import Frame, line_of
from archdsl.elaborate.values import OpStage, Tensor
from archdsl.ir.graph import INPUT, Graph
from archdsl.ops.base import Op, OpError
from archdsl.source import Span


def op_problem(
    frame: Frame, error: OpError, operands: list[Tensor], where: Span, stage: OpStage | None, nodes: Any
) -> Exception:
    """Place an op's complaint: at the argument, else at the operands, else at the application; with their history."""
    labels: list[tuple[Any, str]] = []
    if nodes is not None and len(operands) == 2:
        labels = [(node, str(t.type)) for node, t in zip(nodes, operands, strict=True)]
        names = [frame.span(node).text for node in nodes]
        where = frame.join(nodes)
    else:
        names = [f"operand {i + 1}" for i in range(len(operands))] if len(operands) > 1 else ["its input"]
    notes = list(error.notes)
    shown = [error.operand] if error.operand is not None and nodes is None else range(len(operands))
    notes += [history(frame, operands[i], names[i]) for i in list(shown)[:4] if i < len(operands)]
    if stage is not None and error.parameter is not None:
        where = stage.place(error.parameter) or where
    return frame.problem(where, error.code, error.message, notes=notes, labels=labels, help=error.help)


def history(frame: Frame, tensor: Tensor, name: str) -> str:
    """Where a tensor got its shape: "residual is 256 x 56 x 56 since line 13: conv_bn(4 * width, 1)"."""
    shape = " x ".join(map(str, tensor.type.shape)) or "a scalar"
    name = " ".join(name.split())
    name = name if len(name) <= 40 else name[:39] + "…"
    if tensor.ref.node == INPUT or not tensor.body.nodes[tensor.ref.node].spans:
        return f"{name} is {shape}, as it came in"
    node = tensor.body.nodes[tensor.ref.node]
    span = node.spans[0]
    text = " ".join(span.text.split())
    text = text if len(text) <= 60 else text[:59] + "…"
    return f"{name} is {shape} since {line_of(frame.session, span)}: {text}{_lost(node.target)}"


def _lost(op: Op | Graph) -> str:
    """Why windows that move by 1 make a map smaller, which surprises: even kernels, and no padding."""
    kernel, stride = getattr(op, "kernel", None), getattr(op, "stride", None)
    if not isinstance(kernel, tuple) or not isinstance(stride, tuple) or set(stride) != {1} or set(kernel) == {1}:
        return ""
    padding = getattr(op, "padding", None)
    if padding == "half" and any(n % 2 == 0 for n in kernel):
        return ' (an even kernel loses one element of each axis; padding = "same" keeps all)'
    if padding in ("valid", 0) or (isinstance(padding, tuple) and not any(padding)):
        return " (without padding a kernel of k loses k - 1)"
    return ""
