"""Checks that one module can serve all applications of a shared stage."""

from __future__ import annotations

from archdsl.diagnostics.model import ArchError, Diagnostic
from archdsl.emit.pytorch.python_class import PythonClasses
from archdsl.emit.pytorch.unify import same
from archdsl.ir.graph import Graph, Node
from archdsl.ops.base import Kind


def check_shared(graph: Graph, classes: PythonClasses) -> None:
    """A shared module is built once, so all its applications must need the same constructor call.

    Raises:
        ArchError: a module of equal weights but other settings (a window that follows the size) would be needed.
    """
    firsts: dict[int, Node] = {}
    for node in graph.nodes:
        if node.slot is None or _one_module(graph, firsts.setdefault(node.slot, node), node, classes):
            continue
        first, second = (", ".join(map(str, graph.operand_types(n))) for n in (firsts[node.slot], node))
        message = f"one PyTorch module of {graph.name} cannot serve {first} and {second}: its settings follow the input"
        hint = "apply the shared stage to inputs of one size and rank, or share only what does not depend on them"
        raise ArchError([Diagnostic("shared-mismatch", message, node.spans[0] if node.spans else None, help=hint)])


def _one_module(graph: Graph, first: Node, node: Node, classes: PythonClasses) -> bool:
    """Whether one constructor call makes the module of both applications."""
    if first.target is node.target and first.body is not None:
        return True
    if first.body is not None and node.body is not None:
        (made, i), (other, j) = classes.find(first.body), classes.find(node.body)
        return made is other and all(same(p.values[i], p.values[j]) for p in made.params)
    if first.op is None or node.op is None:
        return False
    if first.op.kind is Kind.EMBEDDING and node.op.kind is Kind.LINEAR:
        return True  # tied: `F.linear` with the embedding's weights
    types = [graph.operand_types(n) for n in (first, node)]
    form, other_form = first.op.torch(types[0]), node.op.torch(types[1])
    if not first.op.weights(types[0]) and form.function is not None:
        return True  # a function of its own at each place
    return repr((form.module, form.parameter)) == repr((other_form.module, other_form.parameter))
