"""Runs a Graph node by node: an independent reading of the IR to compare emitted modules with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from archdsl.ir.graph import INPUT, Graph, Node
from archdsl.ops import torch_form


def interpret(graph: Graph, inputs: Sequence[Tensor], weights: dict[str, Tensor], prefix: str = "") -> list[Tensor]:
    """The outputs of `graph` in eval mode with `weights` keyed by label path."""
    values: list[list[Tensor]] = []
    for node in graph.nodes:
        operands = [inputs[r.output] if r.node == INPUT else values[r.node][r.output] for r in node.operands]
        if node.length is not None:
            values.append(_scan(node, operands, weights, f"{prefix}{node.label}."))
            continue
        if isinstance(node.target, Graph):
            values.append(interpret(node.target, operands, weights, f"{prefix}{node.label}."))
            continue
        result = _apply(graph, node, operands, weights, prefix, len(inputs[0]))
        values.append([result] if isinstance(result, Tensor) else list(result))
    return [inputs[r.output] if r.node == INPUT else values[r.node][r.output] for r in graph.outputs]


def _scan(node: Node, operands: list[Tensor], weights: dict[str, Tensor], prefix: str) -> list[Tensor]:
    sequence, *states = operands
    inputs = node.target.inputs[1:]
    states = states or [torch.zeros(len(sequence), *x.shape, dtype=sequence.dtype) for x in inputs]
    outputs = []
    for t in range(node.length):
        made = interpret(node.target, [sequence[:, t], *states], weights, prefix)
        outputs.append(made[0])
        states = made[-len(inputs) :]
    return [torch.stack(outputs, dim=1), *states]


def _apply(
    graph: Graph, node: Node, operands: list[Tensor], weights: dict[str, Tensor], prefix: str, batch: int
) -> Any:
    types = graph.operand_types(node)
    form = node.target.torch(types)
    space: dict[str, Any] = {"torch": torch, "nn": nn, "F": F, "Tensor": Tensor}
    for helper in form.helpers:
        exec(helper.source, space)
    if form.before is not None:
        operands = [_evaluate(form.before, operands, space), *operands[1:]]
    if form.parameter is not None:
        return weights[f"{prefix}{node.label}"].expand(batch, *form.parameter[1:])
    if form.module is None or (form.function is not None and not node.target.weights(types)):
        return _evaluate(form.function, operands, space)
    module = _evaluate(form.module, [], space).eval().double()
    start = f"{prefix}{node.label}."
    own = {key[len(start) :]: value for key, value in weights.items() if key.startswith(start)}
    module.load_state_dict(own, strict=True)
    return module(*operands)


def _evaluate(form: Any, operands: list[Tensor], space: dict[str, Any]) -> Any:
    match form:
        case torch_form.Operand(index):
            return operands[index]
        case torch_form.Operands():
            return operands
        case torch_form.Call() | torch_form.Method():
            args = [_evaluate(a, operands, space) for a in form.args]
            kwargs = {name: _evaluate(a, operands, space) for name, a in form.kwargs}
            if isinstance(form, torch_form.Method):
                return getattr(_evaluate(form.target, operands, space), form.name)(*args, **kwargs)
            return eval(form.function, space)(*args, **kwargs)
        case torch_form.Infix(operator, left, right):
            sides = {"a": _evaluate(left, operands, space), "b": _evaluate(right, operands, space)}
            return eval(f"a {operator} b", sides)
        case torch_form.Subscript(target, index):
            return eval(f"a[{index}]", {"a": _evaluate(target, operands, space)})
        case tuple():
            return tuple(_evaluate(f, operands, space) for f in form)
        case _:
            return form
