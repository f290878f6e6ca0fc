"""Every op's examples as networks of one op: they run, agree with the op's own form, and are laid out well."""

from __future__ import annotations

from pathlib import Path

import pytest

from archdsl.emit.pytorch import source
from archdsl.ir.graph import Graph
from archdsl.ops import registry
from archdsl.ops.base import Example, Op
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
