"""Every op's examples as networks of one op: they run, agree with the op's own form, and are laid out well."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from archdsl.emit.pytorch import source
from archdsl.ir.graph import Graph
from archdsl.ops import registry
from archdsl.ops.base import Example, Op, apply
from archdsl.ops.torch_form import Call, Infix, Method, Operand
from tests.emit.build_graph import Builder
from tests.emit.check import check_function, check_style
from tests.ops.torch_interpreter import op_of

EXAMPLES = [
    pytest.param(registry.load(name), example, id=example.call)
    for name in registry.names()
    for example in registry.load(name).examples
]


def one_op(op: type[Op], example: Example) -> Graph:
    builder = Builder("one", {f"x{i}": t.shape for i, t in enumerate(example.inputs)}, kind="network")
    builder.types = example.inputs
    if not example.inputs:
        builder = Builder("one", {"x": (2, 3)}, kind="network")
    operands = [builder[i] for i in range(len(example.inputs))]
    made = builder.add(op_of(example.call), *operands, label=op.name)
    outputs = [made._replace(output=o) for o in range(len(example.outputs))]
    return builder.build(*outputs)


@pytest.mark.parametrize(("op", "example"), EXAMPLES)
def test_runs(op: type[Op], example: Example) -> None:
    check_function(one_op(op, example))


def test_style(tmp_path: Path) -> None:
    check_style(tmp_path, [source(one_op(*p.values)) for p in EXAMPLES])


def unnamed(form: Any) -> list[str]:
    """Positional constants of a form that a parameter of a class could not be called by."""
    match form:
        case Call(function, args, kwargs, names) | Method(_, function, args, kwargs, names):
            inner = [*args, *(value for _, value in kwargs), getattr(form, "target", None)]
            bare = [i for i, value in enumerate(args) if type(value) in (int, float, str) and not any(names[i : i + 1])]
            return [f"{function}: argument {i}" for i in bare] + [text for part in inner for text in unnamed(part)]
        case Infix(_, left, right):
            return unnamed(left) + unnamed(right)
        case tuple():
            return [text for part in form for text in unnamed(part)]
    return []


@pytest.mark.parametrize(("op", "example"), EXAMPLES)
def test_every_argument_has_a_name(op: type[Op], example: Example) -> None:
    """Where instances of a block differ in a number, the class gets a parameter called by torch's name of it."""
    resolved, _ = apply(op_of(example.call), example.inputs)
    form = resolved.torch(example.inputs)
    assert [text for part in (form.module, form.function, form.before) for text in unnamed(part)] == []


def test_unnamed_arguments_are_seen() -> None:
    """The check can fail."""
    form = Infix("+", Method(Operand(), "flatten", (1,)), Call("f", (Operand(), 2, "a"), (), ("input", "size")))
    assert unnamed(form) == ["flatten: argument 0", "f: argument 2"]
