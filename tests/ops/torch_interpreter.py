"""Runs an op's PyTorch form on tensors: the oracle side of every op test."""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import nn

from archdsl.emit.pytorch.code import flat, literal
from archdsl.emit.pytorch.spelled import spelled_code
from archdsl.ops.base import Op, Types, apply
from archdsl.ops.examples import op_of
from archdsl.ops.torch_form import (
    Call,
    Infix,
    ListDisplay,
    Method,
    Operand,
    Operands,
    Own,
    SlicePart,
    Spelled,
    Subscript,
    TorchForm,
)

OPERATORS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b,
    "@": lambda a, b: a @ b,
    "**": lambda a, b: a**b,
}


class Form(nn.Module):
    """A TorchForm as a module: `.module` holds its weights; `functional` takes the function where there are both."""

    def __init__(self, form: TorchForm, functional: bool = False) -> None:
        super().__init__()
        self.form = form
        self.names: dict[str, Any] = {"torch": torch, "nn": nn, "F": F, "sum": sum}
        for helper in form.helpers:
            exec(helper.source, self.names)
            assert helper.name in self.names
        self.functional = functional and form.function is not None
        self.module = None if form.module is None or self.functional else self.value(form.module, [])
        self.parameter = None
        if form.parameter is not None:
            self.parameter = nn.Parameter(self.value(form.function, []))
            assert self.parameter.shape == form.parameter
        if form.buffer is not None:
            self.register_buffer("buffer", self.value(form.buffer, []), persistent=form.persistent)

    def forward(self, *operands: torch.Tensor) -> Any:
        if self.parameter is not None:
            return self.parameter[None] if self.form.unbatched else self.parameter
        if self.module is None:
            return self.value(self.form.function, list(operands))
        first = operands[0] if self.form.before is None else self.value(self.form.before, list(operands))
        return self.module(first, *operands[1:])

    def value(self, expression: Any, operands: list[torch.Tensor]) -> Any:
        """What `expression` evaluates to for these operands."""
        match expression:
            case Operand(index):
                return operands[index]
            case Operands():
                return operands
            case Call(function, args, kwargs):
                made = eval(function, self.names)
                return made(*(self.value(a, operands) for a in args), **{k: self.value(v, operands) for k, v in kwargs})
            case Method(target, name, args, kwargs):
                made = getattr(self.value(target, operands), name)
                return made(*(self.value(a, operands) for a in args), **{k: self.value(v, operands) for k, v in kwargs})
            case Infix(operator, left, right):
                return OPERATORS[operator](self.value(left, operands), self.value(right, operands))
            case Spelled(expression, values):
                found = eval(flat(spelled_code(expression, literal)))
                assert found == _lists(values)
                return found
            case SlicePart(lower, upper, step):
                return slice(lower, upper, step)
            case Own():
                return self.buffer
            case ListDisplay(values):
                return _lists(values)
            case Subscript(target, str(index)):
                return eval(f"x[{index}]", {"x": self.value(target, operands)})
            case Subscript(target, parts):
                indices = [slice(None) if part == ":" else self.value(part, operands) for part in parts]
                return self.value(target, operands)[tuple(indices)]
            case tuple():
                return tuple(self.value(v, operands) for v in expression)
        return expression


def _lists(values: Any) -> Any:
    return [_lists(v) for v in values] if isinstance(values, tuple) else values


def make(op: Op, inputs: Types, functional: bool = False) -> Form:
    """The module of a resolved op."""
    return Form(op.torch(inputs), functional)


def tensors(
    inputs: Types, batch: int = 2, device: str = "cpu", dtype: torch.dtype = torch.float32
) -> list[torch.Tensor]:
    """Random tensors of these types."""
    return [
        torch.randint(0, 10, (batch, *x.shape), device=device)
        if x.dtype == "int"
        else torch.randn(batch, *x.shape, device=device, dtype=dtype)
        for x in inputs
    ]


def shapes(output: Any) -> tuple[tuple[int, ...], ...]:
    """Shapes without batch of what a form gives: a tensor, or a tuple or list of them."""
    outputs = output if isinstance(output, tuple | list) else (output,)
    return tuple(tuple(o.shape[1:]) for o in outputs)


def checked(call: str, inputs: Types) -> tuple[Op, Types]:
    """The resolved op and its result types for a call in the language."""
    return apply(op_of(call), inputs)
