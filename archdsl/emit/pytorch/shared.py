"""Checks that one module can serve all applications of a shared stage."""

from __future__ import annotations

from archdsl.diagnostics.model import ArchError, Diagnostic, Label
from archdsl.emit.pytorch.python_class import PythonClasses
from archdsl.emit.pytorch.unify import same
from archdsl.ir.graph import Graph, Node
from archdsl.ir.unequal import unequal_nodes
from archdsl.ops.base import Kind, Op, parameters
from archdsl.ops.torch_form import TorchForm, holds


def check_shared(graph: Graph, classes: PythonClasses) -> None:
    """A shared module is built once, so all its applications must need the same constructor call.

    Raises:
        ArchError: a module of equal weights but other settings (a window that follows the size) would be needed.
    """
    firsts: dict[int, Node] = {}
    for node in graph.nodes:
        if node.slot is None or _one_module(graph, firsts.setdefault(node.slot, node), node, classes):
            continue
        raise ArchError([_mismatch(graph, firsts[node.slot], node)])


def _mismatch(graph: Graph, first: Node, node: Node) -> Diagnostic:
    """Why `node` cannot be the module of `first`: the op that would have to be another one, at its place."""
    types = [", ".join(map(str, graph.operand_types(n))) for n in (first, node)]
    pair: tuple[Node | None, Node | None] | None = first, node
    if first.body is not None and node.body is not None:
        pair = unequal_nodes(first.body, node.body, _form)
    one, other = pair or (first, node)
    op = other or one or node
    why = f"its {op.word} follows the input"
    if one is None or other is None:
        why = f"its {op.word} is there for {types[one is None]} alone"
    elif one.word != other.word:
        why = f"it has {one.word} for the one, {other.word} for the other"
    elif changed := _changed(one.op, other.op):
        why += f" ({changed})"
    applied = node.spans[0] if node.spans else None
    place = op.spans[-1] if op.spans else applied
    labels = (Label(applied, f"applied to {types[1]}"),) if applied is not None and place != applied else ()
    message = f"one PyTorch module of {graph.name} cannot serve {types[0]} and {types[1]}: {why}"
    hint = f"take {op.word} out of the shared stage and apply it behind, or apply the stage to inputs of one size"
    return Diagnostic("shared-mismatch", message, place, labels=labels, help=hint)


def _form(graph: Graph, node: Node) -> str:
    form = node.op.torch(graph.operand_types(node)) if node.op is not None else None
    return f"{node.operands} {form!r}"


def _changed(one: Op | None, other: Op | None) -> str:
    """The setting in which two ops differ: "shape [8, 256], then [8, 64]"; nothing where they are no such ops."""
    if one is None or other is None or type(one) is not type(other):
        return ""
    for parameter in parameters(type(one)):
        values = [getattr(op, parameter.name) for op in (one, other)]
        if values[0] != values[1]:
            texts = [str(list(v)) if isinstance(v, tuple) else str(v) for v in values]
            return f"{parameter.name} {texts[0]}, then {texts[1]}"
    return ""


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
    if not first.op.weights(types[0]) and form.function is not None and not holds(form):
        return True  # a function of its own at each place
    return _held(form) == _held(other_form)


def _held(form: TorchForm) -> str:
    """What `__init__` builds for a form."""
    return repr((form.module, form.parameter, form.buffer))
