"""Writes out what was worked out of constants: each step an op of its own, as the spec had it.

    m = constant of the values [1, 2], then exp

is `constant([1, 2]) -> exp` again. Only for text: the numbers of an analysis are those of the constant.
"""

from __future__ import annotations

from archdsl.ir.graph import Graph, Node, Ref, bodies
from archdsl.ops.arithmetic import Scalar
from archdsl.ops.base import Kind, Op
from archdsl.ops.constant import ConstantTensor
from archdsl.transform.rewrite import Edit, rewrite


def written_out(root: Graph) -> Graph:
    """`root` with each constant that was worked out as the ops that make it; `root` itself if it has none.

    Raises:
        InvariantError: `root` breaks an invariant.
    """
    if not any(_worked_out(node.target) for body in bodies(root) for node in body.nodes):
        return root
    return rewrite(root, _with_steps)


def _worked_out(target: Op | Graph) -> bool:
    return isinstance(target, ConstantTensor) and bool(target.steps)


def _with_steps(_body: Graph, current: Graph) -> Graph:
    found = [(index, node) for index, node in enumerate(current.nodes) if _worked_out(node.target)]
    if not found:
        return current
    edit = Edit(current)
    labels = {node.label for node in current.nodes}
    for index, node in found:
        assert isinstance(node.target, ConstantTensor)
        made: list[tuple[Ref, ...]] = []
        steps = list(node.target.applications())
        for number, (op, operands, types) in enumerate(steps):
            last = number == len(steps) - 1
            label = node.label if last and node.label else _label(op, labels)
            refs = tuple([made[n][output] for n, output in operands])
            one = Node(op, refs, types, label, node.spans, (node.site, number), None, None, node.names if last else ())
            made.append(edit.insert(index, one))
        edit.remove(index, made[-1][node.target.output])
    return edit.body()


def _label(op: Op, taken: set[str]) -> str:
    """A name for a module that the text must name: not for what operators apply."""
    if op.kind is Kind.ARITHMETIC and (isinstance(op, Scalar) or op.name in ("add", "sub", "mul", "div")):
        return ""
    number = next(n for n in range(len(taken) + 1) if f"{op.name}{n}" not in taken)
    taken.add(f"{op.name}{number}")
    return f"{op.name}{number}"
