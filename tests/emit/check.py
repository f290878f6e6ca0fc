"""What every emitted file must be: clean for ruff, with the labels as keys, and the function that its graph says."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from archdsl.analysis.cost import cost
from archdsl.emit.pytorch import build
from archdsl.ir.graph import Graph
from tests.oracle import plain

torch.set_num_threads(1)
RUFF = Path(sys.executable).with_name("ruff")


def check_branches(text: str) -> None:
    """No two branches begin alike, and nothing is named in one that the last line alone would return."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.If) and node.orelse:
            assert ast.dump(node.body[0]) != ast.dump(node.orelse[0]), ast.unparse(node)
        if isinstance(node, ast.IfExp):
            assert ast.dump(node.body) != ast.dump(node.orelse), ast.unparse(node)
        if isinstance(node, ast.FunctionDef) and len(node.body) > 1:
            _check_end(*node.body[-2:])


def _check_end(before: ast.stmt, last: ast.stmt) -> None:
    if not (isinstance(before, ast.If) and isinstance(last, ast.Return) and isinstance(last.value, ast.IfExp)):
        return
    named = {ast.unparse(target) for s in before.body if isinstance(s, ast.Assign) for target in s.targets}
    sides = {ast.unparse(side) for side in (last.value.body, last.value.orelse)}
    test = ast.unparse(last.value.test)
    assert not named & sides or ast.unparse(before.test) not in (test, f"not {test}"), ast.unparse(last)


def check_style(folder: Path, sources: Sequence[str]) -> None:
    """ruff in isolated mode has nothing to say and nothing to change."""
    for number, text in enumerate(sources):
        check_branches(text)
        (folder / f"emitted_{number}.py").write_text(text, encoding="utf-8")
    for command in (["check"], ["format", "--diff"]):
        run = subprocess.run(
            [RUFF, *command, "--isolated", "--no-cache", "--target-version", "py311", folder],
            check=False,
            capture_output=True,
            text=True,
        )
        assert run.returncode == 0, run.stdout + run.stderr


def stir(module: nn.Module, seed: int = 0) -> nn.Module:
    """Random weights and statistics in float64, so that no part of the network is nearly silent."""
    generator = torch.Generator().manual_seed(seed)
    module.double().eval()
    with torch.no_grad():
        for name, tensor in module.state_dict().items():
            if name.endswith("running_var"):
                tensor.copy_(torch.rand(tensor.shape, generator=generator, dtype=torch.float64) + 0.5)
            elif tensor.is_floating_point():
                tensor.copy_(torch.randn(tensor.shape, generator=generator, dtype=torch.float64) * 0.5)
    return module


def sample(graph: Graph, batch: int = 2) -> list[Tensor]:
    """Random inputs of the right types."""
    generator = torch.Generator().manual_seed(1)
    return [
        torch.randint(0, 2, (batch, *t.shape), generator=generator)
        if t.dtype == "int"
        else torch.randn((batch, *t.shape), generator=generator, dtype=torch.float64)
        for t in graph.inputs
    ]


def check_function(graph: Graph) -> nn.Module:
    """The emitted module has the weights that the IR tells, the labels as keys, and computes what the graph says."""
    module = stir(build(graph))
    state = module.state_dict()
    wanted = {key: shape for key, shape, _ in plain.keys(graph)}
    got = {key: tuple(tensor.shape) for key, tensor in state.items() if not key.endswith("num_batches_tracked")}
    assert got == {key: shape for key, shape in wanted.items() if not key.endswith("num_batches_tracked")}
    trainable = {key: shape for key, shape, kept in plain.keys(graph) if kept}
    counted = sum(torch.Size(shape).numel() for shape in trainable.values())
    assert counted == cost(graph).params == sum(p.numel() for p in module.parameters())
    assert sum(b.numel() for b in module.buffers()) == cost(graph).buffers
    inputs = sample(graph)
    with torch.no_grad():
        results = module(*inputs)
        expected = plain.run(graph, inputs, state)
    outputs = [results] if isinstance(results, Tensor) else list(results)
    for ours, theirs, kind in zip(outputs, expected, graph.output_types, strict=True):
        assert tuple(ours.shape) == tuple(theirs.shape) == (len(inputs[0]), *kind.shape)
        torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-9, equal_nan=True)
    return module
